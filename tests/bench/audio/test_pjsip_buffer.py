"""The depths of the jitter buffer, tried on PJSIP's own in simulated time; each packet has its own level."""

from __future__ import annotations

import random
import sys
from itertools import pairwise

import numpy as np
import pytest

from softphone.engine.sip.endpoint import JITTER_BUFFER_MS
from tests.bench.audio.pjsip_buffer import Depths, heard
from tests.peers.rtp_tone import FRAME

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux's wheel exports the functions")

_IN_USE = Depths(*JITTER_BUFFER_MS)
_PACKETS = 1000
_STEP = 30
_PHASE_S = 0.01


def delays(fates: list[float | None], depths: Depths = _IN_USE) -> list[int]:
    """By how many packets each packet that is heard is late; what conceals repeats a packet heard before."""
    levels = np.arange(1, len(fates) + 1) * _STEP
    played = heard(np.repeat(levels, FRAME).astype(np.int16), fates, depths, _PHASE_S)
    late, newest = [], 0
    for tick, packet in enumerate(played.reshape(-1, FRAME)):
        number, rest = divmod(int(packet[-1]), _STEP)
        if not rest and number > newest:
            newest = number
            late.append(tick + 1 - number)
    return late


def moves(late: list[int]) -> int:
    """How often the delay changed: each time the listener hears a skip or a pause."""
    return sum(before != after for before, after in pairwise(late))


def lossy(share: float, seed: int) -> list[float | None]:
    chance = random.Random(seed)
    return [None if chance.random() < share else 0.0 for _ in range(_PACKETS)]


def test_a_line_in_order_keeps_its_short_delay() -> None:
    late = delays([0.0] * _PACKETS)

    assert set(late) == {1}
    assert len(late) == _PACKETS - 1


def test_jitter_of_40_ms_is_borne_after_a_pause_or_two() -> None:
    chance = random.Random(5)

    late = delays([chance.random() * 0.04 for _ in range(_PACKETS)])

    assert moves(late) <= 2
    assert len(late) > _PACKETS * 0.98


@pytest.mark.parametrize("seed", range(1, 6))
def test_loss_of_a_tenth_moves_what_follows_a_few_times_at_most(seed: int) -> None:
    late = delays(lossy(0.1, seed))

    assert moves(late) <= 3
    assert max(late) <= 6


def test_a_buffer_that_stays_short_moves_what_follows_again_and_again() -> None:
    late = delays(lossy(0.1, 1), Depths(40, 40, 40, 160))

    assert moves(late) > 10
