"""An outcome that escalates reaches the team's leads at once, beside the task that the CRM gets.

The agent's desk tells them (`Escalating`), a lead's shows it (`HearingEscalations`). Told is which company,
which outcome and when the call was; whose it was stands in the CRM.
"""

from __future__ import annotations

from softphone.domain.campaign import CodeAction
from softphone.domain.ids import CallId, DeliveryId
from softphone.domain.keeping_events import WrapUpSaved
from softphone.domain.record_events import (
    ClosingAnswered,
    Escalated,
    EscalationsChanged,
    RecordMessageArrived,
)
from softphone.domain.record_requests import RecordMessage, RecordWord, read_record_message
from softphone.domain.team_events import MessageAnswered
from softphone.usecases.bus import Bus
from softphone.usecases.calls.calling import Calling
from softphone.usecases.configuring import Configuring
from softphone.usecases.ports import Identities
from softphone.usecases.signing_in import SigningIn
from softphone.usecases.team.ports import TeamLine
from softphone.usecases.wrap_up.wrapping_up import WrappingUp

MOST_KEPT = 200


class Escalating:
    """The agent's side. That no lead could be reached is a `ClosingAnswered` of its own."""

    def __init__(
        self,
        team: TeamLine,
        signing_in: SigningIn,
        calling: Calling,
        wrapping_up: WrappingUp,
        configuring: Configuring,
        identities: Identities,
        bus: Bus,
    ) -> None:
        self._team = team
        self._signing_in = signing_in
        self._calling = calling
        self._wrapping_up = wrapping_up
        self._configuring = configuring
        self._identities = identities
        self._bus = bus
        self._told: set[CallId] = set()
        self._unanswered: dict[str, CallId] = {}
        self._reached: set[CallId] = set()
        bus.subscribe(WrapUpSaved, self._on_saved)
        bus.subscribe(MessageAnswered, self._on_answered)

    def _on_saved(self, event: WrapUpSaved) -> None:
        record = self._wrapping_up.record(event.call_id)
        leads = self._configuring.settings.team.leads
        if record is None or not leads or event.call_id in self._told:
            return
        campaign = self._calling.campaign(record.call)
        chosen = campaign.chosen(self._wrapping_up.draft(event.call_id).codes) if campaign else ()
        if not any(CodeAction.ESCALATE in code.actions for code in chosen):
            return
        self._told.add(event.call_id)
        self._tell(
            event.call_id,
            RecordMessage(
                RecordWord.ESCALATED,
                event.delivery_id or DeliveryId(event.call_id),
                company=record.campaign_name,
                outcome=" + ".join(code.label for code in chosen),
                called_at=record.call.started_at,
            ),
        )

    def _tell(self, call_id: CallId, message: RecordMessage) -> None:
        account = self._signing_in.first_registered()
        if account is None:
            self._nobody_reached(call_id)
            return
        for lead in self._configuring.settings.team.leads:
            message_id = self._identities.call()
            self._unanswered[message_id] = call_id
            self._team.tell_of_record(message_id, account, lead, message.text())

    def _on_answered(self, event: MessageAnswered) -> None:
        call_id = self._unanswered.pop(event.message_id, None)
        if call_id is None:
            return
        if 200 <= event.sip_code < 300:
            self._reached.add(call_id)
        if call_id not in self._unanswered.values():
            if call_id not in self._reached:
                self._nobody_reached(call_id)
            self._reached.discard(call_id)

    def _nobody_reached(self, call_id: CallId) -> None:
        self._bus.publish(ClosingAnswered(DeliveryId(call_id), "not_escalated"))


class HearingEscalations:
    """The lead's side. For a view: `heard`, `dismiss`, `EscalationsChanged`."""

    def __init__(self, configuring: Configuring, bus: Bus) -> None:
        self._configuring = configuring
        self._bus = bus
        self._heard: dict[DeliveryId, Escalated] = {}
        bus.subscribe(RecordMessageArrived, self._on_message)

    @property
    def heard(self) -> tuple[Escalated, ...]:
        """What leads have not put away yet, oldest first."""
        return tuple(self._heard.values())

    def dismiss(self, delivery_id: DeliveryId) -> None:
        """Seen, as far as this desk is concerned."""
        if self._heard.pop(delivery_id, None) is not None:
            self._bus.publish(EscalationsChanged(self.heard))

    def _on_message(self, event: RecordMessageArrived) -> None:
        team = self._configuring.settings.team
        message = read_record_message(event.text) if team.is_lead and event.sender.user else None
        if message is None or message.word is not RecordWord.ESCALATED:
            return
        member = team.member(event.sender.user)
        name = (member.name if member else "") or event.sender.display_name or event.sender.user
        while len(self._heard) >= MOST_KEPT:
            self._heard.pop(next(iter(self._heard)))
        self._heard[message.delivery_id] = Escalated(name, message, event.at)
        self._bus.publish(EscalationsChanged(self.heard))
