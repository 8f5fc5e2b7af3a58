"""How much of the caller's echo is left, and what becomes of the agent's words while both talk."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from softphone.engine.audio.echo_canceller import webrtc
from tests.bench.audio import scores
from tests.bench.audio.treating import ECHO, ECHO_AND_NOISE, OFF, in_frames, power_db, told, treated
from tests.engine.audio.voices import RATE, Sound, room

DELAYS_MS = (30, 60, 110, 200)
_ECHO_LOSS_DB = 10
_FROM_S = 10
_LENGTH_S = 20
Voice = Callable[[float, int], Sound]


def _webrtc_alone(near: Sound, far: Sound) -> Sound:
    canceller, made = webrtc(), []
    frames = zip(in_frames(near), in_frames(far), strict=True)
    for heard, loud in frames:
        made.append(canceller.process(heard, loud))
    return np.concatenate(made).astype(np.float64)


_STATES: dict[str, Callable[[Sound, Sound], Sound]] = {
    "untreated": lambda near, far: treated(OFF, near, far)[0],
    "webrtc_alone": _webrtc_alone,
    "echo": lambda near, far: treated(ECHO, near, far)[0],
    "echo_and_noise": lambda near, far: treated(ECHO_AND_NOISE, near, far)[0],
}


def cancelled(caller: Voice, seeds: range) -> dict[str, dict[str, object]]:
    """Echo return loss enhancement by the delay of the card, of a loudspeaker 10 dB above its echo."""
    cases = [(state, delay) for state in ("webrtc_alone", "echo", "echo_and_noise") for delay in DELAYS_MS]
    report: dict[str, dict[str, object]] = {}
    for state, delay in cases:
        first, settled = [], []
        for seed in seeds:
            far = caller(_LENGTH_S, seed)
            heard = room(far, delay, _ECHO_LOSS_DB, seed)
            left = _STATES[state](heard, far)
            first.append(power_db(heard, 0, 2) - power_db(left, 0, 2))
            settled.append(power_db(heard, _FROM_S, _LENGTH_S) - power_db(left, _FROM_S, _LENGTH_S))
        report.setdefault(state, {})[str(delay)] = {"first_2_s_db": told(first), "settled_db": told(settled)}
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
            for name, treat in _STATES.items():
                left = treat(near + echo, far)
                said, heard = scores.aligned(near[: len(left)], left)
                found[name].append(scores.stoi(said[_FROM_S * RATE :], heard[_FROM_S * RATE :]))
        report[place] = {name: told(values, 3) for name, values in found.items()}
    return report
