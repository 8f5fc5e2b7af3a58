"""Banners under the state: trouble of the whole phone, in words."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from softphone.ui.parts.button import Button
from softphone.ui.parts.clearing import clear
from softphone.ui.parts.kit import Kit
from softphone.ui.parts.label import IconLabel, TextLabel
from softphone.ui.presenters.notices import Notice
from softphone.ui.theme.tokens import Size, Space, Tone


class NoticeArea(QScrollArea):
    """Takes a bounded part of the window, however much trouble there is.

    Intents: `acted` and `dismissed`, each with the notice.
    """

    acted = Signal(object)
    dismissed = Signal(object)

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self._kit = kit
        self._shown: tuple[Notice, ...] = ()
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        page = QWidget()
        self.setWidget(page)
        self._column = QVBoxLayout(page)
        margin = kit.px(Space.MEDIUM)
        self._column.setContentsMargins(margin, 0, margin, 0)
        self._column.setSpacing(kit.px(Space.TIGHT))
        kit.look.changed.connect(lambda: self._rebuild(self._shown))

    def show_view(self, notices: tuple[Notice, ...]) -> None:
        if notices != self._shown:
            self._rebuild(notices)

    @property
    def texts(self) -> tuple[str, ...]:
        """What each banner says, with its advice."""
        return tuple(f"{notice.text} {notice.advice}".strip() for notice in self._shown)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        page = self.widget()
        wanted = page.heightForWidth(self.width()) if page is not None else 0
        return QSize(0, min(max(wanted, 0), self._kit.px(Size.NOTICES_MAX)))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return self.sizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self.updateGeometry()

    def _rebuild(self, notices: tuple[Notice, ...]) -> None:
        self._shown = notices
        clear(self._column)
        for notice in notices:
            self._column.addWidget(self._banner(notice))
        self._column.addStretch()
        self.setVisible(bool(notices))
        self.updateGeometry()

    def _banner(self, notice: Notice) -> QFrame:
        kit = self._kit
        banner = QFrame()
        banner.setProperty("role", "tinted")
        banner.setProperty("tone", str(notice.tone))
        banner.setAccessibleName(f"{notice.text} {notice.advice}".strip())
        icon = IconLabel(kit.px(Size.ICON))
        colour = kit.look.colours.text_of(notice.tone)
        icon.show_icon(kit.icon(notice.icon, colour))
        text, advice = TextLabel("body", wrap=True), TextLabel("caption", wrap=True)
        text.show_text(notice.text, notice.tone if notice.tone is not Tone.NEUTRAL else Tone.NEUTRAL)
        advice.show_text(notice.advice)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(text)
        words.addWidget(advice)
        if notice.action:
            act = Button(kit, notice.action, lambda: self.acted.emit(notice), kind="quiet")
            words.addWidget(act, 0, Qt.AlignmentFlag.AlignLeading)
        row = QHBoxLayout(banner)
        small = kit.px(Space.SMALL)
        row.setContentsMargins(small, small, small, small)
        row.setSpacing(small)
        row.addWidget(icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        if notice.dismissable:
            close = Button(
                kit, kit.t("Dismiss"), lambda: self.dismissed.emit(notice), icon="close", kind="tool"
            )
            row.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        return banner
