"""Scripts: steps, branches, merged fields; and every mistake of a script with its place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softphone.domain.form import FormField
from softphone.domain.script import (
    END,
    UNKNOWN,
    ScriptAnswer,
    ScriptStep,
    after,
    current,
    flaw_in,
    merged,
    stored_names,
    visited,
)

STORM = ScriptAnswer("Storm", next="when")
OTHER = ScriptAnswer("Something else", next="bye", value="other")
SCRIPT = (
    ScriptStep("hello", "Good morning, {customer.name}.", (STORM, OTHER, ScriptAnswer("Nothing"))),
    ScriptStep("check", "Let me check."),
    ScriptStep("when", "When was it?", ask=FormField("day", "Day"), next="bye"),
    ScriptStep("bye", "Good bye."),
)


def test_answers_branch_and_what_names_no_step_goes_to_the_next() -> None:
    assert after(SCRIPT, SCRIPT[0], STORM) == "when"
    assert after(SCRIPT, SCRIPT[0], SCRIPT[0].answers[2]) == "check"
    assert after(SCRIPT, SCRIPT[2]) == "bye"
    assert after(SCRIPT, SCRIPT[3]) == END


def test_a_trail_tells_where_the_script_stands_and_what_it_has_asked() -> None:
    assert current(SCRIPT, ()) == SCRIPT[0]
    assert current(SCRIPT, ("when",)) == SCRIPT[2]
    assert current(SCRIPT, ("when", END)) is None
    assert current(SCRIPT, ("gone",)) == SCRIPT[0]  # the script was changed meanwhile
    assert visited(SCRIPT, ("when", END)) == (SCRIPT[0], SCRIPT[2])
    assert stored_names(SCRIPT, ("when",)) == {"hello", "day"}
    assert stored_names((), ()) == frozenset()


def test_placeholders_are_filled_with_plain_text_once() -> None:
    facts = {"customer.name": "{agent.name} <b>", "customer.Policy no.": "12"}
    assert merged("{customer.name}: {customer.Policy no.}", facts) == "{agent.name} <b>: 12"


def test_what_is_not_known_is_a_gap_or_the_scripts_own_words() -> None:
    assert merged("Dear {customer.name|customer}, {customer.city}", {}) == f"Dear customer, {UNKNOWN}"
    assert merged("Dear {customer.name|}!", {}) == "Dear !"


@given(st.text(max_size=300), st.text(max_size=50))
def test_no_text_breaks_the_merging(text: str, value: str) -> None:
    assert isinstance(merged(text, {"customer.name": value}), str)


def step(name: str, **changes: object) -> ScriptStep:
    return ScriptStep(name, **{"say": "words", **changes})  # type: ignore[arg-type]  # by name


@pytest.mark.parametrize(
    ("script", "path", "words"),
    [
        ((step("a b"),), (0, "name"), "only letters"),
        ((step("end"),), (0, "name"), "not 'end'"),
        ((step("a"), step("a")), (1, "name"), "twice"),
        ((step("a", say=" "),), (0,), "neither says nor asks"),
        ((step("a", next="b"),), (0, "next"), "there is no step 'b'; known are a, end"),
        ((step("a", answers=(ScriptAnswer("x", next="z"),)),), (0, "answers", 0, "next"), "no step 'z'"),
        ((step("a", answers=(ScriptAnswer(" "),)),), (0, "answers", 0, "label"), "is empty"),
        ((step("a", answers=(STORM,), ask=FormField("f", "F")), step("when")), (0, "ask"), "not both"),
        ((step("a", next="a"),), (0, "next"), "circle"),
        ((step("a"), step("b", next="a")), (1, "next"), "circle"),
        (
            (step("a", next="c"), step("b"), step("c", answers=(ScriptAnswer("x", next="b"),))),
            (2, "answers", 0, "next"),
            "circle",
        ),
        ((step("a", say="{caller.name}"),), (0, "say"), "begins with customer"),
        ((step("a", say="{call.colour}"),), (0, "say"), "call has only number, queue"),
        ((step("a", say="a { b"),), (0, "say"), "a brace"),
    ],
)
def test_a_mistake_is_found_with_its_place(
    script: tuple[ScriptStep, ...], path: tuple[str | int, ...], words: str
) -> None:
    flaw = flaw_in(script)
    assert flaw is not None
    assert flaw.path == path
    assert words in flaw.problem


def test_a_good_script_has_no_mistake() -> None:
    assert flaw_in(SCRIPT) is None
    assert flaw_in(()) is None
