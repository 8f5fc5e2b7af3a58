"""Brings the open devices in line with a wish, whatever happens to the devices; device thread only.

`settle` is called again and again. Each time it looks at what is there, chooses a device for each role, opens
what is missing and closes what is too much. Nothing here knows about calls: a call goes on without devices.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import structlog

from softphone.domain.audio import AudioChoice, AudioDevice, AudioRole, AudioState
from softphone.domain.device_names import find_device
from softphone.engine.audio.endpoints import (
    Clock,
    MicrophoneEnd,
    OpenEnds,
    SpeakerEnd,
    is_dead,
    is_unsteady,
    open_microphone,
    open_speaker,
)
from softphone.engine.audio.lines import MicrophoneLine, SpeakerLine
from softphone.engine.audio.ports import DeviceRefused, SoundHost
from softphone.engine.audio.selection import Selection, select
from softphone.engine.audio.sounds import ringing_player, tone_player
from softphone.engine.audio.troubles import Troubles, judge
from softphone.engine.audio.wish import Wish, only_names, virtual_card, without_names

_log = structlog.get_logger(__name__)

HostMaker = Callable[[str], SoundHost]
"""Makes the host of a card name: `null`, `file:…`, or empty for the computer's own devices."""


def _nobody() -> None:
    return


class Patchbay:
    """Holds every open device. `microphone` and `speaker` are read by PJSIP's audio thread.

    `wake` is called, on any thread, when `settle` has something to do before its time.
    """

    def __init__(self, make_host: HostMaker, clock: Clock, wake: Callable[[], None] = _nobody) -> None:
        self._make_host = make_host
        self._clock = clock
        self._wake = wake
        self._card: str | None = None
        self._host: SoundHost | None = None
        self._names: AudioChoice | None = None
        self._looks = 0
        self._stale = False
        self._there: tuple[AudioDevice, ...] = ()
        self._troubles = Troubles()
        self._ends = OpenEnds()
        self._serving: dict[AudioRole, str] = {}
        self.microphone: MicrophoneLine | None = None
        self.speaker: SpeakerLine | None = None
        self.state = AudioState()

    def settle(self, wish: Wish) -> None:
        """One step towards `wish`; afterwards `state` tells how far it is true."""
        card = virtual_card(wish.choice)
        host = self._host_for(card)
        if card:
            wish = replace(wish, choice=without_names(wish.choice))
        names = only_names(wish.choice)
        if names != self._names:
            self._names = names
            self._troubles.forget()
        if not wish.voice:
            self._troubles.call_is_over()
        self._relax_the_unsteady(host)
        self._see(host, wish)
        if self._must_look(host, wish, self._part_with_the_gone(host)):
            self._look_again(host)
        self._serve_microphone(host, wish)
        self._serve_outputs(host, wish)
        self._ends.let_go()
        self._report(wish)

    def close(self) -> None:
        """Let every device go."""
        self._close_ends()
        if self._host is not None:
            self._host.close()
        self._host = self._card = None

    def _host_for(self, card: str) -> SoundHost:
        if self._host is None or card != self._card:
            self.close()
            self._host = self._make_host(card)
            self._host.wake_by(self._wake)
            self._card = card
            self._stale = False
        return self._host

    # --- noticing what changed ---

    def _relax_the_unsteady(self, host: SoundHost) -> None:
        now = self._clock()
        unsteady = {end.device.key: end.device for end in self._ends if is_unsteady(end, now)}
        for key, device in unsteady.items():
            if host.relax(device):
                _log.warning("audio_device_unsteady", device=key)
                self._ends.close_device(key)

    def _see(self, host: SoundHost, wish: Wish) -> None:
        """Renew what is there, as far as that is known without looking again."""
        in_use = self._in_use
        if wish.looks != self._looks or host.changed():
            self._looks = wish.looks
            self._stale = True
            if in_use:
                host.begin_preview()
        if not self._stale:
            self._there = host.devices()
        elif in_use:
            seen = host.preview()
            self._there = self._there if seen is None else seen
            self._troubles.only_among({device.key for device in self._there})

    @property
    def _in_use(self) -> bool:
        return any(True for _ in self._ends)

    def _part_with_the_gone(self, host: SoundHost) -> list[AudioDevice]:
        now = self._clock()
        there = {device.key for device in self._there}
        gone = [end for end in self._ends if is_dead(end, now) or end.device.key not in there]
        for end in gone:
            _log.warning("audio_device_stopped", device=end.device.key)
            for role in self._roles_of(end):
                self._troubles.lost(role, end.device, now, end.opened_at)
            host.note_gone(end.device)
            self._ends.part_with(end)
        return [end.device for end in gone]

    def _must_look(self, host: SoundHost, wish: Wish, gone: list[AudioDevice]) -> bool:
        """Looking stops all sound for a moment: in use, only if a device that is needed is out of reach."""
        if not self._in_use and not gone:
            return self._stale
        if not all(host.reaches(device) for device in gone):
            return True
        return not all(self._at_hand(host, device) for device in self._needed(wish))

    def _at_hand(self, host: SoundHost, device: AudioDevice) -> bool:
        return any(end.device.key == device.key for end in self._ends) or host.reaches(device)

    def _needed(self, wish: Wish) -> Iterator[AudioDevice]:
        """For ringing nobody who talks is interrupted: it goes to a device that is at hand."""
        wanted = {
            AudioRole.MICROPHONE: wish.voice,
            AudioRole.SPEAKER: wish.voice or wish.tone is not None,
            AudioRole.RINGER: wish.ringing and not wish.voice,
        }
        for role, is_wanted in wanted.items():
            device = self._pick(role, wish.choice).device if is_wanted else None
            if device is not None:
                yield device

    def _look_again(self, host: SoundHost) -> None:
        started = self._clock()
        self._stale = False
        used = [(role, end) for end in self._ends for role in self._roles_of(end)]
        self._close_ends()
        host.look_again()
        self._there = host.devices()
        present = {device.key for device in self._there}
        for role, end in used:
            if end.device.key not in present:
                self._troubles.lost(role, end.device, started, end.opened_at)
        self._troubles.only_among(present)
        _log.info("audio_devices_looked_up", count=len(present), s=round(self._clock() - started, 3))

    # --- serving the roles ---

    def _pick(self, role: AudioRole, choice: AudioChoice) -> Selection:
        return select(role, choice, self._usable(role))

    def _usable(self, role: AudioRole) -> tuple[AudioDevice, ...]:
        now = self._clock()
        return tuple(device for device in self._there if not self._troubles.refuses(role, device, now))

    def _serve_microphone(self, host: SoundHost, wish: Wish) -> None:
        role = AudioRole.MICROPHONE
        device = self._pick(role, wish.choice).device if wish.voice else None
        while device is not None and host.input_shapes(device):
            if self._ends.microphone is not None and self._ends.microphone.device.key == device.key:
                return
            try:
                self._swap_microphone(open_microphone(host, device, self._clock))
            except DeviceRefused as exc:
                self._refused(role, device, exc)
                device = self._pick(role, wish.choice).device
            else:
                return
        self._swap_microphone(None)

    def _swap_microphone(self, fresh: MicrophoneEnd | None) -> None:
        if self._ends.microphone is not None:
            self._ends.part_with(self._ends.microphone)
        self._ends.microphone = fresh
        self.microphone = fresh.line if fresh else None
        if fresh is not None:
            _log.info("microphone_opened", device=fresh.device.key, rate=fresh.line.shape.rate)

    def _serve_outputs(self, host: SoundHost, wish: Wish) -> None:
        speaker = self._output(host, AudioRole.SPEAKER, wish, wish.voice or wish.tone is not None)
        ringers = [self._output(host, AudioRole.RINGER, wish, wish.ringing)]
        if wish.ringing:
            ringers += [self._further_ringer(host, name) for name in wish.choice.also_ring_on]
        self.speaker = speaker.line if speaker is not None and wish.voice else None
        for end in self._ends.speakers.values():
            _play(end, wish, rings=end in ringers, tones=end is speaker)
        self._ends.keep_speakers(speaker, *ringers)

    def _output(self, host: SoundHost, role: AudioRole, wish: Wish, needed: bool) -> SpeakerEnd | None:
        device = self._choose(host, role, wish) if needed else None
        while device is not None and host.output_shapes(device):
            end = self._speaker_end(host, role, device)
            if end is not None:
                return end
            device = self._choose(host, role, wish)
        return None

    def _choose(self, host: SoundHost, role: AudioRole, wish: Wish) -> AudioDevice | None:
        at_hand = tuple(device for device in self._usable(role) if self._at_hand(host, device))
        return select(role, wish.choice, at_hand).device

    def _further_ringer(self, host: SoundHost, name: str) -> SpeakerEnd | None:
        """One device or nothing: that it is not there is no trouble while the ringer rings."""
        role = AudioRole.RINGER
        device = find_device(name, (d for d in self._usable(role) if d.outputs))
        if device is None or not self._at_hand(host, device):
            return None
        return self._speaker_end(host, role, device)

    def _speaker_end(self, host: SoundHost, role: AudioRole, device: AudioDevice) -> SpeakerEnd | None:
        """Return the open end of `device`, opening it if need be; None if it refuses."""
        end = self._ends.speakers.get(device.key)
        if end is not None:
            return end
        try:
            end = open_speaker(host, device, self._clock)
        except DeviceRefused as exc:
            self._refused(role, device, exc)
            return None
        _log.info("speaker_opened", role=role.value, device=device.key, rate=end.line.shape.rate)
        self._ends.speakers[device.key] = end
        return end

    def _roles_of(self, end: MicrophoneEnd | SpeakerEnd) -> tuple[AudioRole, ...]:
        if isinstance(end, MicrophoneEnd):
            return (AudioRole.MICROPHONE,)
        outputs = (AudioRole.SPEAKER, AudioRole.RINGER)
        return tuple(role for role in outputs if self._serving.get(role) == end.device.key)

    def _refused(self, role: AudioRole, device: AudioDevice, refusal: DeviceRefused) -> None:
        _log.warning(
            "audio_device_refused", role=role.value, device=device.key, reason=refusal.reason.value,
            detail=refusal.detail,
        )  # fmt: skip
        self._troubles.refused(role, device, refusal, self._clock())

    def _close_ends(self) -> None:
        self.microphone = self.speaker = None
        self._ends.close()

    def _report(self, wish: Wish) -> None:
        picks = {role: self._pick(role, wish.choice) for role in AudioRole}
        self._serving = {role: _key(pick) for role, pick in picks.items()}
        trouble = judge(self._troubles, picks)
        self.state = AudioState(
            microphone=self._serving[AudioRole.MICROPHONE],
            speaker=self._serving[AudioRole.SPEAKER],
            ringer=self._serving[AudioRole.RINGER],
            trouble=trouble.kind,
            detail=trouble.detail,
            devices=self._there,
            role=trouble.role,
        )


def _key(pick: Selection) -> str:
    return pick.device.key if pick.device is not None else ""


def _play(end: SpeakerEnd, wish: Wish, rings: bool, tones: bool) -> None:
    """Begin, go on with or end the sounds that `end` shall play."""
    rate = end.line.shape.rate
    ringer_db, speaker_db = wish.choice.ringer_gain_db, wish.choice.speaker_gain_db
    if not rings or not wish.ringing:
        end.ringing = None
    elif end.ringing is None or end.ringing[0] != wish.ringtone:
        end.ringing = (wish.ringtone, ringing_player(wish.ringtone, rate, ringer_db))
    if not tones or wish.tone is None:
        end.tone = None
    elif end.tone is None or end.tone[0] != wish.tone_number:
        end.tone = (wish.tone_number, tone_player(wish.tone, rate, speaker_db))
    if end.ringing is not None:
        end.ringing[1].aim(ringer_db)
    if end.tone is not None:
        end.tone[1].aim(speaker_db)
    end.arrange()
