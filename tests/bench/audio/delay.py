"""One-way delays and processor time of a call, ours beside baresip: `python -m tests.bench.audio.delay`.

RTP in → samples at the sound card, and samples at the card → RTP out, by bursts of a tone, on the same JACK
card in the same run; idle and while a window repaints and Python computes. With all processing the agent is
a person who reads, because noise suppression mutes a tone. Prints JSON.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from softphone.engine.audio.wav import convert
from tests import tones
from tests.bench.audio import human_speech, spoken
from tests.bench.audio.burst_media import BurstMedia
from tests.bench.audio.bursts import arrivals, summarise
from tests.bench.audio.card_observer import RATE
from tests.bench.audio.observing import Seen, observed
from tests.bench.audio.phones import BARE, TREATED, Talk, baresip_call, our_call
from tests.bench.audio.quiet_machine import keep_logs_out, keep_neighbours_out
from tests.bench.processes import cpu_seconds
from tests.engine.audio.voices import RATE as VOICES_HZ
from tests.peers.availability import find_program
from tests.peers.jack_card import ROOT, JackCard
from tests.peers.network import Cable
from tests.peers.rtp_tone import RATE_HZ

_SETTLE_S = 4.0
_LAST_S = 0.8
_READING_S = 10.0


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


@dataclass(frozen=True, slots=True)
class Measured:
    """One call: delays in seconds of the bursts that arrived, and how many were sent."""

    rtp_to_card: list[float]
    rtp_sent: int
    card_to_rtp: list[float]
    card_said: int
    cpu_percent: float
    xruns: int


def measure(
    call: AbstractContextManager[Talk], media: BurstMedia, card: JackCard, folder: Path, seconds: float,
    loaded: bool, reader: tones.Samples | None = None,
) -> Measured:  # fmt: skip
    """Both directions' delays and the sound process's share of a core; `reader` is heard at the card."""
    result = folder / "card.npz"
    text = None if reader is None else tones.write_wav(folder / "reader.wav", reader, RATE)
    with observed(card, result, text), call as talk, loaded_desk(loaded):
        time.sleep(_SETTLE_S)
        begin, cpu_begin = time.monotonic(), cpu_seconds(talk.pid)
        time.sleep(seconds)
        end, cpu_end = time.monotonic(), cpu_seconds(talk.pid)
    seen = Seen(result)
    said = [(place, at) for place, at in seen.said_at if begin < at < end - _LAST_S]
    sent = [at for at in media.burst_sent_at if begin < at < end - _LAST_S]
    return Measured(
        arrivals(sent, seen.heard, seen.times),
        len(sent),
        media.card_to_rtp([at for _, at in said]) if reader is None else _spoken(reader, said, media),
        len(said),
        100 * (cpu_end - cpu_begin) / (end - begin),
        seen.xruns,
    )


def _spoken(reader: tones.Samples, said: list[tuple[int, float]], media: BurstMedia) -> list[float]:
    """The delays of the reader's words from the card to RTP."""
    text = convert(reader.astype(np.float32), RATE, RATE_HZ).astype(np.float64)
    begun = [(round(place * RATE_HZ / RATE), at) for place, at in said]
    return spoken.delays(text, begun, media.packets(), RATE_HZ)


def _reader() -> tones.Samples:
    """A person who reads, as the card hears her."""
    voice = human_speech.agent(_READING_S, seed=1) / 32768
    return convert(voice.astype(np.float32), VOICES_HZ, RATE).astype(np.float64)


def call_of(name: str, seconds: float, loaded: bool) -> Measured:
    """One call of this telephone, on a sound card of its own."""
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
        reader = _reader() if name == "ours_treated" else None
        return measure(call, media, card, folder, seconds, loaded, reader)


def summary(calls: list[Measured]) -> dict[str, Any]:
    """Over all bursts of all calls, and each call's median: how packets lie to the clock differs by call."""
    rtp = [delay for call in calls for delay in call.rtp_to_card]
    card = [delay for call in calls for delay in call.card_to_rtp]
    return {
        "rtp_to_card": asdict(summarise(rtp, sum(call.rtp_sent for call in calls))),
        "rtp_to_card_by_call_ms": [summarise(call.rtp_to_card, call.rtp_sent).median_ms for call in calls],
        "card_to_rtp": asdict(summarise(card, sum(call.card_said for call in calls))),
        "cpu_percent": round(statistics.median(call.cpu_percent for call in calls), 1),
        "card_xruns": sum(call.xruns for call in calls),
    }


def run(seconds: float, calls: int, with_load: bool) -> dict[str, Any]:
    """Measure each telephone in so many calls, in turns, and say how ours compares."""
    report: dict[str, Any] = {}
    for loaded in (False, True) if with_load else (False,):
        suffix = "_under_load" if loaded else ""
        measured: dict[str, list[Measured]] = {"ours": [], "ours_treated": [], "baresip": []}
        for _ in range(calls):
            for name, found in measured.items():
                found.append(call_of(name, seconds, loaded))
        report |= {name + suffix: summary(found) for name, found in measured.items()}
        ours, rival = report["ours" + suffix], report["baresip" + suffix]
        report["ratio" + suffix] = {
            way: round(ours[way]["median_ms"] / rival[way]["median_ms"], 2)
            for way in ("rtp_to_card", "card_to_rtp")
        }
    return report


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=10, help="of each call")
    parser.add_argument("--calls", type=int, default=5)
    parser.add_argument("--load", action="store_true", help="measure again while a window paints")
    options = parser.parse_args()
    keep_logs_out()
    keep_neighbours_out()
    print(json.dumps(run(options.seconds, options.calls, options.load), indent=2))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
