"""Mutated messages do no harm: the same ones in every run.

A million: `tests.engine.edge.long_mutations` (the border alone), `tests.engine.edge.mutated_phone` (with
PJSIP).
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from softphone.engine.edge.flows.framing import StreamError, StreamFramer
from tests.engine.edge.long_mutations import feed_block
from tests.engine.edge.mutated_phone import mutated_phone
from tests.engine.edge.mutations import Bench, mutants


@pytest.mark.parametrize("seed", [1, 2])
def test_ten_thousand_mutants_never_harm_the_border(seed: int) -> None:
    figures = feed_block(seed)
    assert figures.through > 500  # the mutants are not all turned away at the first character
    assert figures.slowest_ms < 250


def test_mutants_are_the_same_in_every_run() -> None:
    first, second = (list(mutants(5, 200, Bench().contact)) for _ in range(2))
    assert first == second


def test_mutated_streams_are_cut_or_refused() -> None:
    dice = random.Random(3)
    bench = Bench()
    for data in mutants(3, 2_000, bench.contact):
        framer, rest = StreamFramer(), data
        try:
            while rest:
                cut = dice.randint(1, 500)
                framer.feed(rest[:cut])
                rest = rest[cut:]
        except StreamError:
            continue


def test_after_twenty_thousand_mutants_pjsip_lives_and_a_call_rings_within_a_second(tmp_path: Path) -> None:
    with mutated_phone(tmp_path) as it:
        it.feed(20, 20_000)
        assert it.ring() < 1.0
        assert it.faults() == 0
        assert it.phone.quit() == 0
