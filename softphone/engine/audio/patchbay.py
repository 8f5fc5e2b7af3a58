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
    SpeakerEnd,
    is_dead,
    open_microphone,
    open_speaker,
)
from softphone.engine.audio.lines import MicrophoneLine, SpeakerLine
from softphone.engine.audio.ports import DeviceRefused, SoundHost
from softphone.engine.audio.selection import Selection, select
from softphone.engine.audio.sounds import ringing_player, tone_player
from softphone.engine.audio.troubles import Troubles, judge
from softphone.engine.audio.wish import Wish, virtual_card, without_names

_log = structlog.get_logger(__name__)

HostMaker = Callable[[str], SoundHost]
"""Makes the host of a card name: `null`, `file:…`, or empty for the computer's own devices."""

_OUTPUTS = (AudioRole.SPEAKER, AudioRole.RINGER)


class Patchbay:
    """Holds every open device. `microphone` and `speaker` are read by PJSIP's audio thread."""

    def __init__(self, make_host: HostMaker, clock: Clock) -> None:
        self._make_host = make_host
        self._clock = clock
        self._card: str | None = None
        self._host: SoundHost | None = None
        self._looks = 0
        self._choice: AudioChoice | None = None
        self._troubles = Troubles()
        self._mic_end: MicrophoneEnd | None = None
        self._ends: dict[str, SpeakerEnd] = {}
        self.microphone: MicrophoneLine | None = None
        self.speaker: SpeakerLine | None = None
        self.state = AudioState()

    def settle(self, wish: Wish) -> None:
        """One step towards `wish`; afterwards `state` tells how far it is true."""
        card = virtual_card(wish.choice)
        host = self._host_for(card)
        if card:
            wish = replace(wish, choice=without_names(wish.choice))
        if wish.choice != self._choice:
            self._choice = wish.choice
            self._troubles.forget()
        died = self._bury_the_dead()
        if died or wish.looks != self._looks or host.changed():
            self._looks = wish.looks
            self._look_again(host)
        if not wish.voice:
            self._troubles.call_is_over()
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

    def _bury_the_dead(self) -> bool:
        now = self._clock()
        ends: list[MicrophoneEnd | SpeakerEnd] = [*self._ends.values()]
        if self._mic_end is not None:
            ends.append(self._mic_end)
        dead = [end for end in ends if is_dead(end, now)]
        for end in dead:
            _log.warning("audio_device_stopped", device=end.device.key)
            for role in self._roles_of(end):
                self._troubles.lost(role, end.device, now, end.opened_at)
        return bool(dead)

    def _roles_of(self, end: MicrophoneEnd | SpeakerEnd) -> tuple[AudioRole, ...]:
        if isinstance(end, MicrophoneEnd):
            return (AudioRole.MICROPHONE,)
        served = ((AudioRole.SPEAKER, self.state.speaker), (AudioRole.RINGER, self.state.ringer))
        return tuple(role for role, key in served if key == end.device.key)

    def _look_again(self, host: SoundHost) -> None:
        started = self._clock()
        self._close_ends()
        host.look_again()
        _log.info("audio_devices_looked_up", count=len(host.devices()), s=round(self._clock() - started, 3))

    def _pick(self, host: SoundHost, role: AudioRole, choice: AudioChoice) -> Selection:
        now = self._clock()
        usable = tuple(d for d in host.devices() if not self._troubles.refuses(role, d, now))
        return select(role, choice, usable)

    def _serve_microphone(self, host: SoundHost, wish: Wish) -> None:
        device = self._pick(host, AudioRole.MICROPHONE, wish.choice).device if wish.voice else None
        while device is not None and not _silent(host, device):
            if self._mic_end is not None and self._mic_end.device.key == device.key:
                return
            try:
                fresh = open_microphone(host, device, self._clock)
            except DeviceRefused as exc:
                self._refused(AudioRole.MICROPHONE, device, exc)
                device = self._pick(host, AudioRole.MICROPHONE, wish.choice).device
                continue
            self._swap_microphone(fresh)
            return
        self._swap_microphone(None)

    def _swap_microphone(self, fresh: MicrophoneEnd | None) -> None:
        old, self._mic_end = self._mic_end, fresh
        self.microphone = fresh.line if fresh else None
        if fresh is not None:
            _log.info("microphone_opened", device=fresh.device.key, rate=fresh.line.shape.rate)
        if old is not None:
            old.stream.close()

    def _serve_outputs(self, host: SoundHost, wish: Wish) -> None:
        speaker = self._output(host, AudioRole.SPEAKER, wish, wish.voice or wish.tone is not None)
        ringer = self._output(host, AudioRole.RINGER, wish, wish.ringing)
        self.speaker = speaker.line if speaker is not None and wish.voice else None
        for end in self._ends.values():
            self._play(end, wish, rings=end is ringer, tones=end is speaker)
        for key, end in list(self._ends.items()):
            if end is not speaker and end is not ringer:
                del self._ends[key]
                end.stream.close()

    def _output(self, host: SoundHost, role: AudioRole, wish: Wish, needed: bool) -> SpeakerEnd | None:
        device = self._pick(host, role, wish.choice).device if needed else None
        while device is not None and not _silent(host, device):
            end = self._ends.get(device.key)
            if end is not None:
                return end
            try:
                self._ends[device.key] = open_speaker(host, device, self._clock)
                _log.info("speaker_opened", role=role.value, device=device.key)
            except DeviceRefused as exc:
                self._refused(role, device, exc)
                device = self._pick(host, role, wish.choice).device
        return None

    def _play(self, end: SpeakerEnd, wish: Wish, rings: bool, tones: bool) -> None:
        rate = end.line.shape.rate
        if not rings or not wish.ringing:
            end.ringing = None
        elif end.ringing is None or end.ringing[0] != wish.ringtone:
            player = ringing_player(wish.ringtone, rate, wish.choice.ringer_gain_db)
            end.ringing = (wish.ringtone, player)
        if not tones or wish.tone is None:
            end.tone = None
        elif end.tone is None or end.tone[0] != wish.tone_number:
            end.tone = (wish.tone_number, tone_player(wish.tone, rate, wish.choice.speaker_gain_db))
        if end.ringing is not None:
            end.ringing[1].aim(wish.choice.ringer_gain_db)
        if end.tone is not None:
            end.tone[1].aim(wish.choice.speaker_gain_db)
        end.arrange()

    def _refused(self, role: AudioRole, device: AudioDevice, refusal: DeviceRefused) -> None:
        _log.warning(
            "audio_device_refused", role=role.value, device=device.key, reason=refusal.reason.value,
            detail=refusal.detail,
        )  # fmt: skip
        self._troubles.refused(role, device, refusal, self._clock())

    def _close_ends(self) -> None:
        self._swap_microphone(None)
        self.speaker = None
        for end in self._ends.values():
            end.stream.close()
        self._ends.clear()

    def _report(self, host: SoundHost, wish: Wish) -> None:
        picks = {role: self._pick(host, role, wish.choice) for role in AudioRole}
        keys = {role: pick.device.key if pick.device else "" for role, pick in picks.items()}
        trouble = judge(self._troubles, picks)
        self.state = AudioState(
            microphone=keys[AudioRole.MICROPHONE], speaker=keys[AudioRole.SPEAKER],
            ringer=keys[AudioRole.RINGER], trouble=trouble.kind, detail=trouble.detail,
            role=trouble.role, devices=host.devices(),
        )  # fmt: skip


def _silent(host: SoundHost, device: AudioDevice) -> bool:
    """The null card: it serves the role without ever being opened."""
    return not host.input_shapes(device) and not host.output_shapes(device)
