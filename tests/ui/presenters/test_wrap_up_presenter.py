"""Notes and outcome: what is shown while they are typed, saved or refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from softphone.domain.campaign import AcwPolicy, CodeAction, Disposition
from softphone.domain.form import FieldFault, FieldKind, FieldTrouble, FormField
from softphone.domain.ids import CallId, CustomerId
from softphone.domain.store_trouble import StoreTrouble
from softphone.domain.wrap_up import Draft, Problem
from softphone.domain.wrap_up_events import WrapUpChanged
from softphone.ui.presenters.wording import Wording
from softphone.ui.presenters.wrap_up import WrapUpView, code_rows, matching_rows, present_wrap_up
from softphone.ui.theme.tokens import Tone
from tests.fakes.world import INSURER

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
STATE = WrapUpChanged(CallId("c"), Draft(CallId("c")))


def present(wording: Wording, state: WrapUpChanged, live: bool = False) -> WrapUpView:
    return present_wrap_up(wording, state, INSURER, live, NOW)


def test_saved_is_said_only_after_the_commit(wording: Wording) -> None:
    assert present(wording, replace(STATE, saving=True)).status == "Saving …"
    assert present(wording, replace(STATE, saved=True)).status == "Saved"


def test_saved_in_memory_is_not_called_saved(wording: Wording) -> None:
    view = present(wording, replace(STATE, saved=True, in_memory=True))
    assert view.status == "Kept in memory only; it is written to disk as soon as that works."
    assert view.status_tone is Tone.WARNING


def test_under_whom_the_crm_has_the_call_is_said_where_another_customer_is_attached(
    wording: Wording,
) -> None:
    draft = replace(STATE.draft, customer_id=CustomerId("c1"), customer_name="Anna Ek", code="solved")
    view = present(wording, replace(STATE, draft=draft, stays=True))
    assert (
        view.status == "The CRM has this call under Anna Ek; it stays there. Complete. Ctrl+Enter saves it."
    )
    assert view.status_tone is Tone.WARNING
    nobody = present(wording, replace(STATE, stays=True))
    assert nobody.status.startswith("The CRM has this call without a customer; it stays so.")
    assert present(wording, replace(STATE, draft=draft, stays=True, saved=True)).status == "Saved"


def test_nothing_can_be_saved_while_the_call_runs_but_everything_prepared(wording: Wording) -> None:
    view = present(wording, STATE, live=True)
    assert (view.can_save, view.can_edit) == (False, True)


def test_what_is_missing_is_named_the_outcome_first(wording: Wording) -> None:
    state = replace(STATE, problems=(Problem.NOTE_MISSING, Problem.CODE_MISSING))
    assert present(wording, state).status == "Choose an outcome."


def test_a_failed_save_says_that_nothing_typed_is_lost(wording: Wording) -> None:
    view = present(wording, replace(STATE, trouble=StoreTrouble.DISK_FULL))
    assert view.status == "Not saved. The disk is full; nothing can be saved. Your entries stay here."
    assert view.can_save


def test_the_time_limit_counts_down_and_hurries_at_its_end(wording: Wording) -> None:
    late = present(wording, replace(STATE, deadline=NOW + timedelta(seconds=90)))
    assert (late.timer, late.hurry, late.extendable) == ("1:30", False, True)
    assert present(wording, replace(STATE, deadline=NOW + timedelta(seconds=10))).hurry


def test_the_tree_is_listed_with_folders_and_what_each_outcome_needs(wording: Wording) -> None:
    rows = code_rows(wording, INSURER.dispositions)
    assert [(r.code, r.label, r.depth, r.hint) for r in rows] == [
        ("solved", "Solved", 0, ""),
        ("", "Follow-up", 0, ""),
        ("callback", "Call back", 1, "with callback"),
        ("complaint", "Complaint", 1, "with note"),
    ]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("so", ["solved"]),
        ("call", ["callback"]),
        ("back", ["callback"]),
        ("follow com", ["complaint"]),
        ("COMPL", ["complaint"]),
        ("zzz", []),
    ],
)
def test_a_few_letters_find_an_outcome(wording: Wording, typed: str, found: list[str]) -> None:
    rows = code_rows(wording, INSURER.dispositions)
    assert [row.code for row in matching_rows(rows, typed)] == found


def test_the_label_that_begins_with_what_is_typed_comes_first(wording: Wording) -> None:
    rows = code_rows(wording, INSURER.dispositions)
    assert [r.code for r in matching_rows(rows, "c")] == ["callback", "complaint"]


DEMANDING = replace(
    INSURER,
    max_codes=2,
    dispositions=(
        Disposition(
            "claim",
            "Claim",
            actions=(CodeAction.DO_NOT_CALL, CodeAction.CLOSE_CASE),
            fields=(FormField("mark", "Mark", FieldKind.SCALE, required=True, maximum=3),),
        ),
        Disposition("wrong", "Wrong number"),
    ),
)


def test_what_an_outcome_sets_off_is_said_beside_it(wording: Wording) -> None:
    (claim, _wrong) = code_rows(wording, DEMANDING.dispositions)
    assert claim.hint == "number is never called again · has the case closed in the CRM"


def test_favourites_stand_first_and_are_found_once(wording: Wording) -> None:
    view = present_wrap_up(wording, STATE, DEMANDING, False, NOW, ("wrong",))
    assert [(r.code, r.often) for r in view.codes] == [("wrong", True), ("claim", False), ("wrong", False)]
    assert [r.code for r in matching_rows(view.codes, "wrong")] == ["wrong"]


def test_several_outcomes_are_shown_together_and_marked(wording: Wording) -> None:
    state = replace(STATE, draft=STATE.draft.with_codes(("claim", "wrong")))
    view = present_wrap_up(wording, state, DEMANDING, False, NOW)
    assert view.code_label == "Claim + Wrong number"
    assert [r.chosen for r in view.codes] == [True, True]


def test_the_form_of_the_chosen_outcome_is_asked_and_its_fault_named(wording: Wording) -> None:
    fault = FieldFault("mark", FieldTrouble.MISSING)
    draft = STATE.draft.with_codes(("claim",))
    state = replace(STATE, draft=draft, problems=(Problem.FIELD_WRONG,), field_faults=(fault,))
    view = present_wrap_up(wording, state, DEMANDING, False, NOW)
    (row,) = view.form
    assert (row.label, row.trouble) == ("Mark *", "")
    assert row.choices == (("1", "1"), ("2", "2"), ("3", "3"))
    assert view.status == "Mark: An answer is needed."


def test_an_answer_that_does_not_count_says_so_at_the_field(wording: Wording) -> None:
    draft = STATE.draft.with_codes(("claim",)).with_answer("mark", "9")
    state = replace(STATE, draft=draft, field_faults=(FieldFault("mark", FieldTrouble.TOO_LARGE),))
    (row,) = present_wrap_up(wording, state, DEMANDING, False, NOW).form
    assert row.trouble == "This is more than allowed."


def test_fixed_after_call_work_cannot_be_extended(wording: Wording) -> None:
    fixed = replace(INSURER, acw=AcwPolicy.TIMED_FIXED, acw_limit_s=30)
    state = replace(STATE, deadline=NOW + timedelta(seconds=30))
    view = present_wrap_up(wording, state, fixed, False, NOW)
    assert (view.timer, view.extendable) == ("0:30", False)


def test_after_call_work_can_be_asked_for_during_the_call_where_it_comes_on_request(wording: Wording) -> None:
    asking = replace(INSURER, acw=AcwPolicy.ON_REQUEST)
    state = replace(STATE, requested=True)
    live = present_wrap_up(wording, state, asking, True, NOW)
    assert (live.work_on_request, live.work_requested) == (True, True)
    assert not present_wrap_up(wording, state, asking, False, NOW).work_on_request
    assert not present(wording, STATE, live=True).work_on_request
