"""What the other side of a call says: speech, tones, silence, or the caller's own words. 8 kHz, 20 ms."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import Protocol

import numpy as np

from softphone.demo.pbx.g711 import Samples

RATE_HZ = 8_000
FRAME = 160
"""Samples of 20 ms."""

SPEECH = Path(__file__).resolve().parents[3] / "resources" / "speech"
_SILENCE: Samples = np.zeros(FRAME, np.int16)
_FULL_SCALE = 32_767


class Source(Protocol):
    def frame(self) -> Samples:
        """The next 20 ms."""


class Silence:
    def frame(self) -> Samples:
        return _SILENCE


class Clip:
    """Samples, over and over with a pause between, or once."""

    def __init__(self, samples: Samples, *, pause_s: float = 0.0, once: bool = False) -> None:
        pause = np.zeros(int(pause_s * RATE_HZ), np.int16)
        whole = np.concatenate([samples, pause])
        self.samples: Samples = np.concatenate([whole, np.zeros(-len(whole) % FRAME, np.int16)])
        self._once = once
        self._at = 0

    def frame(self) -> Samples:
        if self._at >= len(self.samples):
            if self._once:
                return _SILENCE
            self._at = 0
        frame = self.samples[self._at : self._at + FRAME]
        self._at += FRAME
        return frame


class Tone:
    """A sine without end and without a click."""

    def __init__(self, hz: float, level_dbfs: float = -15.0) -> None:
        self._hz = hz
        self._amplitude = _FULL_SCALE * 10 ** (level_dbfs / 20)
        self._at = 0

    def frame(self) -> Samples:
        seconds = np.arange(self._at, self._at + FRAME) / RATE_HZ
        self._at += FRAME
        samples: Samples = (self._amplitude * np.sin(2 * np.pi * self._hz * seconds)).astype(np.int16)
        return samples


class Echo:
    """Says back what it `heard`; at most a fifth of a second is kept."""

    def __init__(self) -> None:
        self._kept: Samples = np.zeros(0, np.int16)

    def frame(self) -> Samples:
        if len(self._kept) < FRAME:
            return _SILENCE
        frame, self._kept = self._kept[:FRAME], self._kept[FRAME:]
        return frame

    def heard(self, samples: Samples) -> None:
        self._kept = np.concatenate([self._kept, samples])[-10 * FRAME :]


def ringback() -> Clip:
    """The European ringing tone (ITU-T E.180): 425 Hz, one second in five."""
    tone = Tone(425.0, level_dbfs=-20.0)
    return Clip(np.concatenate([tone.frame() for _ in range(50)]), pause_s=4.0)


def speech(name: str) -> Samples:
    """The clip `resources/speech/<name>.wav` (mono, 16 bit, 8 kHz)."""
    with wave.open(str(SPEECH / f"{name}.wav"), "rb") as file:
        return np.frombuffer(file.readframes(file.getnframes()), np.int16)


def write_wav(path: Path, samples: Samples) -> None:
    """Write a mono 16-bit 8 kHz file."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(samples.tobytes())
