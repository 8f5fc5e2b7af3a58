"""Set up by the company, as the agent sees it: asked first, told what came of it, locks with a name."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from softphone.domain.account import Account, Transport
from softphone.domain.company_settings import ProvisioningSettings, SignInTemplate
from softphone.domain.ids import AccountId
from softphone.domain.provisioning import ProvisioningOrder, ProvisioningState, ProvisioningTrouble
from softphone.domain.settings import Settings
from softphone.domain.settings_layers import SetBy, SettingsLayer
from softphone.system.settings_rules import first_problem
from softphone.ui.main import Interface
from softphone.ui.presenters.account_form import AccountEntry, account_of
from softphone.ui.presenters.provisioning import (
    PROVISIONING_TROUBLE,
    present_company,
    present_lock,
    present_question,
)
from softphone.ui.presenters.wording import Wording
from softphone.ui.settings.dialog import SettingsDialog
from softphone.ui.settings.setting_up import AddressDialog
from tests.fakes.world import ACCOUNT, SETTINGS, World
from tests.ui.conftest import ENGLISH, Build

URL = "https://phones.test/profile.toml"
LINK = f"softphone://provision?url={URL}&token=once"
SECOND = Account(AccountId("second"), "pbx2.test", "7002")


def answer(qtbot: QtBot, interface: Interface, words: str) -> None:
    """What the agent answers to the question that is open."""
    box = interface.setting_up.question
    assert box is not None
    button = next(b for b in box.buttons() if b.text() == words)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert interface.setting_up.question is None


def messages(interface: Interface) -> list[str]:
    return [text for _tone, text in interface.scene.messages]


def dialog_of(interface: Interface, page: str = "account") -> SettingsDialog:
    interface.open_settings(page)
    assert isinstance(interface.settings_window, SettingsDialog)
    return interface.settings_window


def test_a_link_fetches_nothing_before_the_agent_has_agreed(
    qtbot: QtBot, interface: Interface, world: World
) -> None:
    interface.offer_to_dial(LINK)
    answer(qtbot, interface, "Leave it as it is")
    assert world.profiles.orders == []
    interface.offer_to_dial(LINK)
    assert world.profiles.orders == []
    answer(qtbot, interface, "Set up")
    assert world.profiles.orders == [ProvisioningOrder(URL, token="once")]
    assert interface.window.dial.field.text() == ""
    world.profiles.answer(ProvisioningTrouble.TOKEN_REFUSED)
    world.run()
    assert "This code was used before or has expired. Ask your company for a new one." in messages(interface)


def test_the_question_blocks_no_call_and_further_links_open_no_second_one(
    qtbot: QtBot, interface: Interface, world: World
) -> None:
    interface.offer_to_dial(LINK)
    first = interface.setting_up.question
    interface.offer_to_dial(LINK.replace("phones", "evil"))
    assert interface.setting_up.question is first
    assert first is not None
    assert "phones.test" in first.text()
    assert not first.isModal()
    world.phone.ring()
    world.run()
    qtbot.wait(350)  # a button that has just appeared does nothing for 300 ms
    qtbot.mouseClick(interface.window.stage.ringing.answer, Qt.MouseButton.LeftButton)
    world.run()
    assert [call.state for call in world.desk.calling.calls] == ["established"]
    answer(qtbot, interface, "Leave it as it is")


def test_letters_that_only_look_latin_are_shown_as_what_they_are(wording: Wording) -> None:
    def shown(url: str) -> str:
        return present_question(wording.words, ProvisioningOrder(url), ProvisioningState()).text

    assert "xn--" in shown("https://ph\u043enes.test/p")
    assert "evil.test" in shown("https://phones.test@evil.test/p")
    assert "phones.test" not in shown("https://phones.test@evil.test/p")


def test_where_a_password_is_missing_the_agent_is_led_to_its_field(build: Build) -> None:
    world = World(replace(SETTINGS, window=ENGLISH))
    world.secrets.clear()
    interface = build(world)
    assert interface.window.registration._action.text() == "Enter password"
    interface.window.registration.acted.emit()
    assert interface.settings_window is not None
    assert interface.settings_window.isVisible()


def test_a_link_that_is_none_of_ours_is_told_and_asks_nothing(interface: Interface, world: World) -> None:
    interface.offer_to_dial("softphone://provision?url=file:///etc/passwd")
    assert messages(interface) == ["This link does not set up a phone."]


def test_an_address_that_it_has_fixed_cannot_be_replaced(
    qtbot: QtBot, interface: Interface, world: World
) -> None:
    world.file.locks = {"provisioning.url": SetBy(SettingsLayer.POLICY)}
    interface.offer_to_dial(LINK)
    answer(qtbot, interface, "Set up")
    assert world.profiles.orders == []
    assert "IT has fixed" in messages(interface)[0]


def test_the_question_names_the_server_and_who_it_would_replace(wording: Wording) -> None:
    order = ProvisioningOrder("https://phones.test:8443/p?secret=1", token="once")
    view = present_question(wording.words, order, ProvisioningState("https://old.test/p", "Old Company"))
    assert "phones.test:8443" in view.text
    assert "Old Company" in view.more
    assert "secret" not in view.text + view.more
    assert "once" not in view.text + view.more


def test_the_daily_look_says_nothing_to_the_agent(build: Build) -> None:
    world = World(replace(SETTINGS, window=ENGLISH, provisioning=ProvisioningSettings(URL)))
    interface = build(world)
    world.clock.advance(3)
    world.profiles.answer(ProvisioningTrouble.MALFORMED)
    world.run()
    assert messages(interface) == []
    dialog = dialog_of(interface)
    assert "has a mistake; this phone keeps the one it has" in dialog.account.company.text.text()


def test_asking_again_from_the_settings_shows_when_it_was_checked(qtbot: QtBot, build: Build) -> None:
    world = World(replace(SETTINGS, window=ENGLISH, provisioning=ProvisioningSettings(URL)))
    dialog = dialog_of(build(world))
    qtbot.mouseClick(dialog.account.company.check, Qt.MouseButton.LeftButton)
    assert world.profiles.orders == [ProvisioningOrder(URL)]


def test_without_a_company_there_is_no_block_about_it(interface: Interface) -> None:
    block = dialog_of(interface).account.company
    assert [part.isHidden() for part in (block.title, block.text, block.check)] == [True] * 3
    assert not block.by_link.isHidden()


def test_where_it_has_fixed_the_address_no_other_link_is_offered(build: Build) -> None:
    world = World(replace(SETTINGS, window=ENGLISH, provisioning=ProvisioningSettings(URL)))
    world.file.locks = {"provisioning.url": SetBy(SettingsLayer.POLICY)}
    block = dialog_of(build(world)).account.company
    assert (block.by_link.isHidden(), block.check.isHidden()) == (True, False)


def test_a_phone_without_account_is_at_work_once_the_company_has_set_it_up(
    qtbot: QtBot, build: Build
) -> None:
    world = World(Settings(window=ENGLISH))
    interface = build(world)
    assert interface.window.pages.currentIndex() != 0
    interface.offer_to_dial(LINK)
    answer(qtbot, interface, "Set up")
    world.secrets["account/second"] = "secret"
    world.file.saved = Settings(window=ENGLISH, accounts=(SECOND,))
    world.profiles.answer(changed=True, enrolled=(SECOND.id,))
    world.run()
    assert interface.window.pages.currentIndex() == 0
    assert "This phone is set up by Storm Outsourcing." in messages(interface)
    assert world.desk.signing_in.registered


def test_the_sign_in_form_is_filled_in_as_far_as_the_company_has_said(build: Build) -> None:
    template = SignInTemplate("pbx.company.test", 5061, Transport.TLS)
    world = World(Settings(window=ENGLISH, sign_in=template))
    world.file.locks = {"sign_in.server": SetBy(SettingsLayer.INSTALL)}
    interface = build(world)
    assert interface._first is not None
    form = interface._first.page.form
    assert (form.server.text(), form.entry().transport) == ("pbx.company.test:5061", Transport.TLS)
    assert not form.server.isEnabled()
    assert form.server.toolTip().startswith("Set when this program was installed")
    assert form.user.isEnabled()


def test_an_account_that_the_window_has_made_can_be_saved() -> None:
    """The settings file once refused the name that the sign-in form gave."""
    for user in ("7001", "+49301234", "anna.b*2", "%41"):
        account = account_of(AccountEntry("pbx.example.org", user, "x"))
        assert first_problem(Settings(accounts=(account,))) is None


def test_each_of_two_accounts_can_be_changed_and_keeps_its_place(qtbot: QtBot, build: Build) -> None:
    world = World(replace(SETTINGS, window=ENGLISH, accounts=(ACCOUNT, SECOND)))
    world.secrets["account/second"] = "two"
    dialog = dialog_of(build(world))
    which, form = dialog.account.which, dialog.account.form
    assert form.server.text() == ACCOUNT.server
    which.setCurrentIndex(which.findData("second"))
    which.activated.emit(which.currentIndex())
    assert form.server.text() == "pbx2.test"
    form.name.setText("Kim")
    qtbot.mouseClick(dialog.account.save, Qt.MouseButton.LeftButton)
    which.setCurrentIndex(which.findData(ACCOUNT.id))
    which.activated.emit(which.currentIndex())
    form.name.setText("Reed")
    qtbot.mouseClick(dialog.account.save, Qt.MouseButton.LeftButton)
    assert [(a.id, a.display_name) for a in world.file.saved.accounts] == [
        ("work", "Reed"),
        ("second", "Kim"),
    ]


def test_a_further_account_is_added_and_one_is_removed(
    qtbot: QtBot, interface: Interface, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialog = dialog_of(interface)
    monkeypatch.setattr(dialog.accounts, "_confirmed", lambda _question: True)
    which, form = dialog.account.which, dialog.account.form
    which.setCurrentIndex(which.findData(""))
    which.activated.emit(which.currentIndex())
    assert (form.server.text(), dialog.account.remove.isVisibleTo(dialog)) == ("", False)
    for field, text in ((form.server, "pbx2.test"), (form.user, "7002"), (form.password, "x")):
        field.setText(text)
    qtbot.mouseClick(dialog.account.save, Qt.MouseButton.LeftButton)
    world.run()
    assert [a.server for a in world.file.saved.accounts] == [ACCOUNT.server, "pbx2.test"]
    qtbot.mouseClick(dialog.account.remove, Qt.MouseButton.LeftButton)
    assert [a.server for a in world.file.saved.accounts] == [ACCOUNT.server]
    assert form.server.text() == ACCOUNT.server


@pytest.mark.parametrize("page", ["account", "audio", "window"])
def test_every_locked_control_shows_who_has_set_it(build: Build, page: str) -> None:
    world = World(replace(SETTINGS, window=ENGLISH))
    world.profiles.known = ProvisioningState(URL, "Storm Outsourcing")
    by = SetBy(SettingsLayer.PROVISIONED, "provisioned.toml")
    keys = ("accounts.work.transport", "audio.microphone", "audio.noise_suppression", "window.language")
    world.file.locks = dict.fromkeys(keys, by)
    dialog = dialog_of(build(world), page)
    locked = (
        dialog.account.form.transport,
        dialog.sound.rows["microphone"].device,  # type: ignore[index]  # a StrEnum is its text
        dialog.sound.processing["noise_suppression"],
        dialog.window_page.language,
    )
    for widget in locked:
        assert not widget.isEnabled()
        assert widget.toolTip() == "Set by Storm Outsourcing; you cannot change it here."
        assert widget.accessibleDescription() == widget.toolTip()
    assert not dialog.sound.processing["noise_suppression"].icon().isNull()
    assert dialog.window_page.theme.isEnabled()


def test_strong_noise_suppression_is_offered_with_the_ordinary_one_and_may_be_fixed(build: Build) -> None:
    world = World(replace(SETTINGS, window=ENGLISH))
    dialog = dialog_of(build(world), "audio")
    ordinary = dialog.sound.processing["noise_suppression"]
    strong = dialog.sound.processing["strong_noise_suppression"]
    assert not strong.isHidden()
    strong.click()
    world.run()
    assert world.desk.choosing_audio.choice.strong_noise_suppression
    ordinary.click()
    world.run()
    assert strong.isHidden()
    fixed = World(replace(SETTINGS, window=ENGLISH))
    fixed.file.locks = {"audio.strong_noise_suppression": SetBy(SettingsLayer.POLICY)}
    locked = dialog_of(build(fixed), "audio").sound.processing["strong_noise_suppression"]
    assert not locked.isEnabled()
    assert locked.toolTip()


def test_every_trouble_and_every_layer_has_words(wording: Wording) -> None:
    assert set(PROVISIONING_TROUBLE) == set(ProvisioningTrouble)
    layers = (SettingsLayer.POLICY, SettingsLayer.INSTALL, SettingsLayer.PROVISIONED)
    assert len({present_lock(wording.words, SetBy(layer)) for layer in layers}) == 3


def test_a_set_up_that_was_never_checked_says_so(wording: Wording, world: World) -> None:
    now = world.clock.now()
    assert present_company(wording, "", ProvisioningState(), None, now) is None
    view = present_company(wording, URL, ProvisioningState(), None, now)
    assert view is not None
    assert view.text == "Not checked yet."
    checked = present_company(wording, URL, ProvisioningState(checked_at=now.isoformat()), None, now)
    assert checked is not None
    assert checked.text.startswith("Last checked: ")


def test_what_the_company_sent_can_be_typed(qtbot: QtBot, interface: Interface) -> None:
    dialog = AddressDialog(interface.kit, interface.window)
    qtbot.addWidget(dialog)
    dialog.place.setText("phones.test")
    dialog.accept()
    assert dialog.problem.text() == "Enter the https address that your company gave you."
    dialog.place.setText(f" {LINK} ")
    assert dialog.order() == ProvisioningOrder(URL, token="once")
    dialog.place.setText(URL)
    dialog.code.setText("code")
    assert dialog.order() == ProvisioningOrder(URL, token="code")
