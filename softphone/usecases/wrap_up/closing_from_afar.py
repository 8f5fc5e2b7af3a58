"""A lead closes a stuck record that lies at an agent's desk, without going there.

The agent's desk asks (`AskingToClose`), the leads' desks show it (`ClosingForOthers`), one of them answers
with a reason. The agent's phone decides whether that counts, as it does for listening: the server must assert
the sender, the company's policy must name them a lead, this desk must have asked about that very record, and
it must still be stuck. Both desks note it in their audit logs.
"""

from __future__ import annotations

from dataclasses import field, replace

from softphone.domain.audit import AuditAction, Side
from softphone.domain.call import Party
from softphone.domain.delivery import DeliveryState
from softphone.domain.errors import BadInput, Refused
from softphone.domain.facts import dataclass
from softphone.domain.ids import AccountId, DeliveryId
from softphone.domain.keeping_events import DeliveryRecorded, WrapUpSaved, WrittenOff
from softphone.domain.record_events import (
    ClosingAnswered,
    ClosingAsked,
    ClosingsAskedChanged,
    RecordMessageArrived,
)
from softphone.domain.record_requests import RecordMessage, RecordWord, read_record_message
from softphone.domain.record_settings import CloseStuck
from softphone.domain.team_events import MessageAnswered
from softphone.domain.text import clean_line
from softphone.domain.wrap_up import HistoryEntry
from softphone.usecases.bus import Bus
from softphone.usecases.configuring import Configuring
from softphone.usecases.ports import Identities
from softphone.usecases.signing_in import SigningIn
from softphone.usecases.team.auditing import Auditing
from softphone.usecases.team.ports import TeamLine
from softphone.usecases.wrap_up.closing_records import REASON_LIMIT, SHORTEST_REASON, ClosingRecords, is_stuck

MOST_ASKED = 200
"""A desk keeps so many; the oldest give way."""


@dataclass
class _Asked:
    """What this agent's desk has asked, and whom. `sent` are the messages that are not answered yet."""

    entry: HistoryEntry
    leads: tuple[str, ...]
    sent: set[str] = field(default_factory=set)
    reached: bool = False


