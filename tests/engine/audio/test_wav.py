"""WAV files of any usual kind come in, and what goes out is valid at any moment."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from softphone.domain.errors import BadInput
from softphone.engine.audio.wav import GrowingWav, read_wav
from tests import tones


def _write(path: Path, width: int, channels: int, rate: int) -> None:
    sound = tones.tone(440, 1.0, rate)
    whole = np.repeat(np.round(sound * (2 ** (8 * width - 1) - 1)).astype(np.int64), channels)
    if width == 1:
        raw = (whole + 128).astype(np.uint8).tobytes()
    elif width == 3:
        raw = whole.astype("<i4").view(np.uint8).reshape(-1, 4)[:, :3].tobytes()
    else:
        raw = whole.astype(f"<i{width}").tobytes()
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(raw)


@pytest.mark.parametrize("width", [1, 2, 3, 4])
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("rate", [8000, 44100])
def test_any_width_channels_and_rate_come_out_as_the_same_tone(
    tmp_path: Path, width: int, channels: int, rate: int
) -> None:
    _write(tmp_path / "in.wav", width, channels, rate)
    sound = read_wav(tmp_path / "in.wav", 16000).astype(np.float64) / 32768
    assert len(sound) == 16000
    assert tones.level_dbfs(sound, 440, 16000) == pytest.approx(-20, abs=0.5)


@pytest.mark.parametrize("content", [b"", b"RIFF", b"RIFF\0\0\0\0WAVEfmt ", b"\xff" * 1000])
def test_what_is_no_wav_file_is_refused_as_bad_input(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "in.wav").write_bytes(content)
    with pytest.raises(BadInput):
        read_wav(tmp_path / "in.wav", 16000)


def test_a_missing_file_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        read_wav(tmp_path / "none.wav", 16000)


def test_a_growing_file_can_be_read_while_it_grows(tmp_path: Path) -> None:
    path = tmp_path / "out.wav"
    file = GrowingWav(path, 16000)
    assert read_wav(path, 16000).size == 0
    file.append(memoryview(bytes(16000)))
    assert read_wav(path, 16000).size == 8000
    file.append(memoryview(bytes(100)))
    file.close()
    file.close()
    assert read_wav(path, 16000).size == 8050


def test_a_file_that_cannot_be_written_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        GrowingWav(tmp_path / "no" / "such" / "folder.wav", 16000)
