"""Devices that come and go are noticed from the kernel's list, or from a scout in another process."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from softphone.domain.audio import AudioChoice, AudioDevice
from softphone.engine.audio.device_thread import IDLE_PERIOD_S
from softphone.engine.audio.patchbay import Patchbay
from softphone.engine.audio.scouting import FollowWatch, Scout
from softphone.engine.audio.watch import NativeWatch, alsa_signature, default_watch
from softphone.engine.audio.wish import Wish
from tests.engine.audio.clockwork import SimulatedTime
from tests.engine.audio.plugboard import Plugboard, headset
from tests.peers.waiting import wait_for

_ONE = (AudioDevice("One", "Test", 1, 1),)
_TWO = (*_ONE, AudioDevice("Two", "Test", 0, 2))
_SPEAK = """
import sys
for line in sys.stdin:
    print(line.strip(), flush=True)
"""


def test_a_change_of_the_systems_list_is_told_once_and_at_most_twice_a_second() -> None:
    time, listed = SimulatedTime(), ["a"]
    watch = NativeWatch(lambda: listed[0], time)
    listed[0] = "b"
    assert not watch.changed(())
    time.now = 0.6
    assert watch.changed(())
    time.now = 1.2
    assert not watch.changed(())


class WatchedBoard(Plugboard):
    """Its changes are noticed as the computer's are."""

    def __init__(self, time: SimulatedTime, *devices: AudioDevice) -> None:
        super().__init__(*devices)
        self._watch = NativeWatch(lambda: ",".join(self.present), time)

    def changed(self) -> bool:
        return self._watch.changed(self.devices())


def test_a_headset_plugged_in_while_idle_serves_within_two_seconds() -> None:
    """Where the system's own list tells: as often as the watch looks and the idle device thread steps."""
    built_in, jabra = headset("Built-in", default=True), headset("Jabra Evolve")
    time = SimulatedTime()
    board = WatchedBoard(time, built_in)
    bay, wish = Patchbay(lambda _card: board, time), Wish(AudioChoice(microphone=jabra.key))
    for _ in range(5):
        bay.settle(wish)
        time.now += IDLE_PERIOD_S
    board.plug(jabra)
    plugged = time.now
    while bay.state.microphone != jabra.key:
        time.now += IDLE_PERIOD_S
        bay.settle(wish)
        assert time.now - plugged <= 1.5  # half a second is left for PortAudio's own listing


def test_the_kernels_list_names_the_cards_and_is_empty_without_sound(tmp_path: Path) -> None:
    cards = tmp_path / "cards"
    assert alsa_signature((cards,)) == ""
    cards.write_text(" 0 [Headset ]: USB-Audio - Jabra\n")
    assert "Jabra" in alsa_signature((cards,))


def test_every_platform_has_a_watch() -> None:
    watch = default_watch("linux")
    watch.close()


class Scripted:
    """A scout whose lines the test writes."""

    def __init__(self) -> None:
        self.watch = FollowWatch((sys.executable, "-u", "-c", _SPEAK))
        self.watch.changed(())

    def say(self, line: str) -> None:
        scout = self.watch._scout
        assert scout is not None
        assert scout._process.stdin is not None
        scout._process.stdin.write(line.encode() + b"\n")
        scout._process.stdin.flush()

    def list(self, devices: tuple[AudioDevice, ...]) -> None:
        self.say(msgspec.json.encode(devices).decode())
        wait_for(lambda: self.watch.seen() == devices, "the scout's line")


@pytest.fixture
def scripted() -> Iterator[Scripted]:
    script = Scripted()
    yield script
    script.watch.close()


def test_a_scouts_list_that_differs_from_ours_is_told_once(scripted: Scripted) -> None:
    scripted.list(_ONE)
    assert not scripted.watch.changed(_ONE)
    scripted.list(_TWO)
    assert scripted.watch.changed(_ONE)
    assert not scripted.watch.changed(_ONE)
    assert not scripted.watch.changed(_TWO)


def test_what_was_gone_again_before_we_looked_is_told_when_it_comes_back(scripted: Scripted) -> None:
    """A plug that wobbles: the scout saw the headset, PortAudio no longer did."""
    scripted.list(_TWO)
    assert scripted.watch.changed(_ONE)
    scripted.list(_ONE)
    assert not scripted.watch.changed(_ONE)
    scripted.list(_TWO)
    assert scripted.watch.changed(_ONE)


def test_each_line_of_the_scout_wakes_whoever_waits_and_departures_are_counted(scripted: Scripted) -> None:
    """Also those of devices that are back before anybody has looked."""
    woken = list[bool]()
    scripted.watch.wake_by(lambda: woken.append(True))
    for devices in (_TWO, _ONE, _TWO, _ONE, _TWO):
        scripted.list(devices)
    wait_for(lambda: len(woken) == 5, "a word after each line")
    assert [scripted.watch.departures(device.key) for device in _TWO] == [0, 2]


def test_chatter_of_a_library_on_the_scouts_output_is_ignored(scripted: Scripted) -> None:
    scripted.say("ALSA lib confmisc.c:767: cannot find card")
    scripted.say('[{"name": 7}]')
    scripted.list(_ONE)


def test_a_scout_can_be_ended_at_any_time() -> None:
    scout = Scout(command=(sys.executable, "-c", "import time; time.sleep(60)"))
    scout.close()
    assert scout.newest is None
    assert scout.ended
