"""Choosing an outcome without a mouse: type a few letters, Enter. The list opens below the field."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QHideEvent, QKeyEvent, QMoveEvent, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QListView, QVBoxLayout, QWidget

from softphone.ui.parts.button import Button
from softphone.ui.parts.kit import Kit
from softphone.ui.presenters.wrap_up import CodeRow, matching_rows
from softphone.ui.theme.tokens import Size, Space

_CODE = int(Qt.ItemDataRole.UserRole)
_ROWS_SHOWN = 8
_CHOSEN, _OFTEN = "✓", "★"
_INDENT = "\u2003"


class OutcomeField(QLineEdit):
    """Arrows, Enter and Escape go to the list; everything else is typing."""

    moved = Signal(int)
    taken = Signal()
    left = Signal()
    entered = Signal()
    list_open = False
    """Escape closes the list first; without one it is for whoever is around the field."""

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        match event.key():
            case Qt.Key.Key_Down:
                self.moved.emit(1)
            case Qt.Key.Key_Up:
                self.moved.emit(-1)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter if not control:
                self.taken.emit()
            case Qt.Key.Key_Escape if self.list_open:
                self.left.emit()
            case _:
                super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        super().focusInEvent(event)
        self.selectAll()
        if event.reason() != Qt.FocusReason.ActiveWindowFocusReason:
            self.entered.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.left.emit()


class OutcomePicker(QWidget):
    """Intent: `chosen` with the code, empty when the choice is taken back."""

    chosen = Signal(str)

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self._kit = kit
        self._rows: tuple[CodeRow, ...] = ()
        self._label = ""
        self.field = OutcomeField()
        self.field.setObjectName("outcome")
        self.field.setPlaceholderText(kit.t("Outcome: type to search"))
        self.field.setAccessibleName(kit.t("Outcome of the call"))
        self.field.setToolTip(kit.words.keyed(kit.t("Outcome of the call"), "Ctrl+O"))
        self._clear = Button(kit, kit.t("Take the outcome back"), self._take_back, icon="close", kind="tool")
        self._model = QStandardItemModel(self)
        self.list, self._popup = QListView(), QFrame(self)
        self._placing = QTimer(self, singleShot=True, interval=0)
        self._placing.timeout.connect(self._place)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(kit.px(Space.TIGHT))
        row.addWidget(self.field, 1)
        row.addWidget(self._clear)
        self._make_list(kit)
        self.field.textEdited.connect(self._search)
        self.field.entered.connect(self.open_list)
        self.field.left.connect(self._close)
        self.field.moved.connect(self._move)
        self.field.taken.connect(self._take)

    def show_codes(self, rows: tuple[CodeRow, ...], code: str, label: str, enabled: bool) -> None:
        self._label = label
        self.setVisible(bool(rows))
        self.field.setEnabled(enabled)
        self._clear.setVisible(bool(code) and enabled)
        if rows != self._rows:
            self._rows = rows
            self._fill(rows)
        if not self._popup.isVisible() and self.field.text() != label:
            self.field.setText(label)
        self._place()

    @property
    def is_open(self) -> bool:
        return self._popup.isVisible()

    def _make_list(self, kit: Kit) -> None:
        self._popup.setProperty("role", "popover")
        self._popup.hide()
        self.list.setModel(self._model)
        self.list.setObjectName("outcome_list")
        self.list.setAccessibleName(kit.t("Outcomes"))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.clicked.connect(self._clicked)
        column = QVBoxLayout(self._popup)
        edge = kit.px(Space.TIGHT)
        column.setContentsMargins(edge, edge, edge, edge)
        column.addWidget(self.list)

    def _fill(self, rows: tuple[CodeRow, ...]) -> None:
        self._model.clear()
        searching = rows != self._rows
        for row in rows:
            self._model.appendRow(self._item(row, searching))
        first = next((i for i, row in enumerate(rows) if row.code), -1)
        if first >= 0:
            self.list.setCurrentIndex(self._model.index(first, 0))
        self._place()

    def _item(self, row: CodeRow, searching: bool) -> QStandardItem:
        where = f"{row.path} › " if (searching or row.often) and row.path else _INDENT * row.depth
        mark = f"{_CHOSEN} " if row.chosen else f"{_OFTEN} " if row.often else ""
        hint = f" · {row.hint}" if row.hint else ""
        item = QStandardItem(f"{mark}{where}{row.label}{hint}")
        item.setData(row.code, _CODE)
        if not row.code:
            item.setFlags(Qt.ItemFlag.NoItemFlags)
        item.setSizeHint(QSize(0, self._kit.px(Size.LIST_ROW)))
        return item

    def _search(self, typed: str) -> None:
        self._fill(matching_rows(self._rows, typed))
        self._show_popup()

    def open_list(self) -> None:
        """Show all outcomes below the field."""
        self._fill(self._rows)
        self._show_popup()

    def moveEvent(self, event: QMoveEvent) -> None:  # noqa: N802 - Qt's name
        super().moveEvent(event)
        self._placing.start()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        super().hideEvent(event)
        self._popup.hide()
        self.field.list_open = False

    def _show_popup(self) -> None:
        window = self.window()
        if self._popup.parentWidget() is not window:
            self._popup.setParent(window)
            window.installEventFilter(self)
        self._popup.show()
        self.field.list_open = True
        self._place()
        self._popup.raise_()
        self._placing.start()  # the panel may still be finding its place

    def _place(self) -> None:
        if not self._popup.isVisible():
            return
        window = self.window()
        height = min(self._model.rowCount(), _ROWS_SHOWN) * self._kit.px(Size.LIST_ROW) + self._kit.px(
            Space.LARGE + Space.TIGHT
        )
        below = self.mapTo(window, QPoint(0, self.height() + self._kit.px(Space.TIGHT)))
        room = window.height() - below.y() - self._kit.px(Space.SMALL)
        top = below.y()
        if room < min(height, self._kit.px(Size.STAGE_HEIGHT) // 2):
            top = max(0, self.mapTo(window, QPoint(0, 0)).y() - height - self._kit.px(Space.TIGHT))
            room = height
        self._popup.setGeometry(below.x(), top, self.width(), min(height, room))
        self._popup.setVisible(self._model.rowCount() > 0)

    def eventFilter(self, _watched: object, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def _close(self) -> None:
        self._popup.hide()
        self.field.list_open = False
        self.field.setText(self._label)

    def _move(self, step: int) -> None:
        if not self._popup.isVisible():
            self.open_list()
            return
        row, count = self.list.currentIndex().row(), self._model.rowCount()
        for _ in range(count):
            row = (row + step) % count
            if self._model.item(row).data(_CODE):
                self.list.setCurrentIndex(self._model.index(row, 0))
                return

    def _take(self) -> None:
        if not self._popup.isVisible():
            self.open_list()
            return
        self._clicked(self.list.currentIndex())

    def _clicked(self, index: QModelIndex) -> None:
        code = str(index.data(_CODE) or "") if index.isValid() else ""
        if code:
            row = next(row for row in self._rows if row.code == code)
            self._label = row.label
            self._close()
            self.chosen.emit(code)

    def _take_back(self) -> None:
        self._label = ""
        self._close()
        self.chosen.emit("")
