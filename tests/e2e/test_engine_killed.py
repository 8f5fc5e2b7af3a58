"""SIGKILL for the engine at every step of a call: another one registers, nothing typed is lost."""

from __future__ import annotations

import os
import signal
import time

from softphone.demo.pbx.news import NewsKind
from softphone.demo.world import DemoWorld
from softphone.domain.account import RegistrationState
from softphone.domain.call import CallState, EndCause
from softphone.domain.events import EngineAttached, EngineLost, RegistrationChanged
from softphone.domain.ids import CallId
from tests.e2e.headless import HeadlessDesk

MERIDIAN = (("X-Queue", "meridian-claims"),)
HARRIET = "+442079460018"


def kill_engine(at_the_desk: HeadlessDesk) -> float:
    """SIGKILL; return once it is registered again, with the seconds that this took (to be measured)."""
    pid = [e.pid for e in at_the_desk.seen if isinstance(e, EngineAttached)][-1]
    before = len(at_the_desk.seen)
    killed_at = time.monotonic()
    os.kill(pid, signal.SIGKILL)

    def back() -> bool:
        news = at_the_desk.seen[before:]
        lost = any(isinstance(e, EngineLost) for e in news)
        return lost and any(
            isinstance(e, RegistrationChanged) and e.registration.state is RegistrationState.REGISTERED
            for e in news
        )

    at_the_desk.until(back, "registered again")
    return time.monotonic() - killed_at


def end_cause(at_the_desk: HeadlessDesk, call_id: CallId) -> EndCause | None:
    call = at_the_desk.desk.calling.call(call_id)
    return call.end_cause if call else None


def test_killed_while_it_rings_the_call_is_lost_visibly_and_the_next_one_rings(
    world: DemoWorld, at_the_desk: HeadlessDesk
) -> None:
    world.ring(HARRIET, headers=MERIDIAN)
    lost = at_the_desk.ringing()
    kill_engine(at_the_desk)
    assert end_cause(at_the_desk, lost.id) is EndCause.ENGINE_LOST
    world.ring(HARRIET, headers=MERIDIAN)
    assert at_the_desk.ringing().id != lost.id


def test_killed_in_a_call_the_wrap_up_has_all_that_was_typed(
    world: DemoWorld, at_the_desk: HeadlessDesk
) -> None:
    desk = at_the_desk.desk
    world.ring(HARRIET, headers=MERIDIAN)
    call = at_the_desk.ringing()
    desk.calling.answer(call.id)
    at_the_desk.until(lambda: desk.calling.current() is not None, "talking")
    desk.wrapping_up.type_notes(call.id, "typed before it died")
    kill_engine(at_the_desk)
    assert end_cause(at_the_desk, call.id) is EndCause.ENGINE_LOST
    assert desk.wrapping_up.open_calls == (call.id,)
    desk.wrapping_up.choose_code(call.id, "claim_opened")
    assert desk.wrapping_up.save(call.id)
    at_the_desk.until(lambda: world.crm.records.calls, "delivered")
    assert world.crm.records.calls[0].body["notes"] == "typed before it died"


def test_killed_during_the_wrap_up_the_agent_notices_nothing_but_a_word(
    world: DemoWorld, at_the_desk: HeadlessDesk
) -> None:
    desk = at_the_desk.desk
    caller = world.ring(HARRIET, headers=MERIDIAN)
    call = at_the_desk.ringing()
    desk.calling.answer(call.id)
    at_the_desk.until(lambda: desk.calling.current() is not None, "talking")
    caller.hang_up()
    at_the_desk.until(lambda: desk.wrapping_up.open_calls, "after-call work")
    kill_engine(at_the_desk)
    assert desk.wrapping_up.open_calls == (call.id,)
    assert end_cause(at_the_desk, call.id) is EndCause.NORMAL


def test_killed_while_dialling_the_call_ends_and_redialling_works(
    world: DemoWorld, at_the_desk: HeadlessDesk
) -> None:
    desk = at_the_desk.desk
    placed = desk.calling.place_call("602", desk.signing_in.first_registered())
    at_the_desk.until(lambda: desk.calling.calls[0].state is CallState.RINGING, "it rings there")
    kill_engine(at_the_desk)
    assert end_cause(at_the_desk, placed) is EndCause.ENGINE_LOST
    again = desk.calling.redial(desk.signing_in.first_registered())
    at_the_desk.until(lambda: desk.calling.calls[0].state is CallState.RINGING, "it rings there again")
    desk.calling.hang_up(again)
    world.journal.wait_for(NewsKind.ENDED.value, number="602", by_phone=True, timeout_s=10)
