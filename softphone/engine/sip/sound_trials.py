"""Tests of the sound devices, on behalf of the desk. Thread: the sip thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from softphone.domain.audio import SoundTest, SoundTrial
from softphone.domain.events import Event, RefusalReason, SoundTestChanged
from softphone.engine.sip.orders import NotNow


class TriedSound(Protocol):
    """What this needs of `AudioSession`."""

    @property
    def trial(self) -> SoundTrial: ...
    def start_trial(self, test: SoundTest, ringtone: str = "") -> bool: ...
    def stop_trial(self) -> None: ...


class SoundTrials:
    """Starts and stops tests, and tells the desk how they stand."""

    def __init__(
        self, card: TriedSound, publish: Callable[[Event], None], ringtone: Callable[[], str]
    ) -> None:
        self._card = card
        self._publish = publish
        self._ringtone = ringtone
        self._told = SoundTrial()

    def start(self, test: SoundTest) -> None:
        """Raises `NotNow` while a call has the devices."""
        if not self._card.start_trial(test, self._ringtone()):
            raise NotNow(RefusalReason.WRONG_STATE, "a call has the sound devices")
        self.poll()

    def stop(self) -> None:
        self._card.stop_trial()
        self.poll()

    def poll(self) -> None:
        """Publish what has changed."""
        trial = self._card.trial
        if trial != self._told:
            self._told = trial
            self._publish(SoundTestChanged(trial))
