"""Pictures of supervision: the lead's window in its states, the wallboard, and what the agent sees."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from PySide6.QtWidgets import QWidget

from softphone.domain.agent_state import AgentState
from softphone.domain.call import EndCause, Party
from softphone.domain.customer import Lookup
from softphone.domain.events import CallEstablished, LineStateChanged
from softphone.domain.ids import AccountId, CallId
from softphone.domain.lines import LineState
from softphone.domain.settings import Settings
from softphone.domain.supervision import Role, SupervisionMode
from softphone.domain.team import Activity, AgentPresence, CurrentCall, TeamMember, WatchedQueue
from softphone.domain.team_events import (
    HelpSignalled,
    MessageAnswered,
    PresenceChanged,
    SupervisionModeConfirmed,
    SupervisorArrived,
    SupervisorChangedMode,
)
from softphone.domain.team_settings import TeamSettings
from softphone.ui.main import Interface
from softphone.ui.screenshots.example_desk import ExampleDesk
from softphone.ui.screenshots.examples import CALLER, HARRIET

Play = Callable[[ExampleDesk, Interface], QWidget | None]

LEAD = Party("1900", "pbx.example.com", "Dana Moss", asserted=True)
MEMBERS = tuple(
    TeamMember(str(2001 + place), name)
    for place, name in enumerate(
        (
            "Anna Keller",
            "Bruno Conti",
            "Ελένη Παπαδάκη",
            "דוד לוי",
            "Femke de Vries",
            "Gareth Pugh",
            "Hannelore Freifrau von Oberstein-Liebenau",
            "Ines Duarte",
            "Jonas Field",
            "",
        )
    )
)
QUEUES = (
    WatchedQueue("storm-claims", "7001"),
    WatchedQueue("orders", "7002"),
    WatchedQueue("roadside", "7003"),
)
"""The lead's own desk belongs to this team."""


def leading(settings: Settings) -> Settings:
    """The same desk, of a lead."""
    return replace(settings, team=TeamSettings(Role.LEAD, members=MEMBERS, queues=QUEUES))


def led(settings: Settings) -> Settings:
    """The same desk, of an agent who has leads to ask."""
    return replace(settings, team=TeamSettings(leads=("1900", "1901")))


def _work(world: ExampleDesk) -> None:
    """A shift: somebody in every state, and one of whom nothing is known."""
    desk = world.desk
    desk.configuring.change(leading(desk.configuring.settings))
    world.register()
    busy = CurrentCall(Activity.TALKING, _ago(world, 154), "…018", "Nordwind Insurance", True)
    held = CurrentCall(Activity.HELD, _ago(world, 812), "…112", "Alpine Roadside", True)
    out = CurrentCall(Activity.TALKING, _ago(world, 61), "", "Bella Casa Orders", False)
    facts = (
        AgentPresence(AgentState.ON_CALL, "", _ago(world, 154), busy),
        AgentPresence(AgentState.READY, "", _ago(world, 40)),
        AgentPresence(AgentState.ON_CALL, "", _ago(world, 812), held),
        AgentPresence(AgentState.NOT_READY, "lunch", _ago(world, 1_290)),
        AgentPresence(AgentState.AFTER_CALL_WORK, "", _ago(world, 275)),
        AgentPresence(AgentState.ON_CALL, "", _ago(world, 61), out),
        AgentPresence(AgentState.NOT_READY, "Hund ausführen", _ago(world, 95)),
        AgentPresence(AgentState.OFFLINE, "", _ago(world, 7_300)),
    )
    for member, presence in zip(MEMBERS, facts, strict=False):
        world.happen(PresenceChanged(_ACCOUNT, member.extension, presence))
    world.happen(LineStateChanged(_ACCOUNT, "2009", LineState.TALKING, _ago(world, 33)))
    world.happen(LineStateChanged(_ACCOUNT, "7001", LineState.RINGING, _ago(world, 9), calls=3))
    world.happen(LineStateChanged(_ACCOUNT, "7002", LineState.IDLE, _ago(world, 9)))


_ACCOUNT = AccountId("work")


def _ago(world: ExampleDesk, seconds: float) -> datetime:
    return world.clock.now() - timedelta(seconds=seconds)


def team(world: ExampleDesk, interface: Interface) -> QWidget | None:
    _work(world)
    return interface.leading.open()


