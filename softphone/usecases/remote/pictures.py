"""Facts as JSON-able values, for answers and events of the control socket. Field names are a promise.

Times are ISO 8601 in UTC with milliseconds; what is not there is null. Customer data goes no further than
to the same user's own programs.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TypedDict

from softphone.domain.account import Registration, Signalling
from softphone.domain.agent_state import AgentStatus
from softphone.domain.audio import AudioState, MediaQuality
from softphone.domain.call import CallView
from softphone.domain.customer import Lookup
from softphone.domain.delivery import Delivery
from softphone.domain.keeping_events import StoreOpened
from softphone.domain.wrap_up_events import OutboxChanged, WrapUpChanged


class AgentPicture(TypedDict):
    """`next` and `next_reason` are what the agent has chosen; `queued` tells that it is still to come."""

    state: str
    reason: str
    since: str
    next: str
    next_reason: str
    queued: bool
    registered: bool


class RegistrationPicture(TypedDict):
    """`certificate` says what is wrong with the server's; `signalling` is the TLS version, empty without."""

    account: str
    state: str
    trouble: str
    sip_code: int
    detail: str
    retry_in_s: float
    certificate: str
    server: str
    backup: bool
    signalling: str


class CustomerPicture(TypedDict):
    """`state` is not_asked, asking, late, one, several, none or failed; `matches` names the candidates.

    `not_asked` says why not: no_crm, anonymous, internal, until_answered or on_request. `kept_at` is there
    when this comes from what is kept on this computer.
    """

    state: str
    id: str
    name: str
    company: str
    matches: list[str]
    trouble: str
    took_ms: float
    not_asked: str
    kept_at: str | None
    refreshing: bool


class CallPicture(TypedDict):
    id: str
    account: str
    direction: str
    state: str
    number: str
    name: str
    anonymous: bool
    dnis: str
    queue: str
    campaign: str
    started_at: str
    established_at: str | None
    ended_at: str | None
    local_hold: bool
    remote_hold: bool
    muted: bool
    silenced: bool
    codec: str
    encrypted: bool
    signalling: str
    end_cause: str | None
    ended_by_us: bool
    sip_code: int
    transfer_code: int
    customer: CustomerPicture


class WrapUpPicture(TypedDict):
    call: str
    code: str
    codes: list[str]
    notes: str
    answers: dict[str, str]
    callback_at: str | None
    callback_number: str
    customer: str
    field_faults: dict[str, str]
    requested: bool
    problems: list[str]
    saving: bool
    saved: bool
    in_memory: bool
    trouble: str
    deadline: str | None
    correcting: bool
    changes: bool


class DeliveryPicture(TypedDict):
    id: str
    call: str
    state: str
    attempts: int
    trouble: str
    detail: str
    next_attempt_at: str | None


class OutboxPicture(TypedDict):
    waiting: int
    refused: int
    last: DeliveryPicture | None


class AudioPicture(TypedDict):
    microphone: str
    speaker: str
    ringer: str
    trouble: str
    detail: str
    devices: list[str]


class StorePicture(TypedDict):
    opened: bool
    trouble: str
    detail: str
    in_memory: bool


class EnginePicture(TypedDict):
    running: bool
    pid: int | None
    detail: str


class QualityPicture(TypedDict):
    call: str
    rx_loss_percent: float
    tx_loss_percent: float
    rx_jitter_ms: float
    tx_jitter_ms: float
    round_trip_ms: float
    mos: float


class StatusPicture(TypedDict):
    pid: int
    agent: AgentPicture
    registrations: list[RegistrationPicture]
    calls: list[CallPicture]
    wrap_ups: list[WrapUpPicture]
    outbox: OutboxPicture
    audio: AudioPicture
    store: StorePicture
    engine: EnginePicture


