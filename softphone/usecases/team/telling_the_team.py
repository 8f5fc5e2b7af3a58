"""The agent's state for the team: published at each change, with no more of the customer than policy lets
out."""

from __future__ import annotations

from softphone.domain.agent_state import AgentState
from softphone.domain.call import CallState, CallView, Direction
from softphone.domain.events import AgentStatusChanged, CallChanged, RegistrationChanged
from softphone.domain.ids import AccountId
from softphone.domain.team import Activity, AgentPresence, CurrentCall, shown_number
from softphone.domain.team_events import OwnHelpChanged
from softphone.usecases.bus import Bus
from softphone.usecases.calls.being_available import BeingAvailable
from softphone.usecases.calls.calling import Calling
from softphone.usecases.configuring import Configuring
from softphone.usecases.signing_in import SigningIn
from softphone.usecases.team.ports import TeamLine


class TellingTheTeam:
    """Publishes on the first registered account; the same state twice is said once."""

    def __init__(
        self,
        team: TeamLine,
        signing_in: SigningIn,
        calling: Calling,
        being_available: BeingAvailable,
        configuring: Configuring,
        bus: Bus,
    ) -> None:
        self._team = team
        self._signing_in = signing_in
        self._calling = calling
        self._being_available = being_available
        self._configuring = configuring
        self._help = ""
        self._told: tuple[AccountId, AgentPresence] | None = None
        bus.subscribe(AgentStatusChanged, lambda _e: self._tell())
        bus.subscribe(CallChanged, lambda _e: self._tell())
        bus.subscribe(RegistrationChanged, lambda _e: self._tell())
        bus.subscribe(OwnHelpChanged, self._on_help)

    def presence(self) -> AgentPresence:
        """What the team may know now."""
        status = self._being_available.status
        reason = status.reason if status.state is AgentState.NOT_READY else ""
        call = self._calling.current() or self._calling.ringing()
        return AgentPresence(
            status.state,
            reason,
            self._being_available.since,
            self._picture(call) if call is not None else None,
            self._help,
        )

    def _picture(self, call: CallView) -> CurrentCall:
        team, campaign = self._configuring.settings.team, self._calling.campaign(call)
        number = "" if call.party.anonymous else call.party.user
        return CurrentCall(
            _activity(call),
            call.established_at or call.started_at,
            shown_number(number, team.numbers),
            campaign.name if campaign else "",
            call.direction is Direction.INBOUND,
        )

    def _on_help(self, event: OwnHelpChanged) -> None:
        self._help = event.reason
        self._tell()

    def _tell(self) -> None:
        account = self._signing_in.first_registered()
        if account is None:
            self._told = None
            return
        if not self._configuring.settings.team.publish_state or not self._configuring.settings.team.leads:
            return
        told = (account, self.presence())
        if told != self._told:
            self._told = told
            self._team.publish_presence(*told)


def _activity(call: CallView) -> Activity:
    if call.state is not CallState.ESTABLISHED:
        return Activity.RINGING
    return Activity.HELD if call.local_hold else Activity.TALKING
