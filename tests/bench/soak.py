"""A shift of short calls in little time: `python -m tests.bench.soak [--calls N]` prints JSON.

An 8-hour shift is about 160 calls of 3 minutes. Here each call rings, is answered, talks for 0.3 s, is
wrapped up and arrives at the CRM before the next one begins. What may grow is measured every few calls:
memory that no neighbour shares, open files and threads of both processes, database and logs; then the slope
per 100 calls after the first quarter, which warms caches up.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from softphone.demo.world import DemoWorld
from softphone.system.folders import folders
from tests.bench.processes import own_memory_mb
from tests.e2e.headless import SILENT, profile_in
from tests.e2e.lives import Lives
from tests.peers.waiting import wait_for

MERIDIAN = (("X-Queue", "meridian-claims"),)
HARRIET = "+442079460018"
TALK_S = 0.3
WARMING_UP = 0.25


@dataclass(frozen=True)
class Sizes:
    """What may grow, after `calls` calls. Memory in MB, files on disk in KB."""

    calls: int
    desk_mb: float
    engine_mb: float
    desk_files: int
    engine_files: int
    desk_threads: int
    engine_threads: int
    database_kb: float
    logs_kb: float


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=400)
    parser.add_argument("--every", type=int, default=20, help="calls between two measurements")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        measured = soak(Path(folder), given.calls, given.every)
        took_s = time.monotonic() - began
    found = {"calls": given.calls, "took_s": round(took_s, 1), **verdict(measured)}
    print(json.dumps({**found, "measured": [asdict(sizes) for sizes in measured]}, indent=2))
    return 0


def soak(folder: Path, calls: int, every: int) -> list[Sizes]:
    """Take `calls` calls with one softphone; what was measured on the way, before the first call too."""
    with DemoWorld() as world, Lives(folder / "soak", profile_in(world, SILENT)) as lives:
        lives.start()
        lives.until(lambda s: s["agent"]["registered"], "registered")
        lives.ask("ready")
        one_call(world, lives, 1)
        measured = [sizes_of(folder / "soak", lives, 1)]
        for number in range(2, calls + 1):
            one_call(world, lives, number)
            if number % every == 0:
                measured.append(sizes_of(folder / "soak", lives, number))
        lives.quit()
    return measured


def one_call(world: DemoWorld, lives: Lives, number: int) -> None:
    """Ring, answer, talk, wrap up, and arrive at the CRM."""
    caller = world.ring(HARRIET, headers=MERIDIAN)
    call = lives.until(lambda s: s["calls"], "a call rings")["calls"][0]["id"]
    assert lives.ask("answer", call=call)["ok"]
    lives.until(lambda s: s["calls"] and s["calls"][0]["state"] == "established", "it is answered")
    time.sleep(TALK_S)  # the length of the conversation, not a wait for something
    caller.hang_up()
    lives.until(lambda s: s["wrap_ups"], "after-call work")
    note = f"Call {number}: where does the claim stand?"
    assert lives.ask("wrap-up", call=call, code="claim_status", note=note)["ok"]
    lives.until(lambda s: not s["wrap_ups"] and not s["calls"], "it is wrapped up")
    wait_for(lambda: len(world.crm.records.calls) >= number, "the CRM has the call", timeout_s=30)


def sizes_of(profile: Path, lives: Lives, calls: int) -> Sizes:
    """Measure both processes and what they have written."""
    desk, engine = lives.pids()
    where = folders(profile)
    return Sizes(
        calls,
        round(own_memory_mb(desk), 2),
        round(own_memory_mb(engine), 2),
        _entries(desk, "fd"),
        _entries(engine, "fd"),
        _entries(desk, "task"),
        _entries(engine, "task"),
        _kilobytes(where.data.glob("softphone.db*")),
        _kilobytes((*where.logs.glob("*"), *where.data.glob("logs/*"))),
    )


def verdict(measured: Sequence[Sizes]) -> dict[str, object]:
    """Growth per 100 calls of everything, by a straight line through what came after warming up."""
    settled = [s for s in measured if s.calls >= measured[-1].calls * WARMING_UP]
    names = [name for name in asdict(measured[0]) if name != "calls"]
    calls = [float(s.calls) for s in settled]
    growth = {
        name: round(statistics.linear_regression(calls, [getattr(s, name) for s in settled]).slope * 100, 3)
        for name in names
    }
    return {"growth_per_100_calls": growth, "own_memory_mb": settled[-1].desk_mb + settled[-1].engine_mb}


def _entries(pid: int, kind: str) -> int:
    return len(list(Path(f"/proc/{pid}/{kind}").iterdir()))


def _kilobytes(files: Iterable[Path]) -> float:
    return round(sum(file.stat().st_size for file in files if file.is_file()) / 1024, 1)


if __name__ == "__main__":
    sys.exit(main())
