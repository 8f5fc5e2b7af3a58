"""The window: what stands where, narrow beside a CRM or wide with card and notes side by side."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from softphone.ui.agent_bar import AgentBar
from softphone.ui.calls.dial_bar import DialBar
from softphone.ui.calls.drawers import KeypadDrawer, TransferDrawer
from softphone.ui.calls.lines_list import LinesList, RingOverlay
from softphone.ui.calls.stage import StageArea
from softphone.ui.customer.find_page import FindPage
from softphone.ui.notice_area import NoticeArea
from softphone.ui.parts.button import Button
from softphone.ui.parts.kit import Kit
from softphone.ui.parts.label import IconLabel, TextLabel
from softphone.ui.registration_line import RegistrationLine
from softphone.ui.sheet import Shape, Sheet
from softphone.ui.team.help_drawer import HelpDrawer
from softphone.ui.team.question import SupervisorQuestion
from softphone.ui.theme.tokens import Size, Space
from softphone.ui.words import PRODUCT
from softphone.ui.wrap_up.history_panel import HistoryPanel


class Tab(Enum):
    """What the lower part of the narrow window shows."""

    CALL = auto()
    CUSTOMER = auto()
    NOTES = auto()
    SCRIPT = auto()
    RECENT = auto()
    FIND = auto()
    """Customers, while no call is there."""


class Tabs(QWidget):
    """Switches the lower part of the narrow window. A short window shows customer and notes one at a time."""

    picked = Signal(object)

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        texts = {
            Tab.CALL: kit.t("This call"),
            Tab.CUSTOMER: kit.t("Customer"),
            Tab.NOTES: kit.t("Notes"),
            Tab.SCRIPT: kit.t("Script"),
            Tab.RECENT: kit.t("Recent calls"),
            Tab.FIND: kit.t("Find a customer"),
        }
        self.buttons = {tab: Button(kit, text, self._picker(tab), kind="tab") for tab, text in texts.items()}
        row = QHBoxLayout(self)
        margin = kit.px(Space.MEDIUM)
        row.setContentsMargins(margin, 0, margin, 0)
        for tab, button in self.buttons.items():
            button.setObjectName(f"tab_{tab.name.lower()}")
            button.setCheckable(True)
            row.addWidget(button)
        row.addStretch()

    def show_picked(
        self, picked: Tab, call_there: bool, short: bool, script_there: bool, find_there: bool
    ) -> None:
        for tab, button in self.buttons.items():
            button.setChecked(tab is picked)
            button.setEnabled(call_there or tab in (Tab.RECENT, Tab.FIND))
        finding = find_there and not call_there
        self.buttons[Tab.CALL].setVisible(not short and not finding)
        self.buttons[Tab.CUSTOMER].setVisible(short and not finding)
        self.buttons[Tab.NOTES].setVisible(short and not finding)
        self.buttons[Tab.FIND].setVisible(finding)
        self.buttons[Tab.SCRIPT].setVisible(call_there and script_there)

    def _picker(self, tab: Tab) -> Callable[[], None]:
        return lambda: self.picked.emit(tab)


class MainWindow(QMainWindow):
    """Thread: main. `closing` is asked before the window closes and may ignore the event."""

    closing = Signal(object)
    activated = Signal()
    quit_wanted = Signal()

    def __init__(self, kit: Kit, as_typed: Callable[[str], str]) -> None:
        super().__init__()
        self._kit = kit
        self._wide: bool | None = None
        self._short: bool | None = None
        self._call_there = False
        self.script_there = False
        self._crowded = False
        self._tab = self._tab_without_call = Tab.RECENT
        self._find_there = False
        self.setWindowTitle(PRODUCT)
        self.agent, self.registration = AgentBar(kit), RegistrationLine(kit)
        self.notices, self.dial = NoticeArea(kit), DialBar(kit, as_typed)
        self.stage, self.lines = StageArea(kit), LinesList(kit)
        self.tabs, self.history, self.sheet = Tabs(kit), HistoryPanel(kit), Sheet(kit)
        self.find_page = FindPage(kit)
        self._low, self._side = _Lower(), QStackedWidget()
        self._history_page = QWidget()
        self._nothing = _nothing_yet(kit)
        self._left = QWidget()
        self.pages = QStackedWidget()
        self._lay_out()
        self.second_rings = RingOverlay(kit, self._low)
        self.keypad = KeypadDrawer(kit, self._low)
        self.transfer = TransferDrawer(kit, self._low, as_typed)
        self.help = HelpDrawer(kit, self._low)
        self.question = SupervisorQuestion(kit, self._low, self.second_rings)
        self._low.installEventFilter(self)
        self.tabs.picked.connect(self._pick)
        self.setMinimumSize(kit.px(Size.PHONE_WIDTH), kit.px(Size.WINDOW_MIN_HEIGHT))
        room = self.screen().availableGeometry().height()
        self.resize(kit.px(Size.PHONE_WIDTH), min(kit.px(Size.WINDOW_HEIGHT), room))
        self._arrange()
        self.dial.field.setFocus()

    # --- what is in sight ---

    def show_sheet(self, there: bool) -> None:
        """Open or close the part with customer and notes."""
        if there == self._call_there:
            return
        self._call_there = there
        self._tab = Tab.CALL if there else self._tab_without_call
        self._show_low()

    def have_find(self, there: bool) -> None:
        """There is a CRM in which customers can be looked up without a call."""
        if there != self._find_there:
            self._find_there = there
            self._tab_without_call = Tab.RECENT
            if self._tab is Tab.FIND:
                self._tab = Tab.RECENT
            self._show_low()

    def show_find(self) -> None:
        """Bring the page on which customers are looked up into sight, where no call needs the room."""
        if self._find_there and not self._call_there:
            self._pick(Tab.FIND)

    def show_notes(self) -> None:
        """Bring the notes into sight, where customer and notes do not fit at once."""
        if self._call_there and self._tab is not Tab.NOTES:
            self._tab = Tab.NOTES
            self._show_low()

    def crowd(self, crowded: bool) -> None:
        """The wrap-up asks so much that customer and notes get a tab each, as in a low window."""
        if crowded != self._crowded:
            self._crowded = crowded
            if self._tab in (Tab.CALL, Tab.CUSTOMER, Tab.NOTES):
                self._tab = Tab.NOTES if crowded else Tab.CALL
            self._show_low()

    def show_script(self) -> None:
        """Bring the script into sight, where it has a tab of its own."""
        if self._call_there and self.script_there:
            self._tab = Tab.SCRIPT
            self._show_low()

    def have_script(self, there: bool) -> None:
        """The call on the sheet has a script."""
        if there != self.script_there:
            self.script_there = there
            self.sheet.have_script(there)
            if not there and self._tab is Tab.SCRIPT:
                self._tab = Tab.CALL
            self._show_low()

    def show_customer(self) -> None:
        """Bring the customer's card into sight."""
        if self._call_there and self._tab in (Tab.NOTES, Tab.RECENT, Tab.SCRIPT):
            self._tab = Tab.CUSTOMER
            self._show_low()

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
            for panel in (self.second_rings, self.question, self.keypad, self.transfer, self.help):
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
        self._low.addWidget(self._history_page)
        centre = QWidget()
        centre.setObjectName("canvas")
        row = QHBoxLayout(centre)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._left)
        row.addWidget(self._side, 1)
        self.pages.addWidget(centre)
        self.setCentralWidget(self.pages)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def _arrange(self) -> None:
        wide = self.width() >= self._kit.px(Size.WIDE_FROM)
        short = not wide and self.height() < self._kit.px(Size.TALL_FROM)
        if wide is self._wide and short is self._short:
            return
        self._wide, self._short = wide, short
        if wide:
            self._left.setFixedWidth(self._kit.px(Size.PHONE_WIDTH))
            self._side.addWidget(self.sheet)
            self._side.addWidget(self.find_page)
        else:
            self._left.setMinimumWidth(self._kit.px(Size.PHONE_WIDTH))
            self._left.setMaximumWidth(_UNLIMITED)
            self._low.insertWidget(0, self.sheet)
            self._low.addWidget(self.find_page)
        self.stage.set_short(short)
        self.registration.set_short(short)
        self.find_page.set_titled(wide)
        self._side.setVisible(wide)
        self.tabs.setVisible(not wide)
        self._show_low()

    def _pick(self, tab: Tab) -> None:
        self._tab = tab
        if not self._call_there:
            self._tab_without_call = tab
        self._show_low()

    def _show_low(self) -> None:
        """Put the right page and shape where they belong."""
        if self._wide:
            self.sheet.take_shape(Shape.BESIDE)
            without_call = self.find_page if self._find_there else self._nothing
            self._side.setCurrentWidget(self.sheet if self._call_there else without_call)
            self._low.setCurrentWidget(self._history_page)
            return
        if self._tab not in (Tab.RECENT, Tab.FIND):
            self._tab = self._fitting(self._tab)
            self.sheet.take_shape(_SHAPE[self._tab])
        picked = self._tab if self._call_there or self._tab is Tab.FIND else Tab.RECENT
        pages = {Tab.RECENT: self._history_page, Tab.FIND: self.find_page}
        self._low.setCurrentWidget(pages.get(picked, self.sheet))
        self.tabs.show_picked(picked, self._call_there, self._apart, self.script_there, self._find_there)

    @property
    def _apart(self) -> bool:
        """Customer and notes do not fit above each other."""
        return bool(self._short) or self._crowded

    def _fitting(self, tab: Tab) -> Tab:
        """A tall window has one tab for both."""
        if tab is Tab.SCRIPT:
            return tab
        if not self._apart:
            return Tab.CALL
        return Tab.CUSTOMER if tab is Tab.CALL else tab


