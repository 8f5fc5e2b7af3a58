"""How well the caller is understood over a bad network, ours beside baresip and linphone: PESQ and STOI.

`python -m tests.bench.audio.quality [--seeds 5] [--seconds 12]`, after `installer/bootstrap.py bench`.
The same speech (resources/speech), the same lost and late packets for each telephone; ours and baresip are
heard at the sound card, linphone in the file that it records (tests.peers.linphone). A run in which the card
itself lost time, for want of a free processor, is made again, twice at most. Prints JSON.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from softphone.engine.audio.wav import convert
from tests import tones
from tests.bench.audio.card_observer import RATE
from tests.bench.audio.intelligibility import judge, summary
from tests.bench.audio.observing import Seen, observed
from tests.bench.audio.phones import BARE, baresip_call, linphone_call, our_call
from tests.bench.audio.quiet_machine import keep_logs_out, keep_neighbours_out
from tests.bench.audio.speech_media import Network, SpeechMedia
from tests.peers.jack_card import ROOT, JackCard
from tests.peers.network import Cable
from tests.peers.rtp_tone import RATE_HZ, coded
from tests.peers.waiting import wait_for

NETWORKS = {
    "clean": Network(),
    "jitter_60ms": Network(jitter_ms=60),
    "loss_5": Network(loss=0.05),
    "loss_10": Network(loss=0.10),
    "loss_20": Network(loss=0.20),
}
_SETTLE_S = 3.0
_TAIL_S = 0.8
_MOST_STALLED_S = 0.02
_ATTEMPTS = 3


def speech(seconds: float) -> tones.Samples:
    """The demo's clips one after the other, at 8 kHz, as A-law carries them.

    The codec is the same for all and costs this speech 0.56 MOS (4.55 → 3.98): it would hide the telephones.
    """
    clips = []
    for path in sorted((ROOT / "resources" / "speech").glob("*.wav")):
        samples, rate = tones.read_wav(path)
        if rate != RATE_HZ:
            samples = convert(samples.astype(np.float32), rate, RATE_HZ).astype(np.float64)
        clips += [samples, tones.silence(0.3, RATE_HZ)]
    return coded(np.asarray(np.concatenate(clips)[: round(seconds * RATE_HZ)]))


@dataclass(frozen=True, slots=True)
class Heard:
    """A sound at 8 kHz, and how much time the card lost meanwhile."""

    sound: tones.Samples
    stalled_s: float = 0.0


def heard(name: str, said: tones.Samples, network: Network) -> Heard:
    """What the telephone played from shortly before the speech began or earlier, at 8 kHz."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        if name == "linphone":
            return Heard(_recorded_by_linphone(folder, SpeechMedia(said, network), said))
        card = JackCard(folder / "jack", realtime=True)
        stack.callback(card.stop)
        if name == "baresip":
            cable = Cable()
            stack.callback(cable.remove)
            media = SpeechMedia(said, network, host=cable.here)
            call = baresip_call(folder, card, cable, media)
        else:
            media = SpeechMedia(said, network)
            call = our_call(folder, card, media, BARE)
        result = folder / "card.npz"
        with observed(card, result), call:
            _say(media, said)
        seen = Seen(result)
    sound = convert(seen.since(media.began_at - 0.3), RATE, RATE_HZ).astype(np.float64)
    return Heard(sound, seen.stalled_s(media.began_at))


def _recorded_by_linphone(folder: Path, media: SpeechMedia, said: tones.Samples) -> tones.Samples:
    recording: list[Path] = []
    with linphone_call(folder, media, recording):
        _say(media, said)
    sound, rate = tones.read_wav(recording[0])
    return convert(sound.astype(np.float32), rate, RATE_HZ).astype(np.float64)


def _say(media: SpeechMedia, said: tones.Samples) -> None:
    time.sleep(_SETTLE_S)
    media.speak()
    wait_for(lambda: media.spoken, "the speech is said", timeout_s=len(said) / RATE_HZ + 20)
    time.sleep(_TAIL_S)


def heard_in_peace(name: str, said: tones.Samples, network: Network) -> tones.Samples:
    """What was heard while the card kept time, or lost the least of it."""
    attempts: list[Heard] = []
    while not attempts or (attempts[-1].stalled_s > _MOST_STALLED_S and len(attempts) < _ATTEMPTS):
        attempts.append(heard(name, said, network))
        if attempts[-1].stalled_s > _MOST_STALLED_S:
            print(f"{name}: the card stalled for {attempts[-1].stalled_s:.2f} s", file=sys.stderr, flush=True)
    return min(attempts, key=lambda attempt: attempt.stalled_s).sound


def run(
    seeds: int, seconds: float, names: list[str], networks: list[str], keep: Path | None
) -> dict[str, Any]:
    said = speech(seconds)
    report: dict[str, Any] = {}
    for condition in networks:
        for name in names:
            scores = []
            for seed in range(1, seeds + 1):
                base = NETWORKS[condition]
                sound = heard_in_peace(name, said, Network(base.loss, base.jitter_ms, seed))
                scores.append(judge(said, sound))
                if keep is not None:
                    np.save(keep / f"{condition}-{name}-{seed}.npy", sound)
            report.setdefault(condition, {})[name] = summary(scores)
            print(condition, name, json.dumps(report[condition][name]), file=sys.stderr, flush=True)
    return report


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=12)
    parser.add_argument("--phones", nargs="*", default=["ours", "baresip", "linphone"])
    parser.add_argument("--networks", nargs="*", default=list(NETWORKS))
    parser.add_argument("--keep", type=Path, help="folder for what was heard, as numpy files")
    options = parser.parse_args()
    keep_logs_out()
    keep_neighbours_out()
    report = run(options.seeds, options.seconds, options.phones, options.networks, options.keep)
    print(json.dumps(report, indent=2))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
