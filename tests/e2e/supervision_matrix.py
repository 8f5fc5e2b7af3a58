"""`python -m tests.e2e.supervision_matrix`: every scene of supervision on every telephone system and way.

Real desks, commanded by `softphone ctl`; everybody hums another tone and every ear is measured. Prints JSON
with one cell for each scene: whether it held and if not why, who heard whom, and the most that a customer
heard of a lead where nothing should be heard (never more than -60), in dBFS. A scene that does not hold gets
new desks after it, so that it spoils no other. The exit code says whether all held. The suite runs a part.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from softphone.demo.world import AGENT, COLLEAGUE, DemoWorld
from softphone.domain.supervision import SupervisionMode
from tests.e2e import supervision_scenes as scenes
from tests.e2e.floors import AsteriskFloor, EmbeddedFloor, Floor, KamailioFloor
from tests.e2e.team_desks import TeamDesk
from tests.peers.asterisk import Asterisk
from tests.peers.kamailio import Kamailio
from tests.peers.waiting import wait_for

Build = Callable[[Path, contextlib.ExitStack], Floor]
Scene = Callable[[Floor], scenes.Cells | float | None]
Cell = dict[str, object]
WAYS = ("asterisk", "asterisk-keys", "direct", "kamailio", "embedded")
"""At Asterisk by codes, by keys and directly; directly at Kamailio and at the embedded telephone system."""
ATTEMPTS_TO_START = 2


def _loses(mode: SupervisionMode) -> Scene:
    def scene(floor: Floor) -> None:
        scenes.the_lead_is_lost(floor, mode)
        assert isinstance(floor.lead, TeamDesk)
        floor.lead.until_connected_again()

    return scene


SCENES: dict[str, Scene] = {
    "modes": scenes.matrix,
    "two leads": scenes.two_leads,
    "lead's network breaks: listen": _loses(SupervisionMode.LISTEN),
    "agent holds, goes on and transfers while the lead whispers": scenes.hold_and_transfer,
    "agent holds while the lead is in the call": scenes.held_while_barged_in,
    "lead's network breaks: whisper": _loses(SupervisionMode.WHISPER),
    "lead's network breaks: barge": _loses(SupervisionMode.BARGE),
    "agent hangs up while the lead whispers": scenes.the_agent_hangs_up,
    "agent hangs up after the take over": scenes.the_agent_hangs_up_after_the_take_over,
    "lead's network breaks: take over": _loses(SupervisionMode.TAKE_OVER),
}
LOST = "lead's network breaks"
GOODBYE_S = 5.0
"""So long a lost phone may keep one of PJSIP's four lines; a scene may need three."""


