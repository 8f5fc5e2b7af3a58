"""The product as it is used: key ring, real window on a screen, Asterisk's queue, a CRM over HTTP."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from softphone.demo.crm_server import EmbeddedCrm
from softphone.demo.loop_thread import LoopThread
from softphone.system.folders import folders
from tests.cli.desk_process import Program
from tests.peers.asterisk import Asterisk
from tests.peers.evidence import told_with
from tests.peers.secret_service import SecretService
from tests.peers.waiting import wait_for
from tests.peers.xvfb import VirtualDisplay

pytestmark = [pytest.mark.peer("asterisk"), pytest.mark.peer("secret_service"), pytest.mark.peer("xvfb")]

CAMPAIGN = """
[[crms]]
name = "company"
pack = "embedded"
base_url = "{crm}"

[[campaigns]]
id = "support"
name = "Storm Insurance"
greeting = "Storm Insurance, good morning"
crm = "company"
region = "GB"

[campaigns.matching]
queues = ["support"]

[campaigns.recording]
policy = "recorded"
pause_code = "*61"
resume_code = "*62"

[[campaigns.dispositions]]
code = "solved"
label = "Solved"

[audio]
microphone = "null"
speaker = "null"
ringer = "null"
"""
PUT_TOKEN = """
import sys
from pathlib import Path
from softphone.system.folders import folders
from softphone.system.secrets import KeyringSecrets
KeyringSecrets(folders(Path(sys.argv[1])).key_store_service).write("crm/company", sys.stdin.read())
"""
HARRIET = "+442079460018"


@pytest.fixture
def crm() -> Iterator[EmbeddedCrm]:
    thread, made = LoopThread("crm"), EmbeddedCrm()
    thread.run(made.start())
    yield made
    thread.run(made.stop())
    thread.stop()


@pytest.fixture
def program(
    tmp_path: Path,
    asterisk: Asterisk,
    crm: EmbeddedCrm,
    secret_service: SecretService,
    display: VirtualDisplay,
) -> Program:
    """An installed profile: account and token in the key ring, campaign in the settings."""
    made = Program(tmp_path / "profile", {**secret_service.environment, **display.environment})
    where = folders(made.folder)
    where.create()
    where.settings_file.write_text(CAMPAIGN.format(crm=crm.base_url), encoding="utf-8")
    subprocess.run(
        [sys.executable, "-c", PUT_TOKEN, str(made.folder)],
        input=crm.token, text=True, env=made.environment, check=True,
    )  # fmt: skip
    return made


@pytest.fixture
def desk(program: Program, asterisk: Asterisk) -> Iterator[Program]:
    """Signed in and running."""
    add = ("account", "add", "--server", asterisk.host, "--port", str(asterisk.sip_port), "--user", "7001")
    done = program.run(*add, "--password-stdin", given=asterisk.accounts["7001"].password)
    assert done.returncode == 0, done.stderr
    with (program.folder / "output.log").open("wb") as log:
        running = subprocess.Popen(program.command, env=program.environment, stdout=log, stderr=log)
    with told_with(program.folder), ended(running):
        wait_for(
            lambda: running.poll() is not None or status(program)["agent"]["registered"],
            "registered",
            timeout_s=30,
        )
        assert running.poll() is None, "the desk has ended"
        yield program
        program.ok("quit")
        assert running.wait(20) == 0
    assert asterisk.contacts("7001") == [], "quitting un-registers"


@contextlib.contextmanager
def ended(running: subprocess.Popen[bytes]) -> Iterator[None]:
    """A desk that does not end by itself is killed; its engine then ends by itself."""
    try:
        yield
    finally:
        running.kill()
        running.wait(10)


def status(program: Program) -> dict[str, Any]:
    code, answer = program.ctl("status")
    if code != 0:
        return {"agent": {"registered": False}, "calls": [], "wrap_ups": []}
    found = answer["status"]
    assert isinstance(found, dict)
    return found


def the_call(program: Program) -> dict[str, Any]:
    return wait_for(lambda: next(iter(status(program)["calls"]), None), "a call", timeout_s=20)


def test_a_queue_call_is_recognised_answered_and_recorded(
    desk: Program, asterisk: Asterisk, crm: EmbeddedCrm, display: VirtualDisplay
) -> None:
    painted = wait_for(
        lambda: found if (found := display.photograph().colours) > 10 else 0, "the window", timeout_s=20
    )
    customer = asterisk.customer_calls("5000", number=HARRIET)
    call = the_call(desk)
    assert (call["campaign"], call["queue"]) == ("support", "support")
    wait_for(lambda: the_call(desk)["customer"]["name"] == "Harriet Whitcombe", "the card", timeout_s=20)
    wait_for(lambda: display.photograph().colours > painted, "the ringing card on the screen", timeout_s=20)

    desk.ok("answer")
    desk.ok("wrap-up", "--draft", "--note", "asked about hail")
    customer.hang_up()
    wait_for(lambda: status(desk)["wrap_ups"], "after-call work", timeout_s=20)
    desk.ok("wrap-up", "--code", "solved")
    wait_for(lambda: crm.records.calls, "the outcome in the CRM", timeout_s=20)
    (record,) = crm.records.calls
    assert (record.body["disposition"], record.body["notes"]) == ("solved", "asked about hail")


def test_pausing_the_recording_reaches_the_telephone_system(desk: Program, asterisk: Asterisk) -> None:
    customer = asterisk.customer_calls("5002", number=HARRIET)
    the_call(desk)
    desk.ok("answer")
    wait_for(lambda: the_call(desk)["state"] == "established", "talking", timeout_s=20)
    agent = asterisk.wait_channel("7001")
    for order, state, heard in (
        ("pause", "paused", "RecordingPaused"), ("resume", "running", "RecordingResumed"),
    ):  # fmt: skip
        mark = asterisk.ami.mark()
        answer = desk.ok("recording", order)
        assert answer["recording"]["state"] == state  # type: ignore[index]  # JSON
        asterisk.ami.wait_event(mark, "UserEvent", UserEvent=heard, Channel=agent)
    assert customer.alive
    customer.hang_up()
    wait_for(lambda: not status(desk)["calls"], "the call is over", timeout_s=20)


def test_the_agent_calls_out_and_hangs_up(desk: Program, asterisk: Asterisk) -> None:
    desk.ok("call", "601")
    wait_for(lambda: the_call(desk)["state"] == "established", "the echo answers", timeout_s=20)
    desk.ok("dtmf", "12*")  # a # would end the echo
    desk.ok("hold")
    desk.ok("resume")
    desk.ok("hangup")
    asterisk.wait_no_channels("7001")


def test_nothing_secret_is_in_any_file(desk: Program, asterisk: Asterisk, crm: EmbeddedCrm) -> None:
    customer = asterisk.customer_calls("5000", number=HARRIET)
    the_call(desk)
    customer.hang_up()
    wait_for(lambda: not status(desk)["calls"], "the call is over", timeout_s=20)
    everything = b"".join(p.read_bytes() for p in desk.folder.rglob("*") if p.is_file())
    for secret in (asterisk.accounts["7001"].password, crm.token, "Harriet", HARRIET):
        assert secret.encode() not in everything, secret
    assert json.dumps(status(desk)).find(asterisk.accounts["7001"].password) == -1
