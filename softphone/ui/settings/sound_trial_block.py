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
from softphone.ui.theme.tokens import Size, Space, Tone


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
        for test, (label, icon) in TEST.items():
            button = Button(kit, kit.t(label), self._clicker(test), icon=icon)
            button.setObjectName(f"sound_test_{test}")
            button.setCheckable(True)
            self.buttons[test] = button
        columns = _columns(kit, [button.sizeHint().width() for button in self.buttons.values()])
        for place, button in enumerate(self.buttons.values()):
            grid.addWidget(button, place // columns, place % columns)
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


def _columns(kit: Kit, widths: list[int]) -> int:
    """Two beside each other where the longest words allow it: nobody scrolls sideways for a button."""
    room = kit.px(Size.DIALOG_WIDTH) - 2 * kit.px(Space.LARGE) - kit.px(Space.LARGE)
    return 2 if 2 * max(widths) + kit.px(Space.SMALL) <= room else 1
