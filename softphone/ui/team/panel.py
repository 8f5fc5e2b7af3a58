"""The lead's own listening: who can hear whom at this moment, the microphone, the modes, and the way out."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout

from softphone.domain.supervision import SupervisionMode
from softphone.ui.parts.button import Button
from softphone.ui.parts.kit import Kit
from softphone.ui.parts.label import IconLabel, TextLabel, restyle
from softphone.ui.presenters.supervision import ModeChoice, SupervisionView
from softphone.ui.presenters.team_words import MODE
from softphone.ui.team.hearing import HearingPicture
from softphone.ui.theme.tokens import Size, Space, Tone


class SupervisionPanel(QFrame):
    """Intents: `mode_wanted` with a mode, `stop_wanted`, `put_away`, once it has ended."""

    mode_wanted = Signal(object)
    stop_wanted = Signal()
    put_away = Signal()

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self._kit = kit
        self._view: SupervisionView | None = None
        self.setProperty("role", "card")
        self.setObjectName("supervision")
        self.setFixedWidth(kit.px(Size.SIDE_WIDTH))
        self.title, self._timer = TextLabel("subtitle"), TextLabel("subtitle")
        self._timer.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self.picture = HearingPicture(kit)
        self.sentence = TextLabel("strong", wrap=True)
        self.sentence.setObjectName("who_hears_whom")
        self._ground = QFrame()
        self._ground.setProperty("role", "tinted")
        self.microphone = TextLabel("strong", wrap=True)
        self.microphone.setObjectName("own_microphone")
        self._microphone_icon = IconLabel(kit.px(Size.ICON))
        self.trouble = TextLabel("body", wrap=True)
        self.trouble.setObjectName("supervision_trouble")
        self.modes = {mode: self._mode_button(mode) for mode in SupervisionMode}
        self.stop = Button(kit, kit.t("Leave the call"), self._leave, icon="hang-up", kind="danger")
        self.stop.setObjectName("supervise_stop")
        self._lay_out(kit)
        kit.look.changed.connect(self._colour)

    def show_view(self, view: SupervisionView) -> None:
        before, self._view = self._view, view
        self.title.show_text(view.title)
        self._timer.show_text(view.timer)
        if before == view:
            return
        self.picture.show_view(view.hearing)
        self.sentence.show_text(view.sentence, view.tone)
        self._ground.setAccessibleName(view.sentence)
        restyle(self._ground, tone=str(view.tone))
        self.microphone.show_text(view.microphone, view.microphone_tone)
        self.trouble.show_text(view.trouble, Tone.DANGER)
        self._show_choices(view.choices, view.live)
        leave = self._kit.t("Leave the call") if view.live else self._kit.t("Close")
        self.stop.name(leave)
        self.stop.set_icon("hang-up" if view.live else "close")
        self.stop.set_kind("danger" if view.live else "")
        self._colour()

    def _show_choices(self, choices: tuple[ModeChoice, ...], live: bool) -> None:
        offered = {choice.mode: choice for choice in choices}
        for mode, button in self.modes.items():
            choice = offered.get(mode)
            button.setVisible(choice is not None and live)
            if choice is not None:
                button.setEnabled(choice.enabled)
                button.setChecked(choice.chosen)

    def _colour(self) -> None:
        if self._view is not None:
            colour = self._kit.look.colours.text_of(self._view.microphone_tone)
            self._microphone_icon.show_icon(self._kit.icon(self._view.microphone_icon, colour))

    def _mode_button(self, mode: SupervisionMode) -> Button:
        words = MODE[mode]
        button = ModeButton(self._kit, self._kit.t(words.wish), self._wisher(mode), words.icon)
        button.setObjectName(f"mode_{mode.value}")
        button.setToolTip(self._kit.t(words.hint))
        button.setAccessibleDescription(self._kit.t(words.hint))
        return button

    def _wisher(self, mode: SupervisionMode) -> Callable[[], None]:
        return lambda: self.mode_wanted.emit(mode)

    def _leave(self) -> None:
        if self._view is not None and self._view.live:
            self.stop_wanted.emit()
        else:
            self.put_away.emit()

    def _lay_out(self, kit: Kit) -> None:
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self._timer)
        said = QVBoxLayout(self._ground)
        small = kit.px(Space.SMALL)
        said.setContentsMargins(small, small, small, small)
        said.addWidget(self.sentence)
        microphone = QHBoxLayout()
        microphone.setSpacing(small)
        microphone.addWidget(self._microphone_icon)
        microphone.addWidget(self.microphone, 1)
        column = QVBoxLayout(self)
        margin = kit.px(Space.MEDIUM)
        column.setContentsMargins(margin, margin, margin, margin)
        column.setSpacing(small)
        column.addLayout(head)
        column.addWidget(self.picture)
        column.addWidget(self._ground)
        column.addLayout(microphone)
        column.addWidget(self.trouble)
        for button in self.modes.values():
            column.addWidget(button)
        column.addStretch()
        column.addWidget(self.stop)


class ModeButton(Button):
    """Looks pressed while its mode is in force; what is shown follows the call, not the click."""

    def __init__(self, kit: Kit, text: str, on_click: Callable[[], None], icon: str) -> None:
        super().__init__(kit, text, on_click, icon=icon, kind="mode")
        self.setCheckable(True)

    def nextCheckState(self) -> None:  # noqa: N802 - Qt's name
        """Only the use case decides."""
