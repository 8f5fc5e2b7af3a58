"""Audio of the engine: what `engine.sip` asks for on its thread, and the frames of PJSIP's audio thread.

Three threads meet here. The sip thread says what is wanted (`apply`, `start_voice`, …) and polls; the device
thread opens and closes devices accordingly (`Patchbay`); PJSIP's audio thread moves 20 ms frames between the
bridge and whatever lines are open at that moment (`VoicePath`). No call ever waits for a sound device.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace

import structlog

from softphone.domain.audio import (
    AudioChoice,
    AudioRole,
    AudioState,
    AudioTroubleKind,
    SoundTest,
    SoundTestPhase,
    SoundTrial,
)
from softphone.domain.facts import dataclass
from softphone.engine.audio.cards import make_host
from softphone.engine.audio.consent import microphone_withheld
from softphone.engine.audio.device_thread import DeviceThread
from softphone.engine.audio.patchbay import HostMaker, Patchbay
from softphone.engine.audio.processing import Treatment, VoiceProcessor
from softphone.engine.audio.strong_noise import Readiness
from softphone.engine.audio.terms import BRIDGE_HZ, FRAME_SAMPLES, Tone
from softphone.engine.audio.trial import Trial
from softphone.engine.audio.voice import VoicePath
from softphone.engine.audio.wish import Wish

__all__ = ["AudioFigures", "AudioSession", "Tone"]


_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class AudioFigures:
    """How the open lines do, for diagnostics and benchmarks; delays without the device's own latency."""

    microphone_delay_ms: float = 0.0
    speaker_delay_ms: float = 0.0
    underruns: int = 0
    cuts: int = 0


RING_TEST_S = 4.0
_UNTREATED = Treatment(echo=False, noise=False, gain=False)
_NOISE_TROUBLE = {
    Readiness.MISSING: AudioTroubleKind.STRONG_NOISE_MISSING,
    Readiness.TOO_SLOW: AudioTroubleKind.STRONG_NOISE_TOO_SLOW,
}
_MILDER = (AudioTroubleKind.NONE, AudioTroubleKind.PREFERRED_MISSING)


