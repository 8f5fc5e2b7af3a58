"""A test of the sound devices in words: what happens now, and what was heard."""

from __future__ import annotations

from softphone.domain.audio import SoundTest, SoundTestPhase, SoundTrial
from softphone.ui.presenters.wording import Wording
from softphone.ui.theme.tokens import Tone
from softphone.ui.words import mark

UNHEARD_DBFS, FAINT_DBFS, LOUD_DBFS = -60.0, -36.0, -1.0
"""Peaks of a microphone that heard nobody, of one too far away, and of one that is turned up too far."""

TEST = {
    SoundTest.RECORD: (mark("Record and play back"), "microphone"),
    SoundTest.ECHO: (mark("Hear yourself"), "headset"),
    SoundTest.RING: (mark("Ring"), "bell"),
    SoundTest.NOISE: (mark("Noise before and after"), "speaker"),
}
_PHASE = {
    SoundTestPhase.PLAYING: mark("Now you hear the recording, as a caller would."),
    SoundTestPhase.PLAYING_UNTREATED: mark("Now without noise suppression …"),
    SoundTestPhase.PLAYING_TREATED: mark("… and now with it."),
    SoundTestPhase.RINGING: mark("It is ringing. Is it loud enough to hear from the next room?"),
}
_SPEAK = {
    SoundTest.RECORD: mark("Speak for five seconds."),
    SoundTest.ECHO: mark("Speak: you hear yourself a moment later."),
    SoundTest.NOISE: mark("Speak for five seconds, with the noise that is around you."),
}


def present_trial(wording: Wording, trial: SoundTrial, heard: SoundTrial | None) -> tuple[str, Tone]:
    """What to show under the buttons, and how it is meant."""
    t = wording.words.t
    if trial.phase is SoundTestPhase.LISTENING and trial.test in _SPEAK:
        return t(_SPEAK[trial.test]), Tone.ACCENT
    if trial.phase in _PHASE:
        return t(_PHASE[trial.phase]), Tone.ACCENT
    return _verdict(wording, heard) if heard else ("", Tone.NEUTRAL)


def _verdict(wording: Wording, heard: SoundTrial) -> tuple[str, Tone]:
    t, peak = wording.words.t, heard.peak_dbfs
    if peak <= UNHEARD_DBFS:
        return t("The microphone heard nothing. Is it muted, or is it the wrong one?"), Tone.DANGER
    if peak < FAINT_DBFS:
        return t("You were very quiet. Move the microphone closer or raise its volume."), Tone.WARNING
    if peak > LOUD_DBFS:
        return t("You were so loud that your voice is distorted. Lower the volume."), Tone.WARNING
    return t("The microphone heard you well."), Tone.GOOD
