"""SIGKILL for the desk between any two steps: nothing typed is lost, each outcome is delivered once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from softphone.composition import Profile
from softphone.demo.crm_faults import Asked, Fault
from softphone.demo.crm_records import LoggedCall
from softphone.demo.pbx.news import CallState
from softphone.demo.profile import DemoProfile, to_line
from softphone.demo.world import DemoWorld, RemoteCall
from softphone.domain.errors import SoftphoneError
from softphone.system.control_client import ControlClient
from softphone.system.folders import folders
from tests.e2e.headless import profile_in
from tests.peers.waiting import wait_for

MERIDIAN = (("X-Queue", "meridian-claims"),)
HARRIET = "+442079460018"
WAIT_S = 30.0


class Lives:
    """One profile's desk, as often as it is killed and started again. The engine lives on by itself."""

    def __init__(self, folder: Path, profile: Profile) -> None:
        self._folder = folder
        self._line = to_line(DemoProfile(profile.settings, profile.secrets))
        self._process: subprocess.Popen[bytes] | None = None
        self._client: ControlClient | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "softphone", "--profile-stdin", "--config-dir", str(self._folder)]
        log = self._folder.with_suffix(".log").open("ab")
        with log:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
            )
        assert self._process.stdin is not None
        self._process.stdin.write(self._line)
        self._process.stdin.close()
        self._client = wait_for(self._connected, "the control socket", timeout_s=WAIT_S)

    def kill(self) -> None:
        assert self._process is not None
        assert self._client is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(10)
        self._client.close()

    def quit(self) -> None:
        assert self._process is not None
        assert self._client is not None
        self.ask("quit")
        self._client.close()
        assert self._process.wait(20) == 0

    def ask(self, command: str, **fields: object) -> dict[str, Any]:
        assert self._client is not None
        return self._client.ask({"command": command, **fields}, WAIT_S)

    def status(self) -> dict[str, Any]:
        found = self.ask("status")["status"]
        assert isinstance(found, dict)
        return found

    def until(self, holds: Callable[[dict[str, Any]], object], what: str) -> dict[str, Any]:
        """The status once `holds` is true of it."""

        def found() -> dict[str, Any] | None:
            status = self.status()
            return status if holds(status) else None

        return wait_for(found, what, timeout_s=WAIT_S)

    def _connected(self) -> ControlClient | None:
        try:
            return ControlClient(folders(self._folder).data)
        except SoftphoneError:
            return None


@pytest.fixture
def lives(world: DemoWorld, tmp_path: Path) -> Iterator[Lives]:
    made = Lives(tmp_path / "profile", profile_in(world))
    made.start()
    made.until(lambda s: s["agent"]["registered"], "registered")
    yield made
    made.quit()


def ringing(world: DemoWorld, lives: Lives) -> RemoteCall:
    caller = world.ring(HARRIET, headers=MERIDIAN)
    lives.until(lambda s: s["calls"], "a call rings")
    return caller


def delivered(world: DemoWorld) -> LoggedCall:
    """The one record that arrived in the CRM."""
    wait_for(lambda: world.crm.records.calls, "the outcome in the CRM", timeout_s=WAIT_S)
    (only,) = world.crm.records.calls
    return only


def start_again(lives: Lives) -> None:
    lives.kill()
    lives.start()
    lives.until(lambda s: s["agent"]["registered"], "registered again")


def test_killed_while_it_rings_the_call_rings_on_and_the_next_desk_answers_it(
    world: DemoWorld, lives: Lives
) -> None:
    caller = ringing(world, lives)
    start_again(lives)
    lives.until(lambda s: s["calls"], "the call is still there")
    assert lives.ask("answer")["ok"]
    wait_for(lambda: caller.state is CallState.ESTABLISHED, "the caller is answered")
    assert lives.ask("hangup")["ok"]
    assert lives.ask("wrap-up", code="claim_status", note="")["ok"]
    assert delivered(world).body["disposition"] == "claim_status"


def test_killed_in_a_call_the_call_goes_on_and_is_wrapped_up_with_all_that_was_typed(
    world: DemoWorld, lives: Lives
) -> None:
    caller = ringing(world, lives)
    assert lives.ask("answer")["ok"]
    assert lives.ask("wrap-up", note="typed before the kill", save=False)["ok"]
    start_again(lives)
    lives.until(lambda s: s["calls"], "the call is still there")
    assert caller.state is CallState.ESTABLISHED
    caller.hang_up()
    lives.until(lambda s: s["wrap_ups"], "after-call work")
    assert lives.ask("wrap-up", code="claim_opened")["ok"]
    assert delivered(world).body["notes"] == "typed before the kill"


def test_killed_in_after_call_work_the_half_written_wrap_up_is_offered_again(
    world: DemoWorld, lives: Lives
) -> None:
    caller = ringing(world, lives)
    assert lives.ask("answer")["ok"]
    caller.hang_up()
    lives.until(lambda s: s["wrap_ups"], "after-call work")
    assert lives.ask("wrap-up", note="half a sentence", save=False)["ok"]
    start_again(lives)
    lives.until(lambda s: s["wrap_ups"], "the wrap-up is offered again")
    assert lives.ask("wrap-up", code="claim_opened")["ok"]
    assert delivered(world).body["notes"] == "half a sentence"


def test_a_call_that_ended_while_no_desk_was_there_is_wrapped_up_by_the_next_one(
    world: DemoWorld, lives: Lives
) -> None:
    caller = ringing(world, lives)
    assert lives.ask("answer")["ok"]
    lives.kill()
    caller.hang_up()
    wait_for(lambda: caller.state is CallState.ENDED, "the call is over")
    lives.start()
    lives.until(lambda s: s["wrap_ups"], "the wrap-up is offered")
    assert lives.ask("wrap-up", code="claim_status")["ok"]
    delivered(world)


def test_killed_with_the_crm_down_the_outcome_arrives_once_when_it_is_back(
    world: DemoWorld, lives: Lives
) -> None:
    caller = ringing(world, lives)
    assert lives.ask("answer")["ok"]
    caller.hang_up()
    lives.until(lambda s: s["wrap_ups"], "after-call work")
    world.crm.faults.add(Fault(status=503, times=1000))
    assert lives.ask("wrap-up", code="claim_status")["ok"]
    start_again(lives)
    assert world.crm.records.calls == []
    world.crm.faults.clear()
    delivered(world)
    start_again(lives)
    lives.until(lambda s: s["outbox"]["waiting"] == 0, "nothing waits")
    assert len(world.crm.records.calls) == 1


def test_killed_after_the_crm_wrote_but_before_it_answered_makes_no_second_record(
    world: DemoWorld, lives: Lives
) -> None:
    caller = ringing(world, lives)
    assert lives.ask("answer")["ok"]
    caller.hang_up()
    lives.until(lambda s: s["wrap_ups"], "after-call work")
    world.crm.faults.add(Fault(Asked.LOG, reset=True), Fault(status=503, times=1000))
    assert lives.ask("wrap-up", code="claim_status")["ok"]
    delivered(world)
    start_again(lives)
    world.crm.faults.clear()
    lives.until(lambda s: s["outbox"]["waiting"] == 0, "the phone knows that it arrived")
    assert len(world.crm.records.calls) == 1