class AudioSession:
    """Control methods belong to the thread that made it; `capture_into` and `playback_from` to PJSIP's.

    `on_state` is called from `poll`, on the sip thread, whenever `state` has changed.
    """

    bridge_hz: int = BRIDGE_HZ
    frame_samples: int = FRAME_SAMPLES

    def __init__(self, on_state: Callable[[AudioState], None], hosts: HostMaker = make_host) -> None:
        self._on_state = on_state
        self._owner = threading.get_ident()
        self._wish = Wish()
        self._settled: Wish | None = None
        self._told: AudioState | None = None
        self._patchbay = Patchbay(hosts, time.monotonic, self._nudge)
        self._voice = VoicePath()
        self._devices: DeviceThread | None = None
        self._trial: Trial | None = None
        self._ring_until: float | None = None

    def apply(self, choice: AudioChoice) -> None:
        """Use these devices, gains and processing from now on."""
        self._want(choice=choice)
        self._voice.microphone_gain.aim(choice.microphone_gain_db)
        self._voice.speaker_gain.aim(choice.speaker_gain_db)
        self._voice.strong_noise.want(Treatment.of(choice).strong)
        if self._trial is None or self._trial.test is not SoundTest.NOISE:
            self._voice.treat(Treatment.of(choice))
        self._voice.side_tone(choice.side_tone)

    def start_trial(self, test: SoundTest, ringtone: str = "") -> bool:
        """Try the devices out, in place of the test before; tell whether that is possible now.

        A call that has media or rings ends the test by itself.
        """
        self.stop_trial()
        if self._wish.voice or self._wish.ringing:
            return False
        if test is SoundTest.RING:
            self._want(ringing=True, ringtone=ringtone)
            self._ring_until = time.monotonic() + RING_TEST_S
            return True
        self._want(voice=True)
        if test is SoundTest.NOISE:
            self._voice.treat(_UNTREATED, at_once=True)
        self._trial = Trial(
            test, self.capture_into, self.playback_from, self._is_microphone_open, self._noise_processor
        )
        return True

    def _is_microphone_open(self) -> bool:
        return self._patchbay.microphone is not None

    def _noise_processor(self) -> VoiceProcessor:
        strong = self._wish.choice.strong_noise_suppression
        treatment = Treatment(echo=False, noise=True, gain=False, strong=strong)
        return VoiceProcessor(treatment, self._voice.strong_noise)

    def stop_trial(self) -> None:
        self._check_thread()
        if self._ring_until is not None:
            self._ring_until = None
            self._want(ringing=False, ringtone="")
        if self._trial is not None:
            self._trial.close()
            self._trial = None
            self._voice.treat(Treatment.of(self._wish.choice), at_once=True)
            self._want(voice=False)

    @property
    def trial(self) -> SoundTrial:
        """How the test stands that runs now."""
        if self._ring_until is not None:
            return SoundTrial(SoundTest.RING, SoundTestPhase.RINGING)
        if self._trial is None:
            return SoundTrial()
        return SoundTrial(self._trial.test, self._trial.phase, round(self._trial.peak_dbfs))

    def start_voice(self) -> None:
        """A call has media: open microphone and speaker."""
        self.stop_trial()
        if not self._wish.voice:
            self._voice.strong_noise.call_begins()
        self._want(voice=True)

    def stop_voice(self) -> None:
        """No call has media any more: let the devices go."""
        if self._wish.voice:
            self._log_figures()
        self._want(voice=False)

    def start_ringing(self, wav_path: str = "") -> None:
        """Ring on the ringer device until `stop_ringing`; an unusable file rings with the built-in sound."""
        self.stop_trial()
        self._want(ringing=True, ringtone=wav_path)

    def stop_ringing(self) -> None:
        self._want(ringing=False, ringtone="")

    @property
    def is_ringing(self) -> bool:
        return self._wish.ringing

    def start_tone(self, kind: Tone) -> None:
        """Play `kind` to the agent, in place of the tone before; CONFIRM and ATTENTION end by themselves."""
        self._want(tone=kind, tone_number=self._wish.tone_number + 1)

    def stop_tone(self) -> None:
        self._want(tone=None)

    def set_volume(self, role: AudioRole, gain_db: float) -> None:
        """Change the gain of one role in dB, by a ramp of 20 ms; -60 is silence."""
        choice = self._wish.choice
        if role is AudioRole.MICROPHONE:
            choice = replace(choice, microphone_gain_db=gain_db)
        elif role is AudioRole.SPEAKER:
            choice = replace(choice, speaker_gain_db=gain_db)
        else:
            choice = replace(choice, ringer_gain_db=gain_db)
        self.apply(choice)

    def levels(self) -> tuple[float, float]:
        """Return the peaks of microphone and speaker in dBFS since the last question, -96 for silence."""
        return self._voice.microphone_level.take_dbfs(), self._voice.speaker_level.take_dbfs()

    def refresh(self) -> None:
        """Look for devices now."""
        self._want(looks=self._wish.looks + 1)

    def poll(self) -> None:
        """Tell `on_state` what has changed; to be called about every 50 ms."""
        self._check_thread()
        if self._ring_until is not None and time.monotonic() >= self._ring_until:
            self.stop_trial()
        if self._trial is not None and self._trial.over:
            self.stop_trial()
        current = self.state
        if self._settled is not None and current != self._told:
            self._told = current
            self._on_state(current)

    @property
    def state(self) -> AudioState:
        """What serves each role now and the gravest trouble."""
        state = self._patchbay.state
        if not self._wish.voice or self._patchbay.microphone is None or state.trouble not in _MILDER:
            return self._with_noise_trouble(state)
        watch = self._voice.microphone_watch
        if watch.silent:
            withheld = microphone_withheld()
            kind = AudioTroubleKind.MICROPHONE_DENIED if withheld else AudioTroubleKind.MICROPHONE_SILENT
        elif watch.clipped:
            kind = AudioTroubleKind.MICROPHONE_CLIPPED
        else:
            return self._with_noise_trouble(state)
        return replace(state, trouble=kind, role=AudioRole.MICROPHONE, detail=state.microphone)

    def _with_noise_trouble(self, state: AudioState) -> AudioState:
        kind = _NOISE_TROUBLE.get(self._voice.strong_noise.readiness)
        if kind is None or state.trouble is not AudioTroubleKind.NONE:
            return state
        return replace(state, trouble=kind, role=AudioRole.MICROPHONE)

    @property
    def figures(self) -> AudioFigures:
        """Delays of the open lines, and how often one ran dry or was shortened since it was opened."""
        microphone, speaker = self._patchbay.microphone, self._patchbay.speaker
        lines = [line for line in (microphone, speaker) if line is not None]
        return AudioFigures(
            microphone.delay_ms if microphone else 0.0,
            speaker.delay_ms if speaker else 0.0,
            sum(line.underruns for line in lines),
            sum(line.cuts for line in lines),
        )

    @property
    def sound_gaps(self) -> int:
        """How often a line ran dry since it was opened."""
        return self.figures.underruns

    def close(self) -> None:
        """Let all devices go; frames asked for afterwards are silence."""
        self._check_thread()
        self.stop_trial()
        if self._devices is not None:
            self._devices.close()
            self._devices = None

    def capture_into(self, address: int, nbytes: int) -> None:
        """PJSIP's audio thread: write the microphone's next 20 ms to `address`; never blocks."""
        self._voice.capture(self._patchbay.microphone, address, nbytes)

    def playback_from(self, address: int, nbytes: int) -> None:
        """PJSIP's audio thread: take the 20 ms at `address` to the speaker; never blocks."""
        self._voice.play(self._patchbay.speaker, address, nbytes)

    def _want(self, **changes: object) -> None:
        self._check_thread()
        self._wish = replace(self._wish, **changes)  # type: ignore[arg-type] # names and types of Wish
        if self._devices is None:
            self._devices = DeviceThread(self._step, self._is_busy, self._patchbay.close)
        self._devices.nudge()

    def _nudge(self) -> None:
        """Any thread."""
        devices = self._devices
        if devices is not None:
            devices.nudge()

    def _step(self) -> None:
        wish = self._wish
        self._patchbay.settle(wish)
        self._settled = wish

    def _is_busy(self) -> bool:
        wish = self._wish
        return wish.voice or wish.ringing or wish.tone is not None

    def _log_figures(self) -> None:
        figures = self.figures
        _log.info(
            "audio_voice_ends",
            microphone_delay_ms=round(figures.microphone_delay_ms, 1),
            speaker_delay_ms=round(figures.speaker_delay_ms, 1),
            underruns=figures.underruns,
            cuts=figures.cuts,
        )

    def _check_thread(self) -> None:
        if threading.get_ident() != self._owner:
            raise RuntimeError("AudioSession is controlled by the sip thread")
