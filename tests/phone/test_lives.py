"""Deaths: of the engine, of the desk, and what survives them."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from softphone.domain.audio import AudioChoice
from softphone.domain.call import CallState, EndCause
from softphone.domain.events import (
    CallArrived,
    CallEnded,
    CommandRefused,
    EngineAttached,
    EngineLost,
    Event,
)
from softphone.domain.settings import CallSettings
from softphone.phone.telephone import EngineTelephone
from tests.peers.asterisk import Asterisk
from tests.peers.waiting import wait_for
from tests.phone.handset import SILENT, Handset


@pytest.fixture
def successor(handset: Handset) -> Iterator[Handset]:
    """A second desk for the same engine, not started yet."""
    other = Handset(handset.folder)
    yield other
    other.close()  # which ends the engine; the handset's own end waits for that


def test_a_killed_engine_is_back_and_registered_within_two_seconds(
    asterisk: Asterisk, tmp_path: Path
) -> None:
    handset = Handset(tmp_path)
    began = time.monotonic()
    handset.start()
    handset.sign_in(asterisk)
    handset.expect_registered()
    first_start_s = time.monotonic() - began
    before = handset.kill_engine()
    died = time.monotonic()
    handset.expect(EngineLost)
    attached = handset.expect(EngineAttached)
    handset.expect_registered()
    took_s = time.monotonic() - died
    assert attached.restarted
    assert attached.pid != before
    # on a computer that is busy with other tests, no longer than two ordinary starts
    assert took_s < max(2.0, 2 * first_start_s)
    assert len(asterisk.contacts("7001")) == 1  # the dead engine's contact is gone
    asterisk.customer_calls("7001")
    handset.answer_next()
    handset.close()


def test_an_engine_killed_while_it_rings_comes_back_without_the_call(
    asterisk: Asterisk, handset: Handset
) -> None:
    asterisk.customer_calls("7001")
    handset.expect(CallArrived)
    handset.kill_engine()
    handset.expect(EngineLost)
    assert handset.expect(EngineAttached).calls == ()
    handset.expect_registered()


def test_an_engine_killed_in_a_call_comes_back_and_can_call(handset: Handset) -> None:
    handset.call_and_talk("600")
    handset.kill_engine()
    handset.expect(EngineLost)
    handset.expect_registered()
    handset.call_and_talk("600")


def test_an_engine_that_hangs_is_replaced(handset: Handset) -> None:
    os.kill(handset.engine_pid, signal.SIGSTOP)
    assert "hangs" in handset.expect(EngineLost, timeout_s=25).detail
    handset.expect_registered()


def test_a_new_desk_replaces_an_engine_that_hung_before_it_came(
    asterisk: Asterisk, handset: Handset, successor: Handset
) -> None:
    os.kill(handset.engine_pid, signal.SIGSTOP)
    handset.abandon()
    assert handset._orphan is not None
    successor.telephone.start(CallSettings(), SILENT)
    assert handset._orphan.wait(25) == -signal.SIGKILL
    assert "hangs" in successor.expect(EngineLost, timeout_s=25).detail
    successor.expect(EngineAttached)
    successor.sign_in(asterisk)
    successor.expect_registered()
    handset._orphan = None  # so its exit code is no fault


def test_orders_without_an_engine_are_refused_and_not_kept(handset: Handset) -> None:
    handset.kill_engine()
    handset.expect(EngineLost)
    handset.call("600")
    refused = handset.expect(CommandRefused)
    assert refused.command == "PlaceCall"
    handset.expect_registered()
    assert not handset.heard(CallEnded)


def test_a_new_desk_finds_the_call_of_the_one_that_died(handset: Handset, successor: Handset) -> None:
    call_id = handset.call_and_talk("600")
    pid = handset.engine_pid
    handset.abandon()
    attached = successor.start()
    assert attached.pid == pid
    assert not attached.restarted
    (call,) = attached.calls
    assert (call.id, call.state, call.party.user) == (call_id, CallState.ESTABLISHED, "600")
    assert attached.registrations[0].state == "registered"
    successor.telephone.hang_up(call_id)
    assert successor.expect(CallEnded).cause is EndCause.NORMAL


def test_a_call_that_ended_without_a_desk_is_told_to_the_next(
    asterisk: Asterisk, handset: Handset, successor: Handset
) -> None:
    customer = asterisk.customer_calls("7001", number="+4930777")
    call_id = handset.answer_next()
    handset.abandon()
    customer.hang_up()
    log = handset.folder / "logs" / "engine.log"
    wait_for(lambda: "call_ended" in log.read_text(encoding="utf-8"), "the engine sees the call's end")
    (call,) = successor.start().calls
    assert (call.id, call.state, call.end_cause) == (call_id, CallState.TERMINATED, EndCause.NORMAL)
    assert call.ended_at is not None
    assert call.party.user == "+4930777"


def test_signing_in_again_after_attaching_keeps_the_registration_and_the_call(
    asterisk: Asterisk, handset: Handset, successor: Handset
) -> None:
    call_id = handset.call_and_talk("600")
    handset.abandon()
    successor.start()
    successor.sign_in(asterisk)
    successor.expect_registered()
    successor.telephone.hang_up(call_id)
    assert successor.expect(CallEnded).call_id == call_id


def test_a_call_that_arrives_without_a_desk_rings_on_until_one_comes(
    asterisk: Asterisk, handset: Handset, successor: Handset
) -> None:
    handset.abandon()
    asterisk.customer_calls("7001")
    asterisk.wait_channel("7001", "Ringing")
    (call,) = successor.start().calls
    assert call.state is CallState.INCOMING
    successor.telephone.answer(call.id)
    wait_for(lambda: asterisk.wait_channel("7001"), "answered")


def test_an_engine_alone_without_calls_unregisters_and_ends(asterisk: Asterisk, tmp_path: Path) -> None:
    handset = Handset(tmp_path)
    handset.start()
    handset.sign_in(asterisk)
    handset.expect_registered()
    handset.abandon()
    handset.close()
    assert asterisk.contacts("7001") == []


def test_an_engine_that_cannot_start_is_reported_and_tried_again(tmp_path: Path) -> None:
    heard: list[Event] = []
    command = (sys.executable, "-c", "raise SystemExit(3)")
    telephone = EngineTelephone(heard.append, tmp_path, command)
    telephone.start(CallSettings(), AudioChoice())
    wait_for(lambda: len([e for e in heard if isinstance(e, EngineLost)]) >= 2, "two reports")
    assert not [e for e in heard if isinstance(e, EngineAttached)]
    telephone.shut_down()


def test_registering_calling_and_quitting_many_times_never_ends_in_a_crash(
    asterisk: Asterisk, tmp_path: Path
) -> None:
    for number in range(12):
        handset = Handset(tmp_path / str(number))
        handset.start(SILENT)
        handset.sign_in(asterisk)
        handset.expect_registered()
        call_id = handset.call_and_talk("600")
        if number % 3 == 0:
            handset.telephone.hang_up(call_id)
            handset.expect(CallEnded)
        elif number % 3 == 1:
            asterisk.customer_calls("7001")
            handset.expect(CallArrived)
        handset.close()


WITHOUT_A_BORDER_ONCE = """
import sys
from pathlib import Path

