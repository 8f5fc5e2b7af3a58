"""What goes into the ring comes out, in order, whatever the sizes of the pieces."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from softphone.engine.audio.ring import SampleRing

_OPERATIONS = st.lists(st.tuples(st.booleans(), st.integers(0, 40)), max_size=200)


@given(capacity=st.integers(1, 50), channels=st.integers(1, 2), operations=_OPERATIONS)
def test_whatever_is_written_is_read_once_and_in_order(
    capacity: int, channels: int, operations: list[tuple[bool, int]]
) -> None:
    ring, model, counter = SampleRing(capacity, channels), list[int](), 0
    for writes, frames in operations:
        if writes:
            fresh = np.arange(counter, counter + frames * channels).astype(np.int16)
            taken = ring.push(fresh)
            assert taken is (len(model) + len(fresh) <= capacity * channels)
            if taken:
                model += fresh.tolist()
                counter += len(fresh)
        else:
            out = np.zeros(frames * channels, np.int16)
            got = ring.pull(out) * channels
            assert got == min(len(model), frames * channels)
            assert out[:got].tolist() == model[:got]
            del model[:got]
        assert ring.fill == len(model) // channels
        assert ring.room == capacity - ring.fill


def test_skipping_forgets_the_oldest_and_never_more_than_there_is() -> None:
    ring = SampleRing(8)
    ring.push(np.array([1, 2, 3], np.int16))
    ring.skip(1)
    out = np.zeros(1, np.int16)
    ring.pull(out)
    assert out[0] == 2
    ring.skip(10)
    assert ring.fill == 0


def test_a_ring_without_room_is_refused() -> None:
    with pytest.raises(ValueError, match="room"):
        SampleRing(0)