class AskingToClose:
    """The agent's side. For a view: `can_ask`, `asked`; each change is a `ClosingAnswered`."""

    def __init__(
        self,
        team: TeamLine,
        signing_in: SigningIn,
        configuring: Configuring,
        closing: ClosingRecords,
        auditing: Auditing,
        identities: Identities,
        bus: Bus,
    ) -> None:
        self._team = team
        self._signing_in = signing_in
        self._configuring = configuring
        self._auditing = auditing
        self._closing = closing
        self._identities = identities
        self._bus = bus
        self._asked: dict[DeliveryId, _Asked] = {}
        bus.subscribe(RecordMessageArrived, self._on_message)
        bus.subscribe(MessageAnswered, self._on_answered)
        bus.subscribe(WrittenOff, self._on_written_off)
        bus.subscribe(DeliveryRecorded, self._on_recorded)
        bus.subscribe(WrapUpSaved, self._on_saved)

    def can_ask(self, entry: HistoryEntry) -> bool:
        """It is stuck, who sits here may not close it, and there are leads, named by the company, who may."""
        settings, fixed = self._configuring.settings, self._configuring.locked()
        leads_decide = settings.records.close_stuck is CloseStuck.LEAD
        named = bool(settings.team.leads) and "team.leads" in fixed
        return is_stuck(entry) and leads_decide and named and not self._closing.can_close(entry)

    def asked(self, delivery_id: DeliveryId) -> bool:
        """Leads have been asked about this record and have not answered."""
        return delivery_id in self._asked

    def ask(self, entry: HistoryEntry) -> None:
        """Ask all leads. Raises `Refused`: `not_stuck`, `account` when nobody is signed in."""
        account, delivery_id = self._signing_in.first_registered(), entry.delivery_id
        if not self.can_ask(entry) or delivery_id is None:
            raise Refused("not_stuck", "only a record that the CRM does not take can be closed")
        if account is None:
            raise Refused("account", "no account is registered")
        while len(self._asked) >= MOST_ASKED:
            self._asked.pop(next(iter(self._asked)))
        asked = self._asked[delivery_id] = _Asked(entry, self._configuring.settings.team.leads)
        message = RecordMessage(
            RecordWord.ASK,
            delivery_id,
            company=entry.record.campaign_name,
            outcome=entry.code_label,
            trouble=entry.last_trouble,
            attempts=entry.attempts,
            called_at=entry.record.call.started_at,
        )
        self._tell(asked, account, message)

    def _tell(self, asked: _Asked, account: AccountId, message: RecordMessage) -> None:
        for lead in asked.leads:
            message_id = self._identities.call()
            asked.sent.add(message_id)
            self._team.tell_of_record(message_id, account, lead, message.text())

    def _on_answered(self, event: MessageAnswered) -> None:
        for delivery_id, asked in list(self._asked.items()):
            if event.message_id in asked.sent:
                asked.sent.discard(event.message_id)
                self._note_reached(delivery_id, asked, 200 <= event.sip_code < 300)

    def _note_reached(self, delivery_id: DeliveryId, asked: _Asked, reached: bool) -> None:
        if reached and not asked.reached:
            asked.reached = True
            self._bus.publish(ClosingAnswered(delivery_id, "asked"))
        if not asked.sent and not asked.reached:
            del self._asked[delivery_id]
            self._bus.publish(ClosingAnswered(delivery_id, "not_reached"))

    def _on_message(self, event: RecordMessageArrived) -> None:
        message = read_record_message(event.text)
        if message is None or message.word not in (RecordWord.CLOSE, RecordWord.KEEP):
            return
        if not event.from_lead:
            sender, subject = _address(event.sender), message.delivery_id
            self._auditing.note(AuditAction.CLOSING_REFUSED, Side.AGENT, actor=sender, subject=subject)
            return
        asked = self._asked.get(message.delivery_id)
        who = event.sender.display_name or event.sender.user
        if asked is None:
            self._reply(event, RecordMessage(RecordWord.SETTLED, message.delivery_id))
        elif message.word is RecordWord.KEEP:
            self._over(message.delivery_id, RecordWord.SETTLED)
            self._bus.publish(ClosingAnswered(message.delivery_id, "kept", who, message.reason))
        else:
            self._close(asked, message, event)

    def _close(self, asked: _Asked, message: RecordMessage, event: RecordMessageArrived) -> None:
        try:
            self._closing.close_for(asked.entry, message.reason, _address(event.sender))
        except (BadInput, Refused):
            self._reply(event, RecordMessage(RecordWord.SETTLED, message.delivery_id))

    def _on_written_off(self, event: WrittenOff) -> None:
        word = RecordWord.CLOSED if event.done else RecordWord.SETTLED
        self._over(event.delivery_id, word)

    def _on_recorded(self, event: DeliveryRecorded) -> None:
        if event.delivery.state in (DeliveryState.DELIVERED, DeliveryState.WRITTEN_OFF):
            self._over(event.delivery.id, RecordWord.SETTLED)

    def _on_saved(self, event: WrapUpSaved) -> None:
        """The agent has corrected it: what leads were asked about is not there any more."""
        if event.delivery_id is not None:
            self._over(event.delivery_id, RecordWord.SETTLED)

    def _over(self, delivery_id: DeliveryId, word: RecordWord) -> None:
        """Whoever was asked need not answer any more."""
        asked, account = self._asked.pop(delivery_id, None), self._signing_in.first_registered()
        if asked is None:
            return
        if account is not None:
            self._tell(asked, account, RecordMessage(word, delivery_id))
        if word is RecordWord.CLOSED:
            self._bus.publish(ClosingAnswered(delivery_id, "closed"))

    def _reply(self, event: RecordMessageArrived, message: RecordMessage) -> None:
        target = _known(event.sender, self._configuring.settings.team.leads)
        self._team.tell_of_record(self._identities.call(), event.account_id, target, message.text())


