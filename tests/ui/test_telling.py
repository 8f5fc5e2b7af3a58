"""A fault of the program while somebody signs in is said in words, and still reaches the log."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from PySide6.QtWidgets import QApplication

from softphone.application import RunningDesk
from softphone.composition import Assembly
from softphone.domain.errors import Broken, SoftphoneError
from softphone.system.folders import Folders
from softphone.ui.main import Interface
from softphone.ui.presenters.phrases import error_words
from softphone.ui.pump import Pump
from softphone.ui.telling import FAULT, SIGN_IN_FAULT, Told
from softphone.ui.words import Words
from tests.fakes.world import SETTINGS, World
from tests.ui.conftest import ENGLISH, Build, take_down

SIGN_IN_WORDS = error_words(Words("en"), Broken(SIGN_IN_FAULT))


class Bug(Exception):
    """Nothing that the program knows."""


def break_secrets(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def read(name: str) -> str:
        raise Bug(name)

    monkeypatch.setattr(world.secrets, "read", read)


def test_an_error_of_ours_ends_where_it_is_told() -> None:
    heard: list[SoftphoneError] = []
    error = Broken("key store")
    with Told(heard.append):
        raise error
    assert heard == [error]


def test_a_bug_is_told_and_goes_on() -> None:
    heard: list[SoftphoneError] = []
    with pytest.raises(Bug), Told(heard.append):
        raise Bug
    assert [error.thing for error in heard] == [FAULT]


def test_a_bug_at_the_start_is_said_in_the_window_and_reaches_the_guard(
    qapp: QApplication, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_secrets(world, monkeypatch)
    faults: list[Exception] = []
    pump = Pump(faults.append)
    assembly = cast("Assembly", SimpleNamespace(desk=world.desk, start=world.desk.start))
    running = RunningDesk(qapp, assembly, pump, Folders(tmp_path, tmp_path, tmp_path))
    pump.call_soon(running._sign_in)
    qapp.sendPostedEvents(pump)
    assert [type(fault) for fault in faults] == [Bug]
    assert [text for _tone, text in running.interface.scene.messages] == [SIGN_IN_WORDS]
    take_down(qapp, running.interface)


def test_a_bug_behind_a_click_is_said(
    interface: Interface, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_secrets(world, monkeypatch)
    world.desk.signing_in.sign_out()
    world.run()
    with pytest.raises(Bug):
        interface.intents.attempt(world.desk.try_again)
    assert interface.scene.messages[-1][1] == error_words(Words("en"), Broken(FAULT))


def test_a_bug_at_the_first_sign_in_is_said_there(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(replace(SETTINGS, window=ENGLISH, accounts=()))
    interface = build(world)
    first = interface._first
    assert first is not None
    break_secrets(world, monkeypatch)
    form = first.page.form
    form.server.setText("pbx.example")
    form.user.setText("7001")
    form.password.setText("secret")
    with pytest.raises(Bug):
        first._sign_in(form.entry())
    assert SIGN_IN_WORDS in first.page.status.text()
