"""Taking and making calls."""

from __future__ import annotations

import pytest

from softphone.domain.agent_state import AgentState
from softphone.domain.call import CallState, CallView, EndCause
from softphone.domain.errors import BadInput, Refused
from softphone.domain.events import CommandRefused, RefusalReason
from softphone.domain.ids import AccountId, CallId
from tests.fakes.world import INSURER, World


@pytest.fixture
def world() -> World:
    made = World()
    made.start()
    return made


def call(world: World, call_id: CallId) -> CallView:
    found = world.desk.calling.call(call_id)
    assert found is not None
    return found


def test_an_incoming_call_knows_its_campaign_and_queue(world: World) -> None:
    ringing = world.phone.ring(headers=(("X-Queue", "claims"),))
    world.run()
    seen = call(world, ringing)
    assert (seen.state, seen.queue, seen.campaign_id) == (CallState.INCOMING, "claims", INSURER.id)
    assert world.desk.calling.ringing() == seen


def test_answering_hangs_nobody_up_but_holds_the_first_call(world: World) -> None:
    first = world.phone.ring("one")
    world.run()
    world.desk.calling.answer(first)
    world.run()
    second = world.phone.ring("two")
    world.run()
    world.desk.calling.answer(second)
    world.run()
    assert call(world, first).local_hold
    assert call(world, second).state is CallState.ESTABLISHED
    current = world.desk.calling.current()
    assert current is not None
    assert current.id == second


def test_hanging_up_while_it_rings_there_cancels_the_call(world: World) -> None:
    placed = world.desk.calling.place_call("030 1234567", AccountId("work"))
    world.phone.progress(placed)
    world.run()
    assert call(world, placed).state is CallState.RINGING
    world.desk.calling.hang_up(placed)
    world.run()
    assert call(world, placed).end_cause is EndCause.CANCELLED


def test_a_caller_who_gives_up_at_the_moment_of_answering_is_no_error(world: World) -> None:
    ringing = world.phone.ring()
    world.run()
    world.phone.end(ringing, EndCause.ABANDONED)
    world.desk.calling.answer(ringing)
    world.run()
    assert call(world, ringing).end_cause is EndCause.ABANDONED
    assert world.desk.calling.calls == ()


def test_the_fifth_call_is_refused_before_it_is_dialled(world: World) -> None:
    for number in range(4):
        world.phone.ring(f"in-{number}")
    world.run()
    assert len(world.desk.calling.calls) == 4
    with pytest.raises(Refused, match="4 calls"):
        world.desk.calling.place_call("123", AccountId("work"))


@pytest.mark.parametrize("typed", ["", "nonsense", "sip:"])
def test_what_cannot_be_dialled_places_no_call(world: World, typed: str) -> None:
    with pytest.raises(BadInput):
        world.desk.calling.place_call(typed, AccountId("work"))
    assert world.phone.sent("place_call") == []


def test_without_a_registered_account_no_call_is_placed(world: World) -> None:
    with pytest.raises(Refused, match="no account"):
        world.desk.calling.place_call("123", None)


def test_a_call_that_the_engine_refuses_ends_with_a_reason(world: World) -> None:
    placed = world.desk.calling.place_call("123", AccountId("work"))
    world.post(CommandRefused("PlaceCall", RefusalReason.NOT_REGISTERED, placed))
    world.run()
    assert call(world, placed).end_cause is EndCause.REFUSED_HERE


def test_declining_and_being_busy_send_different_codes(world: World) -> None:
    one, two = world.phone.ring("one"), world.phone.ring("two")
    world.run()
    world.desk.calling.decline(one)
    world.desk.calling.busy(two)
    world.run()
    assert world.phone.sent("reject") == [("one", 603), ("two", 486)]
    assert call(world, one).end_cause is EndCause.REJECTED


def test_ignoring_silences_the_ringer_and_leaves_the_call_ringing(world: World) -> None:
    ringing = world.phone.ring()
    world.run()
    world.desk.calling.ignore(ringing)
    assert call(world, ringing).silenced
    assert call(world, ringing).state is CallState.INCOMING


def test_keypad_digits_are_checked_and_sent(world: World) -> None:
    ringing = world.phone.ring()
    world.run()
    world.desk.calling.answer(ringing)
    world.run()
    world.desk.calling.send_dtmf(ringing, "12a#")
    assert world.phone.sent("send_dtmf") == [(ringing, "12A#", None)]
    with pytest.raises(BadInput):
        world.desk.calling.send_dtmf(ringing, "12x")
    with pytest.raises(BadInput):
        world.desk.calling.send_dtmf(ringing, "1" * 33)


def test_blind_and_attended_transfer_end_our_part(world: World) -> None:
    one, two = world.phone.ring("one"), world.phone.ring("two")
    world.run()
    for ringing in (one, two):
        world.desk.calling.answer(ringing)
        world.run()
    world.desk.calling.transfer_to_call(one, two)
    world.run()
    assert call(world, one).end_cause is EndCause.TRANSFERRED
    assert call(world, two).end_cause is EndCause.TRANSFERRED
    third = world.phone.ring("three")
    world.run()
    world.desk.calling.answer(third)
    world.run()
    world.desk.calling.transfer(third, "7002")
    world.run()
    assert call(world, third).end_cause is EndCause.TRANSFERRED


def test_redial_dials_what_was_typed_last(world: World) -> None:
    world.desk.calling.place_call("(030) 1234567", AccountId("work"))
    world.desk.calling.redial(AccountId("work"))
    assert [target for _id, target in world.phone.sent("place_call")] == ["0301234567", "0301234567"]


def test_a_killed_engine_ends_its_calls_and_says_why(world: World) -> None:
    ringing = world.phone.ring()
    world.run()
    world.desk.calling.answer(ringing)
    world.run()
    world.phone.die()
    world.run()
    assert call(world, ringing).end_cause is EndCause.ENGINE_LOST
    assert world.desk.signing_in.registered


def test_a_new_desk_goes_on_with_the_call_that_the_engine_kept() -> None:
    first = World()
    first.start()
    ringing = first.phone.ring(headers=(("X-Queue", "claims"),))
    first.run()
    first.desk.calling.answer(ringing)
    first.run()
    second = World(telephone=first.phone, records=first.store)
    second.store.restart(second.post)
    second.start()
    assert call(second, ringing).state is CallState.ESTABLISHED
    assert call(second, ringing).campaign_id == INSURER.id
    assert second.desk.being_available.status.state is AgentState.ON_CALL


def test_an_anonymous_caller_rings_like_any_other(world: World) -> None:
    ringing = world.phone.ring(user="")
    world.run()
    assert call(world, ringing).party.user == ""
    assert world.crm.asked == []


@pytest.mark.parametrize(
    ("rang_s", "headers", "cause"),
    [
        (20, (("X-Queue", "claims"),), EndCause.MISSED),
        (5, (("X-Queue", "claims"),), EndCause.ABANDONED),
        (20, (), EndCause.ABANDONED),
    ],
)
def test_an_offer_of_a_queue_that_rang_unanswered_counts_as_missed(
    world: World, rang_s: int, headers: tuple[tuple[str, str], ...], cause: EndCause
) -> None:
    world.desk.being_available.choose_ready()
    ringing = world.phone.ring(headers=headers)
    world.run()
    world.clock.advance(rang_s)
    world.phone.end(ringing, EndCause.ABANDONED)
    world.run()
    assert call(world, ringing).end_cause is cause
    away = world.desk.being_available.status.state is AgentState.NOT_READY
    assert away is (cause is EndCause.MISSED)
