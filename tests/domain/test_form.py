"""Form fields: which answers count, and how typed ones are understood."""

from __future__ import annotations

import pytest

from softphone.domain.campaign import Campaign, Disposition
from softphone.domain.form import (
    FieldFault,
    FieldKind,
    FieldTrouble,
    FormField,
    canonical,
    faults,
    trouble_with,
)
from softphone.domain.ids import CampaignId

NAME = FormField("name", "Name", required=True)
AMOUNT = FormField("sum", "Sum", FieldKind.AMOUNT, minimum=0, maximum=500, currency="EUR")
NUMBER = FormField("count", "Count", FieldKind.NUMBER)
CHOICE = FormField("damage", "Damage", FieldKind.CHOICE, choices=("water", "hail"))
DAY = FormField("day", "Day", FieldKind.DATE)
SCALE = FormField("mark", "Mark", FieldKind.SCALE)


@pytest.mark.parametrize(
    ("field", "answer", "trouble"),
    [
        (NAME, "Ada", None),
        (NAME, "  ", FieldTrouble.MISSING),
        (FormField("t", "T", maximum=3), "abcd", FieldTrouble.TOO_LONG),
        (AMOUNT, "", None),
        (AMOUNT, "12.50", None),
        (AMOUNT, "12.505", FieldTrouble.NOT_AN_AMOUNT),
        (AMOUNT, "-1", FieldTrouble.TOO_SMALL),
        (AMOUNT, "500.01", FieldTrouble.TOO_LARGE),
        (NUMBER, "nan", FieldTrouble.NOT_A_NUMBER),
        (NUMBER, "1e9", FieldTrouble.NOT_A_NUMBER),
        (NUMBER, "-3.25", None),
        (CHOICE, "hail", None),
        (CHOICE, "fire", FieldTrouble.NOT_A_CHOICE),
        (DAY, "2026-02-28", None),
        (DAY, "2026-02-30", FieldTrouble.NOT_A_DATE),
        (DAY, "20260228", FieldTrouble.NOT_A_DATE),
        (SCALE, "5", None),
        (SCALE, "6", FieldTrouble.TOO_LARGE),
        (SCALE, "0", FieldTrouble.TOO_SMALL),
        (SCALE, "2.5", FieldTrouble.NOT_A_NUMBER),
    ],
)
def test_an_answer_counts_or_says_why_not(
    field: FormField, answer: str, trouble: FieldTrouble | None
) -> None:
    assert trouble_with(field, answer) is trouble


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("12,50", "12.50"),
        (" 12.5 ", "12.5"),
        ("1.234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("1 234,5", "1234.5"),
        ("1'234", "1234"),
        ("1,234,567", "1234567"),
        ("twelve", "twelve"),
    ],
)
def test_numbers_are_understood_in_the_ways_people_write_them(typed: str, kept: str) -> None:
    assert canonical(AMOUNT, typed) == kept


@pytest.mark.parametrize("typed", ["1,234", "1.234"])
def test_what_may_be_a_thousand_or_little_more_than_one_is_refused_not_guessed(typed: str) -> None:
    assert trouble_with(AMOUNT, canonical(AMOUNT, typed)) is FieldTrouble.NOT_AN_AMOUNT


def test_faults_name_the_fields_in_the_order_of_the_form() -> None:
    found = faults((NAME, AMOUNT, CHOICE), {"sum": "much", "damage": "hail"})
    assert found == (
        FieldFault("name", FieldTrouble.MISSING),
        FieldFault("sum", FieldTrouble.NOT_AN_AMOUNT),
    )


def test_a_code_asks_its_own_fields_after_those_of_the_campaign_each_once() -> None:
    own = Disposition("claim", "Claim", fields=(AMOUNT, NAME))
    campaign = Campaign(CampaignId("c"), "C", dispositions=(own,), fields=(NAME,))
    assert campaign.fields_for(()) == (NAME,)
    assert [f.name for f in campaign.fields_for(("claim",))] == ["name", "sum"]
