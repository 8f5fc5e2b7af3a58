"""An agent's desk asks the team's leads to close a record that the CRM does not take, and what they answer.

The record lies at the agent's desk and stays there; what crosses the network names it by its id and says when
the call was, for which company, with which outcome and why it is stuck. No customer, number, name or note.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum

from softphone.domain.customer import CrmTrouble
from softphone.domain.facts import dataclass
from softphone.domain.ids import DeliveryId
from softphone.domain.text import clean_line

TEXT_LIMIT = 1_000
"""Bytes: a MESSAGE must fit into one datagram (RFC 3428 section 8)."""

_WORDS_LIMIT = 60
_REASON_LIMIT = 160
_ID_LIMIT = 64


class RecordWord(StrEnum):
    """What a message says. `CLOSE` and `KEEP` go to an agent's desk, the others to a lead's."""

    ASK = "ask"
    CLOSE = "close"
    """Close it, for this reason."""
    KEEP = "keep"
    """It is to stay open, for this reason."""
    CLOSED = "closed"
    """Done, at this or another lead's word."""
    ESCALATED = "escalated"
    """To a lead: an outcome that escalates was saved; nothing is asked."""
    SETTLED = "settled"
    """It is not stuck any more, or was never asked for."""


_DESCRIBING = (RecordWord.ASK, RecordWord.ESCALATED)


@dataclass(frozen=True, slots=True)
class RecordMessage:
    """One message. `reason` is a lead's; what follows describes the record for them."""

    word: RecordWord
    delivery_id: DeliveryId
    reason: str = ""
    company: str = ""
    outcome: str = ""
    trouble: CrmTrouble = CrmTrouble.NONE
    attempts: int = 0
    called_at: datetime | None = None

    def text(self) -> str:
        """As it is sent; texts are cut so that it fits."""
        facts: dict[str, object] = {"word": self.word.value, "id": self.delivery_id}
        if self.reason:
            facts["reason"] = clean_line(self.reason, _REASON_LIMIT)
        if self.word in _DESCRIBING:
            at = (self.called_at or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="seconds")
            facts |= {
                "company": clean_line(self.company, _WORDS_LIMIT),
                "outcome": clean_line(self.outcome, _WORDS_LIMIT),
                "trouble": self.trouble.value,
                "attempts": self.attempts,
                "at": at,
            }
        return json.dumps(facts, ensure_ascii=False, separators=(",", ":"))


def read_record_message(text: str) -> RecordMessage | None:
    """`text` as it came, bounded and cleaned; None if it is no such message."""
    try:
        facts = json.loads(text)
        word = RecordWord(facts["word"])
        delivery_id = DeliveryId(_line(facts["id"], _ID_LIMIT))
        message = RecordMessage(word, delivery_id, _line(facts.get("reason", ""), _REASON_LIMIT))
        return _with_description(message, facts) if word in _DESCRIBING else message
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return None


def _with_description(message: RecordMessage, facts: dict[str, object]) -> RecordMessage:
    attempts = facts["attempts"]
    return replace(
        message,
        company=_line(facts["company"], _WORDS_LIMIT),
        outcome=_line(facts["outcome"], _WORDS_LIMIT),
        trouble=CrmTrouble(_line(facts["trouble"], _WORDS_LIMIT)),
        attempts=attempts if isinstance(attempts, int) else 0,
        called_at=datetime.fromisoformat(_line(facts["at"], _WORDS_LIMIT)).astimezone(UTC),
    )


def _line(value: object, limit: int) -> str:
    if not isinstance(value, str):
        raise TypeError("a text is wanted")
    return clean_line(value, limit)
