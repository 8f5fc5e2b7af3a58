"""`softphone ctl` against a real desk with its engine, window, database and CRM, calls over real RTP."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from softphone.cli.start import checked_link
from softphone.demo.callers import PLANS
from softphone.demo.pbx.news import NewsKind
from softphone.demo.world import DemoWorld
from tests.cli.desk_process import Answer, DeskProcess, EventStream, Program
from tests.peers.waiting import wait_for

HARRIET = PLANS[0]
"""One customer of the insurer."""


@pytest.fixture(scope="module")
def world() -> Iterator[DemoWorld]:
    with DemoWorld() as made:
        yield made


@pytest.fixture(scope="module")
def desk(world: DemoWorld, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskProcess]:
    with DeskProcess(tmp_path_factory.mktemp("profile"), world) as made:
        yield made


@pytest.fixture
def stream(desk: DeskProcess) -> Iterator[EventStream]:
    made = EventStream(desk)
    yield made
    made.close()


def part(answer: Answer, name: str) -> Answer:
    value = answer[name]
    assert isinstance(value, dict)
    return value


def test_an_incoming_call_is_taken_wrapped_up_and_delivered_by_commands_alone(
    desk: DeskProcess, world: DemoWorld, stream: EventStream
) -> None:
    desk.ok("state", "ready")
    caller = world.ring(HARRIET.number, name=HARRIET.name, dnis=HARRIET.dnis, headers=HARRIET.headers)
    ringing = part(stream.wait_for("call_changed", state="incoming"), "call")
    assert (ringing["number"], ringing["queue"], ringing["campaign"]) == (
        HARRIET.number,
        "meridian-claims",
        "meridian",
    )
    assert part(stream.wait_for("customer_changed", state="one"), "customer")["name"] == HARRIET.name
    answered = part(desk.ok("answer"), "call")
    assert (answered["id"], answered["state"]) == (ringing["id"], "established")
    assert part(desk.ok("hold"), "call")["local_hold"] is True
    assert part(desk.ok("resume"), "call")["local_hold"] is False
    assert part(desk.ok("mute", "on"), "call")["muted"] is True
    assert part(desk.ok("mute"), "call")["muted"] is False
    desk.ok("dtmf", "12#")
    wait_for(lambda: caller.digits == "12#", "the digits at the other side")
    assert part(desk.ok("hangup"), "call")["end_cause"] == "normal"
    kind, detail = desk.refused("wrap-up", "--note", "x")
    assert kind == "refused"
    assert str(detail).startswith("code_missing; codes: claim_opened, claim_status")
    note = "Roof; 3 tiles\nשלום"
    saved = part(desk.ok("wrap-up", "--code", "claim_opened", "--note-stdin", given=note), "wrap_up")
    assert (saved["saved"], saved["in_memory"], saved["notes"]) == (True, False, note)
    stream.wait_for("delivery_recorded", call=ringing["id"], state="delivered")
    (entry,) = [e for e in _history(desk) if e["call"] == ringing["id"]]
    assert (entry["status"], entry["code"]) == ("delivered", "claim_opened")


def _history(desk: DeskProcess) -> list[Answer]:
    history = desk.ok("history")["history"]
    assert isinstance(history, list)
    return history


def test_a_call_is_dialled_and_its_answer_heard_of(
    desk: DeskProcess, world: DemoWorld, stream: EventStream
) -> None:
    placed = part(desk.ok("call", "601"), "call")
    assert (placed["direction"], placed["state"]) == ("outbound", "outgoing")
    stream.wait_for("call_changed", id=placed["id"], state="established")
    desk.ok("hangup", str(placed["id"])[:8])
    world.journal.wait_for(NewsKind.ENDED.value, timeout_s=10)


def test_a_refused_number_tells_why_the_call_ended(desk: DeskProcess, stream: EventStream) -> None:
    placed = part(desk.ok("call", "604"), "call")
    ended = part(stream.wait_for("call_changed", id=placed["id"], state="terminated"), "call")
    assert (ended["end_cause"], ended["sip_code"]) == ("not_found", 404)


def test_a_caller_is_rejected_as_busy(desk: DeskProcess, world: DemoWorld, stream: EventStream) -> None:
    desk.ok("state", "ready")
    world.ring("+442079460777")
    stream.wait_for("call_changed", number="+442079460777", state="incoming")
    assert part(desk.ok("reject"), "call")["end_cause"] == "rejected"


def test_the_time_of_the_invite_is_on_the_clock_of_the_events(
    desk: DeskProcess, world: DemoWorld, stream: EventStream
) -> None:
    caller = world.ring("+442079460778")
    ringing = stream.wait_for("call_changed", number="+442079460778", state="incoming")
    arrived = stream.wait_for("call_arrived", call_id=part(ringing, "call")["id"])
    read_at, told_at = arrived["invite_monotonic_ms"], arrived["monotonic_ms"]
    assert isinstance(read_at, float)
    assert isinstance(told_at, float)
    assert 0 < told_at - read_at < 10_000
    caller.hang_up()
    stream.wait_for("call_changed", number="+442079460778", end_cause="abandoned")


def test_the_agents_state_is_chosen_and_an_unknown_reason_is_refused(desk: DeskProcess) -> None:
    chosen = part(desk.ok("state", "not-ready", "--reason", "lunch"), "agent")
    assert (chosen["state"], chosen["reason"]) == ("not_ready", "lunch")
    kind, detail = desk.refused("state", "not-ready", "--reason", "unheard-of")
    assert kind == "bad_input"
    assert "lunch" in str(detail)
    assert part(desk.ok("state", "ready"), "agent")["state"] == "ready"


def test_commands_without_a_call_exit_with_1_and_a_reason(desk: DeskProcess) -> None:
    for command in (["answer"], ["hangup"], ["hold"], ["resume"], ["mute"], ["dtmf", "1"], ["wrap-up"]):
        assert desk.refused(*command)[0] == "refused"
    assert desk.refused("call", "not a number at all")[0] == "bad_input"


@pytest.mark.parametrize(
    "arguments",
    [
        ["ctl"],
        ["ctl", "frobnicate"],
        ["ctl", "call"],
        ["ctl", "mute", "perhaps"],
        ["ctl", "state"],
        ["ctl", "transfer"],
        ["ctl", "wrap-up", "--note", "a", "--note-stdin"],
        ["frobnicate"],
        ["http://example.org/"],
        ["tel:1", "tel:2"],
        ["account"],
        ["account", "add", "--user", "x"],
    ],
    ids=" ".join,
)
def test_wrong_usage_exits_with_2_and_says_what_is_right(tmp_path: Path, arguments: list[str]) -> None:
    done = Program(tmp_path).run(*arguments)
    assert done.returncode == 2
    assert "usage: softphone" in done.stderr


def test_without_a_running_softphone_the_exit_code_is_3(tmp_path: Path) -> None:
    code, answer = Program(tmp_path).ctl("status")
    assert (code, answer["ok"]) == (3, False)
    assert part(answer, "error")["kind"] == "no_instance"


def test_a_desk_that_hangs_means_exit_code_4(desk: DeskProcess) -> None:
    os.kill(desk.process.pid, signal.SIGSTOP)
    try:
        code, answer = desk.ctl("--timeout", "-4.5", "status")
    finally:
        os.kill(desk.process.pid, signal.SIGCONT)
    assert (code, part(answer, "error")["kind"]) == (4, "timeout")
    assert desk.status()["pid"] == desk.process.pid


def test_a_second_start_hands_its_link_to_the_first_and_ends(desk: DeskProcess) -> None:
    done = desk.run("tel:+49%2030%20123456")
    assert (done.returncode, done.stdout) == (0, "")
    assert desk.run().returncode == 0
    assert desk.status()["calls"] == []


def test_ctl_loads_nothing_heavy(desk: DeskProcess) -> None:
    look = (
        "import sys; from softphone.__main__ import main\n"
        f"code = main(['--config-dir', {str(desk.folder)!r}, 'ctl', 'status'])\n"
        "heavy = {'PySide6', 'pjsua2', 'structlog', 'msgspec', 'keyring', 'httpx', 'asyncio'}\n"
        "print(code, sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", look], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.splitlines()[-1] == "0 []"


def test_a_reader_that_has_seen_enough_ends_the_stream_without_noise(
    desk: DeskProcess, world: DemoWorld
) -> None:
    process = subprocess.Popen(
        [*desk.command, "ctl", "events"],
        env=desk.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert "listening" in process.stdout.readline()
    process.stdout.close()
    desk.ok("state", "not-ready", "--reason", "break")
    desk.ok("state", "ready")
    assert process.wait(20) == 0
    assert process.stderr is not None
    assert process.stderr.read() == ""
    process.stderr.close()


def test_a_softphone_that_was_killed_leaves_nothing_in_the_way(world: DemoWorld, tmp_path: Path) -> None:
    with DeskProcess(tmp_path / "p", world) as first:
        stream = EventStream(first)
        first.process.kill()
        first.process.wait()
        assert stream.end_of_stream() == 3
        stream.close()
        assert first.ctl("status")[0] == 3
        with DeskProcess(tmp_path / "p", world) as second:
            assert second.status()["pid"] == second.process.pid
            assert second.end() == 0


@pytest.mark.parametrize(
    ("given", "link"),
    [
        ("tel:+4930123456", "tel:+4930123456"),
        ("TEL:+49%2030%20123", "tel:+49 30 123"),
        ("callto://+4930123", "callto://+4930123"),
        ("sip:bob%20x@example.org", "sip:bob%20x@example.org"),
        ("tel:12\u202e34\n56", "tel:1234 56"),
        ("tel:%0a%0d12%00", "tel: 12"),
        ("tel:", None),
        ("http://example.org", None),
        ("--help", None),
        ("file:///etc/passwd", None),
    ],
)
def test_links_from_a_browser_are_cleaned_or_refused(given: str, link: str | None) -> None:
    assert checked_link(given) == link


def test_answers_are_one_line_of_json_in_any_locale(desk: DeskProcess) -> None:
    desk_in_c = Program(desk.folder, {"LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"})
    done = desk_in_c.run("ctl", "history")
    assert done.stdout.isascii()
    assert len(done.stdout.splitlines()) == 1
    assert json.loads(done.stdout)["ok"] is True


def test_records_are_described_exported_and_encrypted_anew_while_it_works(desk: DeskProcess) -> None:
    before = part(desk.ok("records", "describe"), "facts")
    assert (before["on_disk"], before["trouble"]) == ("true", "none")
    desk.ok("records", "rekey")
    exported = desk.ok("records", "export")["records"]
    assert isinstance(exported, list)
    for line in exported:
        assert set(line) & {"number", "notes", "customer"} == set()
    through_the_other_command = json.loads(desk.run("records", "describe").stdout)["facts"]
    assert through_the_other_command["schema"] == before["schema"]
    assert desk.ok("records", "purge")["purged"] == 0  # nothing is that old
    assert desk.ok("callbacks")["callbacks"] == []
    assert desk.refused("records", "close", "nobody", "--reason", "because")[0] == "refused"


def test_a_note_that_is_too_long_is_refused_and_not_cut(desk: DeskProcess) -> None:
    code, answer = desk.ctl("wrap-up", "--note-stdin", given="x" * 20_001)
    assert code == 1
    assert part(answer, "error")["kind"] in ("bad_input", "refused")  # refused where no wrap-up is open
