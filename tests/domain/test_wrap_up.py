"""When a wrap-up is complete."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from softphone.domain.campaign import Campaign, Disposition
from softphone.domain.ids import CallId, CampaignId
from softphone.domain.wrap_up import Draft, Problem, problems

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
CAMPAIGN = Campaign(
    CampaignId("c"),
    "C",
    dispositions=(
        Disposition("done", "Done"),
        Disposition("later", "Later", needs_callback=True),
        Disposition("angry", "Angry", needs_note=True),
    ),
)
DRAFT = Draft(CallId("1"))


def test_a_required_code_must_be_chosen() -> None:
    assert problems(DRAFT, CAMPAIGN, NOW) == (Problem.CODE_MISSING,)
    assert problems(replace(DRAFT, code="done"), CAMPAIGN, NOW) == ()
    assert problems(DRAFT, replace(CAMPAIGN, code_required=False), NOW) == ()


def test_a_campaign_without_codes_asks_for_none() -> None:
    assert problems(DRAFT, replace(CAMPAIGN, dispositions=()), NOW) == ()


def test_codes_of_another_campaign_are_refused() -> None:
    assert problems(replace(DRAFT, code="nope"), CAMPAIGN, NOW) == (Problem.CODE_UNKNOWN,)


def test_notes_and_callback_are_asked_for_where_the_code_says_so() -> None:
    assert problems(replace(DRAFT, code="angry", notes="  "), CAMPAIGN, NOW) == (Problem.NOTE_MISSING,)
    assert problems(replace(DRAFT, code="later"), CAMPAIGN, NOW) == (Problem.CALLBACK_MISSING,)
    tomorrow = NOW + timedelta(days=1)
    assert problems(replace(DRAFT, code="later", callback_at=tomorrow), CAMPAIGN, NOW) == ()


def test_nobody_can_be_called_back_in_the_past() -> None:
    past = replace(DRAFT, code="done", callback_at=NOW - timedelta(minutes=1))
    assert problems(past, CAMPAIGN, NOW) == (Problem.CALLBACK_PAST,)
