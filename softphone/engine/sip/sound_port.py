"""The sound card as a port of PJSIP's conference bridge.

Thread: made and destroyed on the sip thread; frames come on PJSIP's audio thread, one each 20 ms.
"""

from __future__ import annotations

from typing import Any, Protocol

import pjsua2 as pj

from softphone.engine.sip.frames import Frames
from softphone.engine.sip.guard import Faults


class FrameSource(Protocol):
    """What the port needs of `engine.audio.session.AudioSession`; neither call may block."""

    bridge_hz: int
    frame_samples: int

    def capture_into(self, address: int, nbytes: int) -> None:
        """Write the next 20 ms of the microphone at `address`."""

    def playback_from(self, address: int, nbytes: int) -> None:
        """Take 20 ms for the speaker from `address`."""


class SoundPort(pj.AudioMediaPort):  # type: ignore[misc]  # pjsua2 has no types
    """Microphone and speaker, as the bridge sees them."""

    def __init__(self, card: FrameSource, faults: Faults) -> None:
        super().__init__()
        self.faults = faults
        self._card = card
        faults.survivors.watch(self)
        self._frames = Frames(card.frame_samples * 2)
        self._broken = False
        self.createPort("sound-card", _format(card))

    @property
    def fast(self) -> bool:
        """Whether frames cross by the fast path."""
        return self._frames.fast

    def onFrameRequested(self, frame: Any) -> None:  # noqa: N802 - PJSIP's name
        # not @guarded: that would report the same fault fifty times a second
        try:
            self._card.capture_into(self._frames.address, self._frames.nbytes)
            self._frames.fill(frame)
        except Exception as error:  # noqa: BLE001 - the callback guard of the audio thread
            self._fault("onFrameRequested", error)

    def onFrameReceived(self, frame: Any) -> None:  # noqa: N802 - PJSIP's name
        try:
            if frame.size == self._frames.nbytes:
                self._card.playback_from(self._frames.locate(frame), self._frames.nbytes)
        except Exception as error:  # noqa: BLE001 - the callback guard of the audio thread
            self._fault("onFrameReceived", error)

    def _fault(self, where: str, error: Exception) -> None:
        if not self._broken:
            self._broken = True
            self.faults.add(f"SoundPort.{where}", error)


def _format(card: FrameSource) -> Any:
    form = pj.MediaFormatAudio()
    form.type = pj.PJMEDIA_TYPE_AUDIO
    form.clockRate = card.bridge_hz
    form.channelCount = 1
    form.bitsPerSample = 16
    form.frameTimeUsec = card.frame_samples * 1_000_000 // card.bridge_hz
    return form
