"""The settings page about CRMs, on a desk of fakes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLineEdit, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from softphone.domain.crm_work import (
    CheckedRequest,
    CheckName,
    CheckStep,
    CheckVerdict,
    CrmDescription,
    SignInNews,
    SignInStep,
)
from softphone.domain.customer_cache import CacheKey, CacheScope, KeptCustomers
from softphone.domain.ids import CampaignId
from softphone.domain.settings import CrmAuth, CrmConnection
from softphone.ui.main import Interface
from softphone.ui.parts.button import Button
from softphone.ui.parts.label import TextLabel
from softphone.ui.presenters.crm_page import browser_words
from softphone.ui.words import LANGUAGES, Words
from tests.fakes.world import MARIA, SETTINGS, World
from tests.ui.conftest import ENGLISH, Build

SECOND = CrmConnection("second", "rest", "https://second.test")
REQUEST = CheckedRequest("GET", "https://crm.test/c", (), "", 200, "application/json", '{"a": 1}', 12.0)


@pytest.fixture
def world() -> World:
    return World(replace(SETTINGS, window=ENGLISH, crms=(*SETTINGS.crms, SECOND)))


@pytest.fixture
def page(interface: Interface, world: World) -> QWidget:
    world.crm.describe(CrmDescription("crm", "Company CRM", auth=CrmAuth.BEARER))
    world.crm.describe(CrmDescription("second", "Second CRM", auth=CrmAuth.OAUTH))
    world.run()
    interface.open_settings("crm")
    dialog = interface.settings_window
    assert dialog is not None
    return dialog


def button(page: QWidget, name: str) -> Button:
    found = page.findChild(Button, name)
    assert isinstance(found, Button)
    return found


def label(page: QWidget, name: str) -> str:
    found = page.findChild(TextLabel, name)
    assert isinstance(found, TextLabel)
    return found.text()


def pick(page: QWidget, place: int) -> None:
    connections = page.findChild(QComboBox, "crm_connection")
    assert isinstance(connections, QComboBox)
    connections.setCurrentIndex(place)
    connections.activated.emit(place)


def test_a_check_runs_with_the_given_number_and_shows_what_went_over_the_network(
    qtbot: QtBot, page: QWidget, world: World
) -> None:
    number = page.findChild(QLineEdit, "crm_number")
    assert isinstance(number, QLineEdit)
    qtbot.keyClicks(number, "030 12345678")
    qtbot.keyClick(number, Qt.Key.Key_Return)
    assert [(crm, asked.e164) for crm, asked, _ in world.crm.checking] == [("crm", "+493012345678")]
    assert label(page, "crm_summary") == "Checking …"
    assert not button(page, "crm_check").isEnabled()
    step = CheckStep(CheckName.FIND, CheckVerdict.OK, 48, requests=(REQUEST,))
    world.crm.tell_check("crm", step, usable=True)
    world.run()
    assert label(page, "crm_summary") == "Customers can be found and calls recorded."
    details = button(page, "check_details")
    qtbot.waitUntil(details.isVisible)
    qtbot.mouseClick(details, Qt.MouseButton.LeftButton)
    exchange = page.findChild(QPlainTextEdit, "check_exchange")
    assert isinstance(exchange, QPlainTextEdit)
    assert exchange.isVisible()
    assert exchange.toPlainText().startswith("> GET https://crm.test/c")


def test_the_browser_speaks_the_agents_language() -> None:
    spoken = [browser_words(Words(language)) for language in LANGUAGES]
    assert [words.language for words in spoken] == list(LANGUAGES)
    assert len({words.done for words in spoken}) == len({words.failed for words in spoken}) == len(LANGUAGES)


def test_signing_in_by_browser_shows_its_steps_and_can_be_given_up(
    qtbot: QtBot, page: QWidget, world: World
) -> None:
    pick(page, 1)
    sign_in = button(page, "crm_sign_in")
    assert sign_in.text() == "Sign in in the browser"
    qtbot.mouseClick(sign_in, Qt.MouseButton.LeftButton)
    assert world.crm.signing_in == ["second"]
    world.crm.tell_sign_in(SignInNews("second", SignInStep.OPEN_BROWSER, "https://second.test/authorize"))
    world.run()
    assert world.links == ["https://second.test/authorize"]
    assert not sign_in.isEnabled()
    qtbot.mouseClick(button(page, "crm_cancel"), Qt.MouseButton.LeftButton)
    assert world.crm.signing_in == []
    world.crm.tell_sign_in(SignInNews("second", SignInStep.DONE, agent="Kim"))
    world.run()
    assert label(page, "crm_status") == "Signed in as Kim."


def test_an_empty_secret_is_told_and_nothing_is_tried(qtbot: QtBot, page: QWidget, world: World) -> None:
    qtbot.mouseClick(button(page, "crm_sign_in"), Qt.MouseButton.LeftButton)
    assert label(page, "crm_status") == "Enter the secret that the CRM gave you."
    assert world.crm.signing_in == []


def test_the_secret_of_one_connection_is_not_typed_into_another(
    qtbot: QtBot, page: QWidget, world: World
) -> None:
    secret = page.findChild(QLineEdit, "crm_secret")
    assert isinstance(secret, QLineEdit)
    qtbot.keyClicks(secret, "s3cret")
    pick(page, 1)
    pick(page, 0)
    assert secret.text() == ""
    assert "crm/crm" not in world.secrets


def test_kept_customers_are_counted_and_deleted_at_once(qtbot: QtBot, page: QWidget, world: World) -> None:
    key = CacheKey(CacheScope(CampaignId("insurer"), "crm", "https://crm.test"), "+493012345678")
    world.customers.kept[key] = KeptCustomers((MARIA,), world.clock.now() - timedelta(hours=1))
    pick(page, 0)
    world.run()
    forget = button(page, "forget_customers")
    assert forget.isEnabled()
    qtbot.mouseClick(forget, Qt.MouseButton.LeftButton)
    world.run()
    assert world.customers.kept == {}
    assert not forget.isEnabled()


def test_closing_the_settings_stops_a_check(interface: Interface, page: QWidget, world: World) -> None:
    world.desk.customers.connecting.check("crm")
    assert interface.settings_window is page
    page.close()
    assert world.crm.checking == []


def test_without_a_crm_the_page_says_so(build: Build) -> None:
    campaigns = tuple(replace(campaign, crm="") for campaign in SETTINGS.campaigns)
    interface = build(World(replace(SETTINGS, window=ENGLISH, crms=(), campaigns=campaigns)))
    interface.open_settings("crm")
    dialog = interface.settings_window
    assert dialog is not None
    texts = [found.text() for found in dialog.findChildren(TextLabel) if found.isVisible()]
    assert "No CRM is connected. Your company sets this up." in texts