from softphone.engine.__main__ import main
from softphone.engine.edge.edge import Edge

marker = Path(sys.argv[1])

def start(_self):
    raise TimeoutError("the edge did not start")

if not marker.exists():
    marker.touch()
    Edge.start = start
sys.exit(main(sys.argv[2:]))
"""


def test_an_engine_that_cannot_telephone_ends_and_the_next_one_registers(
    asterisk: Asterisk, tmp_path: Path
) -> None:
    command = (sys.executable, "-c", WITHOUT_A_BORDER_ONCE, str(tmp_path / "marker"))
    handset = Handset(tmp_path / "state", command=command)
    handset.start()
    handset.sign_in(asterisk)
    assert handset.expect(EngineLost).detail == "ended with code 3"
    handset.expect_registered()
    handset.telephone.shut_down()


SLOW_TO_LOAD = """
import sys, time

time.sleep(1.5)
from softphone.engine.__main__ import main
sys.exit(main(sys.argv[1:]))
"""


def test_an_engine_that_is_slow_to_load_gets_more_time_at_the_next_attempt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("softphone.phone.supervisor.START_LIMIT_S", 1.0)
    handset = Handset(tmp_path, command=(sys.executable, "-c", SLOW_TO_LOAD))
    handset.telephone.start(CallSettings(), SILENT)
    assert handset.expect(EngineLost).detail.startswith("cannot start")
    handset.expect(EngineAttached, timeout_s=30)
    handset.close()
