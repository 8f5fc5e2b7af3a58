"""The strong noise suppression while it loads, works, is missing or is too much for this computer."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from enum import Enum, auto

import structlog

from softphone.engine.audio.deep_filter import DeepFilter, NoiseFilter, Samples, StrongNoiseMissing
from softphone.engine.audio.terms import BRIDGE_HZ, FRAME_SAMPLES

_log = structlog.get_logger(__name__)

_FRAME_S = FRAME_SAMPLES / BRIDGE_HZ
_JUDGED_FRAMES = 100
_BEARABLE = 0.5
"""Of the time of two seconds' frames: beyond it the next busy moment would tear a hole into the voice."""
_WARM_UP_FRAMES = 10
"""The filter's delay, and the time it needs to know the room."""


class Readiness(Enum):
    UNWANTED = auto()
    LOADING = auto()
    READY = auto()
    MISSING = auto()
    TOO_SLOW = auto()


class StrongNoise:
    """`want` from the sip thread; `process` from whichever one thread treats the voice."""

    def __init__(
        self, make: Callable[[], NoiseFilter] = DeepFilter, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self.readiness = Readiness.UNWANTED
        self._make = make
        self._clock = clock
        self._filter: NoiseFilter | None = None
        self._loading = threading.Lock()
        self._wishes = 0
        self._frames = 0
        self._spent_s = 0.0

    def want(self, on: bool) -> None:
        """Load the filter, or let it go. What was missing or too slow stays so until it was unwanted."""
        with self._loading:
            if on and self.readiness is Readiness.UNWANTED:
                self._wishes += 1
                self.readiness = Readiness.LOADING
                threading.Thread(
                    target=self._load, args=(self._wishes,), name="audio-strong-noise", daemon=True
                ).start()
            elif not on:
                self.readiness, self._filter = Readiness.UNWANTED, None

    def call_begins(self) -> None:
        """What was too slow in the last call gets another chance."""
        if self.readiness is Readiness.TOO_SLOW:
            self.want(False)
            self.want(True)

    def process(self, frame: Samples) -> Samples | None:
        """The cleaned frame; None while the filter is not there or does not know the room yet."""
        noise_filter = self._filter
        if noise_filter is None:
            return None
        began = self._clock()
        cleaned = noise_filter.process(frame)
        self._judge(noise_filter, self._clock() - began)
        return cleaned if self._frames > _WARM_UP_FRAMES else None

    def _load(self, wish: int) -> None:
        began, made = time.monotonic(), None
        try:
            made = self._make()
        except StrongNoiseMissing as exc:
            _log.warning("strong_noise_missing", detail=str(exc))
        with self._loading:
            if self.readiness is not Readiness.LOADING or wish != self._wishes:
                return  # unwanted meanwhile
            self._frames, self._spent_s = 0, 0.0
            self._filter, self.readiness = made, Readiness.READY if made else Readiness.MISSING
        _log.info("strong_noise_loaded", readiness=self.readiness.name, s=round(time.monotonic() - began, 2))

    def _judge(self, judged: NoiseFilter, took_s: float) -> None:
        self._frames += 1
        self._spent_s += took_s
        if self._frames % _JUDGED_FRAMES:
            return
        share, self._spent_s = self._spent_s / (_JUDGED_FRAMES * _FRAME_S), 0.0
        if share > _BEARABLE and self._filter is judged:
            self.readiness, self._filter = Readiness.TOO_SLOW, None
            _log.warning("strong_noise_too_slow", share=round(share, 2))
