"""Trying headset, ringing and noise suppression out, before a caller has to."""

from __future__ import annotations

from softphone.domain.audio import SoundTest, SoundTestPhase, SoundTrial
from softphone.domain.events import CallArrived, CallProgressed, EngineAttached, SoundTestChanged
from softphone.usecases.bus import Bus
from softphone.usecases.ports import Telephone

_RECORDING = (SoundTest.RECORD, SoundTest.NOISE)


class TryingSound:
    """One test at a time: `trial` is what runs, `heard` the last one that listened, with how loud it was.

    What was broken off, by the agent or by a call, before it had listened to the end says nothing about the
    microphone.
    """

    def __init__(self, telephone: Telephone, bus: Bus) -> None:
        self._telephone = telephone
        self.trial = SoundTrial()
        self.heard: SoundTrial | None = None
        bus.subscribe(SoundTestChanged, lambda e: self._remember(e.trial))
        bus.subscribe(CallArrived, lambda _e: self._break_off())
        bus.subscribe(CallProgressed, lambda _e: self._break_off())
        bus.subscribe(EngineAttached, lambda _e: self._remember(SoundTrial()))

    def start(self, test: SoundTest) -> None:
        """Begin `test`, in place of the one before; `CommandRefused` follows while a call has the devices."""
        self._telephone.start_sound_test(test)

    def stop(self) -> None:
        if self.trial.test is not None:
            self._telephone.stop_sound_test()

    def _remember(self, trial: SoundTrial) -> None:
        if trial.test in _RECORDING:
            self.heard = trial if trial.phase is not SoundTestPhase.LISTENING else None
        elif trial.test is SoundTest.ECHO:
            self.heard = trial
        elif trial.test is SoundTest.RING:
            self.heard = None
        self.trial = trial

    def _break_off(self) -> None:
        if self.trial.test is SoundTest.ECHO:
            self.heard = None
