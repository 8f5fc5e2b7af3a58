"""When a wrap-up is complete."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from softphone.domain.campaign import Campaign, CodeAction, Disposition
from softphone.domain.form import FieldKind, FormField
from softphone.domain.ids import CallId, CampaignId
from softphone.domain.wrap_up import Draft, Problem, problems, toggled

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


def test_an_outcome_that_plans_a_callback_asks_for_its_time() -> None:
    planning = Disposition("later", "Later", actions=(CodeAction.CALLBACK,))
    campaign = replace(CAMPAIGN, dispositions=(planning,))
    assert Problem.CALLBACK_MISSING in problems(Draft(CallId("c"), code="later"), campaign, NOW)


def test_nobody_can_be_called_back_in_the_past() -> None:
    past = replace(DRAFT, code="done", callback_at=NOW - timedelta(minutes=1))
    assert problems(past, CAMPAIGN, NOW) == (Problem.CALLBACK_PAST,)


def test_one_outcome_too_many_is_named_not_dropped() -> None:
    two = replace(CAMPAIGN, max_codes=2)
    draft = DRAFT
    for code in ("done", "angry", "later"):
        draft = toggled(draft, code, two.max_codes)
    draft = replace(draft, notes="n", callback_at=NOW + timedelta(days=1))
    assert draft.codes == ("done", "angry", "later")
    assert problems(draft, two, NOW) == (Problem.TOO_MANY_CODES,)
    assert problems(toggled(draft, "done", 2), two, NOW) == ()


def test_where_one_outcome_is_allowed_it_takes_the_place_of_the_one_before() -> None:
    assert toggled(toggled(DRAFT, "done", 1), "angry", 1).codes == ("angry",)
    assert toggled(toggled(DRAFT, "done", 1), "", 1).codes == ()


def test_every_chosen_outcome_brings_its_demands() -> None:
    both = DRAFT.with_codes(("done", "angry"))
    assert problems(both, replace(CAMPAIGN, max_codes=2), NOW) == (Problem.NOTE_MISSING,)


def test_the_form_is_part_of_what_is_complete() -> None:
    asking = replace(CAMPAIGN, fields=(FormField("mark", "Mark", FieldKind.SCALE, required=True),))
    done = replace(DRAFT, code="done")
    assert problems(done, asking, NOW) == (Problem.FIELD_WRONG,)
    assert problems(done.with_answer("mark", "4"), asking, NOW) == ()
    assert done.with_answer("mark", "4").with_answer("mark", "").answers == ()
