"""People reading aloud, as the benchmarks of noise and echo need them; fetched from Debian on first use.

The agent is a woman of LibriVox at 16 kHz (pocketsphinx-testdata, public domain recordings); the caller a
man over a telephone line of 8 kHz; the colleagues in the room are a woman and he (asterisk-core-sounds,
CC-BY-SA), with several sentences at once.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np

from softphone.engine.audio.wav import read_wav
from tests.engine.audio.voices import RATE, Sound
from tests.peers import debian

_PACKAGES = ["pocketsphinx-testdata", "asterisk-core-sounds-it-wav", "asterisk-core-sounds-fr-wav"]
_AGENT = "usr/share/pocketsphinx/test/data/librivox"
_CALLER = "usr/share/asterisk/sounds/it_IT_m_Carlo"
_COLLEAGUES = "usr/share/asterisk/sounds/fr_CA_f_June"
_SENTENCE_BYTES = 40_000
"""2.5 s: shorter announcements are digits and beeps."""
_LEVEL = 1600.0
"""Effective value while somebody talks, of 32768: -26 dBFS, the level of ITU-T P.56."""
_QUIET = 0.02


@cache
def _root() -> Path:
    return debian.unpacked("human-speech-bookworm", "bookworm", _PACKAGES).root


def agent(seconds: float, seed: int) -> Sound:
    """Sentences in an order drawn from `seed`, without long pauses."""
    return _row(sorted((_root() / _AGENT).glob("*.wav")), seconds, seed)


def caller(seconds: float, seed: int) -> Sound:
    """The same from the telephone line."""
    return _row(_announcements(_CALLER), seconds, seed)


def colleagues(seconds: float, seed: int) -> Sound:
    """Six of them at once, each with sentences of her or his own."""
    women, men = _announcements(_COLLEAGUES), _announcements(_CALLER)
    voices = [_row(women if n % 2 else men, seconds, seed * 10 + n) for n in range(6)]
    return np.asarray(sum(voices))


def active(sound: Sound) -> Sound:
    """What of `sound` is speech: its frames of 20 ms that are not silence."""
    frames = sound[: len(sound) // 320 * 320].reshape(-1, 320)
    power = np.sqrt((frames**2).mean(axis=1))
    speech: Sound = frames[power > _QUIET * power.max()].reshape(-1)
    return speech


def _announcements(folder: str) -> list[Path]:
    paths = sorted((_root() / folder).glob("*.wav"))
    return [path for path in paths if path.stat().st_size > _SENTENCE_BYTES]


def _row(paths: list[Path], seconds: float, seed: int) -> Sound:
    chance = np.random.default_rng(seed)
    parts, length = list[Sound](), 0
    while length < seconds * RATE:
        for number in chance.permutation(len(paths)):
            parts.append(_sentence(paths[number]))
            length += len(parts[-1])
            if length >= seconds * RATE:
                break
    return np.concatenate(parts)[: round(seconds * RATE)]


@cache
def _sentence(path: Path) -> Sound:
    """One recording at the common level, without the silence around it, and 0.2 s of silence after it."""
    sound = read_wav(path, RATE).astype(np.float64)
    loud = np.flatnonzero(np.abs(sound) > _QUIET * np.abs(sound).max())
    sound = sound[loud[0] : loud[-1] + 1]
    sound *= _LEVEL / np.sqrt((active(sound) ** 2).mean())
    return np.concatenate((np.clip(sound, -32000, 32000), np.zeros(RATE // 5)))
