"""What is left of noise around the agent, and of the agent's voice in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from pywebrtc_audio import AudioProcessor

from softphone.engine.audio.processing import Treatment
from tests.bench.audio import scores
from tests.bench.audio.treating import in_frames, power_db, told, treated
from tests.engine.audio.voices import RATE, Sound, babble, dog, keyboard, vacuum

Voice = Callable[[float, int], Sound]
SYNTHESISED: dict[str, Voice] = {"vacuum": vacuum, "babble": babble, "keyboard": keyboard, "dog": dog}
_RATIO_DB = 5.0
"""Of the voice over the noise at the microphone: a vacuum cleaner in the same room."""
_ALONE_S, _LENGTH_S = 4, 16


@dataclass(frozen=True, slots=True)
class Heard:
    """`noise_sinks_db` in the pause; the others of the words, 0 and 1 at best for STOI, 1 to 5 for DNSMOS."""

    noise_sinks_db: float
    si_sdr_db: float
    stoi: float
    mos_signal: float
    mos_background: float
    mos_overall: float


def mixed(voice: Sound, noise: Sound) -> tuple[Sound, Sound]:
    """The voice, silent for the first seconds, and it with the noise at the ratio."""
    voice = voice.copy()
    voice[: _ALONE_S * RATE] = 0
    said = voice[_ALONE_S * RATE :]
    share = np.sqrt(np.mean(said**2) / np.mean(noise**2)) * 10 ** (-_RATIO_DB / 20)
    return voice, voice + noise * share


def high_passed(sound: Sound) -> Sound:
    """As the ordinary suppression's high pass leaves it: its phase is nothing that anybody hears."""
    high_pass = AudioProcessor(RATE, 1, high_pass_filter=True)
    made = np.concatenate([high_pass.process(frame) for frame in in_frames(sound)]).astype(np.float64)
    return np.concatenate((made, sound[len(made) :]))


def judged(clean: Sound, noisy: Sound, left: Sound) -> Heard:
    said, heard = scores.aligned(clean[: len(left)], left)
    said, heard = said[_ALONE_S * RATE :], heard[_ALONE_S * RATE :]
    mos = scores.dnsmos(heard)
    sinks = power_db(noisy, 2, _ALONE_S) - power_db(left, 2, _ALONE_S)
    return Heard(
        sinks,
        max(scores.si_sdr_db(reference, heard) for reference in (said, high_passed(said))),
        scores.stoi(said, heard),
        mos.signal,
        mos.background,
        mos.overall,
    )


def compared(
    agent: Voice, kinds: dict[str, Voice], states: dict[str, Treatment], seeds: range
) -> dict[str, object]:
    """Each kind of noise under each treatment."""
    report: dict[str, object] = {}
    for kind, noise in kinds.items():
        found: dict[str, list[Heard]] = {name: [] for name in states}
        for seed in seeds:
            clean, noisy = mixed(agent(_LENGTH_S, seed), noise(_LENGTH_S, seed))
            for name, treatment in states.items():
                left, _ = treated(treatment, noisy)
                found[name].append(judged(clean, noisy, left))
        report[kind] = {name: _told(values) for name, values in found.items()}
    return report


def _told(values: list[Heard]) -> dict[str, object]:
    return {
        "noise_sinks_db": told(value.noise_sinks_db for value in values),
        "si_sdr_db": told(value.si_sdr_db for value in values),
        "stoi": told((value.stoi for value in values), 3),
        "dnsmos_signal": told((value.mos_signal for value in values), 2),
        "dnsmos_background": told((value.mos_background for value in values), 2),
        "dnsmos_overall": told((value.mos_overall for value in values), 2),
    }
