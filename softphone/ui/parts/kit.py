"""What every widget is handed: how it looks and how it speaks."""

from __future__ import annotations

from PySide6.QtCore import QMargins
from PySide6.QtGui import QIcon

from softphone.domain.facts import dataclass
from softphone.ui.presenters.wording import Wording
from softphone.ui.theme.look import Look
from softphone.ui.words import Words

_DIRECTED = frozenset({"back", "open", "backspace", "sign-out", "redial"})
"""Icons that point somewhere and are mirrored when reading goes from right to left."""


@dataclass(frozen=True)
class Kit:
    look: Look
    wording: Wording

    @property
    def words(self) -> Words:
        return self.wording.words

    def t(self, text: str, **values: object) -> str:
        return self.wording.words.t(text, **values)

    def px(self, token: float) -> int:
        return self.look.px(token)

    def edges(self, start: int, top: int, end: int, bottom: int) -> QMargins:
        """Margins where `start` is the side at which reading starts; Qt mirrors layouts, not margins."""
        left, right = (end, start) if self.words.right_to_left else (start, end)
        return QMargins(left, top, right, bottom)

    @property
    def no_icon(self) -> QIcon:
        return QIcon()

    def icon(self, name: str, role: str = "text") -> QIcon:
        return self.look.icon(name, role, self.words.right_to_left and name in _DIRECTED)
