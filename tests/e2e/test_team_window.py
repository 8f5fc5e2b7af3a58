"""A lead's window and an agent's desk on a real call of the embedded telephone system, with clicks."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from softphone.composition import Profile
from softphone.demo.pbx.sound import RATE_HZ, Tone
from softphone.demo.world import AGENT, COLLEAGUE, DemoWorld, RemoteCall
from softphone.domain.account import Account
from softphone.domain.audio import AudioChoice
from softphone.domain.ids import AccountId
from softphone.domain.settings import AgentSettings, Settings, Theme, WindowSettings
from softphone.domain.supervision import Role, SupervisionMode
from softphone.domain.team import TeamMember
from softphone.domain.team_settings import TeamSettings
from softphone.ui.main import Interface
from softphone.ui.parts.button import Button
from softphone.ui.team.window import TeamWindow
from tests import tones
from tests.e2e.headless import DATABASE_KEY, HeadlessDesk
from tests.e2e.team_desks import Place, TeamDesk
from tests.phone.supervised import AGENT_HZ, CUSTOMER_HZ, LEAD_HZ

LISTEN, WHISPER, BARGE, _TAKE_OVER = SupervisionMode
LEAD = COLLEAGUE


@pytest.fixture
def stack() -> Iterator[contextlib.ExitStack]:
    with contextlib.ExitStack() as made:
        yield made


def leads_profile(world: DemoWorld, folder: Path) -> Profile:
    hum = tones.write_wav(folder / "lead-mic.wav", tones.tone(LEAD_HZ, 2.0, RATE_HZ), RATE_HZ)
    card = f"file:{hum},{folder / 'lead-speaker.wav'}"
    sound = AudioChoice(
        card, card, "null", echo_cancelling=False, noise_suppression=False, automatic_gain=False
    )
    address = world.addresses
    account = Account(AccountId("work"), address.sip_host, LEAD, port=address.sip_port)
    settings = Settings(
        accounts=(account,),
        audio=sound,
        window=WindowSettings(Theme.LIGHT, "en"),
        team=TeamSettings(Role.LEAD, members=(TeamMember(AGENT, "Anna"),)),
    )
    return Profile(settings, {"account/work": world.passwords[LEAD], "records/key": DATABASE_KEY.hex()})


def heard_by_customer(customer: RemoteCall, frequency_hz: float) -> float:
    lately = customer.recording()[-RATE_HZ // 2 :].astype(float) / 32_768
    return tones.level_dbfs(lately, frequency_hz, RATE_HZ)


def click(qtbot: QtBot, lead: HeadlessDesk, button: Button) -> None:
    lead.until(lambda: button.isVisible() and button.isEnabled(), f"{button.objectName()} can be pressed")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_a_lead_listens_whispers_and_barges_by_clicks_in_the_window(
    qtbot: QtBot, qapp: QApplication, world: DemoWorld, tmp_path: Path, stack: contextlib.ExitStack
) -> None:
    place = Place(world.addresses.sip_host, world.addresses.sip_port)
    ready = Settings(agent=AgentSettings(ready_after_sign_in=True))
    team = TeamSettings(leads=(LEAD,))
    agent = stack.enter_context(
        TeamDesk(tmp_path / AGENT, place, AGENT, world.passwords[AGENT], AGENT_HZ, team, ready)
    )
    lead = stack.enter_context(HeadlessDesk(leads_profile(world, tmp_path), tmp_path / "lead"))
    lead.registered()
    interface = Interface(qapp, lead.desk, lambda action: action(), lambda: None)
    stack.callback(interface.close)
    window = interface.leading.open()
    assert window is not None
    customer = world.ring(source=Tone(CUSTOMER_HZ))
    agent.answer_next()
    lead.until(lambda: "On a call" in row(window), "Anna's call in the list")
    window.agents.choose(AGENT)

    click(qtbot, lead, window.wishes[LISTEN])
    lead.until(lambda: sentence(window).startswith("You hear Anna and the customer."), "listening")
    assert window.panel.microphone.text() == "Your microphone is off"
    assert heard_by_customer(customer, LEAD_HZ) <= tones.UNHEARD_DBFS
    assert agent.heard_dbfs(LEAD_HZ) <= tones.UNHEARD_DBFS

    click(qtbot, lead, window.panel.modes[WHISPER])
    lead.until(lambda: sentence(window).startswith("Anna hears you."), "whispering")
    lead.until(lambda: agent.heard_dbfs(LEAD_HZ) > tones.HEARD_DBFS, "the agent hears the lead")
    assert heard_by_customer(customer, LEAD_HZ) <= tones.UNHEARD_DBFS

    click(qtbot, lead, window.panel.modes[BARGE])
    lead.until(lambda: sentence(window) == "Anna and the customer hear you.", "in the call")
    lead.until(lambda: heard_by_customer(customer, LEAD_HZ) > tones.HEARD_DBFS, "the customer hears the lead")
    assert window.grab().save(str(tmp_path / "barge.png"))

    click(qtbot, lead, window.panel.stop)
    lead.until(lambda: window.panel.microphone.text() == "Your microphone is off", "left")
    lead.until(lambda: agent.heard_dbfs(LEAD_HZ) <= tones.UNHEARD_DBFS, "the agent is alone again")


def row(window: TeamWindow) -> str:
    index = window.model.index(0, 0)
    return str(index.data(Qt.ItemDataRole.AccessibleTextRole))


def sentence(window: TeamWindow) -> str:
    return window.panel.sentence.text()
