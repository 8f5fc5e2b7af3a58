"""A lead's window on real calls, by clicks: directly and by the telephone system's feature codes.

Pictures of what the window showed in each mode stay in pytest's folder.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from softphone.demo.world import DemoWorld
from softphone.domain.supervision import SupervisionMode
from softphone.domain.team_settings import TeamSettings
from tests.e2e.floors import AsteriskFloor, EmbeddedFloor, Floor, KamailioFloor, Leading
from tests.e2e.supervision_scenes import once_around
from tests.e2e.team_desks import Place
from tests.e2e.window_lead import WindowLead
from tests.peers.asterisk import Asterisk
from tests.peers.kamailio import Kamailio
from tests.peers.waiting import wait_for

pytestmark = [pytest.mark.alone, pytest.mark.timeout(300)]
LISTEN, WHISPER, BARGE, TAKE_OVER = SupervisionMode
SAID = {
    LISTEN: ("You hear Anna and the customer. Nobody hears you.", "Your microphone is off"),
    WHISPER: ("Anna hears you. The customer does not hear you.", "Your microphone is on"),
    BARGE: ("Anna and the customer hear you.", "Your microphone is on"),
    TAKE_OVER: (
        "The customer hears you. Anna is released: neither heard nor hearing.",
        "Your microphone is on",
    ),
}
"""What the window says while the ears say the same."""


@pytest.fixture
def stack() -> Iterator[contextlib.ExitStack]:
    with contextlib.ExitStack() as made:
        yield made


class Clicking:
    """Makes the lead's desk one with a window, and looks at it in each mode."""

    def __init__(self, application: QApplication, stack: contextlib.ExitStack) -> None:
        self._application = application
        self._stack = stack
        self.seen: list[SupervisionMode] = []

    def lead(
        self, user: str, place: Place, password: str, hum_hz: float, team: TeamSettings, folder: Path
    ) -> Leading:
        self.desk = WindowLead(self._application, folder, place, user, password, hum_hz, team, self._stack)
        self.desk.window.resize(1_100, 700)
        return self.desk

    def look(self, mode: SupervisionMode) -> None:
        """The window says what was measured, and paints it."""
        self.desk.at.until(lambda: self.desk.said == SAID[mode], f"the window says {mode}")
        picture = QImage(str(self.desk.take_picture(mode.value)))
        assert picture.width() >= 1_100
        self.seen.append(mode)

    def walk(self, floor: Floor) -> None:
        row = "On a call"
        self.desk.at.until(lambda: row in _row(self.desk), "Anna's call in the list")
        once_around(floor, self.look)
        assert set(self.seen) == set(SupervisionMode)
        self.desk.leave()


@pytest.fixture
def clicking(qapp: QApplication, stack: contextlib.ExitStack) -> Clicking:
    return Clicking(qapp, stack)


def test_directly_every_mode_there_and_back_by_clicks(
    clicking: Clicking, tmp_path: Path, stack: contextlib.ExitStack
) -> None:
    world = stack.enter_context(DemoWorld())
    clicking.walk(EmbeddedFloor(world, tmp_path, stack, clicking.lead))


@pytest.mark.peer("asterisk")
@pytest.mark.parametrize("way", ["asterisk", "asterisk-keys"])
def test_by_feature_codes_every_mode_there_and_back_by_clicks(
    asterisk: Asterisk, clicking: Clicking, tmp_path: Path, stack: contextlib.ExitStack, way: str
) -> None:
    clicking.walk(AsteriskFloor(asterisk, tmp_path, way, stack, clicking.lead))


@pytest.mark.peer("kamailio")
def test_a_telephone_system_that_drops_the_wish_is_named_in_words_and_nothing_rings_on(
    dropping_kamailio: Kamailio, clicking: Clicking, tmp_path: Path, stack: contextlib.ExitStack
) -> None:
    floor = KamailioFloor(dropping_kamailio, tmp_path, stack, clicking.lead)
    lead = clicking.desk
    lead.window.agents.choose(floor.agent_user)
    lead.click(lead.window.wishes[LISTEN])
    trouble = lead.window.panel.trouble
    lead.at.until(lambda: "does not pass your wish on" in trouble.text(), "the reason in the window")
    assert lead.said == ("Nobody hears you.", "Your microphone is off")
    lead.take_picture("not-passed-on")
    wait_for(lambda: len(floor.agent.calls) == 1, "the agent has the customer's call alone")


def _row(desk: WindowLead) -> str:
    index = desk.window.model.index(0, 0)
    return str(index.data(Qt.ItemDataRole.AccessibleTextRole))
