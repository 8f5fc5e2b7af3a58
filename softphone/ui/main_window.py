"""The window: what stands where, narrow beside a CRM or wide with card and notes side by side."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from softphone.ui.agent_bar import AgentBar
from softphone.ui.customer_card import CustomerCard
from softphone.ui.dial_bar import DialBar
from softphone.ui.drawers import KeypadDrawer, TransferDrawer
from softphone.ui.history_panel import HistoryPanel
from softphone.ui.lines_list import LinesList, RingOverlay
from softphone.ui.notice_area import NoticeArea
from softphone.ui.parts.button import Button
from softphone.ui.parts.kit import Kit
from softphone.ui.parts.label import TextLabel
from softphone.ui.registration_line import RegistrationLine
from softphone.ui.stage import StageArea
from softphone.ui.theme.tokens import Size, Space
from softphone.ui.wrap_up_panel import WrapUpPanel


class Sheet(QWidget):
    """Customer and notes: one above the other, or side by side."""

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self.customer, self.wrap_up = CustomerCard(kit), WrapUpPanel(kit)
        self._box = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)
        margin = kit.px(Space.MEDIUM)
        self._box.setContentsMargins(margin, 0, margin, margin)
        self._box.setSpacing(kit.px(Space.SMALL))
        self._box.addWidget(self.customer, 2)
        self._box.addWidget(self.wrap_up, 3)
        self._margin = margin

    def set_wide(self, wide: bool) -> None:
        direction = QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom
        self._box.setDirection(direction)
        top = self._margin if wide else 0
        self._box.setContentsMargins(0 if wide else self._margin, top, self._margin, self._margin)
        self._box.setStretch(0, 1 if wide else 2)
        self._box.setStretch(1, 1 if wide else 3)


class Tabs(QWidget):
    """Switches the lower part of the narrow window between the call and the call list."""

    picked = Signal(int)

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self.buttons = tuple(
            Button(kit, text, self._picker(i), kind="tab")
            for i, text in enumerate((kit.t("This call"), kit.t("Recent calls")))
        )
        row = QHBoxLayout(self)
        margin = kit.px(Space.MEDIUM)
        row.setContentsMargins(margin, 0, margin, 0)
        for button in self.buttons:
            button.setCheckable(True)
            row.addWidget(button)
        row.addStretch()

    def show_picked(self, index: int, call_there: bool) -> None:
        self.buttons[0].setEnabled(call_there)
        for i, button in enumerate(self.buttons):
            button.setChecked(i == index)

    def _picker(self, index: int) -> Callable[[], None]:
        return lambda: self.picked.emit(index)


class MainWindow(QMainWindow):
    """Thread: main. `closing` is asked before the window closes and may ignore the event."""

    closing = Signal(object)
    activated = Signal()

    def __init__(self, kit: Kit, as_typed: Callable[[str], str]) -> None:
        super().__init__()
        self._kit = kit
        self._wide: bool | None = None
        self._call_there = False
        self.setWindowTitle("Softphone")
        self.agent, self.registration = AgentBar(kit), RegistrationLine(kit)
        self.notices, self.dial = NoticeArea(kit), DialBar(kit, as_typed)
        self.stage, self.lines = StageArea(kit), LinesList(kit)
        self.tabs, self.history, self.sheet = Tabs(kit), HistoryPanel(kit), Sheet(kit)
        self._low, self._side = QStackedWidget(), QStackedWidget()
        self._history_page = QWidget()
        self._nothing = _nothing_yet(kit)
        self._left = QWidget()
        self._lay_out()
        self.second_rings = RingOverlay(kit, self._low)
        self.keypad = KeypadDrawer(kit, self._low)
        self.transfer = TransferDrawer(kit, self._low, as_typed)
        self._low.installEventFilter(self)
        self.tabs.picked.connect(self._low.setCurrentIndex)
        self._low.currentChanged.connect(lambda _i: self._show_tabs())
        self.setMinimumSize(kit.px(Size.PHONE_WIDTH), kit.px(Size.WINDOW_MIN_HEIGHT))
        self.resize(kit.px(Size.PHONE_WIDTH), kit.px(Size.WINDOW_HEIGHT))
        self._arrange()

    # --- what is in sight ---

    def show_sheet(self, there: bool) -> None:
        """Open or close the part with customer and notes."""
        if there == self._call_there:
            return
        self._call_there = there
        if self._wide:
            self._side.setCurrentWidget(self.sheet if there else self._nothing)
        else:
            self._low.setCurrentIndex(0 if there else 1)
        self._show_tabs()

    @property
    def wide(self) -> bool:
        return bool(self._wide)

    # --- Qt ---

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(self._kit.px(Size.PHONE_WIDTH), self._kit.px(Size.WINDOW_HEIGHT))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self._arrange()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        self.closing.emit(event)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow():
            self.activated.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if watched is self._low and event.type() == QEvent.Type.Resize:
            for panel in (self.second_rings, self.keypad, self.transfer):
                panel.place()
        return super().eventFilter(watched, event)

    # --- inside ---

    def _lay_out(self) -> None:
        space = self._kit.px(Space.SMALL)
        column = QVBoxLayout(self._left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space)
        margin = self._kit.px(Space.MEDIUM)
        stage_row = QHBoxLayout()
        stage_row.setContentsMargins(margin, 0, margin, 0)
        stage_row.addWidget(self.stage)
        upper: tuple[QWidget, ...] = (self.agent, self.registration, self.notices, self.dial)
        for part in upper:
            column.addWidget(part)
        column.addLayout(stage_row)
        column.addWidget(self.lines)
        column.addWidget(self.tabs)
        column.addWidget(self._low, 1)
        history = QVBoxLayout(self._history_page)
        history.setContentsMargins(margin, 0, margin, margin)
        history.addWidget(self.history)
        self._side.addWidget(self._nothing)
        centre = QWidget()
        centre.setObjectName("canvas")
        row = QHBoxLayout(centre)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._left)
        row.addWidget(self._side, 1)
        self.setCentralWidget(centre)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def _arrange(self) -> None:
        wide = self.width() >= self._kit.px(Size.WIDE_FROM)
        if wide is self._wide:
            return
        self._wide = wide
        self.sheet.set_wide(wide)
        if wide:
            self._left.setFixedWidth(self._kit.px(Size.PHONE_WIDTH))
            self._side.addWidget(self.sheet)
            self._low.addWidget(self._history_page)
            self._side.setCurrentWidget(self.sheet if self._call_there else self._nothing)
        else:
            self._left.setMinimumWidth(self._kit.px(Size.PHONE_WIDTH))
            self._left.setMaximumWidth(_UNLIMITED)
            self._low.insertWidget(0, self.sheet)
            self._low.insertWidget(1, self._history_page)
            self._low.setCurrentIndex(0 if self._call_there else 1)
        self._side.setVisible(wide)
        self.tabs.setVisible(not wide)
        self._show_tabs()

    def _show_tabs(self) -> None:
        self.tabs.show_picked(self._low.currentIndex(), self._call_there)


_UNLIMITED = 16_777_215  # QWIDGETSIZE_MAX, which PySide does not export


def _nothing_yet(kit: Kit) -> QWidget:
    """The right half of the wide window while no call is there."""
    page = QWidget()
    text = TextLabel("muted", kit.t("Customer and notes appear here when a call comes in."), wrap=True)
    text.setAlignment(Qt.AlignmentFlag.AlignCenter)
    column = QVBoxLayout(page)
    margin = kit.px(Space.HUGE)
    column.setContentsMargins(margin, margin, margin, margin)
    column.addWidget(text)
    return page
