"""The use cases of leads and of those whom they lead, made in the order in which they must hear events.

| what | where | a view shows |
|---|---|---|
| listen, whisper, barge, take over, stop | `supervising` | `current`, `modes()`, `SupervisionChanged` |
| who is on my call, may they | `being_supervised` | `supervisors`, `asking`, `SupervisorsChanged` |
| the team, its queues and alarms | `watching` | `rows(TeamView)`, `queues`, `limits`, `TeamChanged` |
| call for help | `asking_for_help` | `own`, `possible`, `OwnHelpChanged` |
| calls for help at the lead's | `giving_help` | `requests`, `dismiss`, `HelpChanged` |
| the trace of it all | `auditing` | – |

Roles: only `settings.team.role = "lead"` has rows and may supervise; everybody else gets `Refused`
(`not_a_lead`), and a line in the audit log.
"""

from __future__ import annotations

from typing import Protocol

from softphone.usecases.bus import Bus
from softphone.usecases.calls.being_available import BeingAvailable
from softphone.usecases.calls.calling import Calling
from softphone.usecases.configuring import Configuring
from softphone.usecases.ports import Clock, Identities, Telephone
from softphone.usecases.signing_in import SigningIn
from softphone.usecases.team.asking_for_help import AskingForHelp, GivingHelp
from softphone.usecases.team.audit_duty import AuditDuty
from softphone.usecases.team.auditing import Auditing
from softphone.usecases.team.being_supervised import BeingSupervised
from softphone.usecases.team.ports import Audit, FeatureCodeBook, TeamLine
from softphone.usecases.team.supervising import Supervising
from softphone.usecases.team.supervision_dialling import dialling_rule
from softphone.usecases.team.telling_the_team import TellingTheTeam
from softphone.usecases.team.watching_the_team import WatchingTheTeam


class _Colleagues(Protocol):
    """The use cases of the desk that these build upon."""

    configuring: Configuring
    signing_in: SigningIn
    calling: Calling
    being_available: BeingAvailable


class TeamDesk:
    """Everything about the team at one desk."""

    def __init__(
        self,
        team: TeamLine,
        telephone: Telephone,
        audit: Audit,
        codes: FeatureCodeBook,
        clock: Clock,
        identities: Identities,
        desk: _Colleagues,
        bus: Bus,
    ) -> None:
        configuring, signing_in = desk.configuring, desk.signing_in
        self.auditing = Auditing(audit, configuring, clock)
        duty = AuditDuty(audit, signing_in, configuring, bus)
        self.being_supervised = BeingSupervised(team, configuring, self.auditing, duty, bus)
        self.supervising = Supervising(
            team,
            telephone,
            codes,
            signing_in,
            desk.calling,
            configuring,
            self.auditing,
            duty,
            clock,
            identities,
            bus,
        )
        desk.calling.check_dialling(dialling_rule(self.supervising, self.auditing))
        self.asking_for_help = AskingForHelp(
            team, signing_in, desk.calling, configuring, self.auditing, identities, bus
        )
        self.giving_help = GivingHelp(configuring, self.auditing, bus)
        self.watching = WatchingTheTeam(team, telephone, signing_in, configuring, clock, bus)
        self.telling = TellingTheTeam(team, signing_in, desk.calling, desk.being_available, configuring, bus)

    def start(self) -> None:
        """Tell the engine who may listen, before an account is opened."""
        self.being_supervised.start()
