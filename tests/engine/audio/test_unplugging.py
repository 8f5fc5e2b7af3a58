"""Five hundred times the headset is pulled out and plugged in again during one call."""

from __future__ import annotations

import ctypes

import numpy as np

from softphone.domain.audio import AudioChoice
from softphone.engine.audio.patchbay import Patchbay
from softphone.engine.audio.voice import FRAME_BYTES, VoicePath
from softphone.engine.audio.wish import Wish
from tests.engine.audio.clockwork import SimulatedTime
from tests.engine.audio.plugboard import Plugboard, headset

_BUILT_IN = headset("Built-in", default=True)
_JABRA = headset("Jabra Evolve")
_TALKING = Wish(AudioChoice(microphone=_JABRA.key, speaker=_JABRA.key), voice=True)
_CYCLES = 500


class Call:
    """PJSIP's tick every 20 ms, the devices' every 10 ms, the device thread's step every 50 ms."""

    def __init__(self) -> None:
        self.time = SimulatedTime()
        self.board = Plugboard(_BUILT_IN, _JABRA)
        self.bay = Patchbay(lambda _card: self.board, self.time)
        self.voice = VoicePath()
        self._buffer = (ctypes.c_int16 * (FRAME_BYTES // 2))()
        self._address = ctypes.addressof(self._buffer)
        self._step = 0

    def go_on(self, seconds: float) -> int:
        """Return the peak of the last 20 ms that the caller got."""
        for _ in range(round(seconds / 0.01)):
            self.time.now += 0.01
            self.board.call_back()
            self._step += 1
            if self._step % 2 == 0:
                self.voice.capture(self.bay.microphone, self._address, FRAME_BYTES)
                frame = np.array(self._buffer, np.int16)
                self.voice.play(self.bay.speaker, self._address, FRAME_BYTES)
            if self._step % 5 == 0:
                self.bay.settle(_TALKING)
        return int(np.abs(frame).max())


def test_audio_is_on_the_right_device_within_half_a_second_of_each_of_500_unplugs_and_replugs() -> None:
    call = Call()
    call.go_on(0.5)
    for _ in range(_CYCLES):
        call.board.unplug(_JABRA)
        assert call.go_on(0.5) > 7000
        assert len(call.board.open_on(_BUILT_IN)) == 2
        assert any(call.board.open_on(_BUILT_IN)[-1].heard[-1])
        call.board.plug(_JABRA)
        assert call.go_on(0.3) > 7000
        assert len(call.board.open_on(_JABRA)) == 2
    assert len(call.board.streams) == 2
