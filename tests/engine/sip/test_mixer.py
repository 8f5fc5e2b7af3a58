"""Who hears whom."""

from __future__ import annotations

from softphone.domain.ids import CallId
from softphone.engine.sip.mixer import DESK, Voice, no_longer, wanted_links

A, B, C = CallId("a"), CallId("b"), CallId("c")
NOBODY: frozenset[CallId] = frozenset()


def voice(call_id: CallId, *, flowing: bool = True, talking: bool = True, muted: bool = False) -> Voice:
    return Voice(call_id, flowing, talking, muted)


def test_a_call_and_the_agent_hear_each_other() -> None:
    assert wanted_links([voice(A)], NOBODY) == {(A, DESK), (DESK, A)}


def test_a_muted_microphone_goes_nowhere() -> None:
    assert wanted_links([voice(A, muted=True)], NOBODY) == {(A, DESK)}


def test_early_media_is_heard_but_nobody_hears_the_agent() -> None:
    assert wanted_links([voice(A, talking=False)], NOBODY) == {(A, DESK)}


def test_a_held_call_has_no_links() -> None:
    assert wanted_links([voice(A, flowing=False), voice(B)], NOBODY) == {(B, DESK), (DESK, B)}


def test_two_calls_outside_a_conference_do_not_hear_each_other() -> None:
    links = wanted_links([voice(A), voice(B)], NOBODY)
    assert (A, B) not in links
    assert (B, A) not in links


def test_members_of_a_conference_hear_each_other_even_when_the_agent_is_muted_for_one() -> None:
    links = wanted_links([voice(A, muted=True), voice(B), voice(C)], frozenset({A, B}))
    assert {(A, B), (B, A)} <= links
    assert (DESK, A) not in links
    assert not {(A, C), (C, A), (B, C), (C, B)} & links


def test_links_to_ends_that_are_gone_need_no_cutting() -> None:
    old = {(A, DESK), (DESK, A), (B, DESK)}
    assert no_longer(old, frozenset({(B, DESK)}), frozenset({DESK, B})) == []
    assert sorted(no_longer(old, frozenset(), frozenset({DESK, A}))) == [(A, DESK), (DESK, A)]
