"""Settings: the CRMs. Sign in, see what works step by step, delete what is kept of customers."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from softphone.ui.parts.button import Button
from softphone.ui.parts.choice import Choice
from softphone.ui.parts.clearing import clear
from softphone.ui.parts.kit import Kit
from softphone.ui.parts.label import IconLabel, TextLabel
from softphone.ui.presenters.crm_page import CheckView, SignInView, StepRow
from softphone.ui.theme.tokens import Size, Space, Tone

SECRET_LONGEST = 8_192


class CrmPage(QWidget):
    """Intents: `picked` with a connection's name, `sign_in_wanted` with the typed secret (empty for the
    browser), `cancel_wanted`, `sign_out_wanted`, `check_wanted` with a number, `forget_wanted`."""

    picked = Signal(str)
    sign_in_wanted = Signal(str)
    cancel_wanted = Signal()
    sign_out_wanted = Signal()
    check_wanted = Signal(str)
    forget_wanted = Signal()

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self._kit = kit
        self._rows_shown: tuple[StepRow, ...] = ()
        self.connection = Choice(kit, "crm_connection", kit.t("CRM connection"))
        self.connection.activated.connect(lambda _i: self.picked.emit(str(self.connection.currentData())))
        self.status = TextLabel("body", wrap=True)
        self.status.setObjectName("crm_status")
        self.secret = QLineEdit()
        self.secret.setObjectName("crm_secret")
        self.secret.setEchoMode(QLineEdit.EchoMode.Password)
        self.secret.setMaxLength(SECRET_LONGEST)
        self.secret.setPlaceholderText(kit.t("API key, token or password"))
        self.secret.setAccessibleName(kit.t("API key, token or password"))
        self.secret.returnPressed.connect(self._sign_in)
        self.sign_in = self._button(kit.t("Sign in"), self._sign_in, "crm_sign_in", "primary")
        self.cancel = self._button(kit.t("Cancel"), self.cancel_wanted.emit, "crm_cancel")
        self.sign_out = self._button(kit.t("Sign out"), self.sign_out_wanted.emit, "crm_sign_out")
        self._link, self._code = TextLabel("caption", wrap=True), TextLabel("title")
        self.copy_link = Button(kit, kit.t("Copy the address"), self._copy_link, icon="copy", kind="quiet")
        self.number = QLineEdit()
        self.number.setObjectName("crm_number")
        self.number.setMaxLength(64)
        self.number.setPlaceholderText(kit.t("A number that the CRM knows (optional)"))
        self.number.setAccessibleName(kit.t("Number to check with"))
        self.number.returnPressed.connect(self._check)
        self.check = self._button(kit.t("Check"), self._check, "crm_check")
        self._summary = TextLabel("strong", wrap=True)
        self._summary.setObjectName("crm_summary")
        self._steps = QVBoxLayout()
        self._kept = TextLabel("body", wrap=True)
        self.forget = self._button(
            kit.t("Delete kept customers now"), self.forget_wanted.emit, "forget_customers"
        )
        self._nothing = TextLabel(
            "muted", kit.t("No CRM is connected. Your company sets this up."), wrap=True
        )
        self._works = QWidget()
        self._lay_out(kit)

    def show_connections(self, titles: tuple[tuple[str, str], ...], current: str) -> None:
        """Names and titles of all connections."""
        if [self.connection.itemData(i) for i in range(self.connection.count())] != [n for n, _ in titles]:
            self.connection.clear()
            for name, title in titles:
                self.connection.addItem(title, name)
        for index, (_, title) in enumerate(titles):
            self.connection.setItemText(index, title)
        self.connection.setCurrentIndex(max(0, self.connection.findData(current)))
        self._works.setVisible(bool(titles))
        self._nothing.setVisible(not titles)

    def show_sign_in(self, view: SignInView) -> None:
        self.status.show_text(view.status, view.tone)
        self.secret.setVisible(view.asks_secret)
        browser = self._kit.t("Sign in in the browser")
        self.sign_in.name(self._kit.t("Sign in") if view.asks_secret else browser)
        possible = view.asks_secret or view.by_browser
        self.sign_in.setVisible(possible)
        self.sign_in.setEnabled(not view.waiting)
        self.cancel.setVisible(view.waiting)
        self.sign_out.setVisible(possible and not view.waiting)
        self._link.show_text(view.link)
        self._code.show_text(view.code)
        self.copy_link.setVisible(bool(view.link))

    def show_check(self, view: CheckView) -> None:
        self._summary.show_text(view.summary, view.tone)
        self.check.setEnabled(not view.running)
        if view.rows == self._rows_shown:
            return
        self._rows_shown = view.rows
        clear(self._steps)
        for row in view.rows:
            self._steps.addWidget(CheckRow(self._kit, row))

    def show_kept(self, text: str, deletable: bool) -> None:
        self._kept.show_text(text)
        self.forget.setEnabled(deletable)

    def show_problem(self, text: str) -> None:
        self.status.show_text(text, Tone.DANGER)

    def forget_secret(self) -> None:
        """Leave no copy of it in the field."""
        self.secret.clear()

    def _sign_in(self) -> None:
        self.sign_in_wanted.emit(self.secret.text().strip() if self.secret.isVisibleTo(self) else "")

    def _check(self) -> None:
        self.check_wanted.emit(self.number.text())

    def _copy_link(self) -> None:
        QGuiApplication.clipboard().setText(self._link.text())

    def _button(self, text: str, action: Callable[[], None], name: str, kind: str = "") -> Button:
        button = Button(self._kit, text, action, kind=kind)
        button.setObjectName(name)
        return button

    def _lay_out(self, kit: Kit) -> None:
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column = QVBoxLayout(self._works)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(kit.px(Space.SMALL))
        heading = TextLabel("label", kit.t("CRM connection"))
        heading.setBuddy(self.connection)
        column.addWidget(heading)
        column.addWidget(self.connection)
        for widget in (self.status, self._link, self._code):
            column.addWidget(widget)
        column.addWidget(self.copy_link, 0, Qt.AlignmentFlag.AlignLeading)
        column.addWidget(self.secret)
        column.addLayout(_row(kit, (self.sign_in, self.cancel, self.sign_out)))
        column.addSpacing(kit.px(Space.MEDIUM))
        column.addWidget(TextLabel("label", kit.t("Try it out")))
        trying = QHBoxLayout()
        trying.setSpacing(kit.px(Space.SMALL))
        trying.addWidget(self.number, 1)
        trying.addWidget(self.check)
        column.addLayout(trying)
        column.addWidget(self._summary)
        self._steps.setSpacing(kit.px(Space.TIGHT))
        column.addLayout(self._steps)
        column.addSpacing(kit.px(Space.MEDIUM))
        column.addWidget(TextLabel("label", kit.t("Customers on this computer")))
        column.addWidget(self._kept)
        column.addWidget(self.forget, 0, Qt.AlignmentFlag.AlignLeading)
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.addWidget(self._nothing)
        page.addWidget(self._works)
        page.addStretch()


class CheckRow(QWidget):
    """One step: icon, what and how, in words; what went over the network opens on request."""

    def __init__(self, kit: Kit, row: StepRow) -> None:
        super().__init__()
        self.setAccessibleName(f"{row.title}. {row.detail}")
        icon = IconLabel(kit.px(Size.ICON_SMALL))
        icon.show_icon(kit.icon(row.icon, kit.look.colours.text_of(row.tone)))
        title, detail = TextLabel("body", wrap=True), TextLabel("caption", wrap=True)
        title.show_text(row.title, row.tone)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(title)
        words.addWidget(detail)
        detail.show_text(row.detail)
        top = QHBoxLayout()
        top.setSpacing(kit.px(Space.SMALL))
        top.addWidget(icon, 0, Qt.AlignmentFlag.AlignTop)
        top.addLayout(words, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(kit.px(Space.TIGHT))
        column.addLayout(top)
        if row.exchange:
            self._exchange = QPlainTextEdit(row.exchange)
            self._exchange.setObjectName("check_exchange")
            self._exchange.setReadOnly(True)
            self._exchange.setAccessibleName(kit.t("Requests and answers"))
            self._exchange.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
            self._exchange.setMinimumHeight(kit.px(Size.NOTICES_MAX))
            more = Button(kit, kit.t("Requests and answers"), self._toggle, icon="more", kind="faint")
            more.setObjectName("check_details")
            top.addWidget(more, 0, Qt.AlignmentFlag.AlignTop)
            column.addWidget(self._exchange)
            self._exchange.hide()

    def _toggle(self) -> None:
        self._exchange.setVisible(self._exchange.isHidden())


def _row(kit: Kit, buttons: tuple[Button, ...]) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(kit.px(Space.SMALL))
    for button in buttons:
        row.addWidget(button)
    row.addStretch()
    return row
