"""Settings: who sets up this phone, how the last attempt went, asking again, another link."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from softphone.ui.parts.button import Button
from softphone.ui.parts.kit import Kit
from softphone.ui.parts.label import TextLabel
from softphone.ui.presenters.provisioning import CompanyView
from softphone.ui.theme.tokens import Space, Tone


class CompanyBlock(QWidget):
    """Intents: `check_wanted`, `link_wanted`. Without a company only the way to be set up by one is there."""

    check_wanted = Signal()
    link_wanted = Signal()

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self.title, self.text = TextLabel("label", wrap=True), TextLabel("body", wrap=True)
        self.check = Button(kit, kit.t("Check now"), self.check_wanted.emit, kind="quiet", icon="retry")
        by_link = kit.t("I have a link or code from my company")
        self.by_link = Button(kit, by_link, self.link_wanted.emit, kind="quiet", icon="company")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, kit.px(Space.LARGE), 0, 0)
        column.setSpacing(kit.px(Space.TIGHT))
        column.addWidget(self.title)
        column.addWidget(self.text)
        for button in (self.check, self.by_link):
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeading)

    def show_view(self, view: CompanyView | None, *, can_check: bool, can_change: bool) -> None:
        self.title.show_text(view.title if view else "", Tone.NEUTRAL)
        self.text.show_text(view.text if view else "", view.tone if view else Tone.NEUTRAL)
        self.check.setVisible(can_check)
        self.by_link.setVisible(can_change)
