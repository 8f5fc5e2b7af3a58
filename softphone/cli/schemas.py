"""The promises of `ctl`, settings and CRM packs as JSON Schema, made from the types that keep them.

`python -m softphone.cli.schemas docs` writes all files anew; a test fails when they are out of date.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from softphone.crm.packs.schema import PackTable
from softphone.domain.line_quality import LineFault
from softphone.domain.provisioning import EnrolmentSettings, ProfileHead
from softphone.domain.recording import RecordingState
from softphone.domain.settings import Settings
from softphone.usecases.remote import pictures, record_pictures, team_pictures
from softphone.usecases.remote.recording_pictures import RecordingPicture
from softphone.usecases.remote.requests import REQUESTS

DIALECT = "https://json-schema.org/draft/2020-12/schema"

Fields = dict[str, Any]

_CALL: Fields = {"call": pictures.CallPicture}
_AGENT: Fields = {"agent": pictures.AgentPicture}

ANSWERS: dict[str, Fields] = {
    "status": {"status": pictures.StatusPicture},
    "events": {"event": str, "at": str, "monotonic_ms": float, "status": pictures.StatusPicture},
    "call": _CALL,
    "answer": _CALL,
    "reject": _CALL,
    "hangup": _CALL,
    "hold": _CALL,
    "resume": _CALL,
    "mute": _CALL,
    "dtmf": _CALL,
    "recording": {"recording": RecordingPicture},
    "transfer": _CALL,
    "join": {"calls": list[str]},
    "ready": _AGENT,
    "not-ready": _AGENT,
    "wrap-up": {"wrap_up": pictures.WrapUpPicture},
    "history": {"history": list[record_pictures.HistoryPicture], "waiting": int, "refused": int},
    "records-describe": {"facts": dict[str, str]},
    "records-export": {"records": list[dict[str, str]]},
    "records-purge": {"purged": int},
    "records-rekey": {},
    "records-close": {"call": str},
    "records-retry": {"call": str},
    "records-correct": {"wrap_up": pictures.WrapUpPicture},
    "records-leave": {"call": str},
    "callbacks": {"callbacks": list[record_pictures.CallbackPicture]},
    "callback-done": {"call": str},
    "script": {"script": record_pictures.ScriptPicture},
    "open": {},
    "read-settings": {},
    "account-add": {"account": str},
    "account-remove": {"account": str},
    "register": {},
    "team": {
        "agents": list[team_pictures.RowPicture],
        "queues": list[team_pictures.QueuePicture],
        "supervision": team_pictures.SupervisionPicture | None,
        "supervisors": list[team_pictures.SupervisorPicture],
    },
    "supervise": {"supervision": team_pictures.SupervisionPicture},
    "supervise-stop": {},
    "let-in": {"supervisors": list[team_pictures.SupervisorPicture]},
    "help": {"help": team_pictures.OwnHelpPicture},
    "trace-export": {"file": str, "messages": int},
    "quit": {},
}
"""What an answer that says yes holds, by command."""

EVENTS: dict[str, Fields] = {
    "registration_changed": {"registration": pictures.RegistrationPicture},
    "call_arrived": {"call_id": str, "invite_monotonic_ms": float},
    "call_changed": _CALL,
    "customer_changed": {"call_id": str, "customer": pictures.CustomerPicture},
    "agent_changed": _AGENT,
    "wrap_up_changed": {"wrap_up": pictures.WrapUpPicture},
    "callback_due": {"callback": record_pictures.CallbackPicture},
    "outbox_changed": {"outbox": pictures.OutboxPicture},
    "delivery_recorded": {"delivery": pictures.DeliveryPicture},
    "audio_changed": {"audio": pictures.AudioPicture},
    "quality_measured": {"quality": pictures.QualityPicture},
    "line_warned": {"call_id": str, "fault": LineFault, "percent": float, "round_trip_ms": float},
    "engine_attached": {"pid": int, "restarted": bool},
    "engine_lost": {"detail": str, "will_restart": bool},
    "store_opened": {"store": pictures.StorePicture},
    "store_failed": {"call_id": str, "trouble": str, "detail": str},
    "command_refused": {"call_id": str, "refused": str, "reason": str, "detail": str},
    "transfer_progressed": {"call_id": str, "sip_code": int, "final": bool, "detail": str},
    "dtmf_received": {"call_id": str, "digit": str},
    "message_waiting_changed": {"account": str, "waiting": bool, "new": int, "old": int},
    "recording_changed": {"call_id": str, "state": RecordingState},
    "supervision_changed": {"supervision": team_pictures.SupervisionPicture},
    "supervisors_changed": {"supervisors": list[team_pictures.SupervisorPicture]},
    "team_changed": {"agents": list[team_pictures.RowPicture], "queues": list[team_pictures.QueuePicture]},
    "help_changed": {"requests": list[team_pictures.HelpPicture]},
    "own_help_changed": {"help": team_pictures.OwnHelpPicture},
    "audit_failed": {"detail": str, "kept": int},
    "line_state_changed": {
        "account": str,
        "target": str,
        "state": str,
        "since": str,
        "direction": str,
        "number": str,
        "name": str,
        "calls": int,
    },
}
"""What each event of the stream holds beside version, event, at and monotonic_ms."""

ERROR_KINDS = (
    "bad_request", "bad_input", "refused", "try_later", "broken", "timeout", "internal",
    "too_many_connections", "slow_reader", "no_instance", "bug",
)  # fmt: skip


def settings_schema() -> dict[str, Any]:
    """One layer of the settings file; nothing in it is obligatory but the names of entries."""
    schema = msgspec.json.schema(Settings)
    for definition in schema["$defs"].values():
        if definition.get("type") == "object":
            definition["additionalProperties"] = False
    return {"$schema": DIALECT, "title": "softphone settings", **schema}


def pack_schema() -> dict[str, Any]:
    """A CRM pack (docs/crm-packs.md): what editors complete and check while it is written."""
    schema = msgspec.json.schema(PackTable)
    return {"$schema": DIALECT, "title": "softphone CRM pack", **schema}


def profile_schema() -> dict[str, Any]:
    """A company's profile: its head, perhaps an enrolment address, and settings."""
    schema = settings_schema()
    head = msgspec.json.schema(ProfileHead)["$defs"]["ProfileHead"]
    enrolment = msgspec.json.schema(EnrolmentSettings)["$defs"]["EnrolmentSettings"]
    for definition in (head, enrolment):
        definition["additionalProperties"] = False
    definitions = {**schema["$defs"], "ProfileHead": head, "EnrolmentSettings": enrolment}
    whole = definitions["Settings"]
    beside = {"profile": {"$ref": "#/$defs/ProfileHead"}, "enrolment": {"$ref": "#/$defs/EnrolmentSettings"}}
    definitions["Profile"] = {
        **whole,
        "title": "Profile",
        "properties": {**beside, **whole["properties"]},
        "required": ["profile"],
    }
    del definitions["Settings"]
    title = "softphone company profile"
    return {"$schema": DIALECT, "title": title, "$ref": "#/$defs/Profile", "$defs": definitions}


