"""Holes in the sound of a long call while a window paints: `python -m tests.bench.audio.gaps --minutes 10`.

A tone goes each way without a pause (noise suppression would take it for noise, so it is off); wherever it is
missing for more than 40 ms, somebody heard a hole.
Prints JSON for ours and, with `--baresip`, for baresip on the same card.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tests import tones
from tests.bench.audio.burst_media import BurstMedia
from tests.bench.audio.card_observer import RATE
from tests.bench.audio.delay import loaded_desk
from tests.bench.audio.observing import Seen, observed
from tests.bench.audio.phones import BARE, baresip_call, our_call
from tests.bench.audio.quiet_machine import keep_logs_out, keep_neighbours_out
from tests.peers.jack_card import JackCard
from tests.peers.network import Cable
from tests.peers.rtp_tone import RATE_HZ

_HOLE_S = 0.04
_LOUD = 0.02
_SETTLE_S = 4.0
_WINDOW_S = 0.005


def holes(sound: npt.NDArray[np.floating], rate: int) -> list[float]:
    """Length in seconds of each stretch of more than 40 ms without sound."""
    size = round(rate * _WINDOW_S)
    peaks = np.abs(sound[: len(sound) // size * size].reshape(-1, size)).max(axis=1)
    edges = np.flatnonzero(np.diff(np.concatenate(([0], (peaks < _LOUD).astype(np.int8), [0]))))
    lengths = (edges[1::2] - edges[::2]) * _WINDOW_S
    return [round(float(length), 3) for length in lengths if length > _HOLE_S]


def run(name: str, seconds: float, loaded: bool) -> dict[str, Any]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        card = JackCard(folder / "jack", realtime=True)
        stack.callback(card.stop)
        agent = tones.write_wav(folder / "agent.wav", tones.tone(440, 1, RATE), RATE)
        customer = tones.tone(880, 1, RATE_HZ)
        if name == "baresip":
            cable = Cable()
            stack.callback(cable.remove)
            media = BurstMedia(customer, host=cable.here)
            call = baresip_call(folder, card, cable, media)
        else:
            media = BurstMedia(customer)
            call = our_call(folder, card, media, BARE)
        result = folder / "card.npz"
        with observed(card, result, agent), call, loaded_desk(loaded):
            time.sleep(_SETTLE_S)
            first, begin = len(media.arrived), time.monotonic()
            time.sleep(seconds)
            last = len(media.arrived)
        seen = Seen(result)
    at_agent = holes(seen.since(begin)[: round(seconds * RATE)], RATE)
    packets = media.arrived[first:last]
    at_customer = holes(media.received()[first * 160 : last * 160], RATE_HZ)
    late = np.diff([at for at, _ in packets])
    return {
        "holes_at_the_agent_s": at_agent,
        "holes_at_the_customer_s": at_customer,
        "packets_more_than_60_ms_apart": int((late > 0.06).sum()),
        "packets_missing": round(seconds * 50) - len(packets),
        "card_xruns": seen.xruns,
    }


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--calm", action="store_true", help="without the painting desk")
    parser.add_argument("--baresip", action="store_true", help="baresip as well")
    options = parser.parse_args()
    keep_logs_out()
    keep_neighbours_out()
    names = ["ours", "baresip"] if options.baresip else ["ours"]
    report = {name: run(name, options.minutes * 60, not options.calm) for name in names}
    print(json.dumps(report, indent=2))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
