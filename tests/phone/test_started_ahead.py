"""The engine that is started before the desk has loaded."""

from __future__ import annotations

import subprocess
from pathlib import Path

from softphone import launch
from softphone.domain.events import EngineAttached, EngineLost, Event
from softphone.domain.settings import CallSettings
from softphone.phone import spawn
from softphone.phone.telephone import EngineTelephone
from tests.peers.waiting import wait_for
from tests.phone.handset import SILENT, Handset


def start(seen: list[Event], folder: Path, ahead: subprocess.Popen[bytes]) -> EngineTelephone:
    telephone = EngineTelephone(seen.append, folder, ahead=ahead)
    telephone.start(CallSettings(), SILENT)
    return telephone


def attached(seen: list[Event]) -> EngineAttached:
    def found() -> EngineAttached | None:
        return next((event for event in reversed(seen) if isinstance(event, EngineAttached)), None)

    return wait_for(found, "an engine is attached", timeout_s=20)


def test_the_engine_started_ahead_is_the_one_that_is_used_and_it_ends_with_the_desk(tmp_path: Path) -> None:
    child = spawn.ahead(tmp_path)
    assert child is not None
    seen: list[Event] = []
    telephone = start(seen, tmp_path, child)
    assert attached(seen).pid == child.pid
    telephone.shut_down()
    assert child.poll() == 0


def test_an_engine_started_ahead_that_dies_before_the_desk_is_replaced(tmp_path: Path) -> None:
    child = spawn.ahead(tmp_path)
    assert child is not None
    child.kill()
    child.wait()
    seen: list[Event] = []
    telephone = start(seen, tmp_path, child)
    assert attached(seen).pid != child.pid
    assert isinstance(seen[0], EngineLost)
    telephone.shut_down()


def test_nothing_is_started_ahead_where_an_engine_lives(idle_handset: Handset) -> None:
    assert spawn.ahead(idle_handset.folder) is None


def test_only_one_desk_of_a_profile_is_launched_and_an_abandoned_launch_leaves_no_engine(
    tmp_path: Path,
) -> None:
    first = launch.launch(tmp_path)
    assert first is not None
    assert first.engine is not None
    assert launch.launch(tmp_path) is None
    first.abandon()
    assert first.engine.poll() is not None
    second = launch.launch(tmp_path)
    assert second is not None
    second.abandon()
