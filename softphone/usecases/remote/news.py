"""Every change of the desk as one JSON-able event, with a time stamp, for `softphone ctl events`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import singledispatch

from softphone.domain.customer_events import CustomerCardChanged
from softphone.domain.events import (
    AgentStatusChanged,
    AudioChanged,
    CallArrived,
    CallChanged,
    CallTransferProgressed,
    CommandRefused,
    DtmfReceived,
    EngineAttached,
    EngineLost,
    Event,
    LineStateChanged,
    LineWarned,
    MediaQualityMeasured,
    MessageWaitingChanged,
    RegistrationChanged,
)
from softphone.domain.keeping_events import DeliveryRecorded, StoreFailed, StoreOpened
from softphone.domain.recording_events import RecordingChanged
from softphone.domain.team_events import (
    AuditFailed,
    HelpChanged,
    OwnHelpChanged,
    SupervisionChanged,
    SupervisorsChanged,
    TeamChanged,
)
from softphone.domain.wrap_up_events import CallbackDue, OutboxChanged, WrapUpChanged
from softphone.usecases.remote import pictures, team_pictures
from softphone.usecases.remote.record_pictures import callback_picture
from softphone.usecases.remote.status import RemoteStatus

Facts = tuple[str, Mapping[str, object]]


def describe(event: Event, status: RemoteStatus) -> dict[str, object] | None:
    """The event with its name and time, or None for one that nobody outside needs."""
    facts = _facts(event, status)
    return None if facts is None else {**status.stamp(facts[0]), **facts[1]}


@singledispatch
def _facts(_event: Event, _status: RemoteStatus) -> Facts | None:
    return None


@_facts.register
def _(event: RecordingChanged, _status: RemoteStatus) -> Facts:
    return "recording_changed", {"call_id": event.call_id, "state": event.state.value}


@_facts.register
def _(event: RegistrationChanged, _status: RemoteStatus) -> Facts:
    return "registration_changed", {"registration": pictures.registration_picture(event.registration)}


@_facts.register
def _(event: CallArrived, _status: RemoteStatus) -> Facts:
    """`invite_monotonic_ms` is when the INVITE was read from the network, by the same clock."""
    return "call_arrived", {
        "call_id": event.call_id,
        "invite_monotonic_ms": round(event.monotonic_ns / 1e6, 3),
    }


@_facts.register
def _(event: CallChanged, status: RemoteStatus) -> Facts:
    return "call_changed", {"call": status.call_picture(event.call)}


@_facts.register
def _(event: CustomerCardChanged, _status: RemoteStatus) -> Facts:
    return "customer_changed", {
        "call_id": event.call_id,
        "customer": pictures.customer_picture(event.lookup),
    }


@_facts.register
def _(event: AgentStatusChanged, _status: RemoteStatus) -> Facts:
    return "agent_changed", {"agent": pictures.agent_picture(event.status, event.since)}


@_facts.register
def _(event: WrapUpChanged, _status: RemoteStatus) -> Facts:
    return "wrap_up_changed", {"wrap_up": pictures.wrap_up_picture(event)}


@_facts.register
def _(event: OutboxChanged, _status: RemoteStatus) -> Facts:
    return "outbox_changed", {"outbox": pictures.outbox_picture(event)}


@_facts.register
def _(event: CallbackDue, _status: RemoteStatus) -> Facts:
    return "callback_due", {"callback": callback_picture(event.callback, due=True)}


@_facts.register
def _(event: DeliveryRecorded, _status: RemoteStatus) -> Facts:
    return "delivery_recorded", {"delivery": pictures.delivery_picture(event.delivery)}


@_facts.register
def _(event: AudioChanged, _status: RemoteStatus) -> Facts:
    return "audio_changed", {"audio": pictures.audio_picture(event.state)}


@_facts.register
def _(event: MediaQualityMeasured, _status: RemoteStatus) -> Facts:
    return "quality_measured", {"quality": pictures.quality_picture(event.quality)}


@_facts.register
def _(event: LineWarned, _status: RemoteStatus) -> Facts:
    facts = {"fault": event.fault.value, "percent": event.percent, "round_trip_ms": event.round_trip_ms}
    return "line_warned", {"call_id": event.call_id, **facts}


@_facts.register
def _(event: EngineAttached, _status: RemoteStatus) -> Facts:
    return "engine_attached", {"pid": event.pid, "restarted": event.restarted}


@_facts.register
def _(event: EngineLost, _status: RemoteStatus) -> Facts:
    return "engine_lost", {"detail": event.detail, "will_restart": event.will_restart}


@_facts.register
def _(event: StoreOpened, _status: RemoteStatus) -> Facts:
    return "store_opened", {"store": pictures.store_picture(event)}


@_facts.register
def _(event: StoreFailed, _status: RemoteStatus) -> Facts:
    return "store_failed", {
        "call_id": event.call_id or "",
        "trouble": event.trouble.value,
        "detail": event.detail,
    }


@_facts.register
def _(event: CommandRefused, _status: RemoteStatus) -> Facts:
    return "command_refused", {
        "call_id": event.call_id or "",
        "refused": event.command,
        "reason": event.reason.value,
        "detail": event.detail,
    }


@_facts.register
def _(event: CallTransferProgressed, _status: RemoteStatus) -> Facts:
    return "transfer_progressed", {
        "call_id": event.call_id,
        "sip_code": event.sip_code,
        "final": event.final,
        "detail": event.detail,
    }


@_facts.register
def _(event: DtmfReceived, _status: RemoteStatus) -> Facts:
    return "dtmf_received", {"call_id": event.call_id, "digit": event.digit}


@_facts.register
def _(event: MessageWaitingChanged, _status: RemoteStatus) -> Facts:
    return "message_waiting_changed", {
        "account": event.account_id,
        "waiting": event.waiting,
        "new": event.new,
        "old": event.old,
    }


@_facts.register
def _(event: LineStateChanged, _status: RemoteStatus) -> Facts:
    return "line_state_changed", {
        "account": event.account_id,
        "target": event.target,
        "state": event.state.value,
        "since": event.since.isoformat(),
        "direction": event.direction.value if event.direction is not None else "",
        "number": event.remote_number,
        "name": event.remote_name,
        "calls": event.calls,
    }


@_facts.register
def _(event: SupervisionChanged, _status: RemoteStatus) -> Facts:
    return "supervision_changed", {"supervision": team_pictures.supervision_picture(event.supervision)}


@_facts.register
def _(event: SupervisorsChanged, _status: RemoteStatus) -> Facts:
    return "supervisors_changed", {
        "supervisors": [team_pictures.supervisor_picture(s) for s in event.supervisors]
    }


@_facts.register
def _(event: TeamChanged, _status: RemoteStatus) -> Facts:
    return "team_changed", {
        "agents": [team_pictures.row_picture(row) for row in event.rows],
        "queues": [team_pictures.queue_picture(queue) for queue in event.queues],
    }


@_facts.register
def _(event: HelpChanged, _status: RemoteStatus) -> Facts:
    return "help_changed", {"requests": [team_pictures.help_picture(r) for r in event.requests]}


@_facts.register
def _(event: OwnHelpChanged, _status: RemoteStatus) -> Facts:
    return "own_help_changed", {"help": team_pictures.own_help_picture(event)}


@_facts.register
def _(event: AuditFailed, _status: RemoteStatus) -> Facts:
    return "audit_failed", {"detail": event.detail, "kept": event.kept}
