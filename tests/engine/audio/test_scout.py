"""The scout that follows the devices: it lists them when something hints at a change; it outlives servers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from softphone.domain.audio import AudioDevice
from softphone.engine.audio.catalogue import JACK
from softphone.engine.audio.device_thread import IDLE_PERIOD_S
from softphone.engine.audio.jack_ports import JackPorts
from softphone.engine.audio.scout import Lookout
from softphone.engine.audio.scouting import FollowWatch
from tests.peers.jack_card import JackCard
from tests.peers.waiting import wait_for


class Server(JackPorts):
    """A JACK server whose ports the test names."""

    def __init__(self, *names: str) -> None:
        super().__init__(library=object())
        self.ports: tuple[str, ...] | None = names

    def names(self) -> tuple[str, ...] | None:
        return self.ports


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
