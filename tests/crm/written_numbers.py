"""Telephone numbers of sixty countries in the ways people write them, made anew from a seed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

_COUNTRIES = """
    DE AT CH IT GR IL GB IE FR ES PT NL BE LU DK SE NO FI IS PL CZ SK HU RO BG HR SI RS UA LT LV EE TR CY MT
    RU KZ US CA MX BR AR CL CO PE ZA EG MA NG KE IN PK BD LK CN JP KR TH VN MY SG ID PH AU NZ AE
"""
REGIONS = tuple(_COUNTRIES.split())
"""Trunk prefixes 0, 8, 1, 06, none and kept (Italy), national numbers of 7 to 11 digits."""

_KINDS = (PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)
_IDD = {"US": "011", "CA": "011", "AU": "0011", "JP": "010", "KR": "00700", "RU": "810", "SG": "001"}
_SEPARATORS = (" ", "-", ".", "/", "\u00a0", "\u2011", " - ", "")
_DIGITS = ("0123456789", "٠١٢٣٤٥٦٧٨٩", "０１２３４５６７８９")
_EXTENSIONS = (" ext. 12", " x12", ";ext=12", " Ext 4", ",12", "#9", " extn 7", " Durchwahl 3", " int. 55")


@dataclass(frozen=True)
class Written:
    """One number of `region`, as the network signals it and as somebody has written it into a CRM."""

    region: str
    e164: str
    signalled: str
    stored: str
    style: str


def written(count: int, seed: int) -> Iterator[Written]:
    """`count` numbers, one country after the other (libphonenumber's patterns of all of them at once would
    push each other out of Python's cache), each written in one of the ways."""
    chance = random.Random(seed)
    for index in range(count):
        region = REGIONS[index * len(REGIONS) // count]
        number = _some_number(chance, region)
        style = chance.choice(STYLES)
        signalled = chance.choice((PhoneNumberFormat.E164, PhoneNumberFormat.NATIONAL))
        yield Written(
            region,
            phonenumbers.format_number(number, PhoneNumberFormat.E164),
            phonenumbers.format_number(number, signalled),
            _WRITE[style](chance, number),
            style,
        )


def _some_number(chance: random.Random, region: str) -> phonenumbers.PhoneNumber:
    """A valid number: an example of the country with its last digits changed."""
    kinds = [k for k in _KINDS if phonenumbers.example_number_for_type(region, k) is not None]
    for _ in range(200):
        example = phonenumbers.example_number_for_type(region, chance.choice(kinds))
        assert example is not None
        digits = phonenumbers.national_significant_number(example)
        changed = digits[:-5] + "".join(chance.choice("0123456789") for _ in range(5))
        number = phonenumbers.parse(f"+{example.country_code}{changed}")
        if phonenumbers.is_valid_number(number):
            return number
    raise LookupError(f"no valid number of {region}")


def _grouped(chance: random.Random, text: str) -> str:
    """The digits of `text` with other separators in other places."""
    separator = chance.choice(_SEPARATORS)
    parts = [text[:3]]
    rest = text[3:]
    while rest:
        size = chance.randint(2, 4)
        parts.append(rest[:size])
        rest = rest[size:]
    return separator.join(parts)


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())


def _e164(_chance: random.Random, number: phonenumbers.PhoneNumber) -> str:
    return str(phonenumbers.format_number(number, PhoneNumberFormat.E164))


def _international(chance: random.Random, number: phonenumbers.PhoneNumber) -> str:
    return "+" + _grouped(chance, _e164(chance, number)[1:])


def _as_libphonenumber(chance: random.Random, number: phonenumbers.PhoneNumber) -> str:
    formats = (PhoneNumberFormat.INTERNATIONAL, PhoneNumberFormat.NATIONAL, PhoneNumberFormat.RFC3966)
    return str(phonenumbers.format_number(number, chance.choice(formats)))


def _national(chance: random.Random, number: phonenumbers.PhoneNumber) -> str:
    return _grouped(chance, _digits(phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)))


def _dialled_abroad(chance: random.Random, number: phonenumbers.PhoneNumber) -> str:
    idd = _IDD.get(phonenumbers.region_code_for_number(number) or "", "00")
    return idd + chance.choice(("", " ")) + _grouped(chance, _e164(chance, number)[1:])


def _zero_in_brackets(chance: random.Random, number: phonenumbers.PhoneNumber) -> str:
    significant = phonenumbers.national_significant_number(number)
    return f"+{number.country_code} (0) {_grouped(chance, significant)}"


def _without_plus(chance: random.Random, number: phonenumbers.PhoneNumber) -> str:
    return _e164(chance, number)[1:]


def _with_extension(chance: random.Random, number: phonenumbers.PhoneNumber) -> str:
    return _as_libphonenumber(chance, number) + chance.choice(_EXTENSIONS)


def _other_digits(chance: random.Random, number: phonenumbers.PhoneNumber) -> str:
    table = str.maketrans("0123456789", chance.choice(_DIGITS))
    return _national(chance, number).translate(table)


def _with_words(chance: random.Random, number: phonenumbers.PhoneNumber) -> str:
    return chance.choice(("Tel. {}", "Mobil: {}", "{} (home)", "📱 {}", "\u200e{}\u200e")).format(
        _as_libphonenumber(chance, number)
    )


_WRITE = {
    "e164": _e164,
    "international": _international,
    "libphonenumber": _as_libphonenumber,
    "national": _national,
    "dialled abroad": _dialled_abroad,
    "zero in brackets": _zero_in_brackets,
    "without plus": _without_plus,
    "with extension": _with_extension,
    "other digits": _other_digits,
    "with words": _with_words,
}
STYLES = tuple(_WRITE)
