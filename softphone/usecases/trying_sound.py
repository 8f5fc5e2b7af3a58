"""Trying headset, ringing and noise suppression out, before a caller has to."""

from __future__ import annotations

from softphone.domain.audio import SoundTest, SoundTrial
from softphone.domain.events import EngineAttached, SoundTestChanged
from softphone.usecases.bus import Bus
from softphone.usecases.ports import Telephone

_HEARING = (SoundTest.RECORD, SoundTest.ECHO, SoundTest.NOISE)


class TryingSound:
    """One test at a time: `trial` is what runs, `heard` the last one that listened, with how loud it was."""

    def __init__(self, telephone: Telephone, bus: Bus) -> None:
        self._telephone = telephone
        self.trial = SoundTrial()
        self.heard: SoundTrial | None = None
        bus.subscribe(SoundTestChanged, lambda e: self._remember(e.trial))
        bus.subscribe(EngineAttached, lambda _e: self._remember(SoundTrial()))

    def start(self, test: SoundTest) -> None:
        """Begin `test`, in place of the one before; `CommandRefused` follows while a call has the devices."""
        self._telephone.start_sound_test(test)

    def stop(self) -> None:
        if self.trial.test is not None:
            self._telephone.stop_sound_test()

    def _remember(self, trial: SoundTrial) -> None:
        if trial.test in _HEARING:
            self.heard = trial
        elif trial.test is SoundTest.RING:
            self.heard = None
        self.trial = trial
