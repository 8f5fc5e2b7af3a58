"""Facts of team and supervision as JSON-able values; the promises of `pictures` hold here too."""

from __future__ import annotations

from typing import TypedDict

from softphone.domain.supervision import HelpRequest, Supervision, Supervisor
from softphone.domain.team import CurrentCall, QueueRow, TeamRow
from softphone.domain.team_events import OwnHelpChanged
from softphone.usecases.remote.pictures import maybe, moment


class CurrentCallPicture(TypedDict):
    activity: str
    since: str | None
    number: str
    campaign: str
    inbound: bool | None


class HelpPicture(TypedDict):
    agent: str
    name: str
    reason: str
    at: str


class RowPicture(TypedDict):
    """`state` null: not known. `call` null with `line_known`: no call."""

    agent: str
    name: str
    state: str | None
    reason: str
    since: str | None
    line_known: bool
    call: CurrentCallPicture | None
    help: HelpPicture | None


class QueuePicture(TypedDict):
    """`waiting` null: not known; `at_least`: the source says only that somebody waits."""

    queue: str
    waiting: int | None
    at_least: bool


class SupervisionPicture(TypedDict):
    """`heard_by` names who can hear the lead now."""

    call: str
    agent: str
    way: str
    state: str
    mode: str
    wanted: str
    heard_by: list[str]
    trouble: str
    since: str


class SupervisorPicture(TypedDict):
    call: str
    lead: str
    name: str
    mode: str
    asks: bool
    since: str


class OwnHelpPicture(TypedDict):
    reason: str
    reached: list[str]
    failed: list[str]
    waiting: list[str]


def call_picture(call: CurrentCall) -> CurrentCallPicture:
    return {
        "activity": call.activity.value,
        "since": maybe(call.since),
        "number": call.number,
        "campaign": call.campaign,
        "inbound": call.inbound,
    }


def help_picture(request: HelpRequest) -> HelpPicture:
    return {
        "agent": request.extension,
        "name": request.name,
        "reason": request.reason,
        "at": moment(request.at),
    }


def row_picture(row: TeamRow) -> RowPicture:
    return {
        "agent": row.member.extension,
        "name": row.member.name,
        "state": row.state.value if row.state else None,
        "reason": row.reason,
        "since": maybe(row.since),
        "line_known": row.line_known,
        "call": call_picture(row.call) if row.call else None,
        "help": help_picture(row.help) if row.help else None,
    }


def queue_picture(row: QueueRow) -> QueuePicture:
    return {"queue": row.queue.name, "waiting": row.waiting, "at_least": row.at_least}


def supervision_picture(supervision: Supervision) -> SupervisionPicture:
    return {
        "call": supervision.call_id,
        "agent": supervision.extension,
        "way": supervision.way,
        "state": supervision.state.value,
        "mode": supervision.mode.value,
        "wanted": supervision.wanted.value,
        "heard_by": sorted(voice.value for voice in supervision.lead_is_heard_by()),
        "trouble": supervision.trouble,
        "since": moment(supervision.since),
    }


def supervisor_picture(supervisor: Supervisor) -> SupervisorPicture:
    return {
        "call": supervisor.call_id,
        "lead": supervisor.lead.user,
        "name": supervisor.lead.display_name,
        "mode": supervisor.mode.value,
        "asks": supervisor.asks,
        "since": moment(supervisor.since),
    }


def own_help_picture(own: OwnHelpChanged) -> OwnHelpPicture:
    return {
        "reason": own.reason,
        "reached": list(own.reached),
        "failed": list(own.failed),
        "waiting": list(own.waiting),
    }
