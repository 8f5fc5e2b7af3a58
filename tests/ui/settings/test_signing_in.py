"""The first sign-in and the account page of the settings, with real widgets."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from softphone.domain.account import Account, MediaEncryption, Transport
from softphone.domain.errors import BadInput
from softphone.domain.ids import AccountId
from softphone.domain.key_store import KeyStoreTrouble, KeyStoreUnusable
from softphone.domain.settings import Settings
from softphone.domain.settings_layers import SetBy, SettingsLayer
from softphone.ui.main import Interface
from softphone.ui.presenters.account_form import AccountEntry, account_of, entry_of
from softphone.ui.presenters.phrases import BAD_INPUT
from softphone.ui.settings.account_form import AccountForm
from softphone.ui.settings.dialog import SettingsDialog
from softphone.ui.settings.sign_in_page import SignInPage
from tests.fakes.world import ACCOUNT, SETTINGS, World
from tests.ui.conftest import ENGLISH, Build


def page_of(interface: Interface) -> SignInPage:
    page = interface.window.pages.currentWidget()
    assert isinstance(page, SignInPage)
    return page


def fill(qtbot: QtBot, page: SignInPage, server: str, user: str, password: str) -> None:
    for field, text in ((page.form.server, server), (page.form.user, user), (page.form.password, password)):
        field.clear()
        qtbot.keyClicks(field, text)
    qtbot.keyClick(page.form.password, Qt.Key.Key_Return)


@pytest.fixture
def fresh(build: Build) -> tuple[Interface, World]:
    """The first start: no account yet."""
    world = World(Settings(window=ENGLISH))
    return build(world), world


def test_a_new_agent_signs_in_with_three_fields_and_enter(
    qtbot: QtBot, fresh: tuple[Interface, World]
) -> None:
    interface, world = fresh
    fill(qtbot, page_of(interface), "pbx.test", "7001", "secret")
    world.run()
    assert interface.window.pages.currentIndex() == 0
    assert world.desk.signing_in.registered
    assert list(world.secrets.values()).count("secret") >= 1


def test_the_password_does_not_stay_in_the_field(qtbot: QtBot, fresh: tuple[Interface, World]) -> None:
    interface, world = fresh
    page = page_of(interface)
    fill(qtbot, page, "pbx.test", "7001", "secret")
    world.run()
    assert page.form.password.text() == ""


def test_a_wrong_password_is_told_and_can_be_corrected(qtbot: QtBot, fresh: tuple[Interface, World]) -> None:
    interface, world = fresh
    page = page_of(interface)
    fill(qtbot, page, "pbx.test", "7001", "wrong")
    world.run()
    assert "does not accept the password" in page.status.text()
    fill(qtbot, page, "pbx.test", "7001", "secret")
    world.run()
    assert world.desk.signing_in.registered
    assert len(world.desk.configuring.settings.accounts) == 1


def test_a_mistyped_server_leaves_no_second_account_behind(
    qtbot: QtBot, fresh: tuple[Interface, World]
) -> None:
    interface, world = fresh
    page = page_of(interface)
    fill(qtbot, page, "pbx.tset", "7001", "wrong")
    world.run()
    fill(qtbot, page, "pbx.test", "7001", "secret")
    world.run()
    assert [a.server for a in world.desk.configuring.settings.accounts] == ["pbx.test"]


@pytest.mark.parametrize(
    ("server", "user", "password", "words"),
    [
        ("", "7001", "x", "Enter the name or address of the telephone system."),
        ("pbx.test", "", "x", "Enter your user name."),
        ("pbx.test", "7001", "", "Enter your password."),
        ("pbx test", "7001", "x", "This SIP address cannot be used."),
    ],
)
def test_what_is_missing_is_said_beside_the_fields(
    qtbot: QtBot, fresh: tuple[Interface, World], server: str, user: str, password: str, words: str
) -> None:
    interface, _world = fresh
    page = page_of(interface)
    fill(qtbot, page, server, user, password)
    assert page.status.text() == words


def test_without_a_safe_key_store_it_says_what_to_install(
    qtbot: QtBot, fresh: tuple[Interface, World], monkeypatch: pytest.MonkeyPatch
) -> None:
    interface, world = fresh

    def refuse(_name: str, _secret: str) -> None:
        raise KeyStoreUnusable(KeyStoreTrouble.MISSING)

    monkeypatch.setattr(world.secrets, "write", refuse)
    page = page_of(interface)
    fill(qtbot, page, "pbx.test", "7001", "secret")
    assert "GNOME Keyring" in page.status.text()
    assert world.desk.configuring.settings.accounts == ()


def test_user_and_server_may_be_typed_in_one() -> None:
    account = account_of(AccountEntry(user="7001@pbx.test:5070", password="x"))
    assert (account.user, account.server, account.port) == ("7001", "pbx.test", 5070)


def test_an_account_survives_its_form_unchanged() -> None:
    account = Account(
        AccountId("a"),
        "pbx.test",
        "7001",
        "Kim",
        "auth",
        5061,
        Transport.TLS,
        MediaEncryption.REQUIRED,
        backup_servers=("b.test", "c.test:5062"),
        ca_file="/ca.pem",
        pinned_sha256=("ab" * 32,),
        domain="example.com",
        client_certificate="/me.pem",
        client_key="/me.key",
        refuse_md5=True,
        ws_path="/sip",
    )
    assert account_of(entry_of(account), account) == account


@pytest.mark.parametrize("server", ["host:99999", "a b", "", "-"])
def test_a_server_that_cannot_be_is_refused(server: str) -> None:
    with pytest.raises(BadInput):
        account_of(AccountEntry(server, "7001", "x"))


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        (AccountEntry("pbx.test", "7001", domain="a b"), "domain"),
        (AccountEntry("pbx.test", "7001", domain="a.test:5060"), "domain"),
        (AccountEntry("pbx.test", "7001", backup_servers="b.test, ?"), "backup_servers"),
        (AccountEntry("pbx.test", "7001", pins="abcd"), "pinned_sha256"),
    ],
)
def test_a_field_that_cannot_be_used_is_named(entry: AccountEntry, field: str) -> None:
    with pytest.raises(BadInput) as caught:
        account_of(entry)
    assert caught.value.thing == field
    assert field in BAD_INPUT


def test_what_stands_in_the_form_is_what_is_kept(qtbot: QtBot, interface: Interface) -> None:
    form = AccountForm(interface.kit)
    qtbot.addWidget(form)
    entry = AccountEntry(
        "pbx.test", "7001", "x", "Kim", "auth", Transport.WSS, MediaEncryption.OPTIONAL, "example.com",
        "b.test", "/ca.pem", "ab" * 32, "/me.pem", "/me.key", True,
    )  # fmt: skip
    form.show_entry(entry)
    assert form.entry() == entry


# --- settings ---


def settings_of(interface: Interface, page: str) -> SettingsDialog:
    interface.open_settings(page)
    dialog = interface.settings_window
    assert isinstance(dialog, SettingsDialog)
    return dialog


def test_an_account_is_changed_without_typing_the_password_again(
    qtbot: QtBot, interface: Interface, world: World
) -> None:
    dialog = settings_of(interface, "account")
    dialog.account.form.name.setText("Kim Reed")
    qtbot.mouseClick(dialog.account.save, Qt.MouseButton.LeftButton)
    world.run()
    assert world.desk.configuring.settings.accounts[0] == replace(ACCOUNT, display_name="Kim Reed")
    assert world.secrets["account/work"] == "secret"


def test_another_language_rebuilds_the_window_in_the_middle_of_a_call(
    qtbot: QtBot, interface: Interface, world: World
) -> None:
    world.phone.ring(headers=(("X-Queue", "claims"),))
    world.run()
    dialog = settings_of(interface, "window")
    dialog.window_page.language.setCurrentIndex(dialog.window_page.language.findData("he"))
    dialog.window_page.language.activated.emit(0)
    assert interface.kit.words.language == "he"
    assert interface.window.layoutDirection() == Qt.LayoutDirection.RightToLeft
    assert interface.window.stage.currentWidget() is interface.window.stage.ringing
    assert interface.window.stage.ringing.answer.accessibleName() == "מענה"


def test_levels_are_measured_only_while_the_sound_page_is_open(interface: Interface, world: World) -> None:
    dialog = settings_of(interface, "audio")
    assert world.phone.sent("watch_levels")[-1] == (True,)
    dialog.close()
    assert world.phone.sent("watch_levels")[-1] == (False,)


def test_what_the_company_has_fixed_cannot_be_changed_and_says_so(
    build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(replace(SETTINGS, window=ENGLISH))
    by = SetBy(SettingsLayer.POLICY)
    world.file.locks = {"window.theme": by, "accounts.work.server": by}
    dialog = settings_of(build(world), "window")
    assert not dialog.window_page.theme.isEnabled()
    assert dialog.window_page.theme.toolTip().startswith("Set by your company's IT")
    assert dialog.window_page.language.isEnabled()
    assert not dialog.account.form.server.isEnabled()
    assert dialog.account.form.password.isEnabled()
    assert dialog.account.remove.isHidden()
