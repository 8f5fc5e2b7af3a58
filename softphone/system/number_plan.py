"""Telephone numbers by libphonenumber: the only module that knows it."""

from __future__ import annotations

from functools import lru_cache

import phonenumbers
from phonenumbers import AsYouTypeFormatter, PhoneNumberFormat

from softphone.domain.address import SHORTEST_PUBLIC, PhoneNumber, diallable
from softphone.domain.errors import BadInput

_LONGEST = 250
"""Characters; libphonenumber refuses longer text too, but only after searching it."""

_REMEMBERED = 256
"""A number is asked for again and again while its call lasts; reading it takes most of a millisecond."""


class LibPhoneNumbers:
    """Port `NumberPlan`. Usable from any thread."""

    def read(self, raw: str, region: str) -> PhoneNumber:
        """Understand a number as signalled or typed, national ones as meant in `region` (ISO 3166).

        Never raises; what is no valid public number keeps only `raw`.
        """
        return _read(raw, region)

    def as_typed(self, text: str, region: str) -> str:
        """Format what is being typed for `region`; text that is no telephone number comes back unchanged."""
        compact = "".join(text.split())
        if not compact or len(compact) > _LONGEST or not _formattable(compact):
            return text
        formatter = AsYouTypeFormatter(region.upper() or "ZZ")
        formatted = ""
        for character in _digits_of(compact):
            formatted = formatter.input_digit(character)
        return str(formatted)


@lru_cache(_REMEMBERED)
def _read(raw: str, region: str) -> PhoneNumber:
    raw = raw.strip()[:_LONGEST]
    try:
        number = diallable(raw)
    except BadInput:
        return PhoneNumber(raw)
    if "@" in number or sum(c.isdigit() for c in number) < SHORTEST_PUBLIC:
        return PhoneNumber(raw)
    try:
        parsed = phonenumbers.parse(number, region.upper() or None)
    except phonenumbers.NumberParseException:
        return PhoneNumber(raw)
    if not phonenumbers.is_valid_number(parsed):
        return PhoneNumber(raw)
    return PhoneNumber(
        raw,
        phonenumbers.format_number(parsed, PhoneNumberFormat.E164),
        phonenumbers.format_number(parsed, PhoneNumberFormat.NATIONAL),
        phonenumbers.format_number(parsed, PhoneNumberFormat.INTERNATIONAL),
        phonenumbers.region_code_for_number(parsed) or "",
    )


def _formattable(compact: str) -> bool:
    body = compact.removeprefix("+")
    return bool(body) and all(c.isdecimal() or c in "()-./" for c in body) and any(map(str.isdecimal, body))


def _digits_of(compact: str) -> str:
    return "".join(str(int(c)) if c.isdecimal() else c for c in compact if c == "+" or c.isdecimal())
