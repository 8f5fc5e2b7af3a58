"""Which depths of PJSIP's jitter buffer are best: `python -m tests.bench.audio.jitter_buffer [--seeds 8]`.

After `installer/bootstrap.py bench`; Linux only. Simulated time: the machine's load does not matter, and a
line of the table takes seconds. `tests.bench.audio.quality` says whether the telephone does the same. Prints
PESQ and STOI, mean and worst of the seeds, for the depths in use and for others beside them, as JSON.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
from typing import Any

import numpy as np

from softphone.engine.sip.endpoint import JITTER_BUFFER_MS
from tests import tones
from tests.bench.audio.intelligibility import Score, judge
from tests.bench.audio.pjsip_buffer import Depths, heard
from tests.bench.audio.quality import NETWORKS, speech
from tests.bench.audio.speech_media import Network
from tests.peers.rtp_tone import FRAME

_NETWORKS = {
    **NETWORKS,
    "loss_3_jitter_30ms": Network(loss=0.03, jitter_ms=30),
    "loss_5_jitter_60ms": Network(loss=0.05, jitter_ms=60),
}
_IN_USE = Depths(*JITTER_BUFFER_MS)
_OTHERS = (
    Depths(40, 40, 120, 160),
    Depths(40, 60, 120, 160),
    Depths(40, 80, 120, 160),
    Depths(40, 120, 140, 200),
    Depths(40, 140, 140, 200),
    Depths(60, 100, 120, 160),
)
_BEFORE = 150
_AFTER = 40
_HEAD_START = 10
"""Packets of silence before and after the speech, and from how many before it on is listened."""
_PHASES = 20


def score(said: tones.Samples, network: Network, depths: Depths) -> Score:
    """How `said` is heard by a player whose clock lies to the sender's as the seed will have it."""
    chance = random.Random(network.seed)
    late = network.jitter_ms / 1000
    fates: list[float | None] = [chance.random() * late for _ in range(_BEFORE)]
    fates += [*network.fates(-(-len(said) // FRAME)), *([0.0] * _AFTER)]
    sound = np.concatenate((np.zeros(_BEFORE * FRAME), said))
    played = heard((sound * 32767).astype(np.int16), fates, depths, network.seed * 7 % _PHASES / 1000)
    return judge(said, played[(_BEFORE - _HEAD_START) * FRAME :].astype(np.float64) / 32768)


def run(seeds: int, seconds: float) -> list[dict[str, Any]]:
    said = speech(seconds)
    report = []
    for depths in (_IN_USE, *_OTHERS):
        row: dict[str, Any] = {"depths_ms": [depths.init, depths.min_pre, depths.max_pre, depths.max]}
        for name, network in _NETWORKS.items():
            scores = [
                score(said, Network(network.loss, network.jitter_ms, seed), depths)
                for seed in range(1, seeds + 1)
            ]
            row[name] = {
                "pesq": _mean_and_worst([each.pesq for each in scores], 2),
                "stoi": _mean_and_worst([each.stoi for each in scores], 3),
            }
        print(json.dumps(row), file=sys.stderr, flush=True)
        report.append(row)
    return report


def _mean_and_worst(values: list[float], digits: int) -> list[float]:
    return [round(statistics.fmean(values), digits), round(min(values), digits)]


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=10)
    options = parser.parse_args()
    print(json.dumps(run(options.seeds, options.seconds), indent=2))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
