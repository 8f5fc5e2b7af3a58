"""A control that somebody else has fixed: it cannot be changed, shows a lock, and says who."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLineEdit, QWidget

from softphone.ui.parts.choice import Choice
from softphone.ui.parts.kit import Kit
from softphone.ui.parts.tick import Tick
from softphone.ui.theme.tokens import Size

_MARK = "lock_mark"


def show_lock(kit: Kit, widget: QWidget, why: str) -> None:
    """Lock `widget`; an empty `why` unlocks it again."""
    widget.setEnabled(not why)
    widget.setToolTip(why)
    widget.setAccessibleDescription(why)
    if isinstance(widget, Choice):
        widget.show_lock(bool(why))
    elif isinstance(widget, Tick):
        side = kit.px(Size.ICON_SMALL)
        widget.setIconSize(QSize(side, side))
        icon = kit.icon("lock", "text_muted") if why else kit.no_icon
        widget.setIcon(icon)
    elif isinstance(widget, QLineEdit):
        _mark_field(kit, widget, bool(why))


def _mark_field(kit: Kit, field: QLineEdit, locked: bool) -> None:
    mark = field.findChild(QAction, _MARK)
    if locked and mark is None:
        action = field.addAction(kit.icon("lock", "text_muted"), QLineEdit.ActionPosition.TrailingPosition)
        action.setObjectName(_MARK)
    elif not locked and mark is not None:
        field.removeAction(mark)
        mark.deleteLater()
