"""The forms in which a number is asked for, and whether a record's number is the caller's."""

from __future__ import annotations

import re

from softphone.crm.packs.schema import NumberForm
from softphone.domain.address import PhoneNumber

_EXTENSION = re.compile(r"((?:\D*\d){6,}?\D*?)(?:[;,#]|[^\W\d_]).*", re.DOTALL)
"""A number of six digits or more, then a sign or a word in any language: "ext. 12", "Durchwahl 3", "x9"."""

_COMPARED = 9
_ENOUGH = 6


def forms(number: PhoneNumber) -> dict[NumberForm, str]:
    """Every form in which `number` can be written; one that it does not have is missing."""
    raw_digits = _digits(number.raw)
    if not number.e164:
        return {"raw": number.raw} if number.raw else {}
    international = _digits(number.e164)
    national = _digits(number.national) or raw_digits
    found: dict[NumberForm, str] = {
        "e164": number.e164,
        "international": international,
        "national": national,
        "national_written": number.national,
        "international_written": number.international,
        "significant": international.removeprefix(_digits(calling_code(number))),
        "last10": international[-10:],
        "last9": international[-_COMPARED:],
        "last8": international[-8:],
        "last7": international[-7:],
        "raw": number.raw,
    }
    return {form: text for form, text in found.items() if text}


def calling_code(number: PhoneNumber) -> str:
    """The country's code with its plus, as libphonenumber separates it; empty where it is not known."""
    first = number.international.split(" ")[0].split("-")[0]
    return first if first.startswith("+") and number.e164.startswith(first) else ""


def attempts(number: PhoneNumber, wanted: tuple[NumberForm, ...]) -> list[str]:
    """What to ask for, in the order of `wanted`, nothing twice.

    A number that is not a public one (an extension) has only its raw form and is asked for in that.
    """
    found = forms(number)
    if not number.e164:
        return list(found.values())
    return list(dict.fromkeys(found[form] for form in wanted if form in found))


def is_callers(stored: str, number: PhoneNumber) -> bool:
    """Whether the number in a record, however it is written, is the caller's.

    Public numbers are compared by their last nine digits without trunk zeros, short ones as they are.
    """
    extended = _EXTENSION.fullmatch(stored)
    text = extended[1] if extended else stored
    # "+36 (0) 1 236 …": not dialled from abroad, but for Italy's, whose zero belongs to the number.
    ways = {_significant(text), _significant(text.replace("(0)", ""))}
    ours = (_significant(number.e164 or number.raw), _significant(number.national))
    return any(_same(theirs, mine) for theirs in ways for mine in ours)


def _same(theirs: str, ours: str) -> bool:
    if not ours or not theirs:
        return False
    if min(len(ours), len(theirs)) < _ENOUGH:
        return ours == theirs
    compared = min(_COMPARED, len(ours), len(theirs))
    return ours[-compared:] == theirs[-compared:]


def _significant(text: str) -> str:
    """The digits without trunk zeros."""
    return _digits(text).lstrip("0")


def _digits(text: str) -> str:
    return "".join(str(int(c)) for c in text if c.isdecimal())
