"""What the agent is to hear besides voices: the ringer, ringback, busy, the knock of a second call.

The rule is pure and computed anew at every change; `Alerts` tells the sound card only what differs.
Thread: the sip thread.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from softphone.domain.call import CallState, CallView, EndCause
from softphone.engine.audio.terms import Tone


class Alerting(Protocol):
    """What alerts need of the sound card."""

    def start_ringing(self, wav_path: str = "") -> None: ...
    def stop_ringing(self) -> None: ...
    def start_tone(self, kind: Tone) -> None: ...
    def stop_tone(self) -> None: ...


BUSY_TONE_S = 2.5
NOTICE_TONE_S = 0.6
_BUSY_CAUSES = frozenset({EndCause.BUSY, EndCause.DECLINED})


def should_ring(calls: Iterable[CallView]) -> bool:
    """Ring while a call comes in that is not silenced, unless the agent is talking."""
    views = list(calls)
    return _someone_rings(views) and not _talking(views)


def tone_for(calls: Iterable[CallView], flowing: bool) -> Tone | None:
    """Knock during a call; ringback while it rings there and no sound comes from there."""
    views = list(calls)
    if _someone_rings(views) and _talking(views):
        return Tone.CALL_WAITING
    if not flowing and any(v.state is CallState.RINGING for v in views) and not _talking(views):
        return Tone.RINGBACK
    return None


def busy_tone_fits(cause: EndCause, calls: Iterable[CallView]) -> bool:
    """Busy is heard only when no other call is there to be disturbed."""
    return cause in _BUSY_CAUSES and not any(view.live for view in calls)


class Alerts:
    """Keeps the sound card at what the rules say."""

    def __init__(self, card: Alerting) -> None:
        self.ringtone = ""
        self._card = card
        self._ringing = False
        self._tone: Tone | None = None

    def update(self, calls: Iterable[CallView], flowing: bool) -> None:
        """Start and stop what has changed."""
        views = list(calls)
        self._ring(should_ring(views))
        wanted = tone_for(views, flowing)
        if wanted is not None or self._tone is not Tone.BUSY or any(v.live for v in views):
            self._play(wanted)

    def play_busy(self) -> None:
        self._play(Tone.BUSY)

    def play_notice(self) -> None:
        """A short sign in the agent's ear alone: a lead is on the call."""
        if self._tone is None:
            self._play(Tone.ATTENTION)

    def stop_notice(self) -> None:
        if self._tone is Tone.ATTENTION:
            self._play(None)

    def stop_busy(self) -> None:
        if self._tone is Tone.BUSY:
            self._play(None)

    def _ring(self, wanted: bool) -> None:
        if wanted == self._ringing:
            return
        self._ringing = wanted
        if wanted:
            self._card.start_ringing(self.ringtone)
        else:
            self._card.stop_ringing()

    def _play(self, wanted: Tone | None) -> None:
        if wanted is self._tone:
            return
        if self._tone is not None:
            self._card.stop_tone()
        self._tone = wanted
        if wanted is not None:
            self._card.start_tone(wanted)


def _someone_rings(views: list[CallView]) -> bool:
    return any(view.state is CallState.INCOMING and not view.silenced for view in views)


def _talking(views: list[CallView]) -> bool:
    return any(view.state is CallState.ESTABLISHED for view in views)
