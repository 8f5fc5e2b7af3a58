"""The device callbacks allocate no memory that stays and hardly any that goes, and never wait."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable

import numpy as np

from softphone.engine.audio.lines import MicrophoneLine, SpeakerLine
from softphone.engine.audio.players import Player
from softphone.engine.audio.ports import Shape
from softphone.engine.audio.terms import FRAME_SAMPLES
from tests.engine.audio.clockwork import SimulatedTime, Sine

_SHAPE = Shape(48000, 1, 480)
_KEPT_BYTES = 500
"""Less than one byte a round."""
_MOST_BYTES = 1024
"""A handful of short-lived views and numbers; a block of sound alone would be 960 bytes, as floats 1920."""


_ATTEMPTS = 5


def _cost(work: Callable[[], object], warm_up: int = 50) -> tuple[int, int]:
    """Bytes that stayed after some rounds, and the most that were in use at once.

    The least of several attempts: what other threads of the test's process take now and then counts as well.
    """
    for _ in range(warm_up):
        work()
    attempts = [_cost_once(work) for _ in range(_ATTEMPTS)]
    return min(stayed for stayed, _ in attempts), min(peak for _, peak in attempts)


def _cost_once(work: Callable[[], object], rounds: int = 500) -> tuple[int, int]:
    tracemalloc.start()
    try:
        work()
        before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        for _ in range(rounds):
            work()
        after, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return after - before, peak - before


def test_the_capture_callback_keeps_nothing_and_copies_without_allocating() -> None:
    line = MicrophoneLine(_SHAPE, SimulatedTime())
    block = memoryview(bytes(960))

    def callback() -> None:
        line.take(block)
        line.ring.skip(480)

    stayed, peak = _cost(callback)
    assert stayed < _KEPT_BYTES
    assert peak < _MOST_BYTES


def test_the_playback_callback_keeps_nothing_and_copies_without_allocating() -> None:
    line = SpeakerLine(_SHAPE, SimulatedTime())
    block = memoryview(bytearray(960))
    stayed, peak = _cost(lambda: line.give(block))
    assert stayed < _KEPT_BYTES
    assert peak < _MOST_BYTES


def test_playing_a_tone_in_the_callback_keeps_nothing_either() -> None:
    line = SpeakerLine(_SHAPE, SimulatedTime())
    line.players = (Player(Sine(48000).next(48000), loop=True),)
    block = memoryview(bytearray(960))
    stayed, peak = _cost(lambda: line.give(block))
    assert stayed < _KEPT_BYTES
    assert peak < 2 * _MOST_BYTES


def test_a_block_of_another_size_than_agreed_is_served_too() -> None:
    line = SpeakerLine(_SHAPE, SimulatedTime())
    line.write_frame(np.full(FRAME_SAMPLES, 1000, np.float32))
    for size in (1, 77, 4096, 20000):
        block = memoryview(bytearray(b"\x7f" * size * 2))
        line.give(block)
        assert bytes(block[-2:]) != b"\x7f\x7f"
