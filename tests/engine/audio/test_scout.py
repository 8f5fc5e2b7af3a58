"""The scout that follows the devices: it lists them when something hints at a change; it outlives servers."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from softphone.domain.audio import AudioDevice
from softphone.engine.audio.catalogue import ALSA, JACK
from softphone.engine.audio.device_thread import IDLE_PERIOD_S
from softphone.engine.audio.jack_ports import JackPorts
from softphone.engine.audio.scout import Lookout
from softphone.engine.audio.scouting import FollowWatch
from tests.peers.jack_card import ROOT, JackCard
from tests.peers.waiting import wait_for

_COMPARING = """
from softphone.engine.audio.jack_ports import JackPorts
from softphone.engine.audio.scout import list_devices
ports = JackPorts()
print(ports.devices())
print(list_devices())
ports.close()
"""


class Server(JackPorts):
    """A JACK server whose ports the test names."""

    def __init__(self, *names: str) -> None:
        super().__init__(library=object())
        self.ports: tuple[str, ...] | None = names
        self.told: tuple[AudioDevice, ...] | None = None
        self.departed = frozenset[str]()

    def names(self) -> tuple[str, ...] | None:
        return self.ports

    def devices(self) -> tuple[AudioDevice, ...] | None:
        return self.told

    def take_departed(self) -> frozenset[str]:
        return self.departed


class Listing:
    def __init__(self, *found: AudioDevice) -> None:
        self.found = found
        self.times = 0

    def __call__(self) -> tuple[AudioDevice, ...]:
        self.times += 1
        return self.found


def test_devices_are_listed_anew_only_when_the_servers_ports_have_changed(tmp_path: Path) -> None:
    server, listing = Server("system:playback_1"), Listing(AudioDevice("system", JACK, 1, 2))
    lookout = Lookout(server, listing, tmp_path / "cards")
    for _ in range(10):
        assert lookout.look() == listing.found
    assert listing.times == 1
    server.ports = ("system:playback_1", "Headset:ear")
    lookout.look()
    server.ports = None
    lookout.look()
    assert listing.times == 3


_SYSTEM = AudioDevice("system", JACK, 1, 2, default_input=True, default_output=True)
_HEADSET = AudioDevice("Headset", JACK, 1, 1)


def test_once_portaudio_has_listed_what_the_ports_tell_the_ports_are_enough(tmp_path: Path) -> None:
    server, listing = Server("system:playback_1"), Listing(_SYSTEM)
    server.told = (_SYSTEM,)
    lookout = Lookout(server, listing, tmp_path / "cards")
    lookout.look()
    server.ports, server.told = ("system:playback_1", "Headset:ear"), (_SYSTEM, _HEADSET)
    assert lookout.look() == (_SYSTEM, _HEADSET)
    assert listing.times == 1
    server.ports = server.told = None
    lookout.look()
    assert listing.times == 2


def test_ports_that_tell_something_else_than_portaudio_are_only_a_hint(tmp_path: Path) -> None:
    """A PortAudio without JACK, or one that counts MIDI ports, too."""
    server, listing = Server("system:playback_1"), Listing(AudioDevice("Jabra", ALSA, 1, 2))
    server.told = (_SYSTEM,)
    lookout = Lookout(server, listing, tmp_path / "cards")
    lookout.look()
    server.ports, server.told = ("system:playback_1", "Headset:ear"), (_SYSTEM, _HEADSET)
    assert lookout.look() == listing.found
    assert listing.times == 2


def test_a_device_that_was_away_between_two_looks_is_told_of_as_gone_and_come(tmp_path: Path) -> None:
    server, listing = Server("system:playback_1", "Headset:ear"), Listing(_SYSTEM, _HEADSET)
    lookout = Lookout(server, listing, tmp_path / "cards")
    assert [*lookout.news()] == [(_SYSTEM, _HEADSET)]
    server.departed = frozenset({"Headset", "jack_lsp"})
    assert [*lookout.news()] == [(_SYSTEM,), (_SYSTEM, _HEADSET)]
    server.departed = frozenset()
    assert [*lookout.news()] == [(_SYSTEM, _HEADSET)]


def test_a_change_that_nobody_was_told_of_is_seen_before_it_is_looked_at(tmp_path: Path) -> None:
    """A device that is just coming port by port is given the time for it."""
    server, listing = Server("system:playback_1"), Listing(_SYSTEM)
    lookout = Lookout(server, listing, tmp_path / "cards")
    lookout.look()
    assert not lookout.has_signs()
    server.ports = ("system:playback_1", "Headset:mic")
    assert lookout.has_signs()
    lookout.look()
    assert not lookout.has_signs()


def test_the_ports_tell_exactly_what_portaudio_lists(jack_card: JackCard) -> None:
    """In a process of its own: libjack was not made for the servers of several tests in one life."""
    headset = jack_card.plug_in("Headset One")
    done = subprocess.run(
        [sys.executable, "-c", _COMPARING], cwd=ROOT, env={**os.environ, **jack_card.environment},
        capture_output=True, text=True, check=True, timeout=30,
    )  # fmt: skip
    headset.put_away()
    ports, portaudio = done.stdout.splitlines()[-2:]
    assert ports == portaudio
    assert "Headset One" in ports


def test_devices_are_listed_anew_when_the_kernels_cards_have_changed(tmp_path: Path) -> None:
    cards, listing = tmp_path / "cards", Listing()
    lookout = Lookout(Server(), listing, cards)
    lookout.look()
    cards.write_text(" 0 [Headset ]: USB-Audio - Jabra\n")
    lookout.look()
    lookout.look()
    assert listing.times == 2


def test_a_sound_system_that_gives_no_hint_is_listed_each_time(tmp_path: Path) -> None:
    listing = Listing(AudioDevice("Jabra", "PulseAudio", 1, 2))
    lookout = Lookout(Server(), listing, tmp_path / "cards")
    for _ in range(3):
        lookout.look()
    assert listing.times == 3


def test_a_computer_without_devices_is_looked_at_again_where_nothing_gives_a_hint(tmp_path: Path) -> None:
    listing = Listing()
    lookout = Lookout(Server(), listing, tmp_path / "none")
    for _ in range(3):
        lookout.look()
    assert (listing.times, lookout.pause_s) == (3, 0.8)


def test_a_change_is_seen_soon_enough_for_the_idle_telephone_to_act_within_two_seconds(
    tmp_path: Path,
) -> None:
    """One look of the scout, its listing (a second is plenty) and one step of the idle device thread."""
    hinted = Lookout(
        Server("system:playback_1"), Listing(AudioDevice("system", JACK, 1, 2)), tmp_path / "none"
    )
    blind = Lookout(Server(), Listing(AudioDevice("Jabra", "PulseAudio", 1, 2)), tmp_path / "none")
    for lookout, listing_s in ((hinted, 1.0), (blind, 0.5)):
        lookout.look()
        assert lookout.pause_s + listing_s + IDLE_PERIOD_S <= 2


@pytest.fixture
def watch(jack_card: JackCard, monkeypatch: pytest.MonkeyPatch) -> Iterator[FollowWatch]:
    for name, value in jack_card.environment.items():
        monkeypatch.setenv(name, value)
    following = FollowWatch()
    yield following
    following.close()


def _sees(watch: FollowWatch, *wanted: str) -> bool:
    watch.changed(())
    return [device.name for device in watch.seen() or ()] == list(wanted)


def test_headsets_come_and_go_and_the_scout_itself_is_no_device(
    jack_card: JackCard, watch: FollowWatch
) -> None:
    wait_for(lambda: _sees(watch, "system"), "the card", timeout_s=10)
    headset = jack_card.plug_in("Headset One")
    wait_for(lambda: _sees(watch, "system", "Headset One"), "the headset", timeout_s=10)
    headset.put_away()
    wait_for(lambda: _sees(watch, "system"), "the headset is gone", timeout_s=10)


def test_a_sound_server_that_ends_is_missed_and_its_successor_found(
    jack_card: JackCard, watch: FollowWatch, tmp_path: Path
) -> None:
    wait_for(lambda: _sees(watch, "system"), "the card", timeout_s=10)
    jack_card.stop()
    wait_for(lambda: _sees(watch), "nothing is left", timeout_s=10)
    successor = JackCard(tmp_path / "successor")
    try:
        wait_for(lambda: _sees(watch, "system"), "the successor's card", timeout_s=10)
    finally:
        successor.stop()
