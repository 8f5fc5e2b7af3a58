"""Further calls: one row each. Rows of held calls and missing outcomes stand below the stage; rows of calls
that ring beside a conversation lie over the customer's card, so that nothing moves when they appear."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from softphone.domain.ids import CallId
from softphone.ui.parts.button import Button
from softphone.ui.parts.clearing import discard
from softphone.ui.parts.kit import Kit
from softphone.ui.parts.label import IconLabel, TextLabel
from softphone.ui.parts.stripe import Stripe
from softphone.ui.presenters.lines import LineView
from softphone.ui.presenters.stage import RingingView
from softphone.ui.theme.tokens import Size, Space


class LineRow(Button):
    """A call to switch to."""

    def __init__(self, kit: Kit, view: LineView) -> None:
        super().__init__(kit, f"{view.title}, {view.state}", kind="row")
        self.setText("")
        self.setObjectName("line")
        stripe = Stripe(kit)
        stripe.show_colour(view.colour)
        self._title, self._state = TextLabel("strong", view.title), TextLabel("caption")
        self._state.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        small = kit.px(Space.SMALL)
        row.setContentsMargins(small, small, small, small)
        row.setSpacing(small)
        row.addWidget(stripe)
        row.addWidget(self._title, 1)
        row.addWidget(self._state)
        for child in (stripe, self._title, self._state):
            child.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.show_state(view)

    def show_state(self, view: LineView) -> None:
        self._state.show_text(view.state, view.tone)


class LinesList(QWidget):
    """Intent: `selected` with the call's id."""

    selected = Signal(str)

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self._kit = kit
        self._rows: dict[tuple[CallId, str], LineRow] = {}
        self._column = QVBoxLayout(self)
        margin = kit.px(Space.MEDIUM)
        self._column.setContentsMargins(margin, 0, margin, 0)
        self._column.setSpacing(kit.px(Space.TIGHT))
        self.hide()

    def show_view(self, lines: tuple[LineView, ...]) -> None:
        wanted = {(line.call_id, line.title): line for line in lines}
        for key in [k for k in self._rows if k not in wanted]:
            discard(self._rows.pop(key))
        for key, line in wanted.items():
            if key not in self._rows:
                self._rows[key] = self._row(line)
            self._rows[key].show_state(line)
        self.setVisible(bool(lines))

    def _row(self, line: LineView) -> LineRow:
        row = LineRow(self._kit, line)
        row.clicked.connect(lambda _checked=False: self.selected.emit(line.call_id))
        self._column.addWidget(row)
        return row


class SecondRing(QFrame):
    """One more call that rings during a conversation. Intents like those of `RingingCard`."""

    answered = Signal(str)
    declined = Signal(str)

    def __init__(self, kit: Kit, view: RingingView) -> None:
        super().__init__()
        self.call_id = view.call_id
        self.setProperty("role", "ringing")
        self.setAccessibleName(view.spoken)
        icon = IconLabel(kit.px(Size.ICON))
        colour = kit.look.colours.good_text
        icon.show_icon(kit.icon("ringing", colour))
        self._company, self._caller = TextLabel("strong"), TextLabel("caption")
        self.answer = Button(
            kit, kit.t("Answer"), lambda: self.answered.emit(self.call_id), icon="answer", kind="good"
        )
        self.busy = Button(
            kit, kit.t("Busy"), lambda: self.declined.emit(self.call_id), icon="busy", kind="tool"
        )
        self.answer.setToolTip(kit.t("The present call is put on hold"))
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._company)
        words.addWidget(self._caller)
        row = QHBoxLayout(self)
        small = kit.px(Space.SMALL)
        row.setContentsMargins(small, small, small, small)
        row.setSpacing(small)
        row.addWidget(icon)
        row.addLayout(words, 1)
        row.addWidget(self.answer)
        row.addWidget(self.busy)
        for button in (self.answer, self.busy):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.guard()
        self.show_view(view)

    def show_view(self, view: RingingView) -> None:
        self._company.show_text(view.heading.company)
        self._caller.show_text(" ".join(p for p in (view.heading.name, view.heading.number) if p))
        for button in (self.answer, self.busy):
            button.setEnabled(not view.busy)


class RingOverlay(QWidget):
    """Lies over `over` and is as tall as its rows."""

    answered = Signal(str)
    declined = Signal(str)

    def __init__(self, kit: Kit, over: QWidget) -> None:
        super().__init__(over)
        self._kit = kit
        self._over = over
        self._rings: dict[CallId, SecondRing] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(kit.px(Space.TIGHT))
        self.hide()

    def show_view(self, views: tuple[RingingView, ...]) -> None:
        wanted = {view.call_id: view for view in views}
        for call_id in [c for c in self._rings if c not in wanted]:
            discard(self._rings.pop(call_id))
        for call_id, view in wanted.items():
            if call_id not in self._rings:
                self._rings[call_id] = self._ring(view)
            self._rings[call_id].show_view(view)
        self.setVisible(bool(views))
        self.place()

    def place(self) -> None:
        """Take the upper edge of what lies below."""
        if self._rings:
            margin = self._kit.px(Space.MEDIUM)
            self.setGeometry(margin, 0, self._over.width() - 2 * margin, self.sizeHint().height())
            self.raise_()

    @property
    def reach(self) -> int:
        """How much of the upper edge it takes."""
        return self.height() if self._rings else 0

    def _ring(self, view: RingingView) -> SecondRing:
        ring = SecondRing(self._kit, view)
        ring.answered.connect(self.answered)
        ring.declined.connect(self.declined)
        self._column.addWidget(ring)
        return ring
