"""How much of the caller's echo is left, and what becomes of the agent's words while both talk."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from softphone.engine.audio.processing import Treatment
from tests.bench.audio import scores
from tests.bench.audio.treating import ECHO, ECHO_AND_NOISE, OFF, power_db, told, treated
from tests.engine.audio.voices import RATE, Sound, room

DELAYS_MS = (30, 60, 110, 200)
_ECHO_LOSS_DB = 10
_FROM_S = 10
_LENGTH_S = 20
Voice = Callable[[float, int], Sound]

_STATES: dict[str, Treatment] = {"untreated": OFF, "echo": ECHO, "echo_and_noise": ECHO_AND_NOISE}


def cancelled(caller: Voice, seeds: range, treatment: Treatment = ECHO_AND_NOISE) -> dict[str, object]:
    """Echo return loss enhancement by the delay of the card, of a loudspeaker 10 dB above its echo."""
    report: dict[str, object] = {}
    for delay in DELAYS_MS:
        first, settled = [], []
        for seed in seeds:
            far = caller(_LENGTH_S, seed)
            heard = room(far, delay, _ECHO_LOSS_DB, seed)
            left, _ = treated(treatment, heard, far)
            first.append(power_db(heard, 0, 2) - power_db(left, 0, 2))
            settled.append(power_db(heard, _FROM_S, _LENGTH_S) - power_db(left, _FROM_S, _LENGTH_S))
        report[str(delay)] = {"first_2_s_db": told(first), "settled_db": told(settled)}
    return report


def double_talk(agent: Voice, caller: Voice, seeds: range) -> dict[str, object]:
    """STOI of the agent's words, who begins ten seconds after the caller and talks at the same time."""
    report: dict[str, object] = {}
    for place, loss_db in (("loudspeaker", _ECHO_LOSS_DB), ("headset", None)):
        found: dict[str, list[float]] = {name: [] for name in _STATES}
        for seed in seeds:
            near, far = agent(_LENGTH_S, seed), caller(_LENGTH_S, seed + 50)
            near[: _FROM_S * RATE] = 0
            echo = np.zeros_like(far) if loss_db is None else room(far, 60, loss_db, seed)
            for name, treatment in _STATES.items():
                left, _ = treated(treatment, near + echo, far)
                said, heard = scores.aligned(near[: len(left)], left)
                found[name].append(scores.stoi(said[_FROM_S * RATE :], heard[_FROM_S * RATE :]))
        report[place] = {name: told(values, 3) for name, values in found.items()}
    return report
