"""The measure of speech's delay, tried on a line whose delay is known."""

from __future__ import annotations

import numpy as np

from tests.bench.audio.spoken import delays

_RATE, _FRAME = 8000, 160
_FIRST_AT = 100.0


def packets(sound: np.ndarray, late_s: float) -> list[tuple[float, np.ndarray]]:
    """Each packet comes `late_s` after its last sample passed the card."""
    return [
        (_FIRST_AT + (at + _FRAME) / _RATE + late_s, sound[at : at + _FRAME])
        for at in range(0, len(sound) - _FRAME + 1, _FRAME)
    ]


def test_the_delay_is_that_of_the_packet_that_carries_the_beginning() -> None:
    said = np.random.default_rng(1).normal(size=_RATE * 3)
    begun = [(place, _FIRST_AT + place / _RATE) for place in (160, 4000, 8080)]

    found = delays(said, begun, packets(said, 0.005), _RATE)

    assert np.allclose(found, [0.025, 0.025, 0.015])


def test_pieces_that_are_silent_or_cannot_be_recognised_are_left_out() -> None:
    chance = np.random.default_rng(1)
    said = chance.normal(size=_RATE * 3)
    said[8000:13000] = 0
    heard = said.copy()
    heard[:6000] = chance.normal(size=6000)
    begun = [(place, _FIRST_AT + place / _RATE) for place in (160, 8160, 14400)]

    found = delays(said, begun, packets(heard, 0.0), _RATE)

    assert np.allclose(found, [0.02])
