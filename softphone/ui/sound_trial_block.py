"""Settings, Sound: buttons that try the devices out, and what came of it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from softphone.domain.audio import SoundTest
from softphone.ui.parts.button import Button
from softphone.ui.parts.kit import Kit
from softphone.ui.parts.label import TextLabel
from softphone.ui.presenters.sound_trial import TEST
from softphone.ui.theme.tokens import Space, Tone

_COLUMNS = 2


class SoundTrialBlock(QWidget):
    """Intents: `wanted` with the test, `unwanted` when the running one is clicked again."""

    wanted = Signal(object)
    unwanted = Signal()

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self._running: SoundTest | None = None
        self.buttons: dict[SoundTest, Button] = {}
        self.words = TextLabel("caption", wrap=True)
        self.words.setObjectName("sound_trial")
        grid = QGridLayout()
        grid.setSpacing(kit.px(Space.SMALL))
        for place, (test, (label, icon)) in enumerate(TEST.items()):
            button = Button(kit, kit.t(label), self._clicker(test), icon=icon)
            button.setObjectName(f"sound_test_{test}")
            button.setCheckable(True)
            self.buttons[test] = button
            grid.addWidget(button, place // _COLUMNS, place % _COLUMNS)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(kit.px(Space.SMALL))
        column.addWidget(TextLabel("label", kit.t("Try it out")))
        column.addLayout(grid)
        column.addWidget(self.words)

    def show_view(self, running: SoundTest | None, possible: bool, words: str, tone: Tone) -> None:
        """`possible` is false while a call has the devices."""
        self._running = running
        for test, button in self.buttons.items():
            button.setChecked(test is running)
            button.setEnabled(possible)
        self.words.show_text(words, tone)

    def _clicker(self, test: SoundTest) -> Callable[[], None]:
        return lambda: self._click(test)

    def _click(self, test: SoundTest) -> None:
        if self._running is test:
            self.unwanted.emit()
        else:
            self.wanted.emit(test)
