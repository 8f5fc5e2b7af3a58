"""The form of a wrap-up: one row per question, in words."""

from __future__ import annotations

from datetime import date, datetime

from softphone.domain.campaign import Campaign
from softphone.domain.facts import dataclass
from softphone.domain.form import FieldKind, FieldTrouble, FormField
from softphone.domain.wrap_up_events import WrapUpChanged
from softphone.ui.presenters.phrases import FIELD_TROUBLE
from softphone.ui.presenters.wording import Wording


@dataclass(frozen=True, slots=True)
class FieldRow:
    """`choices` are pairs of value and what is shown; a field without any is typed. `trouble` is empty while
    the answer counts or was not given yet."""

    name: str
    label: str
    value: str
    choices: tuple[tuple[str, str], ...] = ()
    hint: str = ""
    trouble: str = ""
    is_date: bool = False


def form_rows(wording: Wording, state: WrapUpChanged, campaign: Campaign | None) -> tuple[FieldRow, ...]:
    """What is asked for the outcomes chosen so far."""
    if campaign is None:
        return ()
    answers = dict(state.draft.answers)
    wrong = {fault.name: fault.trouble for fault in state.field_faults}
    return tuple(
        field_row(wording, field, answers.get(field.name, ""), wrong.get(field.name))
        for field in campaign.fields_for(state.draft.codes)
    )


def field_row(wording: Wording, field: FormField, value: str, trouble: FieldTrouble | None) -> FieldRow:
    """One question with what stands in it; trouble is told once something was answered."""
    return FieldRow(
        field.name,
        f"{field.label} *" if field.required else field.label,
        value,
        _choices(field),
        _hint(wording, field),
        wording.words.t(FIELD_TROUBLE[trouble]) if value and trouble else "",
        field.kind is FieldKind.DATE,
    )


def first_fault(wording: Wording, state: WrapUpChanged, campaign: Campaign | None) -> str:
    """The first thing that is wrong with the form, with the field's name before it."""
    labels = {f.name: f.label for f in campaign.fields_for(state.draft.codes)} if campaign else {}
    fault = next(iter(state.field_faults), None)
    if fault is None:
        return ""
    what = wording.words.t(FIELD_TROUBLE[fault.trouble])
    return wording.words.t("{field}: {what}", field=labels.get(fault.name, fault.name), what=what)


def _choices(field: FormField) -> tuple[tuple[str, str], ...]:
    if field.kind is FieldKind.CHOICE:
        return tuple((choice, choice) for choice in field.choices)
    if field.kind is FieldKind.SCALE:
        return tuple((str(step), str(step)) for step in field.steps)
    return ()


def _hint(wording: Wording, field: FormField) -> str:
    """How the answer is written, or what is allowed."""
    if field.kind is FieldKind.DATE:
        example = datetime.combine(date(2026, 12, 31), datetime.min.time()).astimezone()
        return wording.words.t("for example {date}", date=wording.formats.day(example))
    if field.kind is FieldKind.TEXT:
        return ""
    low = "" if field.minimum is None else f"{field.minimum:g}"
    high = "" if field.maximum is None else f"{field.maximum:g}"
    return wording.words.join((field.currency, _bounds(wording, low, high)))


def _bounds(wording: Wording, low: str, high: str) -> str:
    if low and high:
        return f"{low}–{high}"
    if low:
        return wording.words.t("at least {number}", number=low)
    return wording.words.t("at most {number}", number=high) if high else ""
