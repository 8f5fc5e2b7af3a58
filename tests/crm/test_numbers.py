"""The forms in which a CRM is asked for a number, and whether a stored number is the caller's."""

from __future__ import annotations

import phonenumbers
import pytest

from softphone.crm.numbers import attempts, is_callers
from softphone.domain.address import PhoneNumber

BERLIN = PhoneNumber("+493023125042", "+493023125042", "030 23125042", "+49 30 23125042", "DE")
EXTENSION = PhoneNumber("601")


def test_a_public_number_is_asked_for_in_the_forms_of_the_pack() -> None:
    assert attempts(BERLIN, ("e164", "international", "national", "last9")) == [
        "+493023125042",
        "493023125042",
        "03023125042",
        "023125042",
    ]


def test_no_form_is_asked_for_twice() -> None:
    assert attempts(BERLIN, ("e164", "raw", "e164")) == ["+493023125042"]


def test_an_extension_is_asked_for_as_it_is() -> None:
    assert attempts(EXTENSION, ("e164", "last9")) == ["601"]


def test_an_anonymous_caller_is_not_asked_for() -> None:
    assert attempts(PhoneNumber(""), ("e164", "raw")) == []


@pytest.mark.parametrize(
    "stored",
    [
        "+49 30 23125 042",
        "030/23125042",
        "0049 (0) 30 23125-042",
        "(030) 23125042 ext. 7",
        "+493023125042;ext=12",
        "٠٣٠٢٣١٢٥٠٤٢",
    ],
)
def test_the_callers_number_is_recognised_however_it_is_stored(stored: str) -> None:
    assert is_callers(stored, BERLIN)


@pytest.mark.parametrize("stored", ["", "none", "030 23125043", "42", "+49 30 2312504"])
def test_another_number_is_not_the_callers(stored: str) -> None:
    assert not is_callers(stored, BERLIN)


def test_short_numbers_must_be_equal() -> None:
    assert is_callers("601", EXTENSION)
    assert not is_callers("1601", EXTENSION)


@pytest.mark.parametrize(
    "kind", [phonenumbers.PhoneNumberType.FIXED_LINE, phonenumbers.PhoneNumberType.MOBILE]
)
def test_the_example_number_of_every_country_is_recognised_in_all_its_written_forms(kind: int) -> None:
    formats = (
        phonenumbers.PhoneNumberFormat.E164,
        phonenumbers.PhoneNumberFormat.INTERNATIONAL,
        phonenumbers.PhoneNumberFormat.NATIONAL,
        phonenumbers.PhoneNumberFormat.RFC3966,
    )
    missed = []
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        example = phonenumbers.example_number_for_type(region, kind)
        if example is None:
            continue
        national = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.NATIONAL)
        e164 = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
        for style in formats:
            stored = phonenumbers.format_number(example, style)
            if not is_callers(stored, PhoneNumber(e164, e164, national)):
                missed.append((region, e164, stored))
    assert missed == []
