"""Saving a trace from the settings."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from softphone.domain.events import TraceExported
from softphone.domain.sip_trace import TraceFormat
from softphone.ui.main import Interface
from softphone.ui.presenters.trace import trace_words
from softphone.ui.settings.dialog import SettingsDialog
from softphone.ui.settings.trace_saving import format_of
from softphone.ui.theme.tokens import Tone
from softphone.ui.words import Words
from tests.fakes.world import World


def test_the_chosen_file_is_written_and_that_is_said(
    qtbot: QtBot, interface: Interface, world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    chosen = str(tmp_path / "trace.pcap")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (chosen, ""))
    interface.open_settings("account")
    dialog = interface.settings_window
    assert isinstance(dialog, SettingsDialog)
    qtbot.mouseClick(dialog.account.trace, Qt.MouseButton.LeftButton)
    world.run()
    assert world.phone.sent("export_trace") == [(chosen, TraceFormat.PCAP)]
    assert interface.scene.messages[-1] == (
        Tone.GOOD,
        "The trace is saved. Telephone numbers of customers are in it.",
    )


def test_nothing_is_written_when_nobody_chooses_a_file(
    qtbot: QtBot, interface: Interface, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: ("", ""))
    interface.open_settings("account")
    dialog = interface.settings_window
    assert isinstance(dialog, SettingsDialog)
    qtbot.mouseClick(dialog.account.trace, Qt.MouseButton.LeftButton)
    assert world.phone.sent("export_trace") == []


@pytest.mark.parametrize(
    ("file", "form"),
    [("a.PCAP", TraceFormat.PCAP), ("a.json", TraceFormat.LADDER), ("a", TraceFormat.TEXT)],
)
def test_the_files_name_tells_its_format(file: str, form: TraceFormat) -> None:
    assert format_of(file) is form


def test_a_file_that_could_not_be_written_is_told_with_the_reason() -> None:
    text, tone = trace_words(Words("en"), TraceExported("/x", 0, "No space left on device"))
    assert (text, tone) == ("The trace could not be saved: No space left on device", Tone.WARNING)
