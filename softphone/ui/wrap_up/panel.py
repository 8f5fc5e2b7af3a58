"""Notes, outcome and callback, during the call and after it. Five seconds with the keyboard."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from softphone.domain.ids import CallId
from softphone.ui.parts.button import Button
from softphone.ui.parts.kit import Kit
from softphone.ui.parts.label import IconLabel, TextLabel
from softphone.ui.parts.last_resort_scroll import LastResortScroll
from softphone.ui.parts.tick import Tick
from softphone.ui.presenters.notes import note_room
from softphone.ui.presenters.wrap_up import WrapUpView
from softphone.ui.theme.tokens import Size, Space, Tone
from softphone.ui.wrap_up.callback_row import CallbackRow
from softphone.ui.wrap_up.form_block import FormBlock
from softphone.ui.wrap_up.notes_field import NotesField
from softphone.ui.wrap_up.outcome_picker import OutcomePicker


class WrapUpPanel(QFrame):
    """Intents carry the call's id: `noted` (text), `answered` (field, value), `code_chosen`,
    `callback_planned` (time or None, number), `save_wanted`, `more_time_wanted`."""

    noted = Signal(str, str)
    answered = Signal(str, str, str)
    code_chosen = Signal(str, str)
    callback_planned = Signal(str, object, str)
    save_wanted = Signal(str)
    more_time_wanted = Signal(str)
    work_wanted = Signal(str, bool)
    """After-call work is wanted, or no longer, where it comes on request only."""
    leave_wanted = Signal(str)
    """The correction of a refused record is given up."""
    call_over = Signal()
    """The call whose notes are open has ended; its outcome can be saved."""

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self._kit = kit
        self._view: WrapUpView | None = None
        self._short = False
        self.setProperty("role", "card")
        self.setObjectName("wrap_up")
        self._title, self._timer = TextLabel("subtitle"), TextLabel("chip")
        self._timer.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._more_time = Button(kit, kit.t("One more minute"), self._more, icon="plus", kind="tool")
        self.outcome = OutcomePicker(kit)
        self.effects = TextLabel("caption", wrap=True)
        self.effects.setObjectName("effects")
        self.form = FormBlock(kit)
        self.notes = NotesField(kit)
        self.room = TextLabel("caption")
        self.callback = CallbackRow(kit)
        self.work = Tick(kit, "work_wanted", kit.t("I need after-call work after this call"))
        self._status_icon, self.status = IconLabel(kit.px(Size.ICON_SMALL)), TextLabel("caption", wrap=True)
        self.status.setObjectName("wrap_up_status")
        self.save = Button(
            kit, kit.t("Save"), self._save, icon="check", kind="primary", shortcut="Ctrl+Enter"
        )
        self.save.setObjectName("save")
        self.leave = Button(kit, kit.t("Leave as it was"), self._leave, kind="quiet")
        self.leave.setObjectName("leave")
        self._whole, self._scroll = QVBoxLayout(self), LastResortScroll()
        self._head, self._foot = QHBoxLayout(), QHBoxLayout()
        self._lay_out(kit)
        self.outcome.chosen.connect(lambda code: self.code_chosen.emit(self.call_id, code))
        self.notes.textChanged.connect(lambda: self.noted.emit(self.call_id, self.notes.toPlainText()))
        self.notes.textChanged.connect(self._show_room)
        self.notes.filled.connect(lambda _left_out: self._show_room())
        self.callback.planned.connect(self._planned)
        self.work.clicked.connect(lambda on: self.work_wanted.emit(self.call_id, on))
        self.form.answered.connect(lambda name, value: self.answered.emit(self.call_id, name, value))

    @property
    def call_id(self) -> CallId:
        return self._view.call_id if self._view else CallId("")

    @property
    def saved_words(self) -> str:
        """That the outcome is saved, in words, once it is."""
        return self._view.status if self._view is not None and self._view.saved else ""

    def show_view(self, view: WrapUpView) -> None:
        other_call = self._view is None or self._view.call_id != view.call_id
        just_over = not other_call and self._view is not None and view.can_save and not self._view.can_save
        self._view = view
        self._title.setText(view.title)
        self._timer.show_text(view.timer, Tone.DANGER if view.hurry else Tone.NEUTRAL)
        self._title.setVisible(not self._short or bool(view.timer))
        self._more_time.setVisible(view.extendable)
        self.outcome.show_codes(view.codes, view.code, view.code_label, view.can_edit)
        self.form.show_rows(view.form, view.can_edit, other_call)
        if (other_call or not self.notes.hasFocus()) and self.notes.toPlainText() != view.notes:
            with QSignalBlocker(self.notes):
                self.notes.setPlainText(view.notes)
        self.notes.setReadOnly(not view.can_edit)
        plan = view.callback_at, view.callback_number
        self.callback.show_plan(*plan, view.callback_wanted, view.can_edit, other_call)
        self.work.setChecked(view.work_requested)
        self.work.setVisible(view.work_on_request)
        self._show_status(view)
        self.effects.show_text(view.effects)
        self.save.name(view.save_text, "Ctrl+Enter")
        self.save.setEnabled(view.can_save)
        self.save.setVisible(view.can_save)
        self.leave.setVisible(view.can_leave)
        if just_over:
            self.call_over.emit()

    def set_short(self, short: bool) -> None:
        """In a low window the tab above is title enough."""
        self._short = short
        self._title.setVisible(not short or bool(self._timer.text()))
        self.notes.set_short(short)

    def give_way(self, room: int | None) -> None:
        """At most so many pixels are left for the panel, then its middle scrolls; None for all it wants."""
        if room is not None:
            edges = self._whole.contentsMargins()
            inner = self.width() - edges.left() - edges.right()
            foot = self._foot.heightForWidth(inner) if self._foot.hasHeightForWidth() else 0
            around = self._head.sizeHint().height() + max(foot, self._foot.minimumSize().height())
            room -= around + edges.top() + edges.bottom() + 2 * self._whole.spacing()
        self._scroll.give_way(room)

    def _show_status(self, view: WrapUpView) -> None:
        self.status.show_text(view.status, view.status_tone)
        self._status_icon.setVisible(bool(view.status_icon))
        if view.status_icon:
            colour = self._kit.look.colours.text_of(view.status_tone)
            self._status_icon.show_icon(self._kit.icon(view.status_icon, colour))
        self.setAccessibleName(f"{view.title}. {view.status}")

    def _planned(self, at: datetime | None, number: str) -> None:
        self.callback_planned.emit(self.call_id, at, number)

    def _save(self) -> None:
        self.save_wanted.emit(self.call_id)

    def _leave(self) -> None:
        self.leave_wanted.emit(self.call_id)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Escape gives a correction up, from wherever in the panel the agent is."""
        if event.key() == Qt.Key.Key_Escape and self._view is not None and self._view.can_leave:
            self._leave()
            return
        super().keyPressEvent(event)

    def _show_room(self) -> None:
        self.room.show_text(*note_room(self._kit.wording, self.notes.used, self.notes.left_out))

    def _more(self) -> None:
        self.more_time_wanted.emit(self.call_id)

    def _lay_out(self, kit: Kit) -> None:
        head = self._head
        head.addWidget(self._title, 1)
        head.addWidget(self._timer)
        head.addWidget(self._more_time)
        head.addWidget(self.leave)
        foot = self._foot
        foot.setSpacing(kit.px(Space.SMALL))
        foot.addWidget(self._status_icon)
        foot.addWidget(self.status, 1)
        foot.addWidget(self.save, 0, Qt.AlignmentFlag.AlignBottom)
        whole, margin = self._whole, kit.px(Space.MEDIUM)
        whole.setContentsMargins(margin, margin, margin, margin)
        whole.setSpacing(kit.px(Space.SMALL))
        whole.addLayout(head)
        whole.addWidget(self._scroll, 1)
        whole.addLayout(foot)
        self._scroll.setWidget(self._body(kit))

    def _body(self, kit: Kit) -> QWidget:
        """What scrolls where room is short: all but the title and the way to save."""
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(kit.px(Space.SMALL))
        column.addWidget(self.outcome)
        column.addWidget(self.effects)
        self.effects.hide()
        column.addWidget(self.form)
        column.addWidget(self.notes, 1)
        column.addWidget(self.room)
        self.room.hide()
        column.addWidget(self.callback)
        column.addWidget(self.work)
        return body
