"""Looking a customer up while no call is there: the company, the search box, who was found, the card."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from softphone.ui.customer.card import CustomerCard
from softphone.ui.customer.search import CustomerSearch
from softphone.ui.parts.button import Button
from softphone.ui.parts.choice import Choice
from softphone.ui.parts.kit import Kit
from softphone.ui.parts.label import TextLabel
from softphone.ui.presenters.finding import FindView
from softphone.ui.theme.tokens import Space


class FindPage(QWidget):
    """Intents: `company_chosen` with a campaign's id, `back_wanted`; and those of `search` and `card`."""

    company_chosen = Signal(str)
    back_wanted = Signal()

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self._kit = kit
        self._card_shown = False
        self._title = TextLabel("subtitle", kit.t("Find a customer"))
        self._company_name = TextLabel("muted")
        self.company = Choice(kit, "find_company", kit.t("Company"))
        self.company.setPlaceholderText(kit.t("Whose customer?"))
        self.company.activated.connect(
            lambda _index: self.company_chosen.emit(str(self.company.currentData()))
        )
        self._hint = TextLabel("muted", wrap=True)
        self._hint.setObjectName("find_hint")
        self.search, self.card = CustomerSearch(kit, least_rows=2), CustomerCard(kit)
        _rename(self.search, self.card)
        self.back = Button(kit, kit.t("Back to the search"), self.back_wanted.emit, icon="back", kind="tool")
        self.back.setObjectName("back_to_search")
        self._lay_out()

    def show_view(self, view: FindView) -> None:
        self._show_companies(view)
        self._hint.show_text(view.hint)
        self.search.field.setPlaceholderText(view.placeholder)
        self.search.field.setEnabled(bool(view.chosen))
        self.search.show_view(view.search, other_call=not view.search.text)
        shown = view.card is not None
        if view.card is not None:
            self.card.show_view(view.card)
        for part in (self.card, self.back):
            part.setVisible(shown)
        self.search.setVisible(not shown)
        if shown and not self._card_shown and self.isVisible():
            self.back.setFocus(Qt.FocusReason.OtherFocusReason)
        self._card_shown = shown

    def set_titled(self, titled: bool) -> None:
        """Whether the page says itself what it is, or a tab above it does."""
        self._title.setVisible(titled)

    def begin(self) -> None:
        """Put the keyboard where something has to be typed or chosen first."""
        if self._card_shown:
            self.back.setFocus(Qt.FocusReason.ShortcutFocusReason)
        elif self.search.field.isEnabled():
            self.search.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
            self.search.field.selectAll()
        else:
            self.company.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def hasHeightForWidth(self) -> bool:  # noqa: N802 - Qt's name
        """No: search and card scroll inside, and Qt never shrinks what has a height for its width."""
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        if event.key() == Qt.Key.Key_Escape and self._card_shown:
            self.back_wanted.emit()
            return
        super().keyPressEvent(event)

    def _show_companies(self, view: FindView) -> None:
        if [
            (self.company.itemData(i), self.company.itemText(i)) for i in range(self.company.count())
        ] != list(view.companies):
            self.company.clear()
            for campaign_id, name in view.companies:
                self.company.addItem(name, campaign_id)
        self.company.setCurrentIndex(self.company.findData(view.chosen))
        several = len(view.companies) > 1
        self.company.setVisible(several)
        self._company_name.show_text("" if several else dict(view.companies).get(view.chosen, ""))

    def _lay_out(self) -> None:
        kit = self._kit
        margin = kit.px(Space.MEDIUM)
        column = QVBoxLayout(self)
        column.setContentsMargins(margin, margin, margin, margin)
        column.setSpacing(kit.px(Space.SMALL))
        column.addWidget(self._title)
        head = QHBoxLayout()
        head.setSpacing(kit.px(Space.TIGHT))
        for part in (self.back, self._company_name, self.company):
            head.addWidget(part, int(part is not self.back))
        column.addLayout(head)
        column.addWidget(self.search)
        column.addWidget(self._hint)
        column.addWidget(self.card)
        column.addStretch(1)
        self.card.set_compact(True)


def _rename(*parts: QWidget) -> None:
    """The window has such a search box and card twice: those of the call keep the plain names."""
    for part in parts:
        for widget in (part, *part.findChildren(QWidget)):
            name = widget.objectName()
            if name and not name.startswith("qt_"):
                widget.setObjectName(f"found_{name}")