_SHAPE = {
    Tab.CALL: Shape.STACKED,
    Tab.CUSTOMER: Shape.CUSTOMER_ONLY,
    Tab.NOTES: Shape.NOTES_ONLY,
    Tab.SCRIPT: Shape.SCRIPT_ONLY,
}
_UNLIMITED = 16_777_215  # QWIDGETSIZE_MAX, which PySide does not export


class _Lower(QStackedWidget):
    """Takes what height is left: its pages scroll. Else they would dictate the window's height, and squeeze
    what stands above them where there is none left."""

    def __init__(self) -> None:
        super().__init__()
        self.setMinimumHeight(1)

    def hasHeightForWidth(self) -> bool:  # noqa: N802 - Qt's name
        return False


def _nothing_yet(kit: Kit) -> QWidget:
    """The right half of the wide window while no call is there."""
    page = QWidget()
    icon = IconLabel(kit.px(Size.ICON_HUGE))
    icon.show_icon(kit.icon("customer", "outline"))
    text = TextLabel("muted", kit.t("Customer and notes appear here when a call comes in."), wrap=True)
    text.setAlignment(Qt.AlignmentFlag.AlignCenter)
    column = QVBoxLayout(page)
    margin = kit.px(Space.HUGE)
    column.setContentsMargins(margin, margin, margin, margin)
    column.addStretch()
    column.addWidget(icon, 0, Qt.AlignmentFlag.AlignHCenter)
    column.addWidget(text)
    column.addStretch()
    return page
