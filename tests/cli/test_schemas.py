"""What is promised to programs is what they get: every answer and event against its declared shape."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_origin, get_type_hints, is_typeddict

import msgspec
import pytest

from softphone.cli.schemas import ANSWERS, ERROR_KINDS, EVENTS, PUBLISHED, text_of
from softphone.domain import events, keeping_events, wrap_up_events
from softphone.domain.account import Registration
from softphone.domain.agent_state import AgentState
from softphone.domain.audio import MediaQuality
from softphone.domain.call import Party
from softphone.domain.callback import Callback
from softphone.domain.customer import CrmTrouble
from softphone.domain.events import Event, RefusalReason
from softphone.domain.ids import AccountId, CallId
from softphone.domain.line_quality import LineFault
from softphone.domain.lines import LineState
from softphone.domain.recording import RecordingOrder, RecordingPolicy, RecordingRules
from softphone.domain.script import ScriptStep
from softphone.domain.settings_layers import SetBy, SettingsLayer
from softphone.domain.store_trouble import StoreTrouble
from softphone.domain.supervision import Role, Supervision, SupervisionMode
from softphone.domain.team import Activity, AgentPresence, CurrentCall, TeamMember, WatchedQueue
from softphone.domain.team_events import (
    AuditFailed,
    HelpSignalled,
    OwnHelpChanged,
    PresenceChanged,
    SupervisionChanged,
    SupervisorArrived,
)
from softphone.domain.team_settings import TeamSettings
from softphone.system.profile import read_profile, refuse_contradictions
from softphone.system.settings_file import LayeredSettings
from softphone.usecases.remote import record_requests as ask_records
from softphone.usecases.remote import requests as ask
from softphone.usecases.remote import team_requests as ask_team
from softphone.usecases.remote.control import RemoteControl
from softphone.usecases.remote.request import Request
from softphone.usecases.remote.requests import REQUESTS
from tests.fakes.world import INSURER, MARIA, SETTINGS, World

DOCS = Path(__file__).parents[2] / "docs"
RENEW = "out of date; run: python -m softphone.cli.schemas docs"
COMMAND = {kind: name for name, kind in REQUESTS.items()}


def fits(value: Any, kind: Any) -> Any:
    """`value` itself if it has exactly the declared shape."""
    if is_typeddict(kind):
        hints = get_type_hints(kind)
        assert set(value) == set(hints)
        for name, inner in hints.items():
            fits(value[name], inner)
    elif get_origin(kind) is list:
        for item in value:
            fits(item, kind.__args__[0])
    elif is_typeddict(next(iter(getattr(kind, "__args__", ())), None)) and value is not None:
        fits(value, kind.__args__[0])
    else:
        msgspec.convert(value, kind, strict=True)
    return value


def check(message: Mapping[str, Any], fields: Mapping[str, Any], beside: set[str]) -> None:
    assert set(message) == beside | set(fields), message
    for name, kind in fields.items():
        fits(message[name], kind)


PAUSABLE = RecordingRules(RecordingPolicy.RECORDED, pause_code="*61", resume_code="*62")
LEADS_DESK = replace(
    SETTINGS,
    campaigns=(
        replace(INSURER, script=(ScriptStep("hello", "Good morning"),), recording=PAUSABLE),
        *SETTINGS.campaigns[1:],
    ),
    team=TeamSettings(
        Role.LEAD,
        leads=("7900",),
        members=(TeamMember("7002", "Anna"),),
        queues=(WatchedQueue("Claims", "claims"),),
    ),
)


def test_every_answer_has_its_declared_shape() -> None:
    world = World(LEADS_DESK)
    control = RemoteControl(world.desk, lambda: None, lambda _link: None)
    world.start()
    world.crm.know(MARIA)
    answered: set[str] = set()

    def do(request: Request) -> Mapping[str, Any]:
        answers: list[Mapping[str, Any]] = []
        control.handle(request, answers.append)
        world.run()
        (answer,) = answers
        name = COMMAND[type(request)]
        assert answer["ok"] is True, (name, answer)
        check(answer, ANSWERS[name], {"version", "ok"})
        answered.add(name)
        return answer

    def ring(name: str) -> None:
        world.phone.ring(name, headers=(("X-Queue", "claims"),))
        world.run()
        world.crm.answer_all()
        world.run()

    ring("in-1")
    for request in (ask.RejectCall(), ask.BeReady(), ask.BeNotReady(reason="lunch"), ask.TryAgain()):
        do(request)
    ring("in-2")
    for in_call in (ask.AnswerCall(), ask.Status(), ask.Hold(), ask.Resume(), ask.Mute()):
        do(in_call)
    do(ask.SendDigits(digits="1"))
    do(ask.AskForRecording(order=RecordingOrder.PAUSE))
    other = do(ask.PlaceCall(number="7002"))["call"]["id"]
    world.phone.establish(CallId(other))
    world.run()
    do(ask.Join())
    do(ask.Transfer(to_call=other))
    do(ask.WrapUp(code="solved", note="n"))
    ring("in-3")
    do(ask.AnswerCall())
    do(ask.HangUp())
    do(ask.Events())
    do(ask.History())
    do(ask.OpenLink(link="tel:1"))
    do(ask.ReadSettings())
    do(ask.AddAccount(account="b", server="pbx.test", user="1", password="secret"))
    do(ask.RemoveAccount(account="b"))
    world.team.present("7002", ON_CALL)
    world.run()
    do(ask_team.Team())
    do(ask_team.Supervise(agent="7002"))
    do(ask_team.StopSupervising())
    world.team.arrive(asks=True)
    world.run()
    do(ask_team.LetSupervisorIn(allowed=False))
    do(ask_team.Help(reason="angry customer"))
    _records(world, do, ring)
    do(ask.ExportTrace(file="/tmp/trace.txt"))
    do(ask.Quit())
    assert answered == set(REQUESTS) == set(ANSWERS)


def _records(world: World, do: Callable[[Request], Mapping[str, Any]], ring: Callable[[str], None]) -> None:
    """A call with a script, a callback, and a record that the CRM refuses."""
    world.file.locks["team.role"] = SetBy(SettingsLayer.POLICY)
    ring("in-4")
    do(ask.AnswerCall())
    do(ask_records.ScriptMove(call="in-4", next=True))
    do(ask.HangUp())
    later = world.clock.now() + timedelta(hours=1)
    do(ask.WrapUp(call="in-4", codes=("callback",), callback=later))
    world.crm.fail_deliveries(CrmTrouble.REFUSED, CrmTrouble.REFUSED)
    world.crm.answer_all()
    world.run()
    do(ask_records.RetryRecord(call="in-4"))
    world.run()
    world.crm.answer_all()
    world.run()
    do(ask_records.CorrectRecord(call="in-4"))
    do(ask_records.LeaveRecord(call="in-4"))
    do(ask_records.CloseRecord(call="in-4", reason="entered by hand"))
    for request in (
        ask_records.DescribeRecords(),
        ask_records.ExportRecords(),
        ask_records.RekeyRecords(),
        ask_records.Callbacks(),
    ):
        do(request)
    do(ask_records.FinishCallback(call="in-4"))
    do(ask_records.PurgeRecords())


ON_CALL = AgentPresence(
    AgentState.ON_CALL, "", datetime.now(UTC), CurrentCall(Activity.TALKING, datetime.now(UTC), "…017")
)


def every_event(world: World) -> list[Event]:
    """One of each kind that the scenes of this test do not bring by themselves."""
    call = CallId("in-1")
    return [
        events.RegistrationChanged(Registration(AccountId("work"))),
        events.MediaQualityMeasured(MediaQuality(call, 1.234, mos=4.1)),
        wrap_up_events.CallbackDue(Callback(call, datetime.now(UTC), "+4930555")),
        events.LineWarned(call, LineFault.NETWORK_IN, 8.0),
        keeping_events.StoreFailed(StoreTrouble.DISK_FULL, call),
        events.CommandRefused("HoldCall", RefusalReason.FAILED, call),
        events.CallTransferProgressed(call, 180, False),
        events.DtmfReceived(call, "5"),
        events.MessageWaitingChanged(AccountId("work"), True, 2, 1),
        events.AudioChanged(world.desk.choosing_audio.state),
        events.AudioLevelsMeasured(-20.0, -30.0),
        events.LineStateChanged(AccountId("work"), "7002", LineState.RINGING, datetime.now(UTC)),
        SupervisionChanged(
            Supervision(call, "7002", SupervisionMode.LISTEN, SupervisionMode.WHISPER, datetime.now(UTC))
        ),
        SupervisorArrived(call, AccountId("work"), Party("7900"), SupervisionMode.LISTEN, datetime.now(UTC)),
        PresenceChanged(AccountId("work"), "7002", ON_CALL),
        HelpSignalled(AccountId("work"), Party("7002"), "angry customer", datetime.now(UTC)),
        OwnHelpChanged("angry customer", ("7900",)),
        AuditFailed("the disk is full", 3),
    ]


def test_every_event_has_its_declared_shape() -> None:
    world = World(LEADS_DESK)
    control = RemoteControl(world.desk, lambda: None, lambda _link: None)
    told: list[Mapping[str, Any]] = []
    control.tell_to(told.append)
    world.start()
    world.crm.know(MARIA)
    world.phone.ring("in-1", headers=(("X-Queue", "claims"),))
    world.run()
    world.crm.answer_all()
    world.run()
    world.desk.calling.answer(CallId("in-1"))
    world.run()
    world.desk.recording.toggle(CallId("in-1"))
    world.desk.calling.hang_up(CallId("in-1"))
    world.run()
    world.desk.wrapping_up.choose_code(CallId("in-1"), "solved")
    world.desk.wrapping_up.save(CallId("in-1"))
    world.run()
    world.crm.answer_all()
    world.run()
    for event in every_event(world):
        world.bus.publish(event)
    world.phone.die()
    world.run()
    assert {message["event"] for message in told} == set(EVENTS)
    for message in told:
        check(message, EVENTS[message["event"]], {"version", "event", "at", "monotonic_ms"})


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_published_schemas_are_those_of_the_code(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == text_of(PUBLISHED[name]()), RENEW


def test_the_manual_knows_every_command_event_and_kind_of_error() -> None:
    manual = (DOCS / "ctl.md").read_text(encoding="utf-8")
    missing = [name for name in (*REQUESTS, *EVENTS, *ERROR_KINDS) if f"`{name}" not in manual]
    assert missing == []


def test_the_example_of_the_manual_is_a_valid_settings_file(tmp_path: Path) -> None:
    manual = (DOCS / "settings.md").read_text(encoding="utf-8")
    example = manual.split("```toml\n")[1].split("```")[0]
    (tmp_path / "settings.toml").write_text(example, encoding="utf-8")
    settings = LayeredSettings(tmp_path / "settings.toml").load()
    assert (settings.accounts[0].id, settings.campaigns[0].crm) == ("main", settings.crms[0].name)


def test_the_example_of_a_profile_is_one_that_a_phone_would_take() -> None:
    manual = (DOCS / "profile.md").read_text(encoding="utf-8")
    example = manual.split("```toml\n")[1].split("```")[0]
    refuse_contradictions(read_profile(example.encode(), "profile.md"))
