"""`python -m tests.bench.team`: how long a frame of the team view takes while 200 agents work.

Every frame delivers what a burst of news brings (some agents change state), lets the seconds run, and paints
what has changed. Its time is the processor time of the window's thread: a busy machine does not count.
Prints JSON with p50 and p99 in milliseconds, for the list and for a wallboard of 1920 by 1080. Aim for p99:
at most 16 ms.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from PySide6.QtWidgets import QApplication

from softphone.domain.agent_state import AgentState
from softphone.domain.supervision import Role
from softphone.domain.team import Activity, AgentPresence, CurrentCall, TeamMember
from softphone.domain.team_settings import TeamSettings
from softphone.ui.main import Interface, make_application
from softphone.ui.team.leading import TICK_MS
from softphone.ui.team.window import TeamWindow
from tests.fakes.world import SETTINGS, World

AGENTS = 200
FRAMES = 600
CHANGES_A_FRAME = 4
"""Five frames a second: 20 changes of state each second, ten times what 200 agents do."""


def main(frames: int = FRAMES) -> dict[str, float]:
    """Measure and return the figures."""
    application = QApplication.instance()
    if not isinstance(application, QApplication):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        application = make_application(["softphone"])
    members = tuple(TeamMember(str(2_000 + n), f"Agent number {n}") for n in range(AGENTS))
    world = World(replace(SETTINGS, team=TeamSettings(Role.LEAD, members=members)))
    waiting: list[Callable[[], None]] = []  # drawn once a burst, as the pump does it
    interface = Interface(application, world.desk, waiting.append, lambda: None)
    world.start()
    window = interface.leading.open()
    if window is None:
        raise SystemExit("no team view")
    shift = _Shift(application, world, interface, window, waiting)
    window.resize(1_600, 1_000)
    figures = {f"list_{name}": value for name, value in shift.measure(frames).items()}
    window.resize(1_920, 1_080)
    window.show_as_wallboard(True)
    figures |= {f"wallboard_{name}": value for name, value in shift.measure(frames).items()}
    figures["wallboard_in_sight"] = float(shift.in_sight())
    interface.close()
    return figures


class _Shift:
    """200 agents at work, always the same ones."""

    def __init__(
        self,
        application: QApplication,
        world: World,
        interface: Interface,
        window: TeamWindow,
        waiting: list[Callable[[], None]],
    ) -> None:
        self._waiting = waiting
        self._application = application
        self._world = world
        self._interface = interface
        self._window = window
        self._dice = random.Random(7)
        for number in range(AGENTS):
            self._change(number)
        world.run()

    def measure(self, frames: int) -> dict[str, float]:
        for _ in range(10):
            self._frame()
        times = sorted(self._frame() for _ in range(frames))
        return {
            "p50_ms": round(times[len(times) // 2], 2),
            "p99_ms": round(times[len(times) * 99 // 100], 2),
            "most_ms": round(times[-1], 2),
        }

    def in_sight(self) -> int:
        """How many agents are on the screen."""
        agents, sight = self._window.agents, self._window.agents.viewport().rect()
        model = self._window.model
        places = range(len(model.rows))
        return sum(agents.visualRect(model.index(place, 0)).intersects(sight) for place in places)

    def _frame(self) -> float:
        self._world.clock.advance(TICK_MS / 1_000)
        for _ in range(CHANGES_A_FRAME):
            self._change(self._dice.randrange(AGENTS))
        began = time.thread_time()
        self._world.run()
        while self._waiting:
            self._waiting.pop(0)()
        self._interface.leading.tick()
        self._application.processEvents()
        return (time.thread_time() - began) * 1_000

    def _change(self, number: int) -> None:
        since = self._world.clock.now() - timedelta(seconds=self._dice.randrange(900))
        state = self._dice.choice(list(AgentState))
        call = None
        if state is AgentState.ON_CALL:
            call = CurrentCall(Activity.TALKING, since, f"+4930{number:06}", "Storm Insurance", True)
        presence = AgentPresence(state, "lunch" if state is AgentState.NOT_READY else "", since, call)
        self._world.team.present(str(2_000 + number), presence)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(), indent=1) + "\n")
