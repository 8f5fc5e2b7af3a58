"""The call list with search: who, when, which outcome, and whether it has reached the CRM."""

from __future__ import annotations

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QAction, QColor, QFont, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from softphone.ui.parts.choice import Choice
from softphone.ui.parts.kit import Kit
from softphone.ui.parts.label import TextLabel
from softphone.ui.presenters.history import HistoryRow, HistoryView, list_parts
from softphone.ui.theme.tokens import Size, Space, Text
from softphone.ui.wrap_up.record_actions import RecordActions

_ROW = int(Qt.ItemDataRole.UserRole)
Index = QModelIndex | QPersistentModelIndex


class HistoryModel(QAbstractListModel):
    """At most a few hundred rows; the database does the searching."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: tuple[HistoryRow, ...] = ()

    def set_rows(self, rows: tuple[HistoryRow, ...]) -> None:
        if rows != self.rows:
            self.beginResetModel()
            self.rows = rows
            self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:  # noqa: N802 - Qt's name
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> object:
        row = self.rows[index.row()]
        match role:
            case (
                Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole | Qt.ItemDataRole.ToolTipRole
            ):
                return row.spoken
            case _:
                return row if role == _ROW else None


class HistoryDelegate(QStyledItemDelegate):
    """Draws a row in two lines: name and time; outcome and state of delivery."""

    def __init__(self, kit: Kit, parent: QWidget) -> None:
        super().__init__(parent)
        self._kit = kit

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:  # noqa: N802 - Qt's name
        return QSize(0, self._kit.px(Size.HISTORY_ROW))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row = index.data(_ROW)
        colours, px = self._kit.look.colours, self._kit.px
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if state & QStyle.StateFlag.State_Selected or state & QStyle.StateFlag.State_MouseOver:
            selected = bool(state & QStyle.StateFlag.State_Selected)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.accent_tint if selected else colours.hover))
            painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), px(Size.RADIUS_SMALL), px(Size.RADIUS_SMALL))
        inner = rect.adjusted(px(Space.SMALL), px(Space.TIGHT), -px(Space.SMALL), -px(Space.TIGHT))
        self._draw(painter, inner, row)
        painter.restore()

    def _draw(self, painter: QPainter, inner: QRect, row: HistoryRow) -> None:
        px, colours = self._kit.px, self._kit.look.colours
        side, gap = px(Size.ICON), px(Space.SMALL)
        icon_box = QRect(inner.left(), inner.top() + (inner.height() - side) // 2, side, side)
        colour = "danger_text" if row.missed else "text_muted"
        self._kit.icon(row.icon, colour).paint(painter, self._mirrored(icon_box, inner))
        words = inner.adjusted(side + gap, 0, 0, 0)
        upper = QRect(words.left(), words.top(), words.width(), words.height() // 2)
        lower = QRect(words.left(), upper.bottom() + 1, words.width(), words.height() - upper.height())
        name_colour = colours.danger_text if row.missed else colours.text
        self._line(
            painter, upper, (row.name, name_colour, Text.BODY, True), (row.when, colours.text_muted), inner
        )
        tone = colours.text_of(row.status_tone)
        self._line(
            painter, lower, (row.detail, colours.text_muted, Text.CAPTION, False), (row.status, tone), inner
        )

    def _line(
        self,
        painter: QPainter,
        box: QRect,
        leading: tuple[str, str, int, bool],
        trailing: tuple[str, str],
        frame: QRect,
    ) -> None:
        text, colour, size, strong = leading
        small = self._font(painter, Text.CAPTION, False)
        painter.setFont(small)
        wanted = painter.fontMetrics().horizontalAdvance(trailing[0]) + self._kit.px(Space.HAIR)
        width = min(wanted, box.width() * 2 // 3)
        end = QRect(box.right() - width + 1, box.top(), width, box.height())
        start = box.adjusted(0, 0, -width - self._kit.px(Space.SMALL), 0)
        self._text(painter, self._mirrored(end, frame), trailing[0], trailing[1])
        painter.setFont(self._font(painter, size, strong))
        self._text(painter, self._mirrored(start, frame), text, colour)

    def _text(self, painter: QPainter, box: QRect, text: str, colour: str) -> None:
        painter.setPen(QColor(colour))
        cut = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, box.width())
        leading = Qt.AlignmentFlag.AlignRight if self._rtl else Qt.AlignmentFlag.AlignLeft
        painter.drawText(
            box, int(leading | Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignAbsolute), cut
        )

    def _font(self, painter: QPainter, size: int, strong: bool) -> QFont:
        font = QFont(painter.font())
        font.setPixelSize(self._kit.px(size))
        font.setWeight(QFont.Weight.DemiBold if strong else QFont.Weight.Normal)
        return font

    @property
    def _rtl(self) -> bool:
        return self._kit.words.right_to_left

    def _mirrored(self, box: QRect, frame: QRect) -> QRect:
        if not self._rtl:
            return box
        return QRect(frame.left() + frame.right() - box.right(), box.top(), box.width(), box.height())


class HistoryList(QListView):
    """Enter and double click call back, the menu key opens the menu."""

    activated_row = Signal(object)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.activated_row.emit(self.currentIndex().data(_ROW))
            return
        super().keyPressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        index = self.indexAt(event.position().toPoint())
        if index.isValid():
            self.activated_row.emit(index.data(_ROW))


class HistoryPanel(QFrame):
    """Intents: `searched`, `part_chosen` with the part of the list, `dial_wanted` with a number; the others
    with the row."""

    searched = Signal(str)
    dial_wanted = Signal(str)
    retry_wanted = Signal(object)
    correction_wanted = Signal(object)
    close_wanted = Signal(object)
    lead_wanted = Signal(object)
    callback_wanted = Signal(object)
    callback_done = Signal(object)
    part_chosen = Signal(str)

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self._kit = kit
        self.setProperty("role", "card")
        self.search = QLineEdit()
        self.search.setObjectName("history_search")
        self.search.setClearButtonEnabled(True)
        self.search.setPlaceholderText(kit.t("Search calls"))
        self.search.setAccessibleName(kit.t("Search calls"))
        self.search.textChanged.connect(self.searched)
        self.part = Choice(kit, "history_part", kit.t("Which calls"))
        for part, text in list_parts(kit.wording):
            self.part.addItem(text, part)
        self.part.activated.connect(lambda _index: self.part_chosen.emit(str(self.part.currentData())))
        self.record_actions = RecordActions(kit)
        self.record_actions.retry_wanted.connect(self.retry_wanted)
        self.record_actions.correction_wanted.connect(self.correction_wanted)
        self.record_actions.close_wanted.connect(self.close_wanted)
        self.record_actions.lead_wanted.connect(self.lead_wanted)
        self.record_actions.call_wanted.connect(self.callback_wanted)
        self.record_actions.done_wanted.connect(self.callback_done)
        self._summary, self._empty = TextLabel("caption"), TextLabel("muted", wrap=True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.model = HistoryModel()
        self.list = HistoryList()
        self.list.setObjectName("history")
        self.list.setAccessibleName(kit.t("Recent calls"))
        self.list.setModel(self.model)
        self.list.setItemDelegate(HistoryDelegate(kit, self.list))
        self.list.setUniformItemSizes(True)
        self.list.setMouseTracking(True)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(
            lambda at: self._menu(self.list.indexAt(at) if not at.isNull() else self.list.currentIndex())
        )
        self.list.activated_row.connect(self._dial)
        self.list.selectionModel().currentChanged.connect(lambda index, _old: self._show_actions(index))
        column = QVBoxLayout(self)
        margin = kit.px(Space.SMALL)
        column.setContentsMargins(margin, margin, margin, margin)
        column.setSpacing(kit.px(Space.TIGHT))
        top = QHBoxLayout()
        top.setSpacing(kit.px(Space.TIGHT))
        top.addWidget(self.search, 3)
        top.addWidget(self.part, 2)
        column.addLayout(top)
        column.addWidget(self._summary)
        column.addWidget(self._empty, 1)
        column.addWidget(self.list, 1)
        column.addWidget(self.record_actions)

    def show_view(self, view: HistoryView) -> None:
        index = self.list.currentIndex()
        chosen: HistoryRow | None = index.data(_ROW) if index.isValid() else None
        self.model.set_rows(view.rows)
        same = (i for i, row in enumerate(view.rows) if chosen and row.call_id == chosen.call_id)
        self.list.setCurrentIndex(self.model.index(next(same, -1), 0))
        self._show_actions(self.list.currentIndex())
        self._summary.show_text(view.summary, view.summary_tone)
        self._empty.show_text("" if view.rows else view.empty)
        self.list.setVisible(bool(view.rows))

    def choose(self, row: int) -> None:
        """Make that line the current one."""
        self.list.setCurrentIndex(self.model.index(row, 0))

    def _show_actions(self, index: QModelIndex) -> None:
        self.record_actions.show_row(index.data(_ROW) if index.isValid() else None)

    def _dial(self, row: HistoryRow) -> None:
        if row.promised:
            self.callback_wanted.emit(row)
        elif row.dial:
            self.dial_wanted.emit(row.dial)

    def _menu(self, index: QModelIndex) -> None:
        if not index.isValid():
            return
        row: HistoryRow = index.data(_ROW)
        menu = QMenu(self)
        if row.dial:
            self._act(menu, self._kit.t("Call back"), "call", lambda: self._dial(row))
        if row.delivery_id:
            self._act(menu, self._kit.t("Send to the CRM now"), "retry", lambda: self.retry_wanted.emit(row))
        if row.correctable:
            again, change = self._kit.t("Correct and send again"), self._kit.t("Change what the CRM has")
            correct = change if row.changes else again
            self._act(menu, correct, "note", lambda: self.correction_wanted.emit(row))
        if row.closable:
            self._act(menu, self._kit.t("Close …"), "refused", lambda: self.close_wanted.emit(row))
        if row.askable:
            ask = self._kit.t("Ask a lead to close it")
            self._act(menu, ask, "help", lambda: self.lead_wanted.emit(row))
        if row.promised:
            self._act(menu, self._kit.t("Done"), "check", lambda: self.callback_done.emit(row))
        if not menu.isEmpty():
            menu.popup(self.list.viewport().mapToGlobal(self.list.visualRect(index).bottomLeft()))

    def _act(self, menu: QMenu, text: str, icon: str, action: object) -> None:
        entry = QAction(self._kit.icon(icon), text, menu)
        entry.triggered.connect(lambda _checked=False: action())  # type: ignore[operator]  # one of the lambdas
        menu.addAction(entry)
