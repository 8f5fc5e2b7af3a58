"""The lead's window on a desk of fakes: the live list, and listening by clicks."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from softphone.domain.agent_state import AgentState
from softphone.domain.events import LineStateChanged
from softphone.domain.lines import LineState
from softphone.domain.settings import Settings, Theme, WindowSettings
from softphone.domain.supervision import Role, SupervisionMode, SupervisionState, Voice
from softphone.domain.team import Activity, AgentPresence, CurrentCall, NumberShown, TeamMember
from softphone.domain.team_settings import TeamSettings
from softphone.ui.main import Interface
from softphone.ui.parts.button import Button
from softphone.ui.presenters.supervision import present_supervision
from softphone.ui.presenters.wording import Wording
from softphone.ui.team.window import TeamWindow
from tests.fakes.world import ACCOUNT, SETTINGS, World
from tests.ui.conftest import ENGLISH, Build

LISTEN, WHISPER, BARGE, TAKE_OVER = SupervisionMode
TEAM = TeamSettings(
    Role.LEAD,
    members=(TeamMember("2001", "Anna"), TeamMember("2002", "Bruno"), TeamMember("2003", "Carla")),
)


@pytest.fixture
def world() -> World:
    return World(replace(SETTINGS, window=ENGLISH, team=TEAM))


@pytest.fixture
def team(build: Build, world: World) -> TeamWindow:
    return opened(build(world))


def opened(interface: Interface) -> TeamWindow:
    window = interface.leading.open()
    assert window is not None
    return window


def on_a_call(world: World, extension: str = "2001", seconds: float = 60) -> None:
    since = world.clock.now() - timedelta(seconds=seconds)
    call = CurrentCall(Activity.TALKING, since, "+49301234018", "Storm Insurance", True)
    world.team.present(extension, AgentPresence(AgentState.ON_CALL, "", since, call))
    world.run()


def names(team: TeamWindow) -> list[str]:
    return [shown.line.title for shown in team.model.rows]


def spoken(team: TeamWindow, extension: str) -> str:
    index = team.model.index(team.model.place_of(extension), 0)
    return str(index.data(Qt.ItemDataRole.AccessibleTextRole))


def press(qtbot: QtBot, button: Button) -> None:
    assert button.isVisible()
    assert button.isEnabled()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def said(team: TeamWindow) -> tuple[str, str]:
    """What the panel says of who hears whom, and of the microphone."""
    return team.panel.sentence.text(), team.panel.microphone.text()


# --- the list ---


def test_only_a_lead_is_offered_the_team(build: Build) -> None:
    agent = build(World(replace(SETTINGS, window=ENGLISH)))
    agent.rendering.tick()
    assert not agent.window.agent.team.isVisible()
    agent.open_team()
    assert agent.leading.window is None


def test_the_button_in_the_window_opens_the_team(qtbot: QtBot, build: Build, world: World) -> None:
    interface = build(world)
    press(qtbot, interface.window.agent.team)
    assert interface.leading.window is not None
    assert interface.leading.window.isVisible()


def test_what_no_source_tells_is_said_to_be_not_known(team: TeamWindow, world: World) -> None:
    assert "Not known, No call" in spoken(team, "2001")  # the line alone is watched, and idle
    world.post(LineStateChanged(ACCOUNT.id, "2001", LineState.UNKNOWN, world.clock.now()))
    world.run()
    assert names(team) == ["Anna", "Bruno", "Carla"]
    assert "Not known" in spoken(team, "2001")
    assert "Call: not known" in spoken(team, "2001")


def test_a_row_tells_state_reason_campaign_and_the_masked_number(team: TeamWindow, world: World) -> None:
    on_a_call(world, seconds=75)
    lunch = AgentPresence(AgentState.NOT_READY, "lunch", world.clock.now() - timedelta(seconds=5))
    world.team.present("2002", lunch)
    world.run()
    anna = spoken(team, "2001")
    assert "On a call · 1:15" in anna
    assert "Talking · Storm Insurance" in anna
    assert "…018" in anna
    assert "+4930" not in anna
    assert "Not ready · Lunch · 0:05" in spoken(team, "2002")


def test_the_number_is_hidden_where_policy_wants_it(build: Build) -> None:
    world = World(replace(SETTINGS, window=ENGLISH, team=replace(TEAM, numbers=NumberShown.HIDDEN)))
    team = opened(build(world))
    on_a_call(world)
    assert "018" not in spoken(team, "2001")
    assert "Number not shown" in spoken(team, "2001")


def test_alarms_come_by_time_alone_with_words_and_first_in_the_list(
    build: Build, world: World, team: TeamWindow
) -> None:
    on_a_call(world, "2003", seconds=590)
    assert names(team) == ["Carla", "Anna", "Bruno"]
    assert "Long call" not in spoken(team, "2003")
    on_a_call(world, "2002", seconds=10)
    assert names(team)[:2] == ["Bruno", "Carla"]
    world.clock.advance(20)
    for _ in range(5):
        refresh(team)
    assert names(team)[0] == "Carla"
    assert "Long call" in spoken(team, "2003")


def refresh(team: TeamWindow) -> None:
    """As the timer does once a second."""
    team.bar.changed.emit()


def test_the_list_is_searched_filtered_and_sorted(qtbot: QtBot, team: TeamWindow, world: World) -> None:
    on_a_call(world, "2003")
    qtbot.keyClicks(team.bar.search, "storm")
    assert names(team) == ["Carla"]
    team.bar.search.clear()
    team.bar.state.setCurrentIndex(team.bar.state.findData("unknown"))
    team.bar.state.activated.emit(team.bar.state.currentIndex())
    assert names(team) == ["Anna", "Bruno"]
    team.bar.state.setCurrentIndex(0)
    team.bar.order.setCurrentIndex(team.bar.order.findData("name"))
    team.bar.order.activated.emit(team.bar.order.currentIndex())
    assert names(team) == ["Anna", "Bruno", "Carla"]
    team.bar.alarms.click()
    assert names(team) == []


def test_the_chosen_agent_stays_chosen_when_the_order_changes(team: TeamWindow, world: World) -> None:
    team.agents.choose("2002")
    on_a_call(world, "2003")
    assert names(team)[0] == "Carla"
    assert team.agents.current == "2002"


def test_a_ticking_second_resets_nothing(qtbot: QtBot, team: TeamWindow, world: World) -> None:
    on_a_call(world)
    team.agents.choose("2001")
    with (
        qtbot.assertNotEmitted(team.model.modelReset),
        qtbot.assertNotEmitted(team.model.layoutChanged),
        qtbot.assertNotEmitted(team.model.dataChanged),
    ):
        world.clock.advance(1)
        team.agents.tick()
        refresh(team)
    assert "1:01" in spoken(team, "2001")


def test_the_wallboard_shows_tiles_and_escape_leaves_it(qtbot: QtBot, team: TeamWindow, world: World) -> None:
    on_a_call(world)
    press(qtbot, team.board)
    assert (team.wallboard, team.isFullScreen()) == (True, True)
    assert not team.bar.isVisible()
    assert team.agents.drawing.large
    qtbot.keyClick(team.agents, Qt.Key.Key_Escape)
    assert (team.wallboard, team.bar.isVisible()) == (False, True)


@pytest.mark.parametrize("width", range(900, 2000, 137))
def test_the_tiles_of_the_wallboard_share_the_whole_width(qtbot: QtBot, build: Build, width: int) -> None:
    many = tuple(TeamMember(str(2001 + place), f"Agent {place}") for place in range(12))
    window = opened(build(World(replace(SETTINGS, window=ENGLISH, team=replace(TEAM, members=many)))))
    agents = window.agents
    window.resize(width, 300)
    qtbot.waitUntil(agents.verticalScrollBar().isVisible)
    window.resize(width, 1_000)
    window.show_as_wallboard(True)

    def filled() -> None:
        tiles = [agents.visualRect(window.model.index(place, 0)) for place in range(12)]
        assert agents.viewport().width() > width - 100
        assert max(tile.right() for tile in tiles) > agents.viewport().width() - 40

    qtbot.waitUntil(filled)


# --- listening ---


def test_a_lead_listens_whispers_barges_takes_over_and_leaves_by_clicks(
    qtbot: QtBot, team: TeamWindow, world: World
) -> None:
    on_a_call(world)
    team.agents.choose("2001")
    press(qtbot, team.wishes[LISTEN])
    world.run()
    (call_id, _target, _mode, _direct) = world.team.placed[0]
    assert said(team) == ("You hear Anna and the customer. Nobody hears you.", "Your microphone is off")
    assert world.team.microphone[call_id] is False
    expected = {
        WHISPER: "Anna hears you. The customer does not hear you.",
        BARGE: "Anna and the customer hear you.",
        TAKE_OVER: "The customer hears you. Anna is released: neither heard nor hearing.",
    }
    for mode, sentence in expected.items():
        press(qtbot, team.panel.modes[mode])
        world.run()
        assert said(team) == (sentence, "Your microphone is on")
        assert sentence in team.panel.picture.accessibleName()
        assert team.panel.modes[mode].isChecked()
    press(qtbot, team.panel.modes[LISTEN])
    world.run()
    assert said(team)[1] == "Your microphone is off"
    assert len(world.team.placed) == 1
    press(qtbot, team.panel.stop)
    world.run()
    assert said(team) == ("Nobody hears you.", "Your microphone is off")
    press(qtbot, team.panel.stop)
    assert not team.panel.isVisible()


def test_enter_on_a_row_listens(qtbot: QtBot, team: TeamWindow, world: World) -> None:
    on_a_call(world, "2003")
    team.agents.choose("2003")
    qtbot.keyClick(team.agents, Qt.Key.Key_Return)
    assert [(target, mode) for _c, target, mode, _d in world.team.placed] == [("2003", LISTEN)]


def test_nobody_is_listened_to_who_is_on_no_call(qtbot: QtBot, team: TeamWindow, world: World) -> None:
    team.agents.choose("2001")
    assert not any(button.isEnabled() for button in team.wishes.values())
    qtbot.keyClick(team.agents, Qt.Key.Key_Return)
    assert world.team.placed == []


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (403, "Refused: Anna's phone does not let you in."),
        (480, "Refused: Anna is on no call."),
        (501, "This telephone system does not pass your wish on to Anna's phone."),
        (603, "Refused: Anna did not allow it."),
        (499, "Refused by the telephone system (code 499)."),
    ],
)
def test_a_refusal_is_shown_as_a_refusal(team: TeamWindow, world: World, code: int, words: str) -> None:
    world.team.obedient = False
    on_a_call(world)
    team.supervision_wanted.emit("2001", LISTEN)
    assert said(team)[0] == "Nobody hears you, and you hear nobody yet."
    stop = team.panel.stop
    assert (stop.text(), stop.property("kind")) == ("Leave the call", "danger")
    world.team.end(world.team.placed[0][0], code)
    world.run()
    assert (stop.text(), stop.property("kind")) == ("Close", "")  # nothing is ended by it any more
    assert team.panel.trouble.text().startswith(words)
    assert said(team) == ("Nobody hears you.", "Your microphone is off")


def test_a_mode_that_is_denied_leaves_the_one_before_in_force_and_says_why(
    qtbot: QtBot, team: TeamWindow, world: World
) -> None:
    on_a_call(world)
    team.supervision_wanted.emit("2001", LISTEN)
    world.run()
    world.team.obedient = False
    press(qtbot, team.panel.modes[BARGE])
    assert said(team)[0].startswith("Changing to: Barge in.")
    assert said(team)[1] == "Your microphone is on"  # rather too early than too late
    world.team.deny(world.team.placed[0][0], BARGE)
    world.run()
    assert said(team) == ("You hear Anna and the customer. Nobody hears you.", "Your microphone is off")
    assert "does not let you in" in team.panel.trouble.text()


def test_closing_the_window_ends_the_listening(team: TeamWindow, world: World) -> None:
    on_a_call(world)
    team.supervision_wanted.emit("2001", LISTEN)
    world.run()
    team.close()
    world.run()
    current = world.desk.team.supervising.current
    assert current is not None
    assert current.state is SupervisionState.ENDED


def test_listening_begun_elsewhere_brings_the_window(build: Build, world: World) -> None:
    interface = build(world)
    on_a_call(world)
    world.desk.team.supervising.supervise("2001", LISTEN)
    world.run()
    assert interface.leading.window is not None
    assert interface.leading.window.panel.isVisible()


def test_a_call_for_help_is_a_banner_in_both_windows_and_one_click_listens(
    qtbot: QtBot, build: Build, world: World
) -> None:
    interface = build(world)
    on_a_call(world, "2002")
    world.team.call_for_help("2002", "angry caller")
    world.run()
    assert "Bruno asks for help: angry caller" in interface.window.notices.texts[0]
    qtbot.waitUntil(lambda: "Listen" in buttons(interface.window.notices))
    press(qtbot, buttons(interface.window.notices)["Listen"])
    world.run()
    assert [(target, mode) for _c, target, mode, _d in world.team.placed] == [("2002", LISTEN)]
    team = interface.leading.window
    assert team is not None
    assert names(team)[0] == "Bruno"
    assert "Asks for help, angry caller" in spoken(team, "2002")
    assert "Bruno asks for help: angry caller" in team.notices.texts[0]
    world.team.call_for_help("2002", "angry caller", over=True)
    world.run()
    assert interface.window.notices.texts == ()


def buttons(parent: QWidget) -> dict[str, Button]:
    return {button.text(): button for button in parent.findChildren(Button) if button.isVisible()}


def test_another_language_keeps_the_team_open(build: Build, world: World, qtbot: QtBot) -> None:
    interface = build(world)
    opened(interface)
    settings: Settings = replace(world.desk.configuring.settings, window=WindowSettings(Theme.LIGHT, "de"))
    world.desk.configuring.change(settings)
    qtbot.waitUntil(lambda: interface.leading.window is not None)
    window = interface.leading.window
    assert window is not None
    assert window.isVisible()
    assert window.wishes[LISTEN].text() == "Mithören"


# --- the words ---


@pytest.mark.parametrize("mode", list(SupervisionMode))
def test_the_picture_shows_exactly_who_hears_the_lead(
    wording: Wording, team: TeamWindow, world: World, mode: SupervisionMode
) -> None:
    on_a_call(world)
    team.supervision_wanted.emit("2001", mode)
    world.run()
    current = world.desk.team.supervising.current
    assert current is not None
    view = present_supervision(wording, current, "Anna", list(SupervisionMode), world.clock.now())
    heard_by = {listener for speaker, listener in view.hearing.pairs if speaker is Voice.LEAD}
    assert heard_by == current.lead_is_heard_by()
    assert view.hearing.maybe == frozenset()
