"""The demo's player, on a desk of fakes whose other side plays along."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from softphone.domain.ids import CallId
from softphone.ui import autoplay
from softphone.ui.autoplay import REPORT, Autoplay
from softphone.ui.main import Interface
from tests.fakes.world import MARIA, World

CLAIMS = (("X-Queue", "claims"),)


@pytest.fixture
def other_side(qtbot: QtBot, interface: Interface, world: World) -> Callable[[], None]:
    """Delivers what was posted and answers the CRM, as adapters do beside the window; makes time pass."""
    timer = QTimer(interface)

    def turn() -> None:
        world.clock.elapsed_s += 0.5
        world.run()
        world.crm.answer_all()
        world.run()

    timer.timeout.connect(turn)
    return lambda: timer.start(10)


def test_two_calls_are_played_from_the_ring_to_the_delivery(
    qtbot: QtBot, interface: Interface, world: World, other_side: Callable[[], None], tmp_path: Path
) -> None:
    world.crm.know(MARIA)
    codes: list[int] = []
    player = Autoplay(interface, tmp_path, 2, codes.append)
    player.start()
    other_side()
    qtbot.waitUntil(lambda: player.played[-1:] != [] and player.played[-1].step == "ready", timeout=10_000)
    world.phone.ring("in-1", headers=CLAIMS)
    qtbot.waitUntil(lambda: any(p.step == "1-delivered" for p in player.played), timeout=30_000)
    world.phone.ring("in-2", headers=CLAIMS)
    qtbot.waitUntil(lambda: codes != [], timeout=30_000)
    report = json.loads((tmp_path / REPORT).read_text())
    assert codes == [0], report
    assert report["ok"] is True
    assert len(world.crm.records) == 2
    assert {log.disposition for log in world.crm.records.values()} == {"solved"}
    assert world.desk.calling.call(CallId("in-1")) is not None
    pictures = sorted(tmp_path.glob("*.png"))
    assert len(pictures) == len(player.played)
    assert all(p.ok for p in player.played)


def test_a_call_that_never_comes_ends_the_play_with_a_failure(
    qtbot: QtBot,
    interface: Interface,
    other_side: Callable[[], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(autoplay, "RING_LIMIT_S", 0.3)
    codes: list[int] = []
    player = Autoplay(interface, tmp_path, 1, codes.append)
    player.start()
    other_side()
    qtbot.waitUntil(lambda: codes != [], timeout=10_000)
    report = json.loads((tmp_path / REPORT).read_text())
    assert codes == [1]
    assert report["ok"] is False
    assert report["steps"][-1]["step"] == "1-ringing"
    assert report["steps"][-1]["detail"] == "did not happen within 0.3 s"
