"""What slides over the customer's card for a moment: the keypad and the transfer. Escape closes them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from softphone.domain.ids import CallId
from softphone.ui.calls.dial_bar import DialField
from softphone.ui.parts.button import Button
from softphone.ui.parts.clearing import clear
from softphone.ui.parts.kit import Kit
from softphone.ui.parts.label import TextLabel
from softphone.ui.presenters.lines import LineView
from softphone.ui.theme.tokens import Space

_KEYS = "123456789*0#"


class Drawer(QFrame):
    """Lies over `over`; Escape and its button close it. `closed` tells so."""

    closed = Signal()

    def __init__(self, kit: Kit, over: QWidget, title: str) -> None:
        super().__init__(over)
        self._kit = kit
        self._over = over
        self.call_id = CallId("")
        self.setProperty("role", "popover")
        self.setAccessibleName(title)
        close = Button(kit, kit.t("Close"), self.shut, icon="close", kind="tool")
        head = QHBoxLayout()
        head.addWidget(TextLabel("subtitle", title), 1)
        head.addWidget(close)
        self.column = QVBoxLayout(self)
        margin = kit.px(Space.MEDIUM)
        self.column.setContentsMargins(margin, kit.px(Space.SMALL), margin, margin)
        self.column.setSpacing(kit.px(Space.SMALL))
        self.column.addLayout(head)
        self.hide()

    def open_for(self, call_id: CallId) -> None:
        self.call_id = call_id
        self.show()
        self.place()

    def shut(self) -> None:
        if self.isVisible():
            self.hide()
            self.closed.emit()

    def place(self) -> None:
        if self.isVisible():
            margin = self._kit.px(Space.MEDIUM)
            height = min(self.sizeHint().height(), self._over.height())
            self.setGeometry(margin, 0, self._over.width() - 2 * margin, height)
            self.raise_()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        if event.key() == Qt.Key.Key_Escape:
            self.shut()
            return
        super().keyPressEvent(event)


class KeypadDrawer(Drawer):
    """Tones in a call. Intent: `pressed` with the call's id and one digit; the keyboard works too."""

    pressed = Signal(str, str)

    def __init__(self, kit: Kit, over: QWidget) -> None:
        super().__init__(kit, over, kit.t("Keypad"))
        self.setObjectName("keypad_drawer")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._sent = TextLabel("title")
        self._sent.setAccessibleName(kit.t("Sent digits"))
        self._sent.setMinimumHeight(kit.px(Space.HUGE))
        grid = QGridLayout()
        grid.setSpacing(kit.px(Space.SMALL))
        for position, key in enumerate(_KEYS):
            button = Button(kit, key, self._sender(key), kind="key")
            grid.addWidget(button, position // 3, position % 3)
        # A telephone's keypad is never mirrored.
        pad = QWidget()
        pad.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        grid.setContentsMargins(0, 0, 0, 0)
        pad.setLayout(grid)
        self.column.addWidget(self._sent)
        self.column.addWidget(pad)

    def open_for(self, call_id: CallId) -> None:
        if call_id != self.call_id:
            self._sent.setText("")
        super().open_for(call_id)
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        if event.text() and event.text() in _KEYS:
            self._send(event.text())
            return
        super().keyPressEvent(event)

    def _sender(self, key: str) -> Callable[[], None]:
        return lambda: self._send(key)

    def _send(self, key: str) -> None:
        self._sent.setText(self._sent.text()[-24:] + key)
        self.pressed.emit(self.call_id, key)


class TransferDrawer(Drawer):
    """Blind to a number, with a consultation first, or to another call that is there.

    Intents carry the call's id: `transferred` and `consulted` with what was typed, `connected` with the
    other call's id.
    """

    transferred = Signal(str, str)
    consulted = Signal(str, str)
    connected = Signal(str, str)

    def __init__(self, kit: Kit, over: QWidget, as_typed: Callable[[str], str]) -> None:
        super().__init__(kit, over, kit.t("Transfer"))
        self.setObjectName("transfer_drawer")
        self.target: QLineEdit = DialField(as_typed)
        self.target.setObjectName("transfer_target")
        self.target.setPlaceholderText(kit.t("Number or name@company"))
        self.target.setAccessibleName(kit.t("Transfer to"))
        self.target.returnPressed.connect(self._consult)
        self.consult = Button(kit, kit.t("Talk first"), self._consult, icon="call", kind="primary")
        self.consult.setObjectName("transfer_consult")
        self.consult.setToolTip(kit.t("The caller waits on hold while you ask the colleague"))
        self.blind = Button(kit, kit.t("Transfer now"), self._transfer, icon="transfer")
        self.blind.setObjectName("transfer_blind")
        self.blind.setToolTip(kit.t("The call leaves you at once, answered or not"))
        buttons = QHBoxLayout()
        buttons.setSpacing(kit.px(Space.SMALL))
        buttons.addWidget(self.consult, 1)
        buttons.addWidget(self.blind, 1)
        self._others = QVBoxLayout()
        self.column.addWidget(self.target)
        self.column.addLayout(buttons)
        self.column.addLayout(self._others)

    def offer(self, lines: tuple[LineView, ...]) -> None:
        """Other calls that this one can be connected with."""
        clear(self._others)
        for line in lines:
            text = self._kit.t("Connect with {name}", name=line.title)
            button = Button(self._kit, text, self._connector(line.call_id), icon="join")
            button.setObjectName("transfer_connect")
            self._others.addWidget(button)
        self.place()

    def open_for(self, call_id: CallId) -> None:
        if call_id != self.call_id:
            self.target.clear()
        super().open_for(call_id)
        self.target.setFocus(Qt.FocusReason.OtherFocusReason)

    def _connector(self, other: CallId) -> Callable[[], None]:
        return lambda: self.connected.emit(self.call_id, other)

    def _consult(self) -> None:
        if self.target.text().strip():
            self.consulted.emit(self.call_id, self.target.text())

    def _transfer(self) -> None:
        if self.target.text().strip():
            self.transferred.emit(self.call_id, self.target.text())
