"""Records, callbacks and the script as JSON-able values. Field names are a promise (docs/ctl.md)."""

from __future__ import annotations

from typing import TypedDict

from softphone.domain.callback import Callback
from softphone.usecases.remote.pictures import moment
from softphone.usecases.wrap_up.following_script import ScriptPage


class CallbackPicture(TypedDict):
    call: str
    at: str
    number: str
    customer: str
    campaign: str
    notes: str
    due: bool


class ScriptPicture(TypedDict):
    """`answers` are to choose from, `field` is the name of what is asked instead; both may be empty."""

    step: str
    text: str
    answers: list[str]
    chosen: int
    field: str
    answer: str
    trouble: str
    steps_done: int
    at_end: bool


def callback_picture(promise: Callback, due: bool) -> CallbackPicture:
    return {
        "call": promise.call_id,
        "at": moment(promise.at),
        "number": promise.number,
        "customer": promise.customer_name,
        "campaign": promise.campaign_name,
        "notes": promise.notes,
        "due": due,
    }


def script_picture(page: ScriptPage) -> ScriptPicture:
    return {
        "step": page.step,
        "text": page.text,
        "answers": list(page.answers),
        "chosen": page.chosen,
        "field": page.field.name if page.field else "",
        "answer": page.answer,
        "trouble": page.trouble.value if page.trouble else "",
        "steps_done": page.steps_done,
        "at_end": page.at_end,
    }
