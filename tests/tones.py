"""Tones for proving that sound arrives: generating them, and measuring one frequency in dBFS.

0 dBFS is a sine of full scale. Speech and tones in the tests lie around -20 dBFS; digital silence is
reported as ``SILENCE_DBFS``. Assert with thresholds (heard: above -45), never exact levels.
"""

from __future__ import annotations

import struct
import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float64]  # mono, full scale = 1.0

HEADER_BYTES = 44
SILENCE_DBFS = -120.0
HEARD_DBFS = -45.0
UNHEARD_DBFS = -55.0


def tone(frequency_hz: float, seconds: float, rate_hz: int, *, level_dbfs: float = -20.0) -> Samples:
    """A sine of the given level, starting at phase zero."""
    instants = np.arange(round(seconds * rate_hz)) / rate_hz
    return np.asarray(10 ** (level_dbfs / 20) * np.sin(2 * np.pi * frequency_hz * instants), dtype=np.float64)


def silence(seconds: float, rate_hz: int) -> Samples:
    """Digital zero."""
    return np.zeros(round(seconds * rate_hz), dtype=np.float64)


def level_dbfs(samples: Samples, frequency_hz: float, rate_hz: int) -> float:
    """Level of one frequency over all of ``samples``: Goertzel's measure as one windowed DFT bin.

    The Hann window keeps a neighbouring loud tone from leaking in; its bin is ``4 / duration`` wide,
    so give it 0.2 s or more to tell 440 from 480 Hz.
    """
    if len(samples) < 2:
        return SILENCE_DBFS
    window = np.hanning(len(samples))
    turns = np.exp(-2j * np.pi * frequency_hz * np.arange(len(samples)) / rate_hz)
    amplitude = 2 * abs(np.dot(samples * window, turns)) / window.sum()
    return _decibels(float(amplitude))


def rms_dbfs(samples: Samples) -> float:
    """Level of everything in it, as the sine of the same power."""
    if len(samples) == 0:
        return SILENCE_DBFS
    return _decibels(float(np.sqrt(2 * np.mean(samples**2))))


def loudest_dbfs(samples: Samples, frequency_hz: float, rate_hz: int, *, window_s: float = 0.25) -> float:
    """Highest level of the frequency in any window: 'was it ever heard'."""
    size = max(2, round(window_s * rate_hz))
    starts = range(0, max(1, len(samples) - size + 1), size // 2)
    return max(level_dbfs(samples[start : start + size], frequency_hz, rate_hz) for start in starts)


def is_begun(path: Path) -> bool:
    """Whether a WAV file that somebody writes has its header yet: it is made first, then given that."""
    return path.exists() and path.stat().st_size >= HEADER_BYTES


def read_wav(path: Path) -> tuple[Samples, int]:
    """First channel of a 16-bit PCM WAV file and its rate.

    A file still being written is read as far as it goes: its data chunk's length is not believed, only
    whether the samples run to the end of the file.
    """
    data = path.read_bytes()
    format_at, samples_at = data.find(b"fmt "), data.find(b"data")
    if data[:4] != b"RIFF" or format_at < 0 or samples_at < 0:
        raise ValueError(f"{path} is no WAV file")
    _, channels, rate_hz, _, _, bits = struct.unpack_from("<HHIIHH", data, format_at + 8)
    if bits != 16:
        raise ValueError(f"{path} does not hold 16-bit samples")
    body = data[samples_at + 8 :]
    frames = np.frombuffer(body[: len(body) - len(body) % (2 * channels)], dtype="<i2")
    return frames[::channels].astype(np.float64) / 32768, rate_hz


def write_wav(path: Path, samples: Samples, rate_hz: int) -> Path:
    """Write mono 16-bit samples and return the path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
    return path


def _decibels(amplitude: float) -> float:
    return max(SILENCE_DBFS, 20 * float(np.log10(max(amplitude, 1e-9))))
