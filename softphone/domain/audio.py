"""Sound devices by role, levels and the quality of a call's media."""

from __future__ import annotations

from enum import StrEnum

from softphone.domain.facts import dataclass
from softphone.domain.ids import CallId


class AudioRole(StrEnum):
    MICROPHONE = "microphone"
    SPEAKER = "speaker"
    RINGER = "ringer"


@dataclass(frozen=True, slots=True)
class AudioDevice:
    """One device under the name by which it is remembered: `host_api` and `name` together.

    The names `null` and `file:…` are chosen explicitly on machines without a sound card.
    """

    name: str
    host_api: str = ""
    inputs: int = 0
    outputs: int = 0
    default_input: bool = False
    default_output: bool = False

    @property
    def key(self) -> str:
        """What `AudioChoice` and `AudioState` call this device; stable over restarts and re-plugging."""
        return f"{self.host_api}: {self.name}" if self.host_api else self.name


@dataclass(frozen=True, slots=True)
class AudioChoice:
    """The preferred device of each role, by `AudioDevice.key` or name; empty means the system's default.

    While the preferred one is absent its fallback serves, and without that the default.

    `file:MIC.wav,SPEAKER.wav` as `microphone` is a whole sound card made of files; `null` is silence.
    """

    microphone: str = ""
    speaker: str = ""
    ringer: str = ""
    microphone_gain_db: float = 0.0
    speaker_gain_db: float = 0.0
    ringer_gain_db: float = 0.0
    echo_cancelling: bool = True
    noise_suppression: bool = True
    automatic_gain: bool = True
    microphone_fallback: str = ""
    speaker_fallback: str = ""
    ringer_fallback: str = ""
    side_tone: bool = False
    """Play one's own voice quietly into the headset, for headsets that shut the ears."""
    strong_noise_suppression: bool = False
    """With `noise_suppression`: takes away also what does not last (barking, typing), for more computing."""
    also_ring_on: tuple[str, ...] = ()
    """Further devices that ring together with the ringer; those that are absent are skipped in silence."""


class AudioTroubleKind(StrEnum):
    NONE = "none"
    NO_DEVICE = "no_device"
    PREFERRED_MISSING = "preferred_missing"
    DEVICE_VANISHED = "device_vanished"
    MICROPHONE_SILENT = "microphone_silent"
    MICROPHONE_DENIED = "microphone_denied"
    MICROPHONE_CLIPPED = "microphone_clipped"
    DEVICE_BUSY = "device_busy"
    STRONG_NOISE_MISSING = "strong_noise_missing"
    STRONG_NOISE_TOO_SLOW = "strong_noise_too_slow"
    """Strong noise suppression is not there, or too much for this computer; the ordinary one serves."""
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class AudioState:
    """Which device serves each role now (its key), and the gravest thing that is wrong.

    `role` is the one that the trouble concerns, `detail` the name of the device or what the system said.
    """

    microphone: str = ""
    speaker: str = ""
    ringer: str = ""
    trouble: AudioTroubleKind = AudioTroubleKind.NONE
    detail: str = ""
    devices: tuple[AudioDevice, ...] = ()
    role: AudioRole | None = None


class SoundTest(StrEnum):
    """What an agent can try without a call."""

    LISTEN = "listen"
    """The microphone is open for its level meter; nothing is played."""
    RECORD = "record"
    """Five seconds as a caller would hear them, then played back."""
    ECHO = "echo"
    """Hear oneself a moment later, until stopped."""
    RING = "ring"
    """Four seconds of ringing on everything that rings."""
    NOISE = "noise"
    """Five seconds, played back without and then with noise suppression."""


class SoundTestPhase(StrEnum):
    OFF = "off"
    LISTENING = "listening"
    PLAYING = "playing"
    PLAYING_UNTREATED = "playing_untreated"
    PLAYING_TREATED = "playing_treated"
    RINGING = "ringing"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class SoundTrial:
    """How a test stands. `peak_dbfs`: the loudest that the microphone delivered, -96 for nothing at all."""

    test: SoundTest | None = None
    phase: SoundTestPhase = SoundTestPhase.OFF
    peak_dbfs: float = -96.0


@dataclass(frozen=True, slots=True)
class MediaQuality:
    """Line quality of one call over the last interval.

    Loss in percent, jitter and round trip in milliseconds; `mos` 1.0 to 4.5 by the E-model (ITU-T G.107), of
    the worse direction. What comes too late to be played is lost, too.
    `rx` is what arrives here, `tx` what the other side reports about us (RFC 3550 section 6.4).
    `never_sent_percent` of the frames were missing without having been lost on the way: the gap was there
    before. `nothing_arrives`: not one packet that could be played. `sound_gaps`: how often our own sound card
    ran dry.
    """

    call_id: CallId
    rx_loss_percent: float = 0.0
    tx_loss_percent: float = 0.0
    rx_jitter_ms: float = 0.0
    tx_jitter_ms: float = 0.0
    round_trip_ms: float = 0.0
    mos: float = 0.0
    codec: str = ""
    never_sent_percent: float = 0.0
    nothing_arrives: bool = False
    sound_gaps: int = 0
