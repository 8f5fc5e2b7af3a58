"""A million mutated messages: `nice python -m tests.engine.edge.long_mutations [--progress FILE]`.

They come in blocks of 10,000, each with a seed of its own and a fresh border, so that a run can be stopped
and gone on with: `--progress` names a file of figures, one JSON line per finished block. What does harm is
told with block and number, and can be had again with `mutants(seed_of(run, block), number + 1, uri)`.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.engine.edge.mutations import Bench, check_clean, good_message, mutants

BLOCK = 10_000
_KILOBYTES_PER_MB = 1024


@dataclass(frozen=True, slots=True)
class Figures:
    """One block. `slowest_ms` is processor time of one message, `memory_mb` the process's highest so far."""

    seed: int
    count: int
    through: int
    slowest_ms: float
    per_message_us: float
    memory_mb: float


@dataclass(slots=True)
class _Culprit:
    """Names the mutant at which an error came."""

    seed: int
    number: int = 0

    def __enter__(self) -> _Culprit:
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if error is not None:
            error.add_note(f"mutant {self.number} of seed {self.seed}")


def seed_of(run: int, block: int) -> int:
    """The seed of a block."""
    return run * 1_000_000 + block


def feed_block(seed: int, count: int = BLOCK) -> Figures:
    """Feed `count` mutants to a border; raises AssertionError at the first one that does harm."""
    bench = Bench()
    slowest, through, started = 0.0, 0, time.perf_counter()
    with _Culprit(seed) as culprit:
        for culprit.number, data in enumerate(mutants(seed, count, bench.contact)):
            before = time.thread_time()
            for delivered in bench.feed(data):
                check_clean(delivered)
                through += 1
            slowest = max(slowest, time.thread_time() - before)
    bench.border.sweep()
    assert len(bench.feed(good_message(random.Random(1), bench.contact, "INVITE", "legitimate", 1))) == 1
    took = time.perf_counter() - started
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _KILOBYTES_PER_MB
    return Figures(seed, count, through, slowest * 1e3, took / count * 1e6, memory)


def done_before(progress: Path | None) -> list[Figures]:
    """The blocks that an earlier run has finished."""
    if progress is None or not progress.exists():
        return []
    return [Figures(**json.loads(line)) for line in progress.read_text(encoding="utf-8").splitlines()]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=4475, help="number of the run")
    parser.add_argument("--progress", type=Path, help="go on where this file ends")
    arguments = parser.parse_args()
    done = done_before(arguments.progress)
    seeds = {figures.seed for figures in done}
    for block in range(-(-arguments.count // BLOCK)):
        seed = seed_of(arguments.seed, block)
        if seed in seeds:
            continue
        done.append(feed_block(seed))
        if arguments.progress is not None:
            with arguments.progress.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(done[-1])) + "\n")
    summary = {
        "messages": sum(f.count for f in done),
        "through": sum(f.through for f in done),
        "harmful": 0,
        "slowest_ms": round(max(f.slowest_ms for f in done), 1),
        "memory_mb_first_block": round(done[0].memory_mb, 1),
        "memory_mb_last_block": round(done[-1].memory_mb, 1),
    }
    print(json.dumps(summary, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
