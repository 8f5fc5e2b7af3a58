"""Settings: who sets up this phone, how the last attempt went, and asking again."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from softphone.ui.parts.button import Button
from softphone.ui.parts.kit import Kit
from softphone.ui.parts.label import TextLabel
from softphone.ui.presenters.provisioning import CompanyView
from softphone.ui.theme.tokens import Space, Tone


class CompanyBlock(QWidget):
    """Intent: `check_wanted`. Hidden where nobody sets up this phone."""

    check_wanted = Signal()

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self.title, self.text = TextLabel("label", wrap=True), TextLabel("body", wrap=True)
        self.check = Button(kit, kit.t("Check now"), self.check_wanted.emit, kind="quiet", icon="retry")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, kit.px(Space.LARGE), 0, 0)
        column.setSpacing(kit.px(Space.TIGHT))
        column.addWidget(self.title)
        column.addWidget(self.text)
        column.addWidget(self.check, 0, Qt.AlignmentFlag.AlignLeading)
        self.hide()

    def show_view(self, view: CompanyView | None, can_check: bool) -> None:
        self.setVisible(view is not None)
        if view is not None:
            self.title.show_text(view.title, Tone.NEUTRAL)
            self.text.show_text(view.text, view.tone)
        self.check.setVisible(can_check)
