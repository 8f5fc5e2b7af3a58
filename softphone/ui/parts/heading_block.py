"""Company, queue, name and number: the same block on every card of a call."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from softphone.ui.parts.kit import Kit
from softphone.ui.parts.label import TextLabel
from softphone.ui.parts.stripe import Stripe
from softphone.ui.presenters.stage import Heading
from softphone.ui.theme.tokens import Space


class HeadingBlock(QWidget):
    """The company comes first in every state: it is what the agent must say and work for."""

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self._stripe = Stripe(kit)
        self._company, self._name, self._number = TextLabel("strong"), TextLabel("title"), TextLabel("muted")
        self._queue = TextLabel("chip")
        self._queue.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.middle = QVBoxLayout()
        self.end = QVBoxLayout()
        below = QHBoxLayout()
        below.setSpacing(kit.px(Space.SMALL))
        below.addWidget(self._number, 1)
        below.addStretch()
        below.addWidget(self._queue)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._company)
        words.addLayout(self.middle)
        words.addWidget(self._name)
        words.addLayout(below)
        words.addLayout(self.end)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(kit.px(Space.MEDIUM))
        row.addWidget(self._stripe)
        row.addLayout(words, 1)

    def show_heading(self, heading: Heading) -> None:
        self._stripe.show_colour(heading.colour)
        self._company.show_text(heading.company)
        self._queue.show_text(heading.queue)
        self._name.show_text(heading.name)
        self._number.show_text(heading.number)

    def enlarge_company(self) -> None:
        """While it rings the company is the headline and the caller the line below."""
        self._company.setProperty("role", "title")
        self._name.setProperty("role", "subtitle")
