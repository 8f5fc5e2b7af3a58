"""The customer's card: found, several, none, late or failed, always in words; never blocks anything."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from softphone.ui.parts.button import Button
from softphone.ui.parts.clearing import clear
from softphone.ui.parts.kit import Kit
from softphone.ui.parts.label import IconLabel, TextLabel
from softphone.ui.presenters.customer import CustomerChoice, CustomerView, Fact
from softphone.ui.theme.tokens import Size, Space


class ContentScroll(QScrollArea):
    """Wants to be as tall as its content."""

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        inner = self.widget()
        return inner.sizeHint() if inner is not None else QSize()

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(0, 0)


class CustomerCard(QFrame):
    """Intents: `record_wanted`, `ask_again`, `chosen` with the customer's id."""

    record_wanted = Signal()
    ask_again = Signal()
    chosen = Signal(str)

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self._kit = kit
        self._view: CustomerView | None = None
        self.setProperty("role", "card")
        self.setObjectName("customer_card")
        self._icon = IconLabel(kit.px(Size.ICON_LARGE))
        self._headline, self._detail = TextLabel("subtitle", wrap=True), TextLabel("muted", wrap=True)
        self._headline.setObjectName("customer_name")
        self._age = TextLabel("caption", wrap=True)
        self._age.setObjectName("customer_age")
        self.open_record = Button(
            kit, kit.t("Open record"), self.record_wanted.emit, icon="open", kind="tool", shortcut="Ctrl+R"
        )
        self.open_record.setObjectName("open_record")
        self.again = Button(kit, kit.t("Ask again"), self.ask_again.emit, icon="retry", kind="quiet")
        self.look_up = Button(kit, kit.t("Look up"), self.ask_again.emit, icon="search", kind="quiet")
        self.look_up.setObjectName("look_up")
        self._head, self._body = QWidget(), QWidget()
        self._rows = QVBoxLayout(self._body)
        self._scroll = ContentScroll()
        self._lay_out(kit)
        kit.look.changed.connect(self._recolour)

    def show_view(self, view: CustomerView) -> None:
        if view != self._view:
            self._rebuild(view)

    def hasHeightForWidth(self) -> bool:  # noqa: N802 - Qt's name
        """No: it scrolls inside, and Qt never shrinks what has a height for its width."""
        return False

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return self._hint(self._scroll.sizeHint().height() if not self._scroll.isHidden() else 0)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return self._hint(0)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self.updateGeometry()

    def _hint(self, body: int) -> QSize:
        """Size with so much height for the body; the head wraps and knows its height for the width."""
        margin, gap = self._kit.px(Space.MEDIUM), self._kit.px(Space.SMALL)
        inner = max(self.width() - margin - gap, 1)
        head = self._head.heightForWidth(inner)
        return QSize(
            0, 2 * margin + max(head, self._head.minimumSizeHint().height()) + (body + gap if body else 0)
        )

    def set_compact(self, compact: bool) -> None:
        """Only as tall as its content (the notes get the rest), or as tall as there is room."""
        policy = QSizePolicy.Policy.Maximum if compact else QSizePolicy.Policy.Expanding
        self.setSizePolicy(QSizePolicy.Policy.Preferred, policy)
        self._scroll.setSizePolicy(QSizePolicy.Policy.Preferred, policy)

    def _recolour(self) -> None:
        if self._view is not None:
            self._rebuild(self._view)

    def _rebuild(self, view: CustomerView) -> None:
        self._view = view
        colour = self._kit.look.colours.text_of(view.tone)
        self._icon.show_icon(self._kit.icon(view.icon, colour))
        self._headline.show_text(view.headline)
        self._detail.show_text(view.detail)
        self._age.show_text(view.age, view.age_tone)
        self.setAccessibleName(" ".join(p for p in (f"{view.headline}.", view.detail, view.age) if p))
        self.open_record.setVisible(view.can_open)
        self.again.setVisible(view.can_ask_again)
        self.look_up.setVisible(view.can_look_up)
        clear(self._rows)
        if view.tags:
            self._rows.addLayout(_chips(view.tags, self._kit))
        for choice in view.choices:
            self._rows.addWidget(self._choice(choice))
        for case in view.cases:
            self._rows.addWidget(self._case(case))
        for fact in view.facts:
            self._rows.addWidget(self._fact(fact))
        if view.contacts:
            self._rows.addWidget(TextLabel("label", self._kit.t("Last contacts")))
        for contact in view.contacts:
            self._rows.addWidget(self._fact(contact))
        self._rows.addStretch()
        self._scroll.setVisible(bool(view.tags or view.choices or view.cases or view.facts or view.contacts))
        self._scroll.updateGeometry()
        self.updateGeometry()

    def _choice(self, choice: CustomerChoice) -> Button:
        button = Button(self._kit, f"{choice.name}, {choice.detail}", kind="row")
        button.setText("")
        button.clicked.connect(lambda _checked=False: self.chosen.emit(choice.id))
        button.setObjectName("customer_choice")
        words = QHBoxLayout(button)
        margin = self._kit.px(Space.SMALL)
        words.setContentsMargins(margin, 0, margin, 0)
        for label, share in ((TextLabel("strong", choice.name), 0), (TextLabel("caption", choice.detail), 1)):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            words.addWidget(label, share)
        return button

    def _case(self, case: str) -> QFrame:
        box = QFrame()
        box.setProperty("role", "tinted")
        box.setProperty("tone", "warning")
        text = TextLabel("body", case, wrap=True)
        row = QHBoxLayout(box)
        margin = self._kit.px(Space.SMALL)
        row.setContentsMargins(margin, self._kit.px(Space.TIGHT), margin, self._kit.px(Space.TIGHT))
        icon = IconLabel(self._kit.px(Size.ICON_SMALL))
        colour = self._kit.look.colours.warning_text
        icon.show_icon(self._kit.icon("folder", colour))
        row.addWidget(icon)
        row.addWidget(text, 1)
        return box

    def _fact(self, fact: Fact) -> QWidget:
        line = QWidget()
        label, value = TextLabel("caption", fact.label), TextLabel("body", fact.value, wrap=True)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        value.setAccessibleName(f"{fact.label}: {fact.value}")
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(label)
        words.addWidget(value)
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.addLayout(words, 1)
        if fact.copy:
            copy = Button(
                self._kit,
                self._kit.t("Copy {what}", what=fact.label),
                lambda: QGuiApplication.clipboard().setText(fact.copy),
                icon="copy",
                kind="faint",
            )
            row.addWidget(copy, 0, Qt.AlignmentFlag.AlignVCenter)
        return line

    def _lay_out(self, kit: Kit) -> None:
        margin = kit.px(Space.MEDIUM)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._headline)
        words.addWidget(self._detail)
        words.addWidget(self._age)
        for button in (self.again, self.look_up):
            words.addWidget(button, 0, Qt.AlignmentFlag.AlignLeading)
        head = QHBoxLayout(self._head)
        head.setContentsMargins(0, 0, 0, 0)
        head.setSpacing(kit.px(Space.SMALL))
        head.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(words, 1)
        head.addWidget(self.open_record, 0, Qt.AlignmentFlag.AlignTop)
        self._rows.setContentsMargins(kit.edges(0, 0, kit.px(Space.TIGHT), 0))
        self._rows.setSpacing(kit.px(Space.SMALL))
        self._scroll.setWidget(self._body)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(kit.edges(margin, margin, kit.px(Space.SMALL), margin))
        column.setSpacing(kit.px(Space.SMALL))
        column.addWidget(self._head)
        column.addWidget(self._scroll, 1)


def _chips(tags: tuple[str, ...], kit: Kit) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(kit.px(Space.TIGHT))
    for tag in tags:
        chip = TextLabel("chip", tag)
        chip.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        row.addWidget(chip)
    row.addStretch()
    return row
