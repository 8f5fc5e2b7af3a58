"""Devices come, go and refuse; each role is served by the best that is there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from softphone.domain.audio import AudioChoice, AudioRole, AudioTroubleKind
from softphone.engine.audio.patchbay import Patchbay
from softphone.engine.audio.ports import Refusal
from softphone.engine.audio.terms import Tone
from softphone.engine.audio.wish import Wish
from tests.engine.audio.clockwork import SimulatedTime
from tests.engine.audio.plugboard import Plugboard, headset

BUILT_IN = headset("Built-in", default=True)
JABRA = headset("Jabra Evolve")
POLY = headset("Poly Blackwire")
CHOICE = AudioChoice(microphone=JABRA.key, speaker=JABRA.key, ringer=BUILT_IN.key)
IDLE = Wish(CHOICE)
TALKING = Wish(CHOICE, voice=True)


class Bench:
    """A patchbay on a plugboard in simulated time."""

    def __init__(self, *devices: object, by_name: bool = False) -> None:
        self.time = SimulatedTime()
        there = (d for d in (BUILT_IN, JABRA) if not devices or d in devices)
        self.board = Plugboard(*there, by_name=by_name)
        self.bay = Patchbay(lambda _card: self.board, self.time)

    def settle(self, wish: Wish, seconds: float = 0.0) -> None:
        """Settle now and then every 50 ms while the devices call back."""
        self.bay.settle(wish)
        end = self.time.now + seconds
        while self.time.now < end:
            for _ in range(5):
                self.time.now += 0.01
                self.board.call_back()
            self.bay.settle(wish)

    @property
    def trouble(self) -> AudioTroubleKind:
        return self.bay.state.trouble


def test_an_idle_phone_opens_no_device_and_says_which_it_would_use() -> None:
    bench = Bench()
    bench.settle(IDLE)
    assert bench.board.streams == []
    assert bench.bay.state.microphone == JABRA.key
    assert bench.bay.state.ringer == BUILT_IN.key
    assert bench.trouble is AudioTroubleKind.NONE


def test_a_call_opens_microphone_and_speaker_and_its_end_closes_them() -> None:
    bench = Bench()
    bench.settle(TALKING, 0.2)
    assert len(bench.board.open_on(JABRA)) == 2
    bench.settle(IDLE)
    assert bench.board.open_on(JABRA) == []
    assert bench.bay.microphone is None


def test_without_any_device_the_call_goes_on_in_silence_and_says_so() -> None:
    bench = Bench(object())
    bench.settle(TALKING, 0.2)
    assert (bench.bay.microphone, bench.bay.speaker) == (None, None)
    assert bench.trouble is AudioTroubleKind.NO_DEVICE


def test_a_missing_preferred_device_is_replaced_by_its_fallback_then_by_the_default() -> None:
    bench = Bench(BUILT_IN)
    bench.board.plug(POLY)
    wanted = AudioChoice(microphone=JABRA.key, microphone_fallback=POLY.key)
    bench.settle(Wish(wanted))
    assert bench.bay.state.microphone == POLY.key
    bench.board.unplug(POLY)
    bench.settle(Wish(wanted))
    assert bench.bay.state.microphone == BUILT_IN.key
    assert (bench.trouble, bench.bay.state.role) == (
        AudioTroubleKind.PREFERRED_MISSING,
        AudioRole.MICROPHONE,
    )


def test_a_headset_pulled_in_mid_call_moves_the_call_to_the_default_and_says_so() -> None:
    bench = Bench()
    bench.settle(TALKING, 0.5)
    bench.board.unplug(JABRA)
    bench.settle(TALKING)
    assert len(bench.board.open_on(BUILT_IN)) == 2
    assert bench.trouble is AudioTroubleKind.DEVICE_VANISHED
    assert bench.bay.state.detail == JABRA.name


def test_the_preferred_headset_takes_the_call_back_when_it_is_plugged_in_again() -> None:
    bench = Bench()
    bench.settle(TALKING, 0.5)
    bench.board.unplug(JABRA)
    bench.settle(TALKING, 1.0)
    bench.board.plug(JABRA)
    bench.settle(TALKING, 0.1)
    assert len(bench.board.open_on(JABRA)) == 2
    assert bench.board.open_on(BUILT_IN) == []
    assert bench.trouble is AudioTroubleKind.NONE


def test_the_same_headset_at_another_port_is_back_and_no_trouble_any_more() -> None:
    """The system gives it another number, which is a part of its name."""
    bench = Bench()
    here, there = headset("Headset (Jabra)"), headset("Headset (2- Jabra)")
    wish = Wish(replace(CHOICE, microphone=here.key, speaker=here.key), voice=True)
    bench.board.plug(here)
    bench.settle(wish, 0.5)
    bench.board.unplug(here)
    bench.settle(wish, 0.5)
    assert (len(bench.board.open_on(BUILT_IN)), bench.trouble) == (2, AudioTroubleKind.DEVICE_VANISHED)
    bench.board.plug(there)
    bench.settle(wish, 0.5)
    assert (len(bench.board.open_on(there)), bench.trouble) == (2, AudioTroubleKind.NONE)


def test_what_is_reached_by_name_comes_and_goes_without_stopping_anything_else() -> None:
    """At a JACK server: PortAudio need not look again, so the other direction goes on as it is."""
    bench = Bench(by_name=True)
    wish = Wish(replace(CHOICE, speaker=BUILT_IN.key), voice=True)
    bench.settle(wish, 0.5)
    speaker = bench.bay.speaker
    for _ in range(3):
        bench.board.unplug(JABRA)
        bench.settle(wish, 0.3)
        assert (len(bench.board.open_on(BUILT_IN)), bench.trouble) == (2, AudioTroubleKind.DEVICE_VANISHED)
        bench.board.plug(JABRA)
        bench.settle(wish, 0.3)
        assert (len(bench.board.open_on(JABRA)), bench.trouble) == (1, AudioTroubleKind.NONE)
    assert bench.bay.speaker is speaker
    assert bench.board.looks == 0


def test_a_headset_that_was_never_there_before_is_looked_for_when_it_is_plugged_into_a_call() -> None:
    bench = Bench(BUILT_IN, by_name=True)
    bench.settle(TALKING, 0.5)
    bench.board.plug(JABRA)
    bench.settle(TALKING, 0.1)
    assert len(bench.board.open_on(JABRA)) == 2
    assert bench.board.open_on(BUILT_IN) == []
    assert bench.board.looks == 1


@pytest.mark.parametrize("by_name", [False, True])
def test_the_other_device_is_open_before_the_one_it_replaces_is_closed(by_name: bool) -> None:
    """Closing may wait for the sound system. Where PortAudio must look again, everything is closed first."""
    bench = Bench(by_name=by_name)
    bench.settle(TALKING, 0.5)
    bench.board.unplug(JABRA)
    bench.board.log.clear()
    bench.settle(TALKING)
    opened, closed = f"open {BUILT_IN.key}", f"close {JABRA.key}"
    assert bench.board.log == ([opened] * 2 + [closed] * 2 if by_name else [closed] * 2 + [opened] * 2)


def test_everything_is_pulled_out_in_a_call_and_the_first_that_comes_back_serves() -> None:
    for by_name in (False, True):
        bench = Bench(by_name=by_name)
        bench.settle(TALKING, 0.5)
        for device in (JABRA, BUILT_IN):
            bench.board.unplug(device)
        bench.settle(TALKING, 0.5)
        assert (bench.bay.microphone, bench.bay.speaker) == (None, None)
        assert bench.bay.state.devices == ()
        bench.board.plug(BUILT_IN)
        bench.settle(TALKING, 0.2)
        assert len(bench.board.open_on(BUILT_IN)) == 2


@pytest.mark.parametrize("by_name", [False, True])
def test_a_plug_that_wobbles_for_ten_seconds_leaves_the_call_alive_and_on_the_right_device(
    by_name: bool,
) -> None:
    bench = Bench(by_name=by_name)
    bench.settle(TALKING, 0.5)
    for _ in range(25):
        bench.board.unplug(JABRA)
        bench.settle(TALKING, 0.2)
        assert bench.bay.microphone is not None
        bench.board.plug(JABRA)
        bench.settle(TALKING, 0.2)
    bench.settle(TALKING, 0.5)
    assert len(bench.board.open_on(JABRA)) == 2
    assert bench.board.open_on(BUILT_IN) == []


@pytest.mark.parametrize("by_name", [False, True])
def test_pulling_the_headset_at_the_moment_of_answer_or_of_hanging_up_leaves_nothing_open(
    by_name: bool,
) -> None:
    bench = Bench(by_name=by_name)
    bench.settle(Wish(CHOICE, ringing=True), 0.3)
    bench.board.unplug(JABRA)
    bench.settle(TALKING, 0.1)
    assert len(bench.board.open_on(BUILT_IN)) == 2
    bench.board.plug(JABRA)
    bench.settle(TALKING, 0.3)
    assert len(bench.board.open_on(JABRA)) == 2
    bench.board.unplug(JABRA)
    bench.settle(IDLE, 0.1)
    assert not any(stream.open for stream in bench.board.streams)
    assert bench.bay.state.microphone == BUILT_IN.key


def test_another_default_of_the_system_takes_the_call_where_nothing_was_chosen() -> None:
    bench = Bench()
    follows = Wish(AudioChoice(), voice=True)
    bench.settle(follows, 0.3)
    assert len(bench.board.open_on(BUILT_IN)) == 2
    bench.board.plug(replace(BUILT_IN, default_input=False, default_output=False))
    bench.board.plug(replace(JABRA, default_input=True, default_output=True))
    bench.settle(follows, 0.1)
    assert len(bench.board.open_on(JABRA)) == 2
    assert bench.board.open_on(BUILT_IN) == []


def test_one_of_several_ringing_devices_is_pulled_out_and_rings_again_when_it_is_back() -> None:
    bench = Bench(by_name=True)
    ringing = Wish(replace(CHOICE, also_ring_on=(JABRA.key,)), ringing=True)
    bench.settle(ringing, 0.3)
    bench.board.unplug(JABRA)
    bench.settle(ringing, 0.2)
    (other,) = bench.board.open_on(BUILT_IN)
    assert bench.board.open_on(JABRA) == []
    assert bench.bay.state.trouble in (AudioTroubleKind.PREFERRED_MISSING, AudioTroubleKind.DEVICE_VANISHED)
    bench.board.plug(JABRA)
    bench.settle(ringing, 0.2)
    (stream,) = bench.board.open_on(JABRA)
    assert any(stream.heard[-1])
    assert bench.board.open_on(BUILT_IN) == [other]


def test_a_ringer_plugged_into_a_call_is_not_looked_for_while_somebody_talks() -> None:
    bench = Bench()
    choice = replace(CHOICE, ringer=POLY.key)
    bench.settle(Wish(choice, voice=True), 0.3)
    speaker = bench.bay.speaker
    bench.board.plug(POLY)
    bench.settle(Wish(choice, voice=True, ringing=True), 0.3)
    assert bench.bay.speaker is speaker
    assert len(bench.board.open_on(BUILT_IN)) == 1
    bench.settle(Wish(choice, ringing=True), 0.3)
    assert len(bench.board.open_on(POLY)) == 1


def test_a_device_that_no_role_wants_is_listed_at_once_but_does_not_interrupt_the_call() -> None:
    bench = Bench()
    bench.settle(TALKING, 0.5)
    bench.board.plug(POLY)
    bench.settle(TALKING, 0.1)
    assert POLY in bench.bay.state.devices
    assert bench.board.looks == 0
    bench.settle(IDLE, 0.1)
    assert bench.board.looks == 1
    assert POLY in bench.board.devices()


def test_a_device_that_stops_calling_without_a_word_is_replaced_within_half_a_second() -> None:
    bench = Bench()
    bench.settle(TALKING, 0.5)
    silent = bench.board.open_on(JABRA)
    for stream in silent:
        stream.frozen = True
    bench.settle(TALKING, 0.45)
    assert not any(stream.open for stream in silent)
    assert bench.bay.microphone is not None


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        (Refusal.BUSY, AudioTroubleKind.DEVICE_BUSY),
        (Refusal.DENIED, AudioTroubleKind.MICROPHONE_DENIED),
    ],
)
def test_a_device_that_refuses_is_replaced_named_and_asked_again(
    reason: Refusal, told: AudioTroubleKind
) -> None:
    bench = Bench()
    bench.board.refuse(JABRA, reason)
    bench.settle(TALKING, 0.5)
    assert bench.bay.state.microphone == BUILT_IN.key
    assert bench.trouble is told
    bench.board.refuse(JABRA, None)
    bench.settle(TALKING, 3.5)
    assert bench.bay.state.microphone == JABRA.key
    assert bench.trouble is AudioTroubleKind.NONE


def test_asking_a_busy_device_again_does_not_interrupt_the_one_that_serves() -> None:
    bench = Bench()
    bench.board.refuse(JABRA, Refusal.BUSY)
    bench.settle(TALKING, 0.5)
    serving = bench.bay.microphone
    bench.settle(TALKING, 8.0)
    assert bench.bay.microphone is serving
    assert bench.trouble is AudioTroubleKind.DEVICE_BUSY


def test_a_device_that_keeps_slipping_is_opened_again_with_a_larger_buffer() -> None:
    bench = Bench()
    bench.settle(TALKING, 0.5)
    first = bench.board.open_on(JABRA)
    bench.board.slipping.add(JABRA.key)
    bench.settle(TALKING, 7.0)
    assert bench.board.relaxed == [JABRA.key]
    second = bench.board.open_on(JABRA)
    assert len(second) == 2
    assert not set(map(id, first)) & set(map(id, second))
    assert bench.trouble is AudioTroubleKind.NONE


def test_a_device_slips_at_its_start_without_being_disturbed() -> None:
    bench = Bench()
    bench.board.slipping.add(JABRA.key)
    bench.settle(TALKING, 2.5)
    bench.board.slipping.clear()
    bench.settle(TALKING, 10.0)
    assert bench.board.relaxed == []


def test_a_device_that_cannot_be_relaxed_goes_on_slipping_in_peace() -> None:
    bench = Bench()
    bench.board.relaxed = [JABRA.key]
    bench.board.slipping.add(JABRA.key)
    bench.settle(TALKING, 0.5)
    serving = bench.bay.microphone
    bench.settle(TALKING, 10.0)
    assert bench.bay.microphone is serving


def test_everything_refusing_leaves_the_call_alive_without_devices() -> None:
    bench = Bench()
    for device in (JABRA, BUILT_IN):
        bench.board.refuse(device, Refusal.DENIED)
    bench.settle(TALKING, 4.0)
    assert bench.bay.microphone is None
    assert bench.trouble is AudioTroubleKind.MICROPHONE_DENIED


def test_ringing_sounds_on_the_ringer_and_not_in_the_headset() -> None:
    bench = Bench()
    bench.settle(Wish(CHOICE, ringing=True), 0.5)
    assert bench.board.open_on(JABRA) == []
    (stream,) = bench.board.open_on(BUILT_IN)
    assert any(stream.heard[-1])


def test_a_tone_needs_no_call_and_ends_when_told() -> None:
    bench = Bench()
    bench.settle(Wish(CHOICE, tone=Tone.BUSY, tone_number=1), 0.2)
    (stream,) = bench.board.open_on(JABRA)
    assert any(stream.heard[-1])
    bench.settle(IDLE)
    assert not stream.open


def test_ringing_and_talking_on_one_device_share_its_stream() -> None:
    bench = Bench()
    same = AudioChoice(microphone=JABRA.key, speaker=JABRA.key, ringer=JABRA.key)
    bench.settle(Wish(same, voice=True, ringing=True), 0.2)
    assert len(bench.board.open_on(JABRA)) == 2
    bench.settle(Wish(same, voice=True), 0.2)
    assert bench.bay.speaker is not None
    assert bench.bay.speaker.players == ()


def test_changing_a_volume_keeps_streams_and_troubles_as_they_are() -> None:
    bench = Bench()
    bench.board.refuse(JABRA, Refusal.BUSY)
    bench.settle(TALKING, 0.2)
    serving = bench.bay.microphone
    louder = AudioChoice(microphone=JABRA.key, speaker=JABRA.key, ringer=BUILT_IN.key, speaker_gain_db=6)
    bench.settle(Wish(louder, voice=True))
    assert bench.bay.microphone is serving
    assert bench.trouble is AudioTroubleKind.DEVICE_BUSY


def test_ringing_sounds_on_further_devices_too_and_absent_ones_are_no_trouble() -> None:
    bench = Bench()
    bench.settle(Wish(replace(CHOICE, also_ring_on=(JABRA.key, POLY.key)), ringing=True), 0.3)
    for device in (BUILT_IN, JABRA):
        (stream,) = bench.board.open_on(device)
        assert any(stream.heard[-1])
    assert bench.trouble is AudioTroubleKind.NONE
    bench.settle(IDLE)
    assert bench.board.open_on(JABRA) == []


def test_a_role_set_to_null_stays_silent_without_a_complaint() -> None:
    bench = Bench()
    bench.settle(Wish(AudioChoice(ringer="null"), ringing=True), 0.2)
    assert bench.board.streams == []
    assert bench.trouble is AudioTroubleKind.NONE
