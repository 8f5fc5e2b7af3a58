"""The campaign's script: said, asked and answered with the keyboard alone (Alt+1 to Alt+9, Tab, Enter)."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from softphone.domain.ids import CallId
from softphone.ui.parts.button import Button
from softphone.ui.parts.clearing import clear
from softphone.ui.parts.kit import Kit
from softphone.ui.parts.label import TextLabel
from softphone.ui.presenters.script import ScriptView
from softphone.ui.theme.tokens import Space
from softphone.ui.wrap_up.form_block import FormBlock

KEYS = 9
"""So many answers have a key of their own."""


class ScriptPanel(QFrame):
    """Intents carry the call's id: `chosen` (index), `typed` (what), `next_wanted`, `back_wanted`."""

    chosen = Signal(str, int)
    typed = Signal(str, str)
    next_wanted = Signal(str)
    back_wanted = Signal(str)

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self._kit = kit
        self._view: ScriptView | None = None
        self.setProperty("role", "card")
        self.setObjectName("script")
        self._title, self._hint = TextLabel("subtitle", kit.t("Script")), TextLabel("caption")
        self._hint.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.text = TextLabel("body", wrap=True)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.field = FormBlock(kit)
        self.answers: list[Button] = []
        self._answers = QVBoxLayout()
        self.back = Button(kit, kit.t("Back"), self._back, kind="quiet")
        self.next = Button(kit, kit.t("Next"), self._next, shortcut="Alt+0")
        self._lay_out(kit)
        self.field.answered.connect(lambda _name, value: self.typed.emit(self.call_id, value))
        for number in range(KEYS):
            key = QShortcut(QKeySequence(f"Alt+{number + 1}"), self)
            key.activated.connect(lambda n=number: self._take(n))
        QShortcut(QKeySequence("Alt+0"), self).activated.connect(self.next.click)

    @property
    def call_id(self) -> CallId:
        return self._view.call_id if self._view else CallId("")

    def show_view(self, view: ScriptView | None) -> None:
        """None: the call has no script."""
        if view is None or view == self._view:
            return
        before, self._view = self._view, view
        other = before is None or (before.call_id, before.step) != (view.call_id, view.step)
        focused = QApplication.focusWidget()
        had_focus = focused is not None and self.isAncestorOf(focused)
        self.text.show_text(view.text)
        self._hint.show_text(view.hint)
        self.field.show_rows((view.field,) if view.field else (), enabled=True, other_call=other)
        if other or before is None or before.answers != view.answers or before.chosen != view.chosen:
            self._show_answers(view)
        self.back.setEnabled(view.can_go_back)
        self.next.setEnabled(view.can_go_on)
        self.next.setVisible(not view.at_end)
        self.setAccessibleName(f"{self._title.text()}. {view.text}")
        if other and had_focus:
            self.take_focus()

    def take_focus(self) -> None:
        """Put the focus where the agent answers."""
        view = self._view
        target: QWidget = self.next if self.next.isEnabled() else self.back
        if self.answers:
            target = self.answers[0]
        elif view and view.field:
            target = self.field.editor(view.field.name)
        target.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_answers(self, view: ScriptView) -> None:
        clear(self._answers)
        self.answers = [self._answer(index, label) for index, label in enumerate(view.answers)]
        for index, button in enumerate(self.answers):
            button.setCheckable(True)
            button.setChecked(index == view.chosen)
            self._answers.addWidget(button)

    def _answer(self, index: int, label: str) -> Button:
        shortcut = f"Alt+{index + 1}" if index < KEYS else ""
        button = Button(self._kit, label, lambda: self._take(index), kind="row", shortcut=shortcut)
        button.setText("")
        button.setObjectName("script_answer")
        words = QHBoxLayout(button)
        margin = self._kit.px(Space.SMALL)
        words.setContentsMargins(margin, 0, margin, 0)
        for part, share in ((TextLabel("strong", label), 1), (TextLabel("caption", shortcut), 0)):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            if not share:
                part.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
            words.addWidget(part, share)
        return button

    def _take(self, index: int) -> None:
        if self._view and index < len(self._view.answers):
            self.chosen.emit(self.call_id, index)

    def _next(self) -> None:
        self.next_wanted.emit(self.call_id)

    def _back(self) -> None:
        self.back_wanted.emit(self.call_id)

    def _lay_out(self, kit: Kit) -> None:
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(self._hint)
        body = QWidget()
        said = QVBoxLayout(body)
        said.setContentsMargins(0, 0, 0, 0)
        said.setSpacing(kit.px(Space.SMALL))
        self._answers.setSpacing(kit.px(Space.TIGHT))
        said.addWidget(self.text)
        said.addLayout(self._answers)
        said.addWidget(self.field)
        said.addStretch()
        scroll = QScrollArea()
        scroll.setWidget(body)
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        foot = QHBoxLayout()
        foot.addWidget(self.back)
        foot.addStretch()
        foot.addWidget(self.next)
        column = QVBoxLayout(self)
        margin = kit.px(Space.MEDIUM)
        column.setContentsMargins(margin, margin, margin, margin)
        column.setSpacing(kit.px(Space.SMALL))
        column.addLayout(head)
        column.addWidget(scroll, 1)
        column.addLayout(foot)
