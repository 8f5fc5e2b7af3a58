"""The customer's card: found, several, none, late or failed, always in words; never blocks anything."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QSize, Qt, Signal, SignalInstance
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from softphone.ui.customer.form import CustomerForm
from softphone.ui.customer.search import CustomerSearch
from softphone.ui.parts.button import Button
from softphone.ui.parts.choice_row import ChoiceRow
from softphone.ui.parts.clearing import clear
from softphone.ui.parts.kit import Kit
from softphone.ui.parts.label import IconLabel, TextLabel
from softphone.ui.presenters.customer import CustomerView, Fact
from softphone.ui.presenters.customer_work import CustomerChoice
from softphone.ui.theme.tokens import Size, Space, Tone

LEAST_CHOICES = 2
LAST_KEY = 9
"""So many of several customers can be chosen by a key alone, Ctrl+1 to Ctrl+9."""


class ContentScroll(QScrollArea):
    """Wants to be as tall as its content."""

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        inner = self.widget()
        return inner.sizeHint() if inner is not None else QSize()

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(0, 0)


class CustomerCard(QFrame):
    """Intents: `record_wanted`, `ask_again`, `chosen` with the customer's id, `search_wanted`, `new_wanted`,
    `edit_wanted`, `dial_wanted` with a number; and those of `search` and `form`, which open inside it."""

    record_wanted = Signal()
    ask_again = Signal()
    chosen = Signal(str)
    search_wanted = Signal()
    new_wanted = Signal()
    edit_wanted = Signal()
    dial_wanted = Signal(str)
    panel_shown = Signal(bool)
    """Search box or form have opened or closed: they want more room."""

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self._kit = kit
        self._view: CustomerView | None = None
        self.setProperty("role", "card")
        self.setObjectName("customer_card")
        self._icon = IconLabel(kit.px(Size.ICON_LARGE))
        self._headline, self._detail = TextLabel("subtitle", wrap=True), TextLabel("muted", wrap=True)
        self._headline.setObjectName("customer_name")
        self._age, self._change = TextLabel("caption", wrap=True), TextLabel("caption", wrap=True)
        self._warning = TextLabel("strong", wrap=True)
        self._age.setObjectName("customer_age")
        self._change.setObjectName("customer_change")
        self.open_record = self._tool(kit.t("Open record"), self.record_wanted, "open", "Ctrl+R")
        self.edit = self._tool(kit.t("Change the record"), self.edit_wanted, "note", "Ctrl+Shift+E")
        self.seek = self._tool(kit.t("Search customers"), self.search_wanted, "search", "Ctrl+Shift+F")
        self.again = self._quiet(kit.t("Ask again"), self.ask_again, "retry", "ask_again")
        self.look_up = self._quiet(kit.t("Look up"), self.ask_again, "search", "look_up")
        self.new = self._quiet(kit.t("New customer"), self.new_wanted, "plus", "new_customer")
        self.find_by_name = self._quiet(
            kit.t("Search by name"), self.search_wanted, "search", "search_by_name"
        )
        self.open_record.setObjectName("open_record")
        self.edit.setObjectName("edit_customer")
        self.seek.setObjectName("find_customer")
        self.search, self.form = CustomerSearch(kit), CustomerForm(kit)
        self._call_id = ""
        self._opened = False
        self._head, self._body = QWidget(), QWidget()
        self._rows = QVBoxLayout(self._body)
        self._scroll = ContentScroll()
        self._lay_out(kit)
        kit.look.changed.connect(self._recolour)

    def show_view(self, view: CustomerView, call_id: str = "") -> None:
        if view == self._view and call_id == self._call_id:
            return
        other_call, self._call_id = call_id != self._call_id, call_id
        before, self._view = self._view, view
        if before is None or _head_of(before) != _head_of(view):
            self._show_head(view)
        if before is None or _body_of(before) != _body_of(view):
            self._show_body(view)
        if view.search is not None:
            self.search.show_view(view.search, other_call=other_call)
        if view.form is not None:
            self.form.show_view(view.form, other_call=other_call)
        opened = view.search is not None or view.form is not None
        if opened is not self._opened:
            self._opened = opened
            self.panel_shown.emit(opened)
        self.search.setVisible(view.search is not None)
        self.form.setVisible(view.form is not None)
        self._scroll.setVisible(_has_body(view) and not opened)
        self._scroll.updateGeometry()
        self.updateGeometry()

    def focus_panel(self) -> None:
        """Put the keyboard into the part that has just been opened."""
        if self.search.isVisibleTo(self):
            self.search.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        elif self.form.isVisibleTo(self):
            self.form.focus_first()

    def hasHeightForWidth(self) -> bool:  # noqa: N802 - Qt's name
        """No: it scrolls inside, and Qt never shrinks what has a height for its width."""
        return False

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        shown = (part for part in (self._scroll, self.search, self.form) if not part.isHidden())
        return self._hint(sum(part.sizeHint().height() for part in shown))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        shown = (part for part in (self.search, self.form) if not part.isHidden())
        return self._hint(sum(part.minimumSizeHint().height() for part in shown) or self._choices_height())

    def _choices_height(self) -> int:
        """Who it is among several has to be chosen: some of them are always in sight."""
        view = self._view
        rows = min(len(view.choices), LEAST_CHOICES) if view is not None else 0
        return rows * (self._kit.px(Size.CONTROL) + self._kit.px(Space.SMALL))

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
            self._show_head(self._view)
            self._show_body(self._view)

    def _show_head(self, view: CustomerView) -> None:
        colour = self._kit.look.colours.text_of(view.tone)
        self._icon.show_icon(self._kit.icon(view.icon, colour))
        self._headline.show_text(view.headline)
        self._detail.show_text(view.detail)
        self._warning.show_text(view.warning, Tone.DANGER)
        self._age.show_text(view.age, view.age_tone)
        self._change.show_text(view.change, view.change_tone)
        spoken = (f"{view.headline}.", view.detail, view.warning, view.age, view.change)
        self.setAccessibleName(" ".join(part for part in spoken if part))
        self.open_record.setVisible(view.can_open)
        self.edit.setVisible(view.can_edit)
        free = view.search is None and view.form is None
        self.seek.setVisible(view.can_search and not view.can_create)
        self.find_by_name.setVisible(view.can_search and view.can_create and free)
        self.new.setVisible(view.can_create and free)
        self.again.setVisible(view.can_ask_again and free)
        self.look_up.setVisible(view.can_look_up and free)

    def _show_body(self, view: CustomerView) -> None:
        clear(self._rows)
        if view.tags:
            self._rows.addLayout(_chips(view.tags, self._kit))
        for place, choice in enumerate(view.choices, 1):
            self._rows.addWidget(self._choice(choice, place))
        for case in view.cases:
            self._rows.addWidget(self._case(case))
        for fact in view.facts:
            self._rows.addWidget(self._fact(fact))
        if view.contacts:
            self._rows.addWidget(TextLabel("label", self._kit.t("Last contacts")))
        for contact in view.contacts:
            self._rows.addWidget(self._fact(contact))
        self._rows.addStretch()

    def _choice(self, choice: CustomerChoice, place: int) -> ChoiceRow:
        key = f"Ctrl+{place}" if place <= LAST_KEY else ""
        row = ChoiceRow(self._kit, choice.name, choice.detail, lambda: self.chosen.emit(choice.id), key=key)
        row.setObjectName("customer_choice")
        return row

    def _tool(self, text: str, intent: SignalInstance, icon: str, shortcut: str) -> Button:
        return Button(self._kit, text, intent.emit, icon=icon, kind="tool", shortcut=shortcut)

    def _quiet(self, text: str, intent: SignalInstance, icon: str, name: str) -> Button:
        button = Button(self._kit, text, intent.emit, icon=icon, kind="quiet")
        button.setObjectName(name)
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
        if fact.dial:
            call = Button(
                self._kit,
                self._kit.t("Call {number}", number=fact.value),
                lambda: self.dial_wanted.emit(fact.dial),
                icon="phone",
                kind="tool",
            )
            call.setObjectName("call_customer")
            row.addWidget(call, 0, Qt.AlignmentFlag.AlignVCenter)
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
        top = QHBoxLayout()
        top.setSpacing(kit.px(Space.SMALL))
        top.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        top.addLayout(words, 1)
        tools = QHBoxLayout()
        tools.setSpacing(0)
        for tool in (self.seek, self.edit, self.open_record):
            tools.addWidget(tool, 0, Qt.AlignmentFlag.AlignTop)
        top.addLayout(tools)
        offers = QHBoxLayout()
        offers.setSpacing(kit.px(Space.TIGHT))
        for button in (self.again, self.look_up, self.new, self.find_by_name):
            offers.addWidget(button)
        offers.addStretch()
        head = QVBoxLayout(self._head)
        head.setContentsMargins(0, 0, 0, 0)
        head.setSpacing(0)
        head.addLayout(top)
        for label in (self._warning, self._age, self._change):
            head.addWidget(label)
        head.addLayout(offers)
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
        column.addWidget(self.search, 1)
        column.addWidget(self.form, 1)
        column.addWidget(self._scroll, 1)
        self.search.hide()
        self.form.hide()


def _has_body(view: CustomerView) -> bool:
    return any(_body_of(view))


def _head_of(view: CustomerView) -> CustomerView:
    """What the upper part shows."""
    return replace(view, tags=(), facts=(), cases=(), contacts=(), choices=())


def _body_of(view: CustomerView) -> tuple[object, ...]:
    """What the lower part shows; built anew only when this changes, so that the keyboard stays there."""
    return view.tags, view.facts, view.cases, view.contacts, view.choices


def _chips(tags: tuple[str, ...], kit: Kit) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(kit.px(Space.TIGHT))
    for tag in tags:
        chip = TextLabel("chip", tag)
        chip.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        row.addWidget(chip)
    row.addStretch()
    return row
