"""One-way delays and processor time of a call, ours beside baresip: `python -m tests.bench.audio.delay`.

RTP in → samples at the sound card, and samples at the card → RTP out, by bursts of a tone, on the same JACK
card in the same run; idle and while a window repaints and Python computes. Prints JSON.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.bench.audio.burst_media import BurstMedia
from tests.bench.audio.bursts import arrivals, summarise
from tests.bench.audio.observing import Seen, observed
from tests.bench.audio.phones import BARE, TREATED, Talk, baresip_call, our_call
from tests.bench.audio.quiet_machine import keep_neighbours_out
from tests.bench.processes import cpu_seconds
from tests.peers.availability import find_program
from tests.peers.jack_card import ROOT, JackCard
from tests.peers.network import Cable

_SETTLE_S = 4.0


@contextmanager
def loaded_desk(wanted: bool) -> Iterator[None]:
    if not wanted:
        yield
        return
    # not by itself: a second of imports at the real-time priority of the measurement would stall the phone
    ordinary = [str(find_program("chrt", "util-linux")), "--other", "0"]
    command = [*ordinary, sys.executable, "-m", "tests.bench.audio.desk_load"]
    process = subprocess.Popen(command, cwd=ROOT)
    yield
    process.kill()
    process.wait()


def measure(
    call: AbstractContextManager[Talk], media: BurstMedia, card: JackCard, folder: Path, seconds: float,
    loaded: bool,
) -> dict[str, Any]:  # fmt: skip
    """Return both directions' delays and the sound process's share of a core."""
    result = folder / "card.npz"
    with observed(card, result), call as talk, loaded_desk(loaded):
        time.sleep(_SETTLE_S)
        begin, cpu_begin = time.monotonic(), cpu_seconds(talk.pid)
        time.sleep(seconds)
        end, cpu_end = time.monotonic(), cpu_seconds(talk.pid)
    seen = Seen(result)
    said = [at for at in seen.said_at if begin < at < end - 0.5]
    sent = [at for at in media.burst_sent_at if begin < at < end - 0.5]
    return {
        "rtp_to_card": asdict(summarise(arrivals(sent, seen.heard, seen.times), len(sent))),
        "card_to_rtp": asdict(summarise(media.card_to_rtp(said), len(said))),
        "cpu_percent": round(100 * (cpu_end - cpu_begin) / (end - begin), 1),
        "card_xruns": seen.xruns,
    }


def run(seconds: float, with_load: bool) -> dict[str, Any]:
    """Measure each telephone once and say how ours compares."""
    report: dict[str, Any] = {}
    for loaded in (False, True) if with_load else (False,):
        suffix = "_under_load" if loaded else ""
        for name in ("ours", "ours_treated", "baresip"):
            with ExitStack() as stack:
                folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
                card = JackCard(folder / "jack", realtime=True)
                stack.callback(card.stop)
                if name == "baresip":
                    cable = Cable()
                    stack.callback(cable.remove)
                    media = BurstMedia(host=cable.here)
                    call = baresip_call(folder, card, cable, media)
                else:
                    media = BurstMedia()
                    call = our_call(folder, card, media, BARE if name == "ours" else TREATED)
                report[name + suffix] = measure(call, media, card, folder, seconds, loaded)
        ours, rival = report["ours" + suffix], report["baresip" + suffix]
        report["ratio" + suffix] = {
            way: round(ours[way]["median_ms"] / rival[way]["median_ms"], 2)
            for way in ("rtp_to_card", "card_to_rtp")
        }
    return report


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--load", action="store_true", help="measure again while a window paints")
    options = parser.parse_args()
    keep_neighbours_out()
    print(json.dumps(run(options.seconds, options.load), indent=2))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
