"""The form in the customer's card: a new customer, or other texts for the fields that may be changed."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from softphone.domain.text import FIELD_LIMIT
from softphone.ui.parts.button import Button
from softphone.ui.parts.clearing import discard
from softphone.ui.parts.kit import Kit
from softphone.ui.parts.label import TextLabel
from softphone.ui.presenters.customer_work import FormRow, FormView
from softphone.ui.theme.tokens import Size, Space, Tone

_ROWS = 3


class CustomerForm(QWidget):
    """Intents: `edited` with a field's name and text, `submitted`, `closed`."""

    edited = Signal(str, str)
    submitted = Signal()
    closed = Signal()

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self._kit = kit
        self._shape: tuple[object, ...] = ()
        self._fields: dict[str, QLineEdit] = {}
        self._inner: QWidget | None = None
        self._title = TextLabel("label")
        self._status = TextLabel("caption", wrap=True)
        self._status.setObjectName("customer_form_status")
        self.submit = Button(kit, kit.t("Create"), self.submitted.emit, kind="primary")
        self.submit.setObjectName("customer_form_submit")
        self._cancel = Button(kit, kit.t("Cancel"), self.closed.emit)
        self._cancel.setObjectName("customer_form_cancel")
        self._scroll = QScrollArea()
        self._lay_out(kit)

    def field(self, name: str) -> QLineEdit:
        return self._fields[name]

    def show_view(self, view: FormView, *, other_call: bool) -> None:
        """What is being typed stays; `other_call`: it belongs to another call and gives way."""
        shape = (view.title, *((row.name, row.label, row.fixed) for row in view.rows))
        if shape != self._shape:
            self._shape = shape
            self._build(view)
        for row in view.rows:
            field = self._fields[row.name]
            if (other_call or not field.hasFocus()) and field.text() != row.value:
                field.setText(row.value)
            field.setEnabled(not view.busy)
        self._title.show_text(view.title)
        self.setAccessibleName(view.title)
        self._status.show_text(view.status, view.tone)
        self.submit.name(view.submit)
        self.submit.setEnabled(not view.busy)

    def show_problem(self, text: str) -> None:
        self._status.show_text(text, Tone.WARNING)

    def focus_first(self) -> None:
        first = next((f for f in self._fields.values() if not f.isReadOnly()), None)
        if first is not None:
            first.setFocus(Qt.FocusReason.OtherFocusReason)
            first.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
            return
        super().keyPressEvent(event)

    def _build(self, view: FormView) -> None:
        if self._inner is not None:
            discard(self._inner)
        self._fields = {}
        self._inner = QWidget()
        form = QFormLayout(self._inner)
        form.setContentsMargins(0, 0, 0, 0)
        form.setVerticalSpacing(self._kit.px(Space.TIGHT))
        form.setHorizontalSpacing(self._kit.px(Space.SMALL))
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        for row in view.rows:
            label = TextLabel("caption", f"{row.label} *" if row.required else row.label, wrap=True)
            label.setMinimumHeight(self._kit.px(Size.CONTROL))
            field = self._line(row)
            label.setBuddy(field)
            form.addRow(label, field)
        self._scroll.setWidget(self._inner)
        rows = min(len(view.rows), _ROWS)
        self._scroll.setMinimumHeight(rows * (self._kit.px(Size.CONTROL) + self._kit.px(Space.TIGHT)))

    def _line(self, row: FormRow) -> QLineEdit:
        field = self._fields[row.name] = QLineEdit(row.value)
        field.setObjectName(f"customer_field_{row.name}")
        field.setMaxLength(FIELD_LIMIT)
        field.setAccessibleName(row.label)
        field.setReadOnly(row.fixed)
        field.textEdited.connect(lambda text: self.edited.emit(row.name, text))
        field.returnPressed.connect(self.submitted)
        return field

    def _lay_out(self, kit: Kit) -> None:
        self._scroll.setWidgetResizable(True)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        buttons = QHBoxLayout()
        buttons.setSpacing(kit.px(Space.SMALL))
        buttons.addStretch()
        buttons.addWidget(self._cancel)
        buttons.addWidget(self.submit)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(kit.px(Space.TIGHT))
        column.addWidget(self._title)
        column.addWidget(self._scroll, 1)
        column.addWidget(self._status)
        column.addLayout(buttons)
        self._status.hide()