def control_schema() -> dict[str, Any]:
    """Requests, answers and events of the control socket, one JSON object per line each."""
    kinds = [*REQUESTS.values(), *_types(ANSWERS), *_types(EVENTS)]
    known, components = msgspec.json.schema_components(kinds, ref_template="#/$defs/{name}")
    by_kind = dict(zip(map(repr, kinds), known, strict=True))

    def shape(name: str, fields: Fields, fixed: dict[str, Any]) -> dict[str, Any]:
        properties = {**fixed, **{field: by_kind[repr(kind)] for field, kind in fields.items()}}
        return {"title": name, "type": "object", "properties": properties, "required": list(properties)}

    version: dict[str, Any] = {"version": {"const": 1}}
    stamped = {**version, "at": {"type": "string", "format": "date-time"}, "monotonic_ms": {"type": "number"}}
    definitions = {name: _request(name, components[kind.__name__]) for name, kind in _requests()}
    return {
        "$schema": DIALECT,
        "title": "softphone control socket, version 1",
        "requests": {"oneOf": list(definitions.values())},
        "answers": {
            name: shape(name, fields, {**version, "ok": {"const": True}}) for name, fields in ANSWERS.items()
        },
        "refusal": _refusal(version),
        "events": {
            name: shape(name, fields, {**stamped, "event": {"const": name}})
            for name, fields in EVENTS.items()
        },
        "$defs": {
            name: component
            for name, component in components.items()
            if name not in {kind.__name__ for kind in REQUESTS.values()}
        },
    }


def main(folder: Path) -> int:
    """Write all files into `folder`."""
    for name, make in PUBLISHED.items():
        (folder / name).write_text(text_of(make()), encoding="utf-8")
    return 0


PUBLISHED: dict[str, Callable[[], dict[str, Any]]] = {
    "ctl.schema.json": control_schema,
    "settings.schema.json": settings_schema,
    "profile.schema.json": profile_schema,
    "crm-pack.schema.json": pack_schema,
}


def text_of(schema: dict[str, Any]) -> str:
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


def _types(table: dict[str, Fields]) -> list[Any]:
    return [kind for fields in table.values() for kind in fields.values()]


def _requests() -> list[tuple[str, type]]:
    return list(REQUESTS.items())


def _request(name: str, component: dict[str, Any]) -> dict[str, Any]:
    properties = {"command": {"const": name}, "id": {}, **component.get("properties", {})}
    return {
        "title": name,
        "description": component.get("description", ""),
        "type": "object",
        "properties": properties,
        "required": ["command", *component.get("required", ())],
        "additionalProperties": False,
    }


def _refusal(version: dict[str, Any]) -> dict[str, Any]:
    text = {"type": "string"}
    error = {"kind": {"enum": list(ERROR_KINDS)}, "thing": text, "detail": text}
    properties = {
        **version,
        "ok": {"const": False},
        "error": {"type": "object", "properties": error, "required": list(error)},
    }
    return {"title": "refusal", "type": "object", "properties": properties, "required": list(properties)}


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
