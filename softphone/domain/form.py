"""Form fields of a campaign or an outcome: what is asked, and which answers count.

Answers are texts in one canonical form whatever the language of the window: numbers with a point, dates as
`YYYY-MM-DD`. What could be read in two ways is refused, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum

from softphone.domain.facts import dataclass

ANSWER_LIMIT = 2_000

_NUMBER = re.compile(r"[+-]?\d{1,15}(?:\.\d{1,9})?")
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:([ \u00a0\u202f.,'’])\d{3})+(?:[.,]\d+)?")
_SPACES = re.compile(r"[\s\u00a0\u202f]")


class FieldKind(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    AMOUNT = "amount"
    """A sum of money: at most two decimals."""
    CHOICE = "choice"
    DATE = "date"
    SCALE = "scale"
    """A whole number from `minimum` (1 if not given) to `maximum` (5), as surveys ask."""


@dataclass(frozen=True, slots=True)
class FormField:
    """One question. `name` goes to the CRM, `label` is what the agent reads.

    `minimum` and `maximum` bound numbers, amounts and scales; for texts `maximum` is the length.
    """

    name: str
    label: str
    kind: FieldKind = FieldKind.TEXT
    required: bool = False
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    currency: str = ""

    @property
    def steps(self) -> range:
        """The values of a scale."""
        low, high = self.minimum, self.maximum
        return range(1 if low is None else int(low), (5 if high is None else int(high)) + 1)


class FieldTrouble(StrEnum):
    """Why an answer does not count. The ui has words for each."""

    MISSING = "missing"
    NOT_A_NUMBER = "not_a_number"
    NOT_AN_AMOUNT = "not_an_amount"
    NOT_A_DATE = "not_a_date"
    NOT_A_CHOICE = "not_a_choice"
    TOO_SMALL = "too_small"
    TOO_LARGE = "too_large"
    TOO_LONG = "too_long"


@dataclass(frozen=True, slots=True)
class FieldFault:
    """The field whose answer does not count, and why."""

    name: str
    trouble: FieldTrouble


def faults(fields: Iterable[FormField], answers: Mapping[str, str]) -> tuple[FieldFault, ...]:
    """What is wrong with `answers`, in the order of the form; empty when nothing is."""
    found = ((field.name, trouble_with(field, answers.get(field.name, ""))) for field in fields)
    return tuple(FieldFault(name, trouble) for name, trouble in found if trouble)


def trouble_with(field: FormField, answer: str) -> FieldTrouble | None:
    """Why `answer` does not count for `field`; None when it does. Nothing is an answer to a free question."""
    if not answer.strip():
        return FieldTrouble.MISSING if field.required else None
    match field.kind:
        case FieldKind.TEXT:
            longest = ANSWER_LIMIT if field.maximum is None else field.maximum
            return FieldTrouble.TOO_LONG if len(answer) > longest else None
        case FieldKind.CHOICE:
            return None if answer in field.choices else FieldTrouble.NOT_A_CHOICE
        case FieldKind.DATE:
            return None if _is_date(answer) else FieldTrouble.NOT_A_DATE
        case _:
            return _number_trouble(field, answer)


def canonical(field: FormField, typed: str) -> str:
    """`typed` in the form in which answers are kept; unchanged where it cannot be read.

    A decimal comma becomes a point. `1,234` may be a thousand or little more than one: it stays, and is
    refused by `trouble_with`.
    """
    text = typed.strip()[:ANSWER_LIMIT]
    if field.kind not in (FieldKind.NUMBER, FieldKind.AMOUNT):
        return text
    grouped = _GROUPED.fullmatch(text)
    if grouped:
        return _without_groups(text, grouped[1])
    plain = _SPACES.sub("", text).replace(",", ".")
    return plain if _NUMBER.fullmatch(plain) else text


def _without_groups(text: str, separator: str) -> str:
    """Thousands are certain when they are set apart by a blank or apostrophe, or when decimals follow."""
    rest = text.replace(separator, "")
    certain = separator not in ".," or text.count(separator) > 1 or any(c in rest for c in ".,")
    return rest.replace(",", ".") if certain else text


def _number_trouble(field: FormField, answer: str) -> FieldTrouble | None:
    wrong = FieldTrouble.NOT_AN_AMOUNT if field.kind is FieldKind.AMOUNT else FieldTrouble.NOT_A_NUMBER
    if not _NUMBER.fullmatch(answer):
        return wrong
    value = Decimal(answer)
    if field.kind is FieldKind.AMOUNT and value != round(value, 2):
        return wrong
    if field.kind is FieldKind.SCALE and value != int(value):
        return wrong
    low, high = field.minimum, field.maximum
    if field.kind is FieldKind.SCALE:
        low, high = field.steps.start, field.steps.stop - 1
    if low is not None and value < Decimal(str(low)):
        return FieldTrouble.TOO_SMALL
    return FieldTrouble.TOO_LARGE if high is not None and value > Decimal(str(high)) else None


def _is_date(answer: str) -> bool:
    try:
        return date.fromisoformat(answer).isoformat() == answer
    except ValueError:
        return False
