"""The search box in the customer's card: type a name, take one of those found."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from softphone.ui.parts.button import Button
from softphone.ui.parts.choice_row import ChoiceRow
from softphone.ui.parts.clearing import clear
from softphone.ui.parts.kit import Kit
from softphone.ui.parts.label import TextLabel
from softphone.ui.presenters.customer_work import CustomerChoice, SearchView
from softphone.ui.theme.tokens import Size, Space

LONGEST = 100
_ROWS = 4


class SearchField(QLineEdit):
    """Down goes to what was found; Escape is the panel's."""

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        if event.key() == Qt.Key.Key_Down:
            self.focusNextChild()
        else:
            super().keyPressEvent(event)


class CustomerSearch(QWidget):
    """Intents: `typed` and `entered` with the text, `taken` with a customer's id, `create_wanted`,
    `closed`."""

    typed = Signal(str)
    entered = Signal(str)
    taken = Signal(str)
    create_wanted = Signal()
    closed = Signal()

    def __init__(self, kit: Kit, *, least_rows: int = _ROWS) -> None:
        """`least_rows`: so many of those found are in sight, however little room there is."""
        super().__init__()
        self._kit = kit
        self._least_rows = least_rows
        self._shown: tuple[CustomerChoice, ...] = ()
        self.field = SearchField()
        self.field.setObjectName("customer_search")
        self.field.setMaxLength(LONGEST)
        self.field.setPlaceholderText(kit.t("Name, other text or phone number"))
        self.field.setAccessibleName(kit.t("Search customers"))
        self.field.textEdited.connect(self.typed)
        self.field.returnPressed.connect(self._enter)
        self._status = TextLabel("caption", wrap=True)
        self._status.setObjectName("customer_search_status")
        self.new = Button(kit, kit.t("New customer"), self.create_wanted.emit, icon="plus", kind="quiet")
        self._found = QWidget()
        self._rows = QVBoxLayout(self._found)
        self._scroll = QScrollArea()
        self._lay_out(kit)

    def show_view(self, view: SearchView, *, other_call: bool) -> None:
        """`other_call`: what stands in the field belongs to another call and gives way."""
        if (other_call or not self.field.hasFocus()) and self.field.text() != view.text:
            self.field.setText(view.text)
        self._status.show_text(view.status, view.tone)
        self.new.setVisible(view.can_create)
        if view.choices != self._shown:
            self._shown = view.choices
            self._rebuild()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
            return
        super().keyPressEvent(event)

    def _enter(self) -> None:
        """Enter goes to what was found; it never takes a customer that the eye has not reached."""
        first = self._rows.itemAt(0)
        row = first.widget() if self._shown and first is not None else None
        if row is not None:
            row.setFocus(Qt.FocusReason.TabFocusReason)
        else:
            self.entered.emit(self.field.text())

    def _rebuild(self) -> None:
        clear(self._rows)
        for choice in self._shown:
            row = ChoiceRow(self._kit, choice.name, choice.detail, self._taker(choice))
            row.setObjectName("customer_found")
            self._rows.addWidget(row)
        self._rows.addStretch()
        rows = min(len(self._shown), self._least_rows)
        self._scroll.setVisible(rows > 0)
        self._scroll.setMinimumHeight(rows * (self._kit.px(Size.CONTROL) + self._kit.px(Space.TIGHT)))
        self.updateGeometry()

    def _taker(self, choice: CustomerChoice) -> Callable[[], None]:
        return lambda: self.taken.emit(choice.id)

    def _lay_out(self, kit: Kit) -> None:
        close = Button(kit, kit.t("Close the search"), self.closed.emit, icon="close", kind="tool")
        top = QHBoxLayout()
        top.setSpacing(kit.px(Space.TIGHT))
        top.addWidget(self.field, 1)
        top.addWidget(close)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(kit.px(Space.TIGHT))
        self._scroll.setWidget(self._found)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(kit.px(Space.TIGHT))
        column.addLayout(top)
        column.addWidget(self._status)
        column.addWidget(self.new, 0, Qt.AlignmentFlag.AlignLeading)
        column.addWidget(self._scroll, 1)
        self.new.hide()
