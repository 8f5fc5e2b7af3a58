"""Brings the open devices in line with a wish, whatever happens to the devices; device thread only.

`settle` is called again and again. Each time it looks at what is there, chooses a device for each role, opens
what is missing and closes what is too much. Nothing here knows about calls: a call goes on without devices.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import structlog

from softphone.domain.audio import AudioChoice, AudioDevice, AudioRole, AudioState
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


class Patchbay:
    """Holds every open device. `microphone` and `speaker` are read by PJSIP's audio thread."""

    def __init__(self, make_host: HostMaker, clock: Clock) -> None:
        self._make_host = make_host
        self._clock = clock
        self._card: str | None = None
        self._host: SoundHost | None = None
        self._names: AudioChoice | None = None
        self._looks = 0
        self._stale = False
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
        died = self._note_the_dead()
        if self._should_look(host, wish) or died:
            self._look_again(host)
        self._serve_microphone(host, wish)
        self._serve_outputs(host, wish)
        self._report(host, wish)

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
            self._card = card
        return self._host

    # --- noticing what changed ---

    def _note_the_dead(self) -> bool:
        now = self._clock()
        dead = [end for end in self._ends if is_dead(end, now)]
        for end in dead:
            _log.warning("audio_device_stopped", device=end.device.key)
            for role in self._roles_of(end):
                self._troubles.lost(role, end.device, now, end.opened_at)
        return bool(dead)

    def _relax_the_unsteady(self, host: SoundHost) -> None:
        now = self._clock()
        unsteady = {end.device.key: end.device for end in self._ends if is_unsteady(end, now)}
        for key, device in unsteady.items():
            if host.relax(device):
                _log.warning("audio_device_unsteady", device=key)
                self._ends.close_device(key)

    def _should_look(self, host: SoundHost, wish: Wish) -> bool:
        """Looking stops all sound for a moment: in use, only when another device would then serve a role."""
        in_use = any(True for _ in self._ends)
        if wish.looks != self._looks or host.changed():
            self._looks = wish.looks
            self._stale = True
            if in_use:
                host.begin_preview()
        if not self._stale or not in_use:
            return self._stale
        seen = host.preview()
        if seen is None:
            return False
        roles = {role for end in self._ends for role in self._roles_of(end)}
        return any(
            _key(select(role, wish.choice, seen)) != _key(select(role, wish.choice, host.devices()))
            for role in roles
        )

    def _look_again(self, host: SoundHost) -> None:
        started = self._clock()
        self._stale = False
        used = [(role, end) for end in self._ends for role in self._roles_of(end)]
        self._close_ends()
        host.look_again()
        present = {device.key for device in host.devices()}
        for role, end in used:
            if end.device.key not in present:
                self._troubles.lost(role, end.device, started, end.opened_at)
        self._troubles.only_among(present)
        _log.info("audio_devices_looked_up", count=len(host.devices()), s=round(self._clock() - started, 3))

    # --- serving the roles ---

    def _pick(self, host: SoundHost, role: AudioRole, choice: AudioChoice) -> Selection:
        now = self._clock()
        usable = tuple(d for d in host.devices() if not self._troubles.refuses(role, d, now))
        return select(role, choice, usable)

    def _serve_microphone(self, host: SoundHost, wish: Wish) -> None:
        role = AudioRole.MICROPHONE
        device = self._pick(host, role, wish.choice).device if wish.voice else None
        while device is not None and host.input_shapes(device):
            if self._ends.microphone is not None and self._ends.microphone.device.key == device.key:
                return
            try:
                self._swap_microphone(open_microphone(host, device, self._clock))
            except DeviceRefused as exc:
                self._refused(role, device, exc)
                device = self._pick(host, role, wish.choice).device
            else:
                return
        self._swap_microphone(None)

    def _swap_microphone(self, fresh: MicrophoneEnd | None) -> None:
        old, self._ends.microphone = self._ends.microphone, fresh
        self.microphone = fresh.line if fresh else None
        if fresh is not None:
            _log.info("microphone_opened", device=fresh.device.key, rate=fresh.line.shape.rate)
        if old is not None:
            old.stream.close()

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
        device = self._pick(host, role, wish.choice).device if needed else None
        while device is not None and host.output_shapes(device):
            end = self._speaker_end(host, role, device)
            if end is not None:
                return end
            device = self._pick(host, role, wish.choice).device
        return None

    def _further_ringer(self, host: SoundHost, name: str) -> SpeakerEnd | None:
        """One device or nothing: that it is not there is no trouble while the ringer rings."""
        role = AudioRole.RINGER
        device = next((d for d in host.devices() if d.outputs and name in (d.key, d.name)), None)
        if device is None or self._troubles.refuses(role, device, self._clock()):
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

    def _report(self, host: SoundHost, wish: Wish) -> None:
        picks = {role: self._pick(host, role, wish.choice) for role in AudioRole}
        self._serving = {role: _key(pick) for role, pick in picks.items()}
        trouble = judge(self._troubles, picks)
        self.state = AudioState(
            microphone=self._serving[AudioRole.MICROPHONE],
            speaker=self._serving[AudioRole.SPEAKER],
            ringer=self._serving[AudioRole.RINGER],
            trouble=trouble.kind,
            detail=trouble.detail,
            devices=(host.preview() if self._stale else None) or host.devices(),
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
