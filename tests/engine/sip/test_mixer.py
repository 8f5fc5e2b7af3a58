"""Who hears whom."""

from __future__ import annotations

import itertools

from softphone.domain.ids import CallId
from softphone.domain.supervision import SupervisionMode
from softphone.engine.sip.mixer import DESK, LeadVoice, Voice, no_longer, wanted_links

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


def test_music_of_whoever_holds_us_is_heard_by_us_alone() -> None:
    held = Voice(A, flowing=False, talking=True, muted=False, entertained=True)
    links = wanted_links([held, voice(B), voice(C)], frozenset({A, B, C}))
    assert (A, DESK) in links
    assert not {(A, B), (A, C), (DESK, A), (B, A)} & links


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


# --- leads -------------------------------------------------------------------------------------------------

L, M = CallId("lead"), CallId("second lead")
LISTEN, WHISPER, BARGE, TAKE_OVER = SupervisionMode


def heard_with(mode: SupervisionMode, *voices: Voice) -> frozenset[tuple[str, str]]:
    return wanted_links(voices or (voice(A),), NOBODY, [LeadVoice(L, True, mode)])


def test_a_listening_lead_sends_nothing_anywhere() -> None:
    assert heard_with(LISTEN) == {(A, DESK), (DESK, A), (A, L), (DESK, L)}


def test_a_whisper_goes_to_the_agent_alone() -> None:
    assert heard_with(WHISPER) == heard_with(LISTEN) | {(L, DESK)}


def test_barging_in_goes_to_both() -> None:
    assert heard_with(BARGE) == heard_with(WHISPER) | {(L, A)}


def test_taking_over_leaves_the_agent_out() -> None:
    assert heard_with(TAKE_OVER) == {(A, L), (L, A)}


def test_a_lead_without_sound_takes_nothing_over() -> None:
    silent = [LeadVoice(L, False, TAKE_OVER)]
    assert wanted_links([voice(A)], NOBODY, silent) == {(A, DESK), (DESK, A)}


def test_on_hold_the_customer_hears_no_lead_in_any_mode() -> None:
    for mode in SupervisionMode:
        assert not any(A in link for link in heard_with(mode, voice(A, flowing=False)))


def test_early_media_and_ringing_calls_are_not_supervised() -> None:
    assert (A, L) not in heard_with(BARGE, voice(A, talking=False))
    assert (L, A) not in heard_with(BARGE, voice(A, talking=False))


def test_an_agent_who_is_muted_is_not_heard_by_the_lead_either() -> None:
    assert (DESK, L) not in heard_with(LISTEN, voice(A, muted=True))
    assert (DESK, L) in heard_with(LISTEN, voice(A, muted=True), voice(B))


def test_in_a_conference_the_barging_lead_is_heard_by_all() -> None:
    links = wanted_links([voice(A), voice(B)], frozenset({A, B}), [LeadVoice(L, True, BARGE)])
    assert {(L, A), (L, B), (A, L), (B, L), (A, B), (B, A)} <= links


def test_two_leads_whisper_to_the_agent_alone_and_barge_for_all() -> None:
    leads = [LeadVoice(L, True, WHISPER), LeadVoice(M, True, LISTEN)]
    links = wanted_links([voice(A)], NOBODY, leads)
    assert (L, M) not in links
    leads = [LeadVoice(L, True, BARGE), LeadVoice(M, True, LISTEN)]
    links = wanted_links([voice(A)], NOBODY, leads)
    assert ((L, M) in links, (M, L) in links, (M, A) in links) == (True, False, False)


def test_no_combination_of_modes_lets_the_customer_hear_who_must_not_be_heard() -> None:
    quiet = (LISTEN, WHISPER)
    for first, second, muted in itertools.product(SupervisionMode, SupervisionMode, (True, False)):
        leads = [LeadVoice(L, True, first), LeadVoice(M, True, second)]
        links = wanted_links([voice(A, muted=muted)], NOBODY, leads)
        assert ((L, A) in links) is (first not in quiet)
        assert ((M, A) in links) is (second not in quiet)
        # nor by a detour: nothing but microphone, customer and leads themselves feeds the customer
        assert {source for source, sink in links if sink == A} <= {DESK, L, M}
