"""`python -m tests.e2e.supervision_matrix`: every scene of supervision on every telephone system and way.

Real desks, commanded by `softphone ctl`; everybody hums another tone and every ear is measured. Prints JSON:
for each way the scenes that held, and the most that a customer heard of a lead, in dBFS, in each stretch in
which nothing should be heard (never more than -60). The suite runs a part of it.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from softphone.demo.world import AGENT, COLLEAGUE, DemoWorld
from softphone.domain.supervision import SupervisionMode
from tests.e2e import supervision_scenes as scenes
from tests.e2e.floors import AsteriskFloor, EmbeddedFloor, Floor, KamailioFloor
from tests.peers.asterisk import Asterisk
from tests.peers.kamailio import Kamailio

Build = Callable[[Path, contextlib.ExitStack], Floor]
WAYS = ("asterisk", "asterisk-keys", "direct", "kamailio", "embedded")
"""At Asterisk by codes, by keys and directly; directly at Kamailio and at the embedded telephone system."""


def walk(build: Build, folder: Path) -> dict[str, object]:
    """All scenes, one after the other on one floor."""
    said: dict[str, object] = {}
    with contextlib.ExitStack() as stack:
        floor = build(folder, stack)
        figures = scenes.matrix(floor)
        quiet = {what: level for what, level in figures.items() if not what.startswith("heard: ")}
        quiet["hold and transfer"] = scenes.hold_and_transfer(floor)
        said["customer heard the lead at most, dBFS"] = quiet
        for name, scene in _further(floor).items():
            floor.customer.hang_up()
            floor.customer = floor.customer_calls()
            scene()
            said[name] = "held"
        said["who heard whom, dBFS"] = {
            what.removeprefix("heard: "): level for what, level in figures.items() if what not in quiet
        }
    return said


def _further(floor: Floor) -> dict[str, Callable[[], None]]:
    found: dict[str, Callable[[], None]] = {
        "two leads on one call": lambda: scenes.two_leads(floor),
        "the agent hangs up": lambda: scenes.the_agent_hangs_up(floor),
    }
    for mode in (SupervisionMode.WHISPER, SupervisionMode.TAKE_OVER):
        found[f"the lead's network breaks in {mode}"] = lambda mode=mode: scenes.the_lead_is_lost(floor, mode)  # type: ignore[misc]
    return found


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


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("way", nargs="*", help=f"of {WAYS}; all of them unless said")
    ways = parser.parse_args(arguments).way or WAYS
    with tempfile.TemporaryDirectory(prefix="floor-") as name:
        for way in ways:
            with builder(way, Path(name) / f"{way}-server") as build:
                print(json.dumps({way: walk(build, Path(name) / way)}, indent=1), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