def team_help(world: ExampleDesk, interface: Interface) -> QWidget | None:
    """An agent asks for help; the lead is about to listen."""
    window = team(world, interface)
    agent = Party("2001", "pbx.example.com", asserted=True)
    world.happen(HelpSignalled(_ACCOUNT, agent, "Complaint: asks for the team lead", world.clock.now()))
    if interface.leading.window is not None:
        interface.leading.window.agents.choose("2001")
    return window


def help_at_the_lead(world: ExampleDesk, interface: Interface) -> None:
    """The same in the main window."""
    team_help(world, interface)
    interface.leading.close()


def _listening(world: ExampleDesk, interface: Interface, mode: SupervisionMode) -> CallId:
    team(world, interface)
    call_id = world.desk.team.supervising.supervise("2001", SupervisionMode.LISTEN)
    world.happen(CallEstablished(call_id, world.clock.now()))
    if mode is not SupervisionMode.LISTEN:
        world.desk.team.supervising.switch(mode)
        world.happen(SupervisionModeConfirmed(call_id, mode))
    world.pass_time(47)
    interface.leading.refresh()
    return call_id


def _mode(mode: SupervisionMode) -> Play:
    def play(world: ExampleDesk, interface: Interface) -> QWidget | None:
        _listening(world, interface, mode)
        return interface.leading.window

    return play


def changing(world: ExampleDesk, interface: Interface) -> QWidget | None:
    """Barge in was chosen and is not confirmed yet."""
    _listening(world, interface, SupervisionMode.LISTEN)
    world.desk.team.supervising.switch(SupervisionMode.BARGE)
    return interface.leading.window


def _refused(cause: EndCause, sip_code: int) -> Play:
    def play(world: ExampleDesk, interface: Interface) -> QWidget | None:
        team(world, interface)
        call_id = world.desk.team.supervising.supervise("2001", SupervisionMode.LISTEN)
        world.end(call_id, cause, sip_code)
        return interface.leading.window

    return play


def wallboard(world: ExampleDesk, interface: Interface) -> QWidget | None:
    window = team_help(world, interface)
    if interface.leading.window is not None:
        interface.leading.window.resize(1_600, 900)
        interface.leading.window.show_as_wallboard(True)
        interface.leading.refresh()
    return window


def _talk(world: ExampleDesk) -> None:
    world.desk.configuring.change(led(world.desk.configuring.settings))
    world.register()
    call = world.ring("storm-claims", CALLER)
    world.know(call, Lookup.found((HARRIET,), 48))
    world.establish(call, 137)


def _lead(mode: SupervisionMode) -> Play:
    def play(world: ExampleDesk, _interface: Interface) -> None:
        _talk(world)
        name = CallId("lead")
        world.happen(SupervisorArrived(name, _ACCOUNT, LEAD, SupervisionMode.LISTEN, world.clock.now()))
        world.happen(SupervisorChangedMode(name, mode, world.clock.now()))

    return play


def asks_first(world: ExampleDesk, _interface: Interface) -> None:
    _talk(world)
    asking = SupervisorArrived(
        CallId("lead"), _ACCOUNT, LEAD, SupervisionMode.WHISPER, world.clock.now(), asks=True
    )
    world.happen(asking)


def help_reasons(world: ExampleDesk, interface: Interface) -> None:
    _talk(world)
    interface.window.help.open_for(world.desk.calling.calls[0].id)


def help_asked(world: ExampleDesk, interface: Interface) -> None:
    help_reasons(world, interface)
    interface.window.help.asked.emit("Angry caller")
    world.happen(MessageAnswered("call-1", 200))


TEAMS: tuple[tuple[str, Play], ...] = (
    ("team", team),
    ("team-help", team_help),
    ("team-help-banner", help_at_the_lead),
    ("team-listen", _mode(SupervisionMode.LISTEN)),
    ("team-whisper", _mode(SupervisionMode.WHISPER)),
    ("team-barge", _mode(SupervisionMode.BARGE)),
    ("team-take-over", _mode(SupervisionMode.TAKE_OVER)),
    ("team-changing", changing),
    ("team-refused", _refused(EndCause.FORBIDDEN, 403)),
    ("team-not-passed-on", _refused(EndCause.CANCELLED, 501)),
    ("team-wallboard", wallboard),
    ("supervised-listen", _lead(SupervisionMode.LISTEN)),
    ("supervised-whisper", _lead(SupervisionMode.WHISPER)),
    ("supervised-take-over", _lead(SupervisionMode.TAKE_OVER)),
    ("supervised-asks", asks_first),
    ("help-reasons", help_reasons),
    ("help-asked", help_asked),
)
