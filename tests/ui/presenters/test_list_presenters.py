"""What call list, banners and sound settings say, tested without a window."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from softphone.domain.audio import (
    AudioChoice,
    AudioDevice,
    AudioRole,
    AudioState,
    AudioTroubleKind,
)
from softphone.domain.call import (
    CallState,
    CallView,
    EndCause,
)
from softphone.domain.customer import CrmTrouble
from softphone.domain.ids import DeliveryId
from softphone.domain.keeping_events import HistoryLoaded, StoreOpened
from softphone.domain.store_trouble import StoreTrouble
from softphone.domain.wrap_up import CallRecord, Draft, HistoryEntry, RecordStatus
from softphone.ui.presenters.history import present_history
from softphone.ui.presenters.notices import NoticeKind, present_notices
from softphone.ui.presenters.sound import meter, present_roles, with_device
from softphone.ui.presenters.wording import Wording
from softphone.ui.theme.tokens import Tone
from tests.ui.presenters.presented import CALL, NOW

# --- the call list ---


def entry(status: RecordStatus, call: CallView = CALL, **more: object) -> HistoryEntry:
    record = CallRecord(call, "+493012345678", "Storm Insurance")
    return replace(HistoryEntry(record, status, Draft(call.id)), **more)  # type: ignore[arg-type]  # by name


def test_a_refused_outcome_says_why_and_can_be_sent_again(wording: Wording) -> None:
    refused = entry(
        RecordStatus.REFUSED,
        last_trouble=CrmTrouble.REFUSED,
        last_error="unknown field",
        delivery_id=DeliveryId("d"),
        code_label="Solved",
    )
    view = present_history(wording, HistoryLoaded((refused,), refused=1), "", NOW)
    row = view.rows[0]
    assert row.status == "Refused by the CRM"
    assert row.why == "The CRM refused the entry. · unknown field"
    assert row.delivery_id == "d"
    assert view.summary == "1 outcome was refused"


def test_a_delivered_outcome_cannot_be_sent_again(wording: Wording) -> None:
    delivered = entry(RecordStatus.DELIVERED, delivery_id=DeliveryId("d"))
    assert present_history(wording, HistoryLoaded((delivered,)), "", NOW).rows[0].delivery_id is None


def test_a_missed_call_stands_out_and_can_be_called_back(wording: Wording) -> None:
    missed = replace(CALL, state=CallState.TERMINATED, end_cause=EndCause.MISSED)
    row = present_history(wording, HistoryLoaded((entry(RecordStatus.CLOSED, missed),)), "", NOW).rows[0]
    assert (row.missed, row.icon, row.dial) == (True, "missed", "+493012345678")
    assert row.spoken.startswith("Missed call")


def test_calls_of_other_days_show_the_day(wording: Wording) -> None:
    rows = present_history(
        wording, HistoryLoaded((entry(RecordStatus.CLOSED),)), "", NOW + timedelta(days=2)
    ).rows
    assert rows[0].when.startswith("2026-03-02")


# --- banners ---


def _notices(wording: Wording, **given: object) -> list[tuple[NoticeKind, str]]:
    facts = {"engine_lost": False, "engine_restarts": True, "store": StoreOpened(), "audio": AudioState()}
    notices = present_notices(wording, **{**facts, **given})  # type: ignore[arg-type]  # by name
    return [(n.kind, n.text) for n in notices]


def test_a_healthy_phone_has_no_banner(wording: Wording) -> None:
    assert _notices(wording) == []


def test_work_in_memory_is_never_hidden(wording: Wording) -> None:
    store = StoreOpened(StoreTrouble.DISK_FULL, in_memory=True)
    (kind, text), *_ = _notices(wording, store=store)
    assert kind is NoticeKind.STORE
    assert text.startswith("The disk is full")
    assert "lost if the program or this computer stops" in text


def test_the_lost_engine_comes_before_everything_else(wording: Wording) -> None:
    found = _notices(
        wording,
        engine_lost=True,
        audio=AudioState(trouble=AudioTroubleKind.NO_DEVICE),
        messages=((Tone.GOOD, "x"),),
    )
    assert [kind for kind, _ in found] == [NoticeKind.ENGINE, NoticeKind.AUDIO, NoticeKind.MESSAGE]


@pytest.mark.parametrize(
    ("audio", "text"),
    [
        (AudioState("null", "null", "null"), "Sound is switched off: nobody hears or is heard."),
        (AudioState("file:a.wav,b.wav"), "Sound comes from and goes to files, not to a headset."),
    ],
)
def test_artificial_sound_is_shown_clearly(wording: Wording, audio: AudioState, text: str) -> None:
    assert _notices(wording, audio=audio) == [(NoticeKind.AUDIO_ARTIFICIAL, text)]


def test_a_device_that_only_rings_is_not_called_a_headset_and_is_named_as_people_know_it(
    wording: Wording,
) -> None:
    screen = AudioDevice("DELL: P24", "Windows WASAPI", outputs=2)
    missing = AudioTroubleKind.PREFERRED_MISSING
    for role, words in (
        (AudioRole.RINGER, "The device that shall ring is not connected; another one rings."),
        (AudioRole.SPEAKER, "Your headset is not connected; another device is used."),
    ):
        audio = AudioState(trouble=missing, role=role, detail=screen.key, devices=(screen,))
        notice = present_notices(
            wording, engine_lost=False, engine_restarts=False, store=StoreOpened(), audio=audio
        )[0]
        assert notice.text == words
        assert notice.advice == "Plug it in; it is used at once. · DELL: P24"


# --- sound ---

HEADSET = AudioDevice("Jabra", "ALSA", inputs=1, outputs=2)
SCREEN = AudioDevice("Screen", "ALSA", outputs=2)


def test_each_role_lists_the_devices_that_can_serve_it(wording: Wording) -> None:
    views = present_roles(wording, AudioChoice(), AudioState(devices=(HEADSET, SCREEN)))
    options = {v.role: [o.label for o in v.options] for v in views}
    assert options[AudioRole.MICROPHONE] == ["As the system has it", "Jabra"]
    assert options[AudioRole.RINGER] == ["As the system has it", "Jabra", "Screen"]


def test_a_chosen_device_that_is_unplugged_stays_chosen_and_says_so(wording: Wording) -> None:
    choice = with_device(AudioChoice(), AudioRole.SPEAKER, "ALSA: Jabra")
    view = present_roles(wording, choice, AudioState(devices=(SCREEN,)))[1]
    assert view.chosen == "ALSA: Jabra"
    assert view.options[-1].label == "Jabra (not connected)"


def test_a_level_meter_is_empty_at_silence_and_full_at_the_peak() -> None:
    assert (meter(-96), meter(-60), meter(-30), meter(0), meter(3)) == (0, 0, 0.5, 1, 1)
