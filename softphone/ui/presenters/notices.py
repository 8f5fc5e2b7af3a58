"""Banners: trouble that concerns the whole phone, in words, the gravest first."""

from __future__ import annotations

from enum import StrEnum

from softphone.domain.audio import AudioRole, AudioState, AudioTroubleKind
from softphone.domain.events import LineWarned
from softphone.domain.facts import dataclass
from softphone.domain.keeping_events import StoreOpened
from softphone.domain.line_quality import LineFault
from softphone.domain.store_trouble import StoreTrouble
from softphone.ui.presenters.line_quality import present_warning
from softphone.ui.presenters.phrases import AUDIO_TROUBLE, RINGER_TROUBLE, STORE_TROUBLE
from softphone.ui.presenters.wording import Wording
from softphone.ui.theme.tokens import Tone
from softphone.usecases.wrap_up.keeping_records import NEEDS_A_DECISION


class NoticeKind(StrEnum):
    ENGINE = "engine"
    STORE = "store"
    AUDIO = "audio"
    LINE = "line"
    AUDIO_ARTIFICIAL = "audio_artificial"
    CALLBACK = "callback"
    CRM = "crm"
    CHANGES = "changes"
    HELP = "help"
    CLOSING = "closing"
    ESCALATION = "escalation"
    MESSAGE = "message"


@dataclass(frozen=True, slots=True)
class Notice:
    """`dismissable` ones go away by a click; the others when their cause is gone."""

    kind: NoticeKind
    tone: Tone
    icon: str
    text: str
    advice: str = ""
    action: str = ""
    dismissable: bool = False
    subject: str = ""
    """What it is about, where there may be several of a kind: a call's id."""


def present_notices(
    wording: Wording,
    *,
    engine_lost: bool,
    engine_restarts: bool,
    store: StoreOpened,
    audio: AudioState,
    line: LineWarned | None = None,
    messages: tuple[tuple[Tone, str], ...] = (),
) -> tuple[Notice, ...]:
    notices = []
    if engine_lost:
        notices.append(_engine(wording, engine_restarts))
    if store.trouble is not StoreTrouble.NONE or store.in_memory:
        notices.append(_store(wording, store))
    if audio.trouble is not AudioTroubleKind.NONE:
        notices.append(_audio(wording, audio))
    if line is not None and line.fault is not LineFault.NONE:
        what, do = present_warning(wording, line)
        notices.append(Notice(NoticeKind.LINE, Tone.WARNING, "signal-weak", what, do))
    artificial = _artificial(wording, audio)
    if artificial:
        notices.append(Notice(NoticeKind.AUDIO_ARTIFICIAL, Tone.NEUTRAL, "info", artificial))
    notices += [
        Notice(
            NoticeKind.MESSAGE, tone, "warning" if tone is not Tone.GOOD else "done", text, dismissable=True
        )
        for tone, text in messages
    ]
    return tuple(notices)


def _engine(wording: Wording, restarts: bool) -> Notice:
    t = wording.words.t
    if restarts:
        return Notice(
            NoticeKind.ENGINE,
            Tone.DANGER,
            "error",
            t("The telephone part of the program failed and is being restarted."),
            t("Your notes are safe. A call that was running is lost; call back."),
        )
    return Notice(
        NoticeKind.ENGINE,
        Tone.DANGER,
        "error",
        t("The telephone part of the program does not start."),
        t("Restart the program; if it lasts, ask your IT."),
    )


def _store(wording: Wording, store: StoreOpened) -> Notice:
    t = wording.words.t
    advice = STORE_TROUBLE[store.trouble]
    what = t(advice.what) if advice.what else ""
    if store.in_memory:
        held = t("You can work on, but outcomes are lost if the program or this computer stops.")
        what = f"{what} {held}".strip()
    tone = Tone.DANGER if store.in_memory else Tone.WARNING
    do = t(advice.do) if advice.do else ""
    action = ""
    if store.in_memory:
        action = t("Begin a new database…") if store.trouble in NEEDS_A_DECISION else t("Try again")
    return Notice(NoticeKind.STORE, tone, "warning", what, do, action, dismissable=not store.in_memory)


_BEARABLE_SOUND = (
    AudioTroubleKind.PREFERRED_MISSING,
    AudioTroubleKind.MICROPHONE_CLIPPED,
    AudioTroubleKind.STRONG_NOISE_MISSING,
    AudioTroubleKind.STRONG_NOISE_TOO_SLOW,
)


def _audio(wording: Wording, audio: AudioState) -> Notice:
    t = wording.words.t
    rings = audio.role is AudioRole.RINGER
    advice = (RINGER_TROUBLE if rings else AUDIO_TROUBLE).get(audio.trouble, AUDIO_TROUBLE[audio.trouble])
    grave = audio.trouble not in _BEARABLE_SOUND
    do = wording.words.join((t(advice.do), _device_name(audio)))
    return Notice(
        NoticeKind.AUDIO,
        Tone.DANGER if grave else Tone.WARNING,
        "warning",
        t(advice.what),
        do,
        action=t("Sound settings"),
    )


def _device_name(audio: AudioState) -> str:
    """What the trouble is about, without the system's part of a device's key."""
    systems = {device.host_api for device in audio.devices}
    system, _, name = audio.detail.partition(": ")
    return name if system in systems else audio.detail


def _artificial(wording: Wording, audio: AudioState) -> str:
    t = wording.words.t
    if audio.microphone.startswith("file:"):
        return t("Sound comes from and goes to files, not to a headset.")
    if audio.microphone == "null" or audio.speaker == "null":
        return t("Sound is switched off: nobody hears or is heard.")
    return ""
