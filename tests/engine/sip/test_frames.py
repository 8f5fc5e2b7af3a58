"""Audio frames across the border to PJSIP, the fast way and the slow way."""

from __future__ import annotations

import ctypes

import pjsua2 as pj
import pytest

from softphone.engine.sip.frames import Frames, layout_is_known

FRAME = bytes(range(256)) * 2 + bytes(128)


def test_the_fast_way_is_known_to_work_on_this_build() -> None:
    assert layout_is_known()


@pytest.mark.parametrize("fast", [True, False])
def test_a_frame_goes_out_as_it_was_written(fast: bool) -> None:
    frames, frame = Frames(len(FRAME), fast=fast), pj.MediaFrame()
    ctypes.memmove(frames.address, FRAME, len(FRAME))
    frames.fill(frame)
    assert frame.type == pj.PJMEDIA_FRAME_TYPE_AUDIO
    assert frame.size == len(FRAME)
    assert bytes(frame.buf) == FRAME
    ctypes.memmove(frames.address, FRAME[::-1], len(FRAME))
    frames.fill(frame)
    assert bytes(frame.buf) == FRAME[::-1]


@pytest.mark.parametrize("fast", [True, False])
def test_a_frame_comes_in_as_it_was_sent(fast: bool) -> None:
    frames, frame = Frames(len(FRAME), fast=fast), pj.MediaFrame()
    frame.buf = pj.ByteVector(list(FRAME))
    frame.size = len(FRAME)
    assert ctypes.string_at(frames.locate(frame), len(FRAME)) == FRAME
