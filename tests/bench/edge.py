"""What the edge costs: `python -m tests.bench.edge [--calls N] [--flood SECONDS]` prints JSON.

PJSIP alone and PJSIP behind the edge take turns in the same run: time from INVITE to 180, processor time for
100 messages a second, and the flood of forged calls.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from tests.bench.processes import cpu_seconds, memory_mb
from tests.engine.edge.flood import BarePbx
from tests.engine.edge.flood import run as flood
from tests.engine.edge.mutations import good_message

MESSAGES_PER_S = 100


def ringing(pbxes: dict[str, BarePbx], calls: int) -> dict[str, object]:
    """INVITE to 180, milliseconds, in turns."""
    times: dict[str, list[float]] = {name: [] for name in pbxes}
    for _ in range(calls):
        for name, pbx in pbxes.items():
            times[name].append(pbx.call() * 1e3)
            time.sleep(0.03)
    figures: dict[str, object] = {}
    for name, values in times.items():
        values.sort()
        figures[name] = {
            "p50_ms": round(statistics.median(values), 3),
            "p95_ms": round(values[int(len(values) * 0.95) - 1], 3),
        }
    added = statistics.median(times["edge"]) - statistics.median(times["direct"])
    return {**figures, "added_p50_ms": round(added, 3)}


def load(pbx: BarePbx, seconds: float) -> dict[str, float]:
    """Processor time of the phone while it answers 100 OPTIONS a second."""
    before, began, number = cpu_seconds(pbx.phone.pid), time.monotonic(), 0
    while (now := time.monotonic()) - began < seconds:
        if number < (now - began) * MESSAGES_PER_S:
            number += 1
            pbx.server.send(good_message(random.Random(0), pbx.contact, "OPTIONS", f"load-{number}", number))
        with suppress(TimeoutError):
            pbx.server.receive_bytes(0.005)
    took = time.monotonic() - began
    return {
        "cpu_percent": round((cpu_seconds(pbx.phone.pid) - before) / took * 100, 2),
        "memory_mb": round(memory_mb(pbx.phone.pid), 1),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=200)
    parser.add_argument("--load", type=float, default=10.0, help="seconds of 100 OPTIONS a second")
    parser.add_argument("--flood", type=float, default=30.0, help="seconds of 1,000 forged INVITEs a second")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        pbxes = {}
        for name in ("direct", "edge"):
            (place := Path(folder) / name).mkdir()
            pbxes[name] = BarePbx(place, direct=name == "direct")
        result: dict[str, object] = {"invite_to_180": ringing(pbxes, arguments.calls)}
        idle = {name: cpu_seconds(pbx.phone.pid) for name, pbx in pbxes.items()}
        time.sleep(5)
        result["idle_cpu_percent"] = {
            name: round((cpu_seconds(pbx.phone.pid) - idle[name]) / 5 * 100, 2) for name, pbx in pbxes.items()
        }
        result["at_100_messages_per_s"] = {name: load(pbx, arguments.load) for name, pbx in pbxes.items()}
        for pbx in pbxes.values():
            pbx.close()
    result["flood"] = {name: round(value, 3) for name, value in flood(arguments.flood).items()}
    print(json.dumps(result, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
