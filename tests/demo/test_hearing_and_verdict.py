"""What the demo calls "heard" and "happened" must be able to fail."""

from __future__ import annotations

import json
import time
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from softphone.demo.callers import PLANS
from softphone.demo.hearing import judge
from softphone.demo.make_speech import CLIPS
from softphone.demo.pbx.g711 import PAYLOAD_TYPES, Samples, decode, encode
from softphone.demo.pbx.sound import RATE_HZ, SPEECH, Clip, Tone, speech
from softphone.demo.verdict import DESK_REPORT, summary
from softphone.demo.world import AGENT, DemoWorld
from tests.demo.conftest import MakePhone


def said_over_and_over(name: str, seconds: float) -> Samples:
    clip = Clip(speech(name), pause_s=0.5)
    return np.concatenate([clip.frame() for _ in range(int(seconds * 50))])


def test_speech_through_codec_gain_and_delay_is_heard() -> None:
    said = speech("en-claim")
    through = decode(8, encode(8, said_over_and_over("en-claim", 8.0)))[3_210:]
    hearing = judge((through * 0.3).astype(np.int16), said)
    assert hearing.heard
    assert hearing.likeness > 0.9


def test_silence_a_tone_and_too_little_are_not_heard() -> None:
    said = speech("en-claim")
    tone = Tone(440.0)
    assert not judge(np.zeros(5 * RATE_HZ, np.int16), said).heard
    assert not judge(np.concatenate([tone.frame() for _ in range(250)]), said).heard
    assert not judge(said_over_and_over("en-claim", 0.5), said).heard
    assert not judge(np.zeros(0, np.int16), said).heard


def test_a_few_lost_frames_do_not_hide_speech() -> None:
    whole = said_over_and_over("en-claim", 8.0)
    lossy = np.concatenate([whole[:9_000], whole[9_480:14_000], np.zeros(480, np.int16), whole[14_900:]])
    assert judge(lossy, speech("en-claim")).heard


@pytest.mark.parametrize("other", [name for name in CLIPS if name != "en-claim"])
def test_other_words_are_not_taken_for_these(other: str) -> None:
    assert not judge(said_over_and_over(other, 12.0), speech("en-claim")).heard


def test_speech_with_every_other_half_second_missing_is_not_heard() -> None:
    chopped = said_over_and_over("en-claim", 8.0).copy()
    for start in range(0, len(chopped), RATE_HZ):
        chopped[start : start + RATE_HZ // 2] = 0
    assert not judge(chopped, speech("en-claim")).heard


def test_noise_is_not_taken_for_speech() -> None:
    noise = np.random.default_rng(7).normal(0, 2_000, 8 * RATE_HZ).astype(np.int16)
    assert not judge(noise, speech("en-claim")).heard


def test_whispered_speech_is_not_heard() -> None:
    faint = (said_over_and_over("en-claim", 8.0) * 0.01).astype(np.int16)
    assert not judge(faint, speech("en-claim")).heard


@pytest.mark.parametrize("payload_type", PAYLOAD_TYPES)
def test_g711_keeps_what_it_carries(payload_type: int) -> None:
    samples = np.arange(-32_000, 32_001, 50, dtype=np.int16)
    back = decode(payload_type, encode(payload_type, samples)).astype(int)
    assert np.all(np.abs(back - samples) <= np.maximum(16, np.abs(samples.astype(int)) * 0.04))


def test_every_clip_is_there_small_and_loud_enough() -> None:
    for name in CLIPS:
        assert (SPEECH / f"{name}.wav").stat().st_size < 60_000
        level = 20 * np.log10(np.sqrt(np.mean((speech(name) / 32_768) ** 2)))
        assert -26 < level < -14
    assert {plan.clip for plan in PLANS} <= set(CLIPS)


# --- the verdict over a whole demo ------------------------------------------------------------------------


def outcome(external_id: str, **changes: Any) -> dict[str, Any]:
    plan = PLANS[0]
    body = {
        "external_id": external_id,
        "direction": "inbound",
        "number": plan.number,
        "started_at": "2026-03-02T09:30:00Z",
        "talk_s": 4,
        "campaign": str(plan.campaign.id),
        "disposition": "claim_status",
    }
    return body | changes


def one_good_call(world: DemoWorld, make_phone: MakePhone, folder: Path) -> None:
    """What a desk would do, with the sound left out."""
    phone = make_phone(AGENT)
    phone.register()
    plan = PLANS[0]
    customer = world.ring(plan.number, name=plan.name)
    call = phone.wait_incoming()
    call.ring()
    call.answer()
    customer.hang_up()
    call.wait_ended()
    phone.register(expires_s=0)
    world.journal.wait_for("unregistered")
    (folder / DESK_REPORT).write_text(json.dumps({"ok": True, "steps": []}), encoding="utf-8")


def test_a_call_without_sound_is_a_failure_that_names_what_was_not_heard(
    world: DemoWorld, make_phone: MakePhone, tmp_path: Path
) -> None:
    began = time.monotonic()
    one_good_call(world, make_phone, tmp_path)
    world.thread.call(lambda: world.crm.records.log(outcome("k"), "k"))
    found = summary(world, tmp_path, 1, 0, began)
    assert found["problems"] == [
        "call 1: the customer did not hear the agent",
        "call 1: the agent did not hear the customer",
    ]
    assert not found["ok"]
    steps = found["calls"][0]["steps_s"]
    assert list(steps) == ["calling", "ringing", "answered", "ended", "recorded"]
    assert list(steps.values()) == sorted(steps.values())


@pytest.mark.parametrize(
    ("bodies", "key", "problem"),
    [
        ([], "", "0 outcomes in the CRM instead of one"),
        ([outcome("a"), outcome("b")], "", "2 outcomes in the CRM instead of one"),
        ([outcome("a")], "other", "the outcome came without its idempotency key"),
        ([outcome("a", disposition="bestellt")], "a", "the outcome's code is none of the campaign's"),
        ([outcome("a", campaign="lindenhof")], "a", "the outcome is recorded for another campaign"),
    ],
)
def test_an_outcome_that_is_missing_doubled_or_wrong_is_a_failure(
    world: DemoWorld,
    make_phone: MakePhone,
    tmp_path: Path,
    bodies: list[dict[str, Any]],
    key: str,
    problem: str,
) -> None:
    one_good_call(world, make_phone, tmp_path)
    for body in bodies:
        world.thread.call(partial(world.crm.records.log, body, key))
    assert f"call 1: {problem}" in summary(world, tmp_path, 1, 0, 0.0)["problems"]


def test_a_desk_that_fails_or_vanishes_is_a_failure(world: DemoWorld, tmp_path: Path) -> None:
    problems = summary(world, tmp_path, 1, 139, 0.0)["problems"]
    assert "the desk ended with exit code 139" in problems
    assert "the desk left no report" in problems
    assert "call 1: never ringing" in problems
    assert "the phone did not un-register when it quit" in problems
