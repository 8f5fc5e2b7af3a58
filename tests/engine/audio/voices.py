"""Speech-like sound and the noises of a kitchen, synthesised and seeded: nothing to download."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

RATE = 16000
Sound = npt.NDArray[np.float64]

_VOWELS = ((730, 1090, 2440), (270, 2290, 3010), (300, 870, 2240), (530, 1840, 2480), (570, 840, 2410))
_SPEECH_PEAK = 9000.0


def speech(seconds: float, seed: int, pitch_hz: float = 120.0) -> Sound:
    """Syllables with pauses: a buzz of harmonics through the formants of five vowels, hissed consonants."""
    chance = np.random.default_rng(seed)
    parts, length = list[Sound](), 0
    while length < seconds * RATE:
        pause = chance.random() < 0.15
        part = np.zeros(int(RATE * chance.uniform(0.15, 0.5))) if pause else _syllable(chance, pitch_hz)
        parts.append(part)
        length += len(part)
    return np.concatenate(parts)[: round(seconds * RATE)]


def _syllable(chance: np.random.Generator, pitch_hz: float) -> Sound:
    count = int(RATE * chance.uniform(0.12, 0.3))
    time = np.arange(count) / RATE
    pitch = pitch_hz * chance.uniform(0.85, 1.25) * (1 + 0.08 * np.sin(2 * np.pi * 3 * time))
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    formants = _VOWELS[chance.integers(len(_VOWELS))]
    voiced = np.zeros(count)
    for harmonic in range(1, int(3800 / pitch_hz)):
        hertz = harmonic * pitch_hz
        strength = sum(1 / (1 + ((hertz - formant) / 120) ** 2) for formant in formants) / harmonic**0.3
        voiced += strength * np.sin(harmonic * phase)
    voiced *= np.sin(np.pi * np.arange(count) / count) ** 0.6
    hiss = chance.normal(0, 0.25, int(RATE * 0.04)) * np.hanning(int(RATE * 0.04))
    whole = np.concatenate((hiss, voiced / max(1e-9, np.abs(voiced).max())))
    return whole * _SPEECH_PEAK * chance.uniform(0.5, 1.0)


def vacuum(seconds: float, seed: int, level: float = 900.0) -> Sound:
    """A motor's hum and its wind."""
    chance = np.random.default_rng(seed)
    time = np.arange(round(seconds * RATE)) / RATE
    wind = np.convolve(chance.normal(0, 1, len(time)), np.ones(8) / 8, "same")
    hum = sum(np.sin(2 * np.pi * 100 * k * time) / k for k in range(1, 12))
    noise: Sound = level * (wind / wind.std() + 0.4 * hum)
    return noise


def room(sound: Sound, delay_ms: float, loss_db: float, seed: int = 5) -> Sound:
    """What a microphone hears of a loudspeaker: later, softer, with 120 ms of reverberation."""
    chance = np.random.default_rng(seed)
    tail = int(0.12 * RATE)
    response = chance.normal(0, 1, tail) * np.exp(-np.arange(tail) / (0.025 * RATE))
    response[0] = 3.0
    response *= 10 ** (-loss_db / 20) / np.sqrt((response**2).sum())
    heard = np.convolve(sound, response)[: len(sound)]
    shift = round(delay_ms * RATE / 1000)
    return np.concatenate((np.zeros(shift), heard))[: len(sound)]


def babble(seconds: float, seed: int) -> Sound:
    """Six people talking elsewhere in the room."""
    voices = [speech(seconds, seed * 10 + number, 90.0 + 25 * number) for number in range(6)]
    return np.asarray(sum(voices)) * 0.06


def keyboard(seconds: float, seed: int) -> Sound:
    """About six key strokes a second."""
    return _events(seconds, seed, every_s=0.16, make=_click)


def dog(seconds: float, seed: int) -> Sound:
    """A bark every second and a half."""
    return _events(seconds, seed, every_s=1.5, make=_bark)


def _events(seconds: float, seed: int, every_s: float, make: Callable[[np.random.Generator], Sound]) -> Sound:
    chance = np.random.default_rng(seed)
    sound, at = np.zeros(round(seconds * RATE)), 0
    while at < len(sound):
        event = make(chance)[: len(sound) - at]
        sound[at : at + len(event)] += event
        at += int(RATE * every_s * chance.uniform(0.5, 1.5))
    return sound


def _click(chance: np.random.Generator) -> Sound:
    count = int(0.02 * RATE)
    return chance.normal(0, 2500, count) * np.exp(-np.arange(count) / (0.003 * RATE))


def _bark(chance: np.random.Generator) -> Sound:
    count = int(0.18 * RATE)
    time = np.arange(count) / RATE
    pitch = np.cumsum(500 + 300 * np.sin(np.pi * time / 0.18)) / RATE
    rough = sum(np.sin(2 * np.pi * k * pitch) / k for k in range(1, 6)) + chance.normal(0, 0.4, count)
    return np.asarray(4000 * rough * np.sin(np.pi * time / 0.18))
