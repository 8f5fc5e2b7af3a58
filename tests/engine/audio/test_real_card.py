"""Through PortAudio and a real sound server: both directions, unplugging, a server that dies."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from softphone.domain.audio import AudioChoice, AudioTroubleKind
from softphone.engine.audio.terms import Tone
from tests import tones
from tests.engine.audio.session_phone import Phone
from tests.engine.audio.session_program import MICROPHONE_HZ, SPEAKER_HZ
from tests.peers.jack_card import JackCard, PluggedHeadset
from tests.peers.waiting import wait_for

_JACK = "JACK Audio Connection Kit: "
_SYSTEM = _JACK + "system"
_HEADSET = _JACK + "Headset One"
_GONE = (AudioTroubleKind.DEVICE_VANISHED, AudioTroubleKind.NO_DEVICE)
_SOON_S = 0.7
"""After this, what the headset heard in the last half second is what it hears since it is back."""
_RAW = AudioChoice(echo_cancelling=False, noise_suppression=False, automatic_gain=False)


@pytest.fixture
def headset(jack_card: JackCard) -> PluggedHeadset:
    plugged = jack_card.plug_in("Headset One")
    plugged.say(MICROPHONE_HZ)
    return plugged


@pytest.fixture
def start(jack_card: JackCard, tmp_path: Path) -> Iterator[Callable[[AudioChoice], Phone]]:
    phones = list[Phone]()

    def begin(choice: AudioChoice) -> Phone:
        phones.append(Phone(tmp_path, jack_card.environment, choice))
        return phones[-1]

    yield begin
    for phone in phones:
        phone.process.stop()


def _using(name: str) -> AudioChoice:
    return replace(_RAW, microphone=name, speaker=name, ringer=_SYSTEM)


def _wait_heard_since(headset: PluggedHeadset, replugged: float) -> None:
    def heard() -> bool:
        late_enough = time.monotonic() - replugged > _SOON_S
        return late_enough and headset.heard_dbfs(SPEAKER_HZ) > tones.HEARD_DBFS

    wait_for(heard, "the caller is heard again")


def test_a_program_that_was_at_the_sound_server_under_our_name_first_leaves_without_harm(
    jack_card: JackCard, start: Callable[[AudioChoice], Phone]
) -> None:
    """So does the scout, each time it lists the devices: our client is PortAudio-01 then."""
    person = jack_card.tap()
    person.say(MICROPHONE_HZ)
    other = jack_card.plug_in("PortAudio")
    phone = start(_RAW)
    phone.wait("the card is known", lambda r: r.state.microphone == _SYSTEM)
    other.put_away()
    phone.order("voice")
    phone.wait_hears()
    phone.wait("the speaker serves", lambda r: r.state.speaker == _SYSTEM)


def test_agent_and_card_hear_each_other_and_the_devices_are_let_go_afterwards(
    jack_card: JackCard, start: Callable[[AudioChoice], Phone]
) -> None:
    person = jack_card.tap()
    person.say(MICROPHONE_HZ)
    phone = start(_RAW)
    phone.wait("the card is known", lambda r: r.state.microphone == _SYSTEM)
    phone.order("voice")
    phone.wait_hears()
    person.wait_heard(SPEAKER_HZ)
    phone.order("end-voice")
    person.wait_quiet(SPEAKER_HZ)
    assert phone.end() == 0


def test_ringing_sounds_on_the_ringer_while_the_headset_stays_quiet(
    jack_card: JackCard, headset: PluggedHeadset, start: Callable[[AudioChoice], Phone]
) -> None:
    desk = jack_card.tap("desk")
    phone = start(_using(_HEADSET))
    phone.order("ring")
    desk.wait_heard(659.26)
    assert headset.heard_dbfs(659.26) < tones.UNHEARD_DBFS
    phone.order("end-ring")
    desk.wait_quiet(659.26)


def test_a_busy_tone_sounds_in_the_headset_without_a_call(
    headset: PluggedHeadset, start: Callable[[AudioChoice], Phone]
) -> None:
    phone = start(_using(_HEADSET))
    phone.order(f"tone {Tone.BUSY.value}")
    headset.wait_heard(425)
    phone.order("end-tone")
    headset.wait_quiet(425)


def test_the_call_moves_to_the_other_card_when_the_headset_is_pulled_and_back_when_it_returns(
    jack_card: JackCard, headset: PluggedHeadset, start: Callable[[AudioChoice], Phone]
) -> None:
    desk = jack_card.tap("desk")
    phone = start(_using(_HEADSET))
    phone.order("voice")
    phone.wait_hears()
    headset.wait_heard(SPEAKER_HZ)
    headset.unplug()
    phone.wait(
        "the loss is told and the card serves",
        lambda r: r.state.trouble is AudioTroubleKind.DEVICE_VANISHED and r.state.speaker == _SYSTEM,
    )
    desk.wait_heard(SPEAKER_HZ)
    again = jack_card.plug_in("Headset One")
    again.say(MICROPHONE_HZ)
    phone.wait("the headset serves again", lambda r: r.state.speaker == _HEADSET)
    again.wait_heard(SPEAKER_HZ)
    phone.wait_hears()
    assert phone.end() == 0


def test_a_plug_that_wobbles_leaves_the_call_in_the_headset_and_nothing_behind(
    jack_card: JackCard, headset: PluggedHeadset, start: Callable[[AudioChoice], Phone]
) -> None:
    """Out and in so quickly that it may be in every list: our streams are joined to nothing all the same."""
    phone = start(_using(_HEADSET))
    phone.order("voice")
    phone.wait_hears()
    jack_card.plug_in("Headset Two")
    phone.wait("devices are watched", lambda r: any(d.name == "Headset Two" for d in r.state.devices))
    held = phone.held()
    for _ in range(5):
        replugged = headset.put_in_again()
        _wait_heard_since(headset, replugged)
        phone.wait_hears()
    assert phone.held() == held
    assert phone.end() == 0


def test_a_headset_plugged_in_while_idle_is_noticed(
    jack_card: JackCard, start: Callable[[AudioChoice], Phone]
) -> None:
    phone = start(_using(_HEADSET))
    phone.wait("the headset is missed", lambda r: r.state.trouble is AudioTroubleKind.PREFERRED_MISSING)
    jack_card.plug_in("Headset One")
    phone.wait(
        "the headset is seen", lambda r: r.state.microphone == _HEADSET
    )  # how soon: bench.audio.plugging


def test_a_microphone_that_delivers_only_zeros_is_told_and_forgiven(
    jack_card: JackCard, headset: PluggedHeadset, start: Callable[[AudioChoice], Phone]
) -> None:
    headset.be_silent()
    phone = start(_using(_HEADSET))
    phone.order("voice")
    phone.wait("silence is told", lambda r: r.state.trouble is AudioTroubleKind.MICROPHONE_SILENT)
    headset.say(MICROPHONE_HZ)
    phone.wait("it is forgiven", lambda r: r.state.trouble is AudioTroubleKind.NONE)


def test_a_call_survives_the_death_of_the_sound_server(
    jack_card: JackCard, start: Callable[[AudioChoice], Phone]
) -> None:
    person = jack_card.tap()
    phone = start(_RAW)
    phone.order("voice")
    person.wait_heard(SPEAKER_HZ)
    jack_card.stop()
    phone.wait("nothing is left", lambda r: r.state.trouble in _GONE)
    assert phone.end() == 0
