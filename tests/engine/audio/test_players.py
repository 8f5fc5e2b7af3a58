"""Tones, ringing and clips that sound at the device's own clock."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from softphone.engine.audio.players import Player
from softphone.engine.audio.sounds import ringing_player, tone_player
from softphone.engine.audio.terms import Tone
from softphone.engine.audio.tones import RINGING, TONES, Melody, synthesise
from tests import tones


def _play(player: Player, blocks: int, channels: int = 1) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    sound = bytearray()
    for _ in range(blocks):
        block = bytearray(480 * 2 * channels)
        player.mix(memoryview(block), channels)
        sound += block
    return np.frombuffer(bytes(sound), np.int16)


def test_a_clip_that_is_not_repeated_ends_and_leaves_silence() -> None:
    player = Player(np.full(700, 1000, np.float32), loop=False)
    sound = _play(player, 3)
    assert sound[:700].tolist() == [1000] * 700
    assert not sound[700:].any()
    assert player.finished


def test_a_clip_shorter_than_a_block_is_repeated_without_a_gap() -> None:
    sound = _play(Player(np.full(7, 500, np.float32), loop=True), 2)
    assert (sound == 500).all()


def test_an_empty_clip_is_silence() -> None:
    assert not _play(Player(np.zeros(0, np.float32), loop=True), 2).any()


def test_it_is_added_to_what_sounds_already_and_never_wraps_around() -> None:
    player = Player(np.full(480, 20000, np.float32), loop=True)
    block = np.full(480, 20000, np.int16)
    player.mix(block.data.cast("B"), 1)
    assert (block == 32767).all()


def test_both_channels_of_a_stereo_device_get_it() -> None:
    sound = _play(Player(np.full(480, 900, np.float32), loop=True), 1, channels=2)
    assert (sound == 900).all()


def test_a_new_gain_is_reached_by_a_ramp_and_then_kept() -> None:
    player = Player(np.full(48000, 10000, np.float32), loop=True)
    _play(player, 1)
    player.aim(-60)
    faded = _play(player, 3)
    assert np.abs(np.diff(faded.astype(int))).max() < 50
    assert not faded[-400:].any()


@pytest.mark.parametrize("kind", list(Tone))
@pytest.mark.parametrize("rate", [16000, 44100, 48000])
def test_every_tone_is_audible_begins_softly_and_fits_its_length(kind: Tone, rate: int) -> None:
    melody = TONES[kind]
    sound = synthesise(melody, rate)
    assert len(sound) == pytest.approx(sum(note.seconds for note in melody.notes) * rate, abs=10)
    assert 500 < np.abs(sound).max() < 10000
    assert np.abs(sound[:3]).max() < 60


def test_ringback_is_425_hz_for_a_second_every_five_seconds() -> None:
    sound = synthesise(TONES[Tone.RINGBACK], 16000).astype(np.float64) / 32768
    assert tones.level_dbfs(sound[1000:15000], 425, 16000) > -20
    assert tones.rms_dbfs(sound[17000:]) < -90
    assert len(sound) == 5 * 16000


def test_only_confirmation_and_attention_end_by_themselves() -> None:
    assert {kind for kind, melody in TONES.items() if not melody.loop} == {Tone.CONFIRM, Tone.ATTENTION}
    assert isinstance(RINGING, Melody)
    assert RINGING.loop


def test_a_wav_file_is_played_as_ringtone_at_the_device_rate(tmp_path: Path) -> None:
    path = tones.write_wav(tmp_path / "ring.wav", tones.tone(700, 1.0, 8000), 8000)
    sound = _play(ringing_player(str(path), 48000, 0), 90).astype(np.float64) / 32768
    assert tones.level_dbfs(sound, 700, 48000) > -25


@pytest.mark.parametrize("content", [None, b"", b"RIFF\0\0\0\0WAVE", b"no sound at all" * 50])
def test_an_unusable_ringtone_rings_with_the_built_in_sound(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "ring.wav"
    if content is not None:
        path.write_bytes(content)
    sound = _play(ringing_player(str(path), 48000, 0), 90).astype(np.float64) / 32768
    assert tones.loudest_dbfs(sound, 659.26, 48000) > -40


def test_a_wav_file_without_samples_rings_with_the_built_in_sound(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "empty.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16000)
    assert _play(ringing_player(str(tmp_path / "empty.wav"), 48000, 0), 60).any()


def test_a_tone_player_obeys_its_gain() -> None:
    loud, soft = (_play(tone_player(Tone.BUSY, 48000, gain), 20) for gain in (0.0, -20.0))
    assert np.abs(soft).max() == pytest.approx(np.abs(loud).max() / 10, rel=0.05)
