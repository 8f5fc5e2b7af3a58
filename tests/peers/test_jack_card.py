"""The sound card without hardware: a program that plays and records is heard and hears."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.peers.jack_card import ROOT, JackCard

PLAY_AND_RECORD = """
import sys, time
import numpy as np
import sounddevice
from tests import tones

name, blocks, played = sys.argv[1], [], [0]
def callback(captured, out, frames, time_info, status):
    blocks.append(captured[:, 0].copy())
    turns = 1200 * (np.arange(frames) + played[0]) / 48000
    out[:, 0] = 0.1 * np.sin(2 * np.pi * turns)
    played[0] += frames
with sounddevice.Stream(device=(name, name), channels=1, samplerate=48000, blocksize=480, callback=callback):
    while played[0] < 48000:
        time.sleep(0.02)
    recorded = np.concatenate(blocks[-50:]).astype(float)
    print(tones.level_dbfs(recorded, 880, 48000))
    sys.stdout.flush()
    sys.stdin.read()
"""


@pytest.mark.parametrize(("device", "tapped"), [("Headset One", False), ("system", True)])
def test_a_program_hears_the_person_and_the_person_hears_the_program(
    jack_card: JackCard, device: str, tapped: bool
) -> None:
    person = jack_card.tap() if tapped else jack_card.plug_in(device)
    person.say(880)
    program = subprocess.Popen(
        [sys.executable, "-c", PLAY_AND_RECORD, device],
        env={**os.environ, **jack_card.environment, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert program.stdout is not None
    assert float(program.stdout.readline()) == pytest.approx(-20, abs=1)
    person.wait_heard(1_200)
    program.communicate(timeout=10)
    person.wait_quiet(1_200)


def test_an_unplugged_headset_is_gone_from_the_list_of_devices(jack_card: JackCard) -> None:
    headset = jack_card.plug_in("Headset One")
    assert "Headset One" in _devices(jack_card)
    headset.unplug()
    assert "Headset One" not in _devices(jack_card)
    assert "system" in _devices(jack_card)


def _devices(card: JackCard) -> str:
    code = "import sounddevice; print(sounddevice.query_devices())"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **card.environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout
