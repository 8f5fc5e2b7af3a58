"""The script beside the customer: what to say now, what to ask, and the way on."""

from __future__ import annotations

from softphone.domain.facts import dataclass
from softphone.domain.ids import CallId
from softphone.ui.presenters.form import FieldRow, field_row
from softphone.ui.presenters.wording import Wording
from softphone.usecases.wrap_up.following_script import ScriptPage


@dataclass(frozen=True, slots=True)
class ScriptView:
    """`answers` are labels to choose from, `chosen` the index of the one taken before (-1: none)."""

    call_id: CallId
    step: str
    text: str
    hint: str
    answers: tuple[str, ...] = ()
    chosen: int = -1
    field: FieldRow | None = None
    can_go_back: bool = False
    can_go_on: bool = False
    at_end: bool = False


def present_script(wording: Wording, page: ScriptPage) -> ScriptView:
    t = wording.words.t
    text = t("The script is done.") if page.at_end else page.text
    hint = "" if page.at_end else t("Step {number}", number=page.steps_done + 1)
    row = field_row(wording, page.field, page.answer, page.trouble) if page.field else None
    return ScriptView(
        page.call_id,
        page.step,
        text,
        hint,
        page.answers,
        page.chosen,
        row,
        can_go_back=page.steps_done > 0,
        can_go_on=page.can_go_on,
        at_end=page.at_end,
    )