class Walk:
    """All scenes on one way, on a floor that is made anew after whatever did not hold."""

    def __init__(self, build: Build, folder: Path) -> None:
        self._build = build
        self._folder = folder
        self._floors = 0
        self._stack = contextlib.ExitStack()
        self._floor: Floor | None = None
        self._lost_at: list[float] = []

    def cells(self, names: Sequence[str]) -> dict[str, Cell]:
        found: dict[str, Cell] = {}
        try:
            for name in names:
                print(f"  {name} …", file=sys.stderr, flush=True)
                found |= self._cells_of(name)
        finally:
            self._leave()
        return found

    def _cells_of(self, name: str) -> dict[str, Cell]:
        wait_for(lambda: self._lines_lost() < 2, "lines of lost phones", timeout_s=2 * GOODBYE_S, poll_s=0.5)
        began = time.monotonic()
        try:
            floor = self._fresh_floor()
            if name == "agent hangs up after the take over" and not floor.hands_over:
                return {name: {"held": None, "why": "the take over itself has released the agent"}}
            measured = SCENES[name](floor)
        except (AssertionError, LookupError, OSError, ValueError, subprocess.SubprocessError) as exc:
            traceback.print_exc()
            self._leave()
            return {name: {"held": False, "why": f"{type(exc).__name__}: {exc}"[:1_000]}}
        if name.startswith(LOST):
            self._lost_at.append(time.monotonic())
        took = round(time.monotonic() - began, 1)
        return {
            cell: {"held": True, **{what: round(dbfs, 1) for what, dbfs in figures.items()}, "took_s": took}
            for cell, figures in _by_cell(name, measured).items()
        }

    def _lines_lost(self) -> int:
        return sum(time.monotonic() - at < GOODBYE_S for at in self._lost_at)

    def _fresh_floor(self) -> Floor:
        """Nobody listens, and a customer and the agent talk."""
        floor = self._floor
        if floor is None:
            self._floor = floor = self._new_floor()
            return floor
        if floor.lead.supervises:
            floor.lead.leave()
        floor.customer.hang_up()
        wait_for(lambda: not floor.agent.calls, "the agent is free", timeout_s=20)
        floor.customer = floor.customer_calls()
        return floor

    def _new_floor(self) -> Floor:
        for attempt in range(ATTEMPTS_TO_START):
            self._floors += 1
            folder = self._folder / str(self._floors)
            folder.mkdir(parents=True)
            try:
                return self._build(folder, self._stack)
            except AssertionError as exc:
                print(f"  a desk did not start, {folder}: {exc}", file=sys.stderr, flush=True)
                self._leave()
                if attempt + 1 == ATTEMPTS_TO_START:
                    raise
        raise AssertionError("unreachable")

    def _leave(self) -> None:
        self._floor = None
        stack, self._stack = self._stack, contextlib.ExitStack()
        stack.close()


def _by_cell(name: str, measured: scenes.Cells | float | None) -> scenes.Cells:
    if isinstance(measured, dict):
        return measured
    return {name: {} if measured is None else {scenes.WORST: measured}}


@contextlib.contextmanager
def builder(way: str, folder: Path) -> Iterator[Build]:
    """A running telephone system, and how a floor is made at it."""
    if way == "embedded":
        with DemoWorld((AGENT, COLLEAGUE, "7003")) as world:
            yield lambda at, stack: EmbeddedFloor(world, at, stack)
        return
    server = Kamailio(folder) if way == "kamailio" else Asterisk(folder)
    server.start()
    try:
        if isinstance(server, Kamailio):
            yield lambda at, stack: KamailioFloor(server, at, stack)
        else:
            yield lambda at, stack: AsteriskFloor(server, at, way, stack)
    finally:
        server.stop()


def summary(ways: dict[str, dict[str, Cell]]) -> Cell:
    """How many cells held, which did not, and the worst that any customer heard."""
    cells = [(f"{way}: {name}", cell) for way, found in ways.items() for name, cell in found.items()]
    worst = [float(str(cell[scenes.WORST])) for _, cell in cells if scenes.WORST in cell]
    return {
        "held": sum(cell["held"] is True for _, cell in cells),
        "not held": [name for name, cell in cells if cell["held"] is False],
        "does not arise": [name for name, cell in cells if cell["held"] is None],
        scenes.WORST: max(worst, default=None),
        "load": os.getloadavg(),
    }


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("way", nargs="*", help=f"of {WAYS}; all of them unless said")
    parser.add_argument("--scene", action="append", help=f"of {tuple(SCENES)}; all of them unless said")
    chosen = parser.parse_args(arguments)
    ways: dict[str, dict[str, Cell]] = {}
    with tempfile.TemporaryDirectory(prefix="floor-") as name:
        for way in chosen.way or WAYS:
            print(way, file=sys.stderr, flush=True)
            with builder(way, Path(name) / f"{way}-server") as build:
                ways[way] = Walk(build, Path(name) / way).cells(chosen.scene or tuple(SCENES))
    said = summary(ways)
    print(json.dumps({"summary": said, "ways": ways}, indent=1), flush=True)
    return 1 if said["not held"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
