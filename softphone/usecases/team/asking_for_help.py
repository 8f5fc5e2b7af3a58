"""The help button: the agent asks with a reason, it appears at the leads', and goes when it is over.

The agent's side is `AskingForHelp` (`own`, `ask`, `take_back`, `OwnHelpChanged`), the lead's `GivingHelp`
(`requests`, `dismiss`, `HelpChanged`). A request ends by itself when the agent's call ends or a lead is
there.
"""

from __future__ import annotations

from dataclasses import replace

from softphone.domain.audit import AuditAction, Side
from softphone.domain.call import CallState
from softphone.domain.errors import BadInput, Refused
from softphone.domain.events import CallChanged
from softphone.domain.ids import AccountId
from softphone.domain.supervision import REASON_LIMIT, HelpRequest
from softphone.domain.team_events import (
    HelpChanged,
    HelpSignalled,
    MessageAnswered,
    OwnHelpChanged,
    SupervisorsChanged,
)
from softphone.domain.text import clean_line
from softphone.usecases.bus import Bus
from softphone.usecases.calls.calling import Calling
from softphone.usecases.configuring import Configuring
from softphone.usecases.ports import Identities
from softphone.usecases.signing_in import SigningIn
from softphone.usecases.team.auditing import Auditing
from softphone.usecases.team.ports import TeamLine

MOST_REQUESTS = 200
"""A lead's desk keeps so many; older ones give way."""


class AskingForHelp:
    """The agent's side."""

    def __init__(
        self,
        team: TeamLine,
        signing_in: SigningIn,
        calling: Calling,
        configuring: Configuring,
        auditing: Auditing,
        identities: Identities,
        bus: Bus,
    ) -> None:
        self._team = team
        self._signing_in = signing_in
        self._calling = calling
        self._configuring = configuring
        self._auditing = auditing
        self._identities = identities
        self._bus = bus
        self._own = OwnHelpChanged()
        self._account: AccountId | None = None
        self._sent: dict[str, str] = {}
        bus.subscribe(MessageAnswered, self._on_answered)
        bus.subscribe(CallChanged, self._on_call)
        bus.subscribe(SupervisorsChanged, self._on_supervisors)

    @property
    def own(self) -> OwnHelpChanged:
        """The open request, its reason empty when there is none, and which leads have it."""
        return self._own

    @property
    def possible(self) -> bool:
        """Whether there is a lead to ask."""
        return bool(self._configuring.settings.team.leads) and self._signing_in.first_registered() is not None

    def ask(self, reason: str) -> None:
        """Ask all leads. Raises `BadInput` without a reason, `Refused` when there is nobody to ask."""
        said = clean_line(reason, REASON_LIMIT)
        if not said:
            raise BadInput("help_reason", "say in a few words what the help is for")
        account, leads = self._signing_in.first_registered(), self._configuring.settings.team.leads
        if account is None:
            raise Refused("account", "no account is registered")
        if not leads:
            raise Refused("leads", "the settings name no team lead")
        self._account = account
        self._auditing.note(AuditAction.HELP_ASKED, Side.AGENT, detail=said)
        self._send(said, leads, over=False)
        self._set(OwnHelpChanged(said, waiting=tuple(leads)))

    def take_back(self) -> None:
        """It is over; nothing asked is no error."""
        if not self._own.reason:
            return
        asked = (*self._own.reached, *self._own.waiting)
        self._auditing.note(AuditAction.HELP_ENDED, Side.AGENT, detail=self._own.reason)
        self._send(self._own.reason, asked, over=True)
        self._sent.clear()
        self._set(OwnHelpChanged())

    def _send(self, reason: str, leads: tuple[str, ...], *, over: bool) -> None:
        for lead in leads:
            message_id = self._identities.call()
            if not over:
                self._sent[message_id] = lead
            if self._account is not None:
                self._team.ask_for_help(message_id, self._account, lead, reason, over)

    def _on_answered(self, event: MessageAnswered) -> None:
        lead = self._sent.pop(event.message_id, None)
        if lead is None:
            return
        own = replace(self._own, waiting=tuple(w for w in self._own.waiting if w != lead))
        if 200 <= event.sip_code < 300:
            self._set(replace(own, reached=(*own.reached, lead)))
        else:
            self._set(replace(own, failed=(*own.failed, lead)))

    def _on_call(self, event: CallChanged) -> None:
        if event.call.state is CallState.TERMINATED and not self._calling.calls:
            self.take_back()

    def _on_supervisors(self, event: SupervisorsChanged) -> None:
        if any(not s.asks and s.mode.lead_speaks for s in event.supervisors):
            self.take_back()

    def _set(self, own: OwnHelpChanged) -> None:
        if own != self._own:
            self._own = own
            self._bus.publish(own)


class GivingHelp:
    """The lead's side."""

    def __init__(self, configuring: Configuring, auditing: Auditing, bus: Bus) -> None:
        self._configuring = configuring
        self._auditing = auditing
        self._bus = bus
        self._requests: dict[str, HelpRequest] = {}
        bus.subscribe(HelpSignalled, self._on_signalled)

    @property
    def requests(self) -> tuple[HelpRequest, ...]:
        """Open requests, oldest first."""
        return tuple(self._requests.values())

    def request_of(self, extension: str) -> HelpRequest | None:
        return self._requests.get(extension.partition("@")[0])

    def dismiss(self, extension: str) -> None:
        """Seen and settled, as far as this desk is concerned."""
        if self._requests.pop(extension.partition("@")[0], None) is not None:
            self._auditing.note(AuditAction.HELP_ENDED, Side.LEAD, subject=extension)
            self._tell()

    def _on_signalled(self, event: HelpSignalled) -> None:
        team, user = self._configuring.settings.team, event.sender.user
        if not team.is_lead or not user:
            return
        if event.over:
            if self._requests.pop(user, None) is not None:
                self._tell()
            return
        member = team.member(user) or team.member(f"{user}@{event.sender.host}")
        name = (member.name if member else "") or event.sender.display_name
        while len(self._requests) >= MOST_REQUESTS:
            self._requests.pop(next(iter(self._requests)))
        self._requests[user] = HelpRequest(user, name, event.reason, event.at, event.account_id)
        self._tell()

    def _tell(self) -> None:
        self._bus.publish(HelpChanged(self.requests))
