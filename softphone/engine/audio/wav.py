"""WAV files in and out: any integer PCM file as mono samples, and a file that is valid while it grows."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from softphone.domain.errors import BadInput
from softphone.engine.audio.resampler import Resampler

Floats = npt.NDArray[np.float32]

_LONGEST_S = 600
_HEADER_BYTES = 44
_UPDATE_BYTES = 8000
"""The header is brought up to date every quarter of a second at 16 kHz."""
_SIZE_LIMIT = 0xFFFFFFFF - 64


def read_wav(path: Path, rate: int) -> Floats:
    """Return the first ten minutes of `path` as int16-scaled mono at `rate`; raise `BadInput`."""
    try:
        with wave.open(str(path), "rb") as file:
            width, channels, own_rate = file.getsampwidth(), file.getnchannels(), file.getframerate()
            raw = file.readframes(min(file.getnframes(), own_rate * _LONGEST_S))
    except (OSError, EOFError, wave.Error) as exc:
        raise BadInput("wav", f"not a readable WAV file: {exc}") from exc
    if not 1000 <= own_rate <= 384_000:
        raise BadInput("wav", f"a rate of {own_rate} Hz is not supported")
    mono = _decode(raw, width).reshape(-1, channels).mean(axis=1, dtype=np.float32)
    return mono if own_rate == rate else convert(mono, own_rate, rate)


def convert(samples: Floats, in_hz: int, out_hz: int) -> Floats:
    """Return a whole clip at another rate, its length in time kept."""
    resampler = Resampler(in_hz, out_hz)
    tail = np.zeros(int(resampler.delay) + 1, np.float32)
    made = resampler.consume(np.concatenate((samples, tail)), 1.0)
    lead = round(resampler.delay * out_hz / in_hz)
    return made[lead : lead + round(len(samples) * out_hz / in_hz)]


def _decode(raw: bytes, width: int) -> Floats:
    if width == 1:
        return (np.frombuffer(raw, np.uint8).astype(np.float32) - 128) * 256
    if width == 2:
        return np.frombuffer(raw, "<i2").astype(np.float32)
    if width == 3:
        padded = np.zeros((len(raw) // 3, 4), np.uint8)
        padded[:, 1:] = np.frombuffer(raw, np.uint8).reshape(-1, 3)
        return (padded.view("<i4")[:, 0] / 65536).astype(np.float32)
    return (np.frombuffer(raw, "<i4") / 65536).astype(np.float32)


class GrowingWav:
    """A mono int16 file whose header is right at the latest a quarter of a second after each write."""

    def __init__(self, path: Path, rate: int) -> None:
        try:
            self._file: BinaryIO = path.open("wb")
        except OSError as exc:
            raise BadInput("wav", f"cannot write {path.name}: {exc.strerror}") from exc
        self._rate = rate
        self._data_bytes = 0
        self._behind = 0
        self._update()

    def append(self, data: memoryview) -> None:
        if self._file.closed or self._data_bytes + len(data) > _SIZE_LIMIT:
            return
        self._file.write(data)
        self._data_bytes += len(data)
        self._behind += len(data)
        if self._behind >= _UPDATE_BYTES:
            self._update()

    def close(self) -> None:
        if not self._file.closed:
            self._update()
            self._file.close()

    def _update(self) -> None:
        self._file.seek(0)
        self._file.write(_header(self._rate, self._data_bytes))
        self._file.seek(_HEADER_BYTES + self._data_bytes)
        self._file.flush()
        self._behind = 0


def _header(rate: int, data_bytes: int) -> bytes:
    def number(value: int, size: int) -> bytes:
        return value.to_bytes(size, "little")

    form = number(1, 2) + number(1, 2) + number(rate, 4) + number(rate * 2, 4) + number(2, 2) + number(16, 2)
    return (
        b"RIFF" + number(36 + data_bytes, 4) + b"WAVEfmt " + number(16, 4) + form + b"data"
        + number(data_bytes, 4)
    )  # fmt: skip
