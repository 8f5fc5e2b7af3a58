"""The questions of a campaign between outcome and notes: typed, chosen from a list, or on a scale."""

from __future__ import annotations

from PySide6.QtCore import QDate, QSignalBlocker, QTimer, Signal
from PySide6.QtWidgets import QFormLayout, QLineEdit, QVBoxLayout, QWidget

from softphone.domain.form import ANSWER_LIMIT
from softphone.ui.parts.choice import Choice
from softphone.ui.parts.kit import Kit
from softphone.ui.parts.label import TextLabel
from softphone.ui.presenters.form import FieldRow
from softphone.ui.qt_formats import QtFormats
from softphone.ui.theme.tokens import Space, Tone


class FormBlock(QWidget):
    """Intent: `answered` with the field's name and what was typed (dates as `YYYY-MM-DD` if understood)."""

    answered = Signal(str, str)

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self._kit = kit
        self._locale = QtFormats(kit.words.language).locale
        self._shape: tuple[object, ...] = ()
        self._typing: dict[str, QLineEdit] = {}
        self._choosing: dict[str, Choice] = {}
        self._troubles: dict[str, TextLabel] = {}
        self._body: QWidget | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self.setObjectName("form")
        self.setAccessibleName(kit.t("Form"))

    def show_rows(self, rows: tuple[FieldRow, ...], enabled: bool, other_call: bool) -> None:
        """`other_call`: what stands in a field is of another call and gives way even while it is typed."""
        shape = tuple((r.name, r.label, r.choices, r.hint) for r in rows)
        if shape != self._shape:
            self._shape = shape
            self._build(rows)
        for row in rows:
            self._show_value(row, other_call)
            self._troubles[row.name].show_text(row.trouble, Tone.WARNING)
            self._troubles[row.name].setVisible(bool(row.trouble))
        self.setEnabled(enabled)
        self.setVisible(bool(rows))

    def editor(self, name: str) -> QWidget:
        """The field's widget."""
        return self._choosing.get(name) or self._typing[name]

    def _build(self, rows: tuple[FieldRow, ...]) -> None:
        if self._body is not None:
            self._column.removeWidget(self._body)
            self._body.hide()
            old = self._body
            QTimer.singleShot(0, old.deleteLater)
        self._typing, self._choosing, self._troubles = {}, {}, {}
        self._body = QWidget()
        form = QFormLayout(self._body)
        form.setContentsMargins(0, 0, 0, 0)
        form.setSpacing(self._kit.px(Space.TIGHT))
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        for row in rows:
            label = TextLabel("caption", wrap=True)
            label.show_text(row.label)
            editor = self._drop_down(row) if row.choices else self._line(row)
            label.setBuddy(editor)
            form.addRow(label, editor)
            self._troubles[row.name] = TextLabel("caption", wrap=True)
            form.addRow(self._troubles[row.name])
        self._column.addWidget(self._body)

    def _line(self, row: FieldRow) -> QLineEdit:
        line = QLineEdit()
        line.setObjectName(f"field_{row.name}")
        line.setMaxLength(ANSWER_LIMIT)
        line.setPlaceholderText(row.hint)
        line.setAccessibleName(row.label)
        line.setAccessibleDescription(row.hint)
        line.textEdited.connect(lambda text: self.answered.emit(row.name, self._read(row, text)))
        self._typing[row.name] = line
        return line

    def _drop_down(self, row: FieldRow) -> Choice:
        choice = Choice(self._kit, f"field_{row.name}", row.label)
        choice.addItem(self._kit.t("Choose …"), "")
        for value, shown in row.choices:
            choice.addItem(shown, value)
        choice.activated.connect(lambda _index: self.answered.emit(row.name, str(choice.currentData())))
        self._choosing[row.name] = choice
        return choice

    def _show_value(self, row: FieldRow, other_call: bool) -> None:
        if row.choices:
            choice = self._choosing[row.name]
            with QSignalBlocker(choice):
                choice.setCurrentIndex(max(0, choice.findData(row.value)))
            return
        line = self._typing[row.name]
        if (other_call or not line.hasFocus()) and line.text() != self._written(row):
            with QSignalBlocker(line):
                line.setText(self._written(row))

    def _read(self, row: FieldRow, typed: str) -> str:
        if not row.is_date:
            return typed
        day = self._locale.toDate(typed.strip(), self._locale.FormatType.ShortFormat, 2000)
        return str(day.toString("yyyy-MM-dd")) if day.isValid() else typed

    def _written(self, row: FieldRow) -> str:
        day = QDate.fromString(row.value, "yyyy-MM-dd") if row.is_date else QDate()
        return self._locale.toString(day, self._locale.FormatType.ShortFormat) if day.isValid() else row.value
