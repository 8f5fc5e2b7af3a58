"""Numbers as people write them, read by the real libphonenumber."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softphone.system.number_plan import LibPhoneNumbers

PLAN = LibPhoneNumbers()


@pytest.mark.parametrize(
    "raw",
    ["+4930123456", "030 123456", "0049 30 123456", "tel:+49-30-123456", "+49 (0)30 12-34-56", "٠٣٠١٢٣٤٥٦"],
)
def test_the_same_number_is_recognised_in_every_form(raw: str) -> None:
    assert PLAN.read(raw, "DE").e164 == "+4930123456"


def test_a_national_number_is_meant_in_the_given_country() -> None:
    assert PLAN.read("02 1234567", "IT").e164 == "+39021234567"
    assert PLAN.read("03-1234567", "il").e164 == "+97231234567"


def test_a_public_number_has_its_forms_and_its_country() -> None:
    number = PLAN.read("+14155552671", "DE")
    assert (number.national, number.international) == ("(415) 555-2671", "+1 415-555-2671")
    assert number.region == "US"
    assert number.shown == "+1 415-555-2671"


@pytest.mark.parametrize(
    "raw", ["7001", "112", "*43#", "anonymous", "sip:bob@example.org", "", "+", "0" * 400]
)
def test_what_is_no_public_number_keeps_only_what_was_given(raw: str) -> None:
    number = PLAN.read(raw, "DE")
    assert (number.e164, number.international) == ("", "")
    assert number.raw == raw[:250]


def test_a_national_number_without_a_country_is_not_guessed() -> None:
    assert PLAN.read("030 123456", "").e164 == ""


@given(st.text(max_size=60), st.sampled_from(["DE", "US", "IL", "", "XX", "nonsense"]))
def test_no_text_makes_reading_or_formatting_fail(text: str, region: str) -> None:
    PLAN.read(text, region)
    PLAN.as_typed(text, region)


def test_a_number_is_formatted_while_it_is_typed() -> None:
    assert PLAN.as_typed("0301234", "DE") == "030 1234"
    assert PLAN.as_typed("+1415555267", "DE") == "+1 415-555-267"
    assert PLAN.as_typed("+1 415-555-2671", "DE") == "+1 415-555-2671"


@pytest.mark.parametrize("text", ["sip:bob@example.org", "bob", "*21*0301234#", "", "7001", "+"])
def test_text_that_is_no_telephone_number_stays_as_typed(text: str) -> None:
    assert PLAN.as_typed(text, "DE") == text
