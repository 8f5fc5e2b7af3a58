"""Notes, outcome and callback of one call: what is chosen, what is missing, and whether it is safe."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from softphone.domain.campaign import AcwPolicy, Campaign, CodeAction, Disposition
from softphone.domain.facts import dataclass
from softphone.domain.ids import CallId
from softphone.domain.store_trouble import StoreTrouble
from softphone.domain.wrap_up import Problem
from softphone.domain.wrap_up_events import WrapUpChanged
from softphone.ui.formats import duration
from softphone.ui.presenters.form import FieldRow, first_fault, form_rows
from softphone.ui.presenters.phrases import CODE_ACTION, PROBLEM, STORE_TROUBLE, SUPERSEDED
from softphone.ui.presenters.wording import Wording
from softphone.ui.theme.tokens import Tone

HURRY_S = 15


@dataclass(frozen=True, slots=True)
class CodeRow:
    """One line of the outcome list: a folder (`code` empty) or an outcome. `path` is where it stands."""

    code: str
    label: str
    depth: int
    hint: str = ""
    path: str = ""
    chosen: bool = False
    often: bool = False
    """One of the most used, listed a second time at the top."""


@dataclass(frozen=True, slots=True)
class WrapUpView:
    call_id: CallId
    title: str
    codes: tuple[CodeRow, ...]
    code: str
    code_label: str
    notes: str
    callback_at: datetime | None
    callback_number: str
    callback_wanted: bool
    note_wanted: bool
    status: str
    status_tone: Tone
    status_icon: str
    timer: str
    hurry: bool
    can_edit: bool
    can_save: bool
    saved: bool
    extendable: bool
    form: tuple[FieldRow, ...] = ()
    work_on_request: bool = False
    """After-call work comes only if it is asked for during the call."""
    work_requested: bool = False
    can_leave: bool = False
    """A correction that can be given up."""
    effects: str = ""
    """What the chosen outcomes set off, in words."""
    save_text: str = ""


def present_wrap_up(
    wording: Wording,
    state: WrapUpChanged,
    campaign: Campaign | None,
    live: bool,
    now: datetime,
    favourites: tuple[str, ...] = (),
) -> WrapUpView:
    """`live` tells that the call still runs: things can be prepared, not saved. `favourites` are the codes
    that are used most."""
    chosen = campaign.chosen(state.draft.codes) if campaign else ()
    status, tone, icon = _with_customer(wording, state, _status(wording, state, campaign, live))
    left = (state.deadline - now).total_seconds() if state.deadline and not state.saved else None
    return WrapUpView(
        call_id=state.call_id,
        title=_title(wording, state, live),
        codes=_rows(wording, campaign, state.draft.codes, favourites) if campaign else (),
        code=state.draft.code,
        code_label=" + ".join(code.label for code in chosen),
        notes=state.draft.notes,
        callback_at=state.draft.callback_at,
        callback_number=state.draft.callback_number,
        callback_wanted=any(code.wants_callback for code in chosen),
        note_wanted=any(code.needs_note for code in chosen),
        status=status,
        status_tone=tone,
        status_icon=icon,
        timer=duration(left) if left is not None else "",
        hurry=left is not None and left <= HURRY_S,
        can_edit=not (state.saving or state.saved),
        can_save=not (live or state.saving or state.saved),
        saved=state.saved,
        extendable=left is not None and not (campaign and campaign.acw is AcwPolicy.TIMED_FIXED),
        form=form_rows(wording, state, campaign),
        work_on_request=live and campaign is not None and campaign.acw is AcwPolicy.ON_REQUEST,
        work_requested=state.requested,
        can_leave=state.correcting and not (state.saving or state.saved),
        effects=_effects(wording, chosen),
        save_text=_save_text(wording, state),
    )


def _save_text(wording: Wording, state: WrapUpChanged) -> str:
    t = wording.words.t
    if not state.correcting:
        return t("Save")
    return t("Change in the CRM") if state.changes else t("Send again")


def _effects(wording: Wording, chosen: tuple[Disposition, ...]) -> str:
    """Each action once, in the order of the outcomes."""
    actions = dict.fromkeys(action for code in chosen for action in code.actions)
    return wording.words.join(wording.words.t(CODE_ACTION[action]) for action in actions)


def _title(wording: Wording, state: WrapUpChanged, live: bool) -> str:
    if state.correcting:
        t = wording.words.t
        return t("Change the record") if state.changes else t("Correct the record")
    return wording.words.t("Notes and outcome") if live else wording.words.t("After-call work")


def _status(
    wording: Wording, state: WrapUpChanged, campaign: Campaign | None, live: bool
) -> tuple[str, Tone, str]:
    t = wording.words.t
    said = _of_saving(wording, state)
    if said is not None:
        return said
    if live:
        return t("Kept while you type. You save it after the call."), Tone.NEUTRAL, ""
    if state.problems:
        first = _first(state.problems)
        field = first_fault(wording, state, campaign) if first is Problem.FIELD_WRONG else ""
        return field or t(PROBLEM[first]), Tone.WARNING, "warning"
    if state.changes:
        return t("Ctrl+Enter changes it there, Escape leaves it as it was."), Tone.NEUTRAL, ""
    if state.correcting:
        return t("Ctrl+Enter sends it again, Escape leaves it as it was."), Tone.NEUTRAL, ""
    return t("Complete. Ctrl+Enter saves it."), Tone.NEUTRAL, ""


def _with_customer(
    wording: Wording, state: WrapUpChanged, status: tuple[str, Tone, str]
) -> tuple[str, Tone, str]:
    """Before the status, whose record it is, where somebody else was attached in vain."""
    if not state.stays or state.saved:
        return status
    text, tone, _icon = status
    t, name = wording.words.t, state.draft.customer_name or state.draft.customer_id
    if name:
        where = t("The CRM has this call under {name}; it stays there.", name=name)
    else:
        where = t("The CRM has this call without a customer; it stays so.")
    return f"{where} {text}", tone if tone is Tone.DANGER else Tone.WARNING, "warning"


def _of_saving(wording: Wording, state: WrapUpChanged) -> tuple[str, Tone, str] | None:
    """How saving stands, once it was asked for."""
    t = wording.words.t
    if state.superseded:
        return t(SUPERSEDED), Tone.WARNING, "warning"
    if state.saved:
        return _saved(wording, state.in_memory)
    if state.saving:
        return t("Saving …"), Tone.NEUTRAL, "hourglass"
    if state.trouble is StoreTrouble.NONE:
        return None
    what = t(STORE_TROUBLE[state.trouble].what)
    if state.trouble is StoreTrouble.SUPERSEDED:
        return what, Tone.WARNING, "warning"
    return t("Not saved. {what} Your entries stay here.", what=what), Tone.DANGER, "error"


def _saved(wording: Wording, in_memory: bool) -> tuple[str, Tone, str]:
    if in_memory:
        text = wording.words.t("Kept in memory only; it is written to disk as soon as that works.")
        return text, Tone.WARNING, "warning"
    return wording.words.t("Saved"), Tone.GOOD, "done"


def _first(problems: tuple[Problem, ...]) -> Problem:
    order = list(Problem)
    return min(problems, key=order.index)


def _rows(
    wording: Wording, campaign: Campaign, chosen: tuple[str, ...], favourites: tuple[str, ...]
) -> tuple[CodeRow, ...]:
    """The tree, the most used outcomes once more above it, chosen ones marked."""
    tree = code_rows(wording, campaign.dispositions)
    known = {row.code: row for row in tree if row.code}
    often = (replace(known[code], depth=0, often=True) for code in favourites if code in known)
    return tuple(replace(row, chosen=bool(row.code) and row.code in chosen) for row in (*often, *tree))


def code_rows(
    wording: Wording, nodes: tuple[Disposition, ...], depth: int = 0, path: tuple[str, ...] = ()
) -> tuple[CodeRow, ...]:
    """The tree as the lines of a list, folders first named, then their outcomes."""
    rows: list[CodeRow] = []
    for node in nodes:
        where = " › ".join(path)
        if node.children:
            rows.append(CodeRow("", node.label, depth, path=where))
            rows += code_rows(wording, node.children, depth + 1, (*path, node.label))
        else:
            rows.append(CodeRow(node.code, node.label, depth, _hint(wording, node), where))
    return tuple(rows)


def _hint(wording: Wording, node: Disposition) -> str:
    t = wording.words.t
    needs = (t("with note") if node.needs_note else "", t("with callback") if node.wants_callback else "")
    actions = (a for a in node.actions if a is not CodeAction.CALLBACK)
    return wording.words.join((*needs, *(t(CODE_ACTION[action]) for action in actions)))


def matching_rows(rows: tuple[CodeRow, ...], typed: str) -> tuple[CodeRow, ...]:
    """What is left of the list when somebody types: outcomes that contain every word, best first.

    A word may begin any word of the label, of the folder, or be the code. Without typing, everything.
    """
    wanted = typed.casefold().split()
    if not wanted:
        return rows
    found = [row for row in rows if row.code and not row.often and all(_fits(row, word) for word in wanted)]
    return tuple(sorted(found, key=lambda row: not row.label.casefold().startswith(wanted[0])))


def _fits(row: CodeRow, word: str) -> bool:
    haystack = f"{row.label} {row.path} {row.code}".casefold().replace("-", " ").split()
    return any(part.startswith(word) for part in haystack) or word in row.label.casefold()
