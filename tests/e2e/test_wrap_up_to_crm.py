"""From the script to the CRM: a whole desk, calls over real RTP, and a CRM over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from softphone.demo.callers import PLANS
from softphone.demo.world import DemoWorld
from tests.cli.desk_process import Answer, DeskProcess, EventStream
from tests.peers.waiting import wait_for

HARRIET = PLANS[0]


@pytest.fixture
def world() -> Iterator[DemoWorld]:
    with DemoWorld() as made:
        yield made


@pytest.fixture
def desk(world: DemoWorld, tmp_path: Path) -> Iterator[DeskProcess]:
    with DeskProcess(tmp_path / "profile", world) as made:
        yield made


def part(answer: Answer, name: str) -> Answer:
    value = answer[name]
    assert isinstance(value, dict)
    return value


def listed(answer: Answer, name: str) -> list[Answer]:
    value = answer[name]
    assert isinstance(value, list)
    return value


def test_script_answers_and_a_promised_callback_reach_the_crm_once(
    desk: DeskProcess, world: DemoWorld
) -> None:
    stream = EventStream(desk)
    desk.ok("state", "ready")
    world.ring(HARRIET.number, name=HARRIET.name, dnis=HARRIET.dnis, headers=HARRIET.headers)
    stream.wait_for("call_changed", state="incoming")
    stream.wait_for("customer_changed", state="one")
    call = part(desk.ok("answer"), "call")

    page = part(desk.ok("script"), "script")
    assert str(page["text"]).startswith(f"Good day, {HARRIET.name}.")
    page = part(desk.ok("script", "--answer", "About a claim"), "script")
    assert page["field"] == "damage_day"
    page = part(desk.ok("script", "--answer", "2026-02-28"), "script")
    assert (page["answer"], page["trouble"]) == ("2026-02-28", "")
    assert part(desk.ok("script", "--next"), "script")["step"] == "thanks"

    desk.ok("hangup")
    later = (datetime.now(UTC) + timedelta(hours=3)).isoformat(timespec="seconds")
    desk.ok("wrap-up", "--code", "callback", "--note", "photos are missing", "--callback", later)
    stream.wait_for("delivery_recorded", call=call["id"], state="delivered")

    (logged,) = world.crm.records.calls
    assert logged.body["answers"] == {"matter": "About a claim", "damage_day": "2026-02-28"}
    wait_for(lambda: world.crm.writes.tasks, "the callback in the CRM")
    (task,) = world.crm.writes.tasks.values()
    assert (task["kind"], task["note"]) == ("callback", "photos are missing")
    assert HARRIET.name in task["subject"]
    (promise,) = listed(desk.ok("callbacks"), "callbacks")
    assert (promise["call"], promise["due"]) == (call["id"], False)
    desk.ok("callback-done", str(call["id"]))
    assert listed(desk.ok("callbacks"), "callbacks") == []
    stream.close()
