"""Customer and notes: one above the other, side by side, or one at a time where the window is short."""

from __future__ import annotations

from enum import Enum, auto

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QBoxLayout, QVBoxLayout, QWidget

from softphone.ui.customer.card import CustomerCard
from softphone.ui.parts.kit import Kit
from softphone.ui.theme.tokens import Space
from softphone.ui.wrap_up.panel import WrapUpPanel
from softphone.ui.wrap_up.script_panel import ScriptPanel


class Shape(Enum):
    """How much room there is."""

    BESIDE = auto()
    STACKED = auto()
    CUSTOMER_ONLY = auto()
    NOTES_ONLY = auto()
    SCRIPT_ONLY = auto()


class Sheet(QWidget):
    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self.customer, self.wrap_up, self.script = CustomerCard(kit), WrapUpPanel(kit), ScriptPanel(kit)
        self._shape, self._has_script, self._panel_open = Shape.STACKED, False, False
        self._kit = kit
        self._margin = kit.px(Space.MEDIUM)
        self._box = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)
        self._box.setSpacing(kit.px(Space.SMALL))
        about = QVBoxLayout()
        about.setSpacing(kit.px(Space.SMALL))
        about.addWidget(self.customer, 1)
        about.addWidget(self.script, 1)
        self._box.addLayout(about)
        self._box.addWidget(self.wrap_up, 1)
        self.customer.panel_shown.connect(self._make_room)
        self.take_shape(Shape.STACKED)

    def _make_room(self, panel_open: bool) -> None:
        """Where card and notes share a narrow window, an open form or search has it alone for a while."""
        self._panel_open = panel_open
        self.take_shape(self._shape)

    def take_shape(self, shape: Shape) -> None:
        self._shape = shape
        if self._panel_open and shape is Shape.STACKED:
            shape = Shape.CUSTOMER_ONLY
        beside = shape is Shape.BESIDE
        margin = self._margin
        across, down = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        self._box.setDirection(across if beside else down)
        self._box.setContentsMargins(
            self._kit.edges(0 if beside else margin, margin if beside else 0, margin, margin)
        )
        self._box.setStretch(0, 0 if shape in (Shape.STACKED, Shape.NOTES_ONLY) else 1)
        self.customer.set_compact(shape is Shape.STACKED)
        self.wrap_up.set_short(shape is Shape.NOTES_ONLY)
        self.customer.setVisible(shape not in (Shape.NOTES_ONLY, Shape.SCRIPT_ONLY))
        self.wrap_up.setVisible(shape not in (Shape.CUSTOMER_ONLY, Shape.SCRIPT_ONLY))
        self._show_script()

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Resize):
            self._settle()
        return super().event(event)

    def _settle(self) -> None:
        """The card's head is never squeezed: where there is too little room for both, the notes scroll."""
        taken = self.customer.minimumSizeHint().height() + self._box.spacing() + self._margin
        self.wrap_up.give_way(self.height() - taken if self._shape is Shape.STACKED else None)

    def have_script(self, there: bool) -> None:
        """The call has a script; it stands below the customer where there is room, else on its own tab."""
        self._has_script = there
        self._show_script()

    def _show_script(self) -> None:
        self.script.setVisible(self._has_script and self._shape in (Shape.BESIDE, Shape.SCRIPT_ONLY))