class ClosingForOthers:
    """The lead's side. For a view: `asked`; commands `close` and `keep`; `ClosingsAskedChanged`."""

    def __init__(
        self,
        team: TeamLine,
        configuring: Configuring,
        auditing: Auditing,
        identities: Identities,
        bus: Bus,
    ) -> None:
        self._team = team
        self._configuring = configuring
        self._auditing = auditing
        self._identities = identities
        self._bus = bus
        self._asked: dict[DeliveryId, ClosingAsked] = {}
        self._sent: dict[str, DeliveryId] = {}
        bus.subscribe(RecordMessageArrived, self._on_message)
        bus.subscribe(MessageAnswered, self._on_answered)

    @property
    def asked(self) -> tuple[ClosingAsked, ...]:
        """What waits for a decision, oldest first."""
        return tuple(self._asked.values())

    def find(self, delivery_id: DeliveryId) -> ClosingAsked | None:
        return self._asked.get(delivery_id)

    def close(self, delivery_id: DeliveryId, reason: str) -> None:
        """Have the agent's desk close it. Raises `BadInput` when the reason is missing."""
        words = clean_line(reason, REASON_LIMIT)
        asked = self._asked.get(delivery_id)
        if asked is None:
            return
        if len(words) < SHORTEST_REASON:
            raise BadInput("reason", "a reason is required")
        self._auditing.note(
            AuditAction.RECORD_CLOSED,
            Side.LEAD,
            subject=delivery_id,
            detail=f"{asked.agent}, {asked.asked.trouble.value}: {words}",
        )
        self._answer(asked, RecordMessage(RecordWord.CLOSE, delivery_id, words))

    def keep(self, delivery_id: DeliveryId) -> None:
        """It is to stay open; the agent is told."""
        asked = self._asked.pop(delivery_id, None)
        if asked is not None:
            self._answer(asked, RecordMessage(RecordWord.KEEP, delivery_id))
            self._changed()

    def _answer(self, asked: ClosingAsked, message: RecordMessage) -> None:
        message_id = self._identities.call()
        if message.delivery_id in self._asked:
            self._sent[message_id] = message.delivery_id
            self._asked[message.delivery_id] = replace(asked, answered=True)
            self._changed()
        self._team.tell_of_record(message_id, asked.account_id, asked.agent, message.text())

    def _on_answered(self, event: MessageAnswered) -> None:
        delivery_id = self._sent.pop(event.message_id, None)
        asked = self._asked.get(delivery_id) if delivery_id else None
        if delivery_id and asked and not 200 <= event.sip_code < 300:
            self._asked[delivery_id] = replace(asked, answered=False)
            self._changed()
            self._bus.publish(ClosingAnswered(delivery_id, "not_reached", asked.name))

    def _on_message(self, event: RecordMessageArrived) -> None:
        team = self._configuring.settings.team
        message = read_record_message(event.text) if team.is_lead and event.sender.user else None
        if message is None:
            return
        agent = _known(event.sender, tuple(member.extension for member in team.members))
        if message.word is RecordWord.ASK:
            self._put(agent, message, event)
        elif message.word in (RecordWord.CLOSED, RecordWord.SETTLED):
            self._settled(agent, message)

    def _put(self, agent: str, message: RecordMessage, event: RecordMessageArrived) -> None:
        before = self._asked.get(message.delivery_id)
        if before is not None and before.agent != agent:
            return  # an id is its desk's own
        member = self._configuring.settings.team.member(event.sender.user)
        name = (member.name if member else "") or event.sender.display_name or event.sender.user
        while len(self._asked) >= MOST_ASKED:
            self._asked.pop(next(iter(self._asked)))
        self._asked[message.delivery_id] = ClosingAsked(agent, name, message, event.account_id, event.at)
        self._changed()

    def _settled(self, agent: str, message: RecordMessage) -> None:
        asked = self._asked.get(message.delivery_id)
        if asked is None or asked.agent != agent:
            return
        del self._asked[message.delivery_id]
        self._changed()
        if asked.answered:
            self._bus.publish(ClosingAnswered(message.delivery_id, message.word.value, asked.name))

    def _changed(self) -> None:
        self._bus.publish(ClosingsAskedChanged(self.asked))


def _known(sender: Party, names: tuple[str, ...]) -> str:
    """How the settings name `sender`: by user alone or with the host; else the user."""
    whole = _address(sender)
    return next((name for name in names if name.lower() == whole.lower()), sender.user)


def _address(sender: Party) -> str:
    return f"{sender.user}@{sender.host}" if sender.host else sender.user
