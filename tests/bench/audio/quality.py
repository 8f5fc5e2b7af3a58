"""How well the caller is understood over a bad network, ours beside baresip: PESQ at the sound card.

`python -m tests.bench.audio.quality [--seeds 5] [--seconds 12]`; needs `pip install pesq` (a C compiler).
The same speech (resources/speech), the same lost and late packets for each telephone. Prints JSON.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np

from softphone.engine.audio.wav import convert
from tests import tones
from tests.bench.audio.card_observer import RATE
from tests.bench.audio.observing import Seen, observed
from tests.bench.audio.phones import BARE, baresip_call, our_call
from tests.bench.audio.quiet_machine import keep_neighbours_out
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


def heard(name: str, said: tones.Samples, network: Network) -> tones.Samples:
    """What the card played from shortly before the speech began, at 8 kHz."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
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
            time.sleep(_SETTLE_S)
            media.speak()
            wait_for(lambda: media.spoken, "the speech is said", timeout_s=len(said) / RATE_HZ + 20)
            time.sleep(_TAIL_S)
        sound = Seen(result).since(media.began_at - 0.05)
    return convert(sound, RATE, RATE_HZ).astype(np.float64)


def score(said: tones.Samples, sound: tones.Samples) -> float:
    """PESQ, narrowband (ITU-T P.862), as MOS-LQO."""
    import pesq  # needs a compiler to install, so it is no dependency of the tests

    peak = float(np.abs(sound).max()) or 1.0
    scaled = (sound / peak * float(np.abs(said).max())).astype(np.float32)
    return float(pesq.pesq(RATE_HZ, said.astype(np.float32), scaled, "nb"))


def run(seeds: int, seconds: float, names: list[str], networks: list[str]) -> dict[str, Any]:
    said = speech(seconds)
    report: dict[str, Any] = {}
    for condition in networks:
        for name in names:
            scores = []
            for seed in range(1, seeds + 1):
                base = NETWORKS[condition]
                network = Network(base.loss, base.jitter_ms, seed)
                scores.append(score(said, heard(name, said, network)))
            report.setdefault(condition, {})[name] = {
                "mean": round(statistics.fmean(scores), 2),
                "spread": round(max(scores) - min(scores), 2),
                "scores": [round(value, 2) for value in scores],
            }
    return report


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=12)
    parser.add_argument("--phones", nargs="*", default=["ours", "baresip"])
    parser.add_argument("--networks", nargs="*", default=list(NETWORKS))
    options = parser.parse_args()
    keep_neighbours_out()
    print(json.dumps(run(options.seeds, options.seconds, options.phones, options.networks), indent=2))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