def moment(at: datetime) -> str:
    """ISO 8601 in UTC with milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def maybe(at: datetime | None) -> str | None:
    return None if at is None else moment(at)


def agent_picture(status: AgentStatus, since: datetime) -> AgentPicture:
    settled = not status.next_is_queued
    return {
        "state": status.state.value,
        "reason": status.reason if settled else "",
        "since": moment(since),
        "next": status.chosen.value,
        "next_reason": status.reason,
        "queued": status.next_is_queued,
        "registered": status.registered,
    }


def registration_picture(registration: Registration) -> RegistrationPicture:
    signalling = registration.signalling or Signalling()
    return {
        "account": registration.account_id,
        "state": registration.state.value,
        "trouble": registration.trouble.value,
        "sip_code": registration.sip_code,
        "detail": registration.detail,
        "retry_in_s": round(registration.retry_in_s, 3),
        "certificate": registration.certificate.value,
        "server": signalling.server,
        "backup": signalling.backup,
        "signalling": signalling.protocol,
    }


def customer_picture(lookup: Lookup) -> CustomerPicture:
    chosen = lookup.chosen
    return {
        "state": lookup.state.value,
        "id": chosen.id if chosen else "",
        "name": chosen.name if chosen else "",
        "company": chosen.company if chosen else "",
        "matches": [customer.name for customer in lookup.matches],
        "trouble": lookup.trouble.value,
        "took_ms": round(lookup.took_ms, 3),
        "not_asked": lookup.not_asked.value,
        "kept_at": moment(lookup.kept_at) if lookup.kept_at else None,
        "refreshing": lookup.refreshing,
    }


def call_picture(call: CallView, lookup: Lookup) -> CallPicture:
    return {
        "id": call.id,
        "account": call.account_id,
        "direction": call.direction.value,
        "state": call.state.value,
        "number": call.party.user,
        "name": call.party.display_name,
        "anonymous": call.party.anonymous,
        "dnis": call.invitation.dnis,
        "queue": call.queue,
        "campaign": call.campaign_id or "",
        "started_at": moment(call.started_at),
        "established_at": maybe(call.established_at),
        "ended_at": maybe(call.ended_at),
        "local_hold": call.local_hold,
        "remote_hold": call.remote_hold,
        "muted": call.muted,
        "silenced": call.silenced,
        "codec": call.media.codec,
        "encrypted": call.media.encrypted,
        "signalling": call.media.signalling,
        "end_cause": call.end_cause.value if call.end_cause else None,
        "ended_by_us": call.ended_by_us,
        "sip_code": call.sip_code,
        "transfer_code": call.transfer_code,
        "customer": customer_picture(lookup),
    }


def wrap_up_picture(wrap_up: WrapUpChanged) -> WrapUpPicture:
    draft = wrap_up.draft
    return {
        "call": wrap_up.call_id,
        "code": draft.code,
        "codes": list(draft.codes),
        "answers": dict(draft.answers),
        "field_faults": {fault.name: fault.trouble.value for fault in wrap_up.field_faults},
        "requested": wrap_up.requested,
        "notes": draft.notes,
        "callback_at": maybe(draft.callback_at),
        "callback_number": draft.callback_number,
        "customer": draft.customer_name,
        "problems": [problem.value for problem in wrap_up.problems],
        "saving": wrap_up.saving,
        "saved": wrap_up.saved,
        "in_memory": wrap_up.in_memory,
        "trouble": wrap_up.trouble.value,
        "deadline": maybe(wrap_up.deadline),
        "correcting": wrap_up.correcting,
        "changes": wrap_up.changes,
    }


def delivery_picture(delivery: Delivery) -> DeliveryPicture:
    return {
        "id": delivery.id,
        "call": delivery.log.call_id,
        "state": delivery.state.value,
        "attempts": delivery.attempts,
        "trouble": delivery.last_trouble.value,
        "detail": delivery.last_detail,
        "next_attempt_at": maybe(delivery.next_attempt_at),
    }


def outbox_picture(outbox: OutboxChanged) -> OutboxPicture:
    last = delivery_picture(outbox.last) if outbox.last else None
    return {"waiting": outbox.waiting, "refused": outbox.refused, "last": last}


def audio_picture(audio: AudioState) -> AudioPicture:
    return {
        "microphone": audio.microphone,
        "speaker": audio.speaker,
        "ringer": audio.ringer,
        "trouble": audio.trouble.value,
        "detail": audio.detail,
        "devices": [device.key for device in audio.devices],
    }


def store_picture(opened: StoreOpened | None) -> StorePicture:
    if opened is None:
        return {"opened": False, "trouble": "none", "detail": "", "in_memory": False}
    return {
        "opened": True,
        "trouble": opened.trouble.value,
        "detail": opened.detail,
        "in_memory": opened.in_memory,
    }


def quality_picture(quality: MediaQuality) -> QualityPicture:
    return {
        "call": quality.call_id,
        "rx_loss_percent": round(quality.rx_loss_percent, 2),
        "tx_loss_percent": round(quality.tx_loss_percent, 2),
        "rx_jitter_ms": round(quality.rx_jitter_ms, 2),
        "tx_jitter_ms": round(quality.tx_jitter_ms, 2),
        "round_trip_ms": round(quality.round_trip_ms, 2),
        "mos": round(quality.mos, 2),
    }
