"""Setting this phone up from a link or code: asking first, following it, saying how it went. Thread: main."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLineEdit,
    QMessageBox,
    QVBoxLayout,
    QWidget,
)

from softphone.domain.errors import BadInput, SoftphoneError
from softphone.domain.links import LINK_SCHEME, LONGEST_LINK
from softphone.domain.provisioning import (
    ProvisioningChecked,
    ProvisioningOrder,
    order_from_link,
)
from softphone.ui.parts.button import Button
from softphone.ui.parts.kit import Kit
from softphone.ui.parts.label import TextLabel
from softphone.ui.presenters.phrases import error_words
from softphone.ui.presenters.provisioning import present_outcome, present_question
from softphone.ui.scene import Scene
from softphone.ui.theme.tokens import Size, Space, Tone


class SettingUp:
    """What becomes of a `softphone:` link, and of an address that somebody types."""

    def __init__(self, kit: Kit, scene: Scene, window: QWidget) -> None:
        self._kit = kit
        self._scene = scene
        self._window = window
        self._asked = False
        self.question: QMessageBox | None = None
        """Open beside the window: a web page must not put it between the agent and a caller."""

    def offer_link(self, link: str) -> None:
        """A link was clicked somewhere: nothing is fetched before the agent has agreed."""
        try:
            self.offer(order_from_link(link))
        except SoftphoneError:
            self._scene.say(self._kit.t("This link does not set up a phone."))

    def offer(self, order: ProvisioningOrder) -> None:
        """Ask, then follow. While a question is open another link changes nothing."""
        if self.question is not None:
            self.question.raise_()
            return
        self.question = question(self._kit, self._window, order, self._scene)
        self.question.finished.connect(lambda _result: self._answered(order))
        self.question.show()

    def ask_for_address(self) -> None:
        """Let the agent type or paste what the company sent."""
        dialog = AddressDialog(self._kit, self._window)
        dialog.accepted.connect(lambda: self._typed(dialog))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.show()

    def _typed(self, dialog: AddressDialog) -> None:
        order = dialog.order()
        if order is not None:
            self.offer(order)

    def _answered(self, order: ProvisioningOrder) -> None:
        box, self.question = self.question, None
        if box is None:
            return
        agreed = box.buttonRole(box.clickedButton()) is QMessageBox.ButtonRole.AcceptRole
        box.deleteLater()
        if agreed:
            self._follow(order)

    def _follow(self, order: ProvisioningOrder) -> None:
        try:
            self._scene.desk.provisioning.adopt(order)
        except SoftphoneError:
            self._scene.say(self._kit.t("Your company's IT has fixed where this phone is set up from."))
            return
        self._asked = True
        self._scene.say(self._kit.t("Fetching your company's set-up …"), Tone.NEUTRAL)

    def heard(self, event: ProvisioningChecked) -> None:
        """Only what the agent waits for is told; the daily look is for the log."""
        if self._asked:
            self._asked = False
            text, tone = present_outcome(self._kit.words, event)
            self._scene.say(text, tone, stays=tone is Tone.WARNING)


def question(kit: Kit, window: QWidget, order: ProvisioningOrder, scene: Scene) -> QMessageBox:
    """Leaving everything as it is is the default, and what Escape does."""
    view = present_question(kit.words, order, scene.desk.provisioning.state)
    box = QMessageBox(window)
    box.setModal(False)
    box.setIcon(QMessageBox.Icon.Question)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setWindowTitle(view.title)
    box.setText(view.text)
    box.setInformativeText(view.more)
    leave = box.addButton(kit.t("Leave it as it is"), QMessageBox.ButtonRole.RejectRole)
    box.addButton(kit.t("Set up"), QMessageBox.ButtonRole.AcceptRole)
    box.setDefaultButton(leave)
    box.setEscapeButton(leave)
    return box


class AddressDialog(QDialog):
    """Two fields: the link or address, and the one-time code if there is one."""

    def __init__(self, kit: Kit, window: QWidget) -> None:
        super().__init__(window)
        self._kit = kit
        self.setWindowTitle(kit.t("Set up by your company"))
        self.setMinimumWidth(kit.px(Size.FORM_WIDTH))
        self.place = self._field(kit.t("Link or address"), "https://phones.example.com/profile.toml")
        self.code = self._field(kit.t("One-time code (if you have one)"), "")
        self.problem = TextLabel("body", wrap=True)
        self.problem.hide()
        self._lay_out()

    def order(self) -> ProvisioningOrder | None:
        """What was typed; None, with words beside the fields, when it is no address."""
        place, code = self.place.text().strip(), self.code.text().strip()
        try:
            order = order_from_link(place) if place.startswith(LINK_SCHEME) else _by_address(place)
        except BadInput as error:
            self.problem.show_text(error_words(self._kit.words, error), Tone.DANGER)
            return None
        return ProvisioningOrder(order.url, order.public_key, token=code or order.token)

    def accept(self) -> None:
        if self.order() is not None:
            super().accept()

    def _field(self, label: str, example: str) -> QLineEdit:
        field = QLineEdit()
        field.setAccessibleName(label)
        field.setPlaceholderText(example)
        field.setMaxLength(LONGEST_LINK)
        return field

    def _lay_out(self) -> None:
        kit = self._kit
        column = QVBoxLayout(self)
        margin = kit.px(Space.LARGE)
        column.setContentsMargins(margin, margin, margin, margin)
        column.setSpacing(kit.px(Space.SMALL))
        hint = kit.t("Type or paste what your company has sent you.")
        column.addWidget(TextLabel("muted", hint, wrap=True))
        for field in (self.place, self.code):
            label = TextLabel("label", field.accessibleName())
            label.setBuddy(field)
            column.addWidget(label)
            column.addWidget(field)
        column.addWidget(self.problem)
        buttons = QDialogButtonBox()
        cancel = Button(kit, kit.t("Cancel"), self.reject)
        go_on = Button(kit, kit.t("Continue"), self.accept, kind="primary")
        go_on.setDefault(True)
        buttons.addButton(cancel, QDialogButtonBox.ButtonRole.RejectRole)
        buttons.addButton(go_on, QDialogButtonBox.ButtonRole.AcceptRole)
        column.addWidget(buttons)


def _by_address(text: str) -> ProvisioningOrder:
    if not text.startswith(("https://", "http://")):
        raise BadInput("profile_address", "an https address is expected")
    return ProvisioningOrder(text)
