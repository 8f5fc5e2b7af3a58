"""What has happened around stuck records between agents and leads; beside `domain.events`."""

from __future__ import annotations

from datetime import datetime

from softphone.domain.call import Party
from softphone.domain.events import Event
from softphone.domain.facts import dataclass
from softphone.domain.ids import AccountId, DeliveryId
from softphone.domain.record_requests import RecordMessage


@dataclass(frozen=True, slots=True)
class RecordMessageArrived(Event):
    """From the engine: another phone says `text` about a record (`record_requests`). `from_lead`: the server
    asserts a sender whom this phone's policy names a lead."""

    account_id: AccountId
    sender: Party
    text: str
    from_lead: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class ClosingAsked:
    """A record at an agent's desk that a lead is asked to close. `answered`: the lead's word is under way."""

    agent: str
    name: str
    asked: RecordMessage
    account_id: AccountId
    at: datetime
    answered: bool = False


@dataclass(frozen=True, slots=True)
class ClosingsAskedChanged(Event):
    """The lead's side: what waits for a decision, oldest first."""

    asked: tuple[ClosingAsked, ...]


@dataclass(frozen=True, slots=True)
class ClosingAnswered(Event):
    """How asking, or answering, went; a window says it in words."""

    delivery_id: DeliveryId
    outcome: str
    """At the agent's `asked`, `not_reached`, `kept`, `closed`, `not_escalated`; at the lead's `not_reached`,
    `closed` or `settled`."""
    who: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Escalated:
    """An outcome that escalates, saved by `name`'s desk."""

    name: str
    message: RecordMessage
    at: datetime


@dataclass(frozen=True, slots=True)
class EscalationsChanged(Event):
    """The lead's side: what was escalated and not put away, oldest first."""

    heard: tuple[Escalated, ...]
