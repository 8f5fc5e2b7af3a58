"""What a call costs, ours beside a bare PJSIP script and baresip: `python -m tests.bench.audio.cpu`.

Processor time of the process that handles the sound, in percent of a core, while both sides speak, with a
headset; ours with all processing on and with none. The agent is a person reading: the demo's voice on both
sides is so like itself that it passes for an echo, and a loudspeaker would be measured. Ours and baresip
play through a JACK card, the bare script through PJSIP's null device. The telephones take turns; each figure
is the median of its rounds. Prints JSON.
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
from tests.bench.audio import human_speech
from tests.bench.audio.burst_media import BurstMedia
from tests.bench.audio.card_observer import RATE
from tests.bench.audio.observing import observed
from tests.bench.audio.phones import BARE, TREATED, bare_call, baresip_call, our_call
from tests.bench.audio.quality import speech
from tests.bench.audio.quiet_machine import keep_logs_out, keep_neighbours_out
from tests.bench.processes import usage
from tests.engine.audio.voices import RATE as VOICES_HZ
from tests.peers.jack_card import JackCard
from tests.peers.network import Cable

NAMES = ("ours_treated", "ours", "bare_pjsip", "baresip")
_SETTLE_S = 5.0
_SPEECH_S = 10.0


def share_of_a_core(name: str, seconds: float) -> float:
    """Percent of a core that one call costs the telephone `name`."""
    said = speech(_SPEECH_S)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        if name == "bare_pjsip":
            talk = stack.enter_context(bare_call(folder, BurstMedia(said)))
        else:
            card = JackCard(folder / "jack", realtime=True)
            stack.callback(card.stop)
            agent = convert(human_speech.agent(_SPEECH_S, seed=1).astype(np.float32), VOICES_HZ, RATE)
            spoken = tones.write_wav(folder / "agent.wav", agent.astype(np.float64) / 32768, RATE)
            stack.enter_context(observed(card, folder / "card.npz", spoken))
            if name == "baresip":
                cable = Cable()
                stack.callback(cable.remove)
                media = BurstMedia(said, host=cable.here)
                talk = stack.enter_context(baresip_call(folder, card, cable, media))
            else:
                choice = BARE if name == "ours" else TREATED
                talk = stack.enter_context(our_call(folder, card, BurstMedia(said), choice))
        time.sleep(_SETTLE_S)
        return usage([talk.pid], seconds).cpu_percent[0]


def run(rounds: int, seconds: float) -> dict[str, Any]:
    """Let each telephone take its turn in each round, and say how ours compares."""
    seen: dict[str, list[float]] = {name: [] for name in NAMES}
    for _ in range(rounds):
        for name in NAMES:
            seen[name].append(share_of_a_core(name, seconds))
    medians = {name: statistics.median(values) for name, values in seen.items()}
    ours = medians["ours_treated"]
    return {
        "cpu_percent": {name: round(value, 2) for name, value in medians.items()},
        "rounds": {name: [round(value, 2) for value in values] for name, values in seen.items()},
        "treated_to_bare_pjsip": round(ours / medians["bare_pjsip"], 1),
        "treated_to_baresip": round(ours / medians["baresip"], 1),
    }


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=15)
    options = parser.parse_args()
    keep_logs_out()
    keep_neighbours_out()
    print(json.dumps(run(options.rounds, options.seconds), indent=2))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
