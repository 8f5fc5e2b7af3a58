"""Whether the demo's call really happened, seen from the telephone system and the CRM, not from the desk."""

from __future__ import annotations

import json
import wave
from dataclasses import asdict, field
from pathlib import Path
from typing import Any

import numpy as np

from softphone.demo.callers import PLANS, CallPlan
from softphone.demo.crm_records import LoggedCall
from softphone.demo.hearing import Hearing, judge
from softphone.demo.pbx.g711 import Samples
from softphone.demo.pbx.journal import Entry
from softphone.demo.pbx.sound import speech, write_wav
from softphone.demo.world import DemoWorld
from softphone.domain.facts import dataclass

DESK_REPORT = "desk.json"
SPEAKER = "speaker.wav"
SUMMARY = "summary.json"
AGENT_CLIP = "en-welcome"
"""What the agent says in a demo that plays itself."""

_STEPS = ("calling", "ringing", "answered", "ended")


@dataclass(slots=True)
class CallVerdict:
    """One call: when each step happened (seconds since the demo began) and what is wrong."""

    number: str
    campaign: str
    steps_s: dict[str, float] = field(default_factory=dict)
    customer_heard: Hearing | None = None
    agent_heard: Hearing | None = None
    outcome: dict[str, Any] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def summary(world: DemoWorld, folder: Path, calls: int, desk_exit: int, began: float) -> dict[str, Any]:
    """Everything that happened, and `ok` only if everything that should happen did.

    `began` is the demo's start by `time.monotonic`, the clock of every process of this computer.
    """
    entries = world.journal.entries()
    records = world.thread.call(lambda: list(world.crm.records.calls))
    verdicts = [_call_verdict(plan, entries, records, began) for plan in PLANS[:calls]]
    speaker = _read_wav(folder / SPEAKER)
    for number, (plan, verdict) in enumerate(zip(PLANS, verdicts, strict=False), 1):
        _judge_customer(world, plan, verdict, folder / f"customer-{number}.wav")
        _judge_agent(speaker, plan, verdict)
    desk = _desk_report(folder, began)
    problems = [f"call {i}: {text}" for i, v in enumerate(verdicts, 1) for text in v.problems]
    problems += _whole_problems(entries, records, calls, desk_exit, desk)
    return {
        "ok": not problems,
        "problems": problems,
        "desk_exit_code": desk_exit,
        "registered_s": _first(entries, "registered", began),
        "unregistered_s": _first(entries, "unregistered", began),
        "calls": [asdict(verdict) for verdict in verdicts],
        "crm_records": len(records),
        "desk": desk,
    }


def _call_verdict(
    plan: CallPlan, entries: list[Entry], records: list[LoggedCall], began: float
) -> CallVerdict:
    verdict = CallVerdict(plan.number or "anonymous", plan.campaign.name)
    mine = [entry for entry in entries if entry.facts.get("number") == plan.number]
    for step in _STEPS:
        seconds = _first(mine, step, began)
        if seconds is None:
            verdict.problems.append(f"never {step}")
        else:
            verdict.steps_s[step] = seconds
    _judge_outcome(plan, records, verdict, began)
    return verdict


def _judge_customer(world: DemoWorld, plan: CallPlan, verdict: CallVerdict, file: Path) -> None:
    """Keep and judge what the customer heard."""
    recording = world.last_recording(plan.number)
    if recording is None:
        return
    write_wav(file, recording)
    verdict.customer_heard = judge(recording, speech(AGENT_CLIP))
    if not verdict.customer_heard.heard:
        verdict.problems.append("the customer did not hear the agent")


def _judge_agent(speaker: tuple[Samples, int] | None, plan: CallPlan, verdict: CallVerdict) -> None:
    """Look for the customer's words in what came out of the agent's loudspeaker."""
    if speaker is not None:
        verdict.agent_heard = judge(speaker[0], speech(plan.clip), speaker[1])
    if verdict.agent_heard is None or not verdict.agent_heard.heard:
        verdict.problems.append("the agent did not hear the customer")


def _judge_outcome(plan: CallPlan, records: list[LoggedCall], verdict: CallVerdict, began: float) -> None:
    mine = [record for record in records if record.body.get("number") == plan.number]
    if len(mine) != 1:
        verdict.problems.append(f"{len(mine)} outcomes in the CRM instead of one")
        return
    record = mine[0]
    verdict.steps_s["recorded"] = round(record.monotonic - began, 3)
    verdict.outcome = record.as_json()
    if record.idempotency_key != record.external_id:
        verdict.problems.append("the outcome came without its idempotency key")
    if plan.campaign.disposition(str(record.body.get("disposition"))) is None:
        verdict.problems.append("the outcome's code is none of the campaign's")
    if record.body.get("campaign") not in (plan.campaign.id, plan.campaign.name):
        verdict.problems.append("the outcome is recorded for another campaign")


def _whole_problems(
    entries: list[Entry], records: list[LoggedCall], calls: int, desk_exit: int, desk: dict[str, Any]
) -> list[str]:
    problems = []
    if desk_exit != 0:
        problems.append(f"the desk ended with exit code {desk_exit}")
    if not desk:
        problems.append("the desk left no report")
    elif desk.get("ok") is not True:
        problems.append("the desk reports a failure")
    if len(records) != calls:
        problems.append(f"{len(records)} records in the CRM for {calls} calls")
    if not any(entry.what == "unregistered" for entry in entries):
        problems.append("the phone did not un-register when it quit")
    return problems


def _read_wav(path: Path) -> tuple[Samples, int] | None:
    try:
        with wave.open(str(path), "rb") as file:
            samples = np.frombuffer(file.readframes(file.getnframes()), np.int16)
            return samples[:: file.getnchannels()], file.getframerate()
    except (OSError, EOFError, wave.Error):
        return None


def _desk_report(folder: Path, began: float) -> dict[str, Any]:
    """What the desk says of itself, with its steps on the demo's clock."""
    try:
        report = json.loads((folder / DESK_REPORT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(report, dict):
        return {}
    for step in report.get("steps", []):
        step["since_demo_start_s"] = round(step["at"] - began, 3)
    return report


def _first(entries: list[Entry], what: str, began: float) -> float | None:
    found = next((entry.monotonic for entry in entries if entry.what == what), None)
    return None if found is None else round(found - began, 3)
