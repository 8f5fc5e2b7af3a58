"""The lines of the control socket: JSON in, typed requests out, and answers back to JSON."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping

import msgspec

from softphone.domain.facts import dataclass
from softphone.usecases.remote.request import Request
from softphone.usecases.remote.requests import REQUESTS

Message = Mapping[str, object]


class BadRequest(Exception):
    """The line is no request of ours; the text tells why."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request with what the client wants to see again in its answer."""

    request: Request
    echo: Message


def decode_request(line: bytes) -> Asked:
    """Return the request in `line`; raises `BadRequest` that names what is wrong."""
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError) as exc:
        raise BadRequest("one JSON object per line is expected") from exc
    if not isinstance(fields, dict):
        raise BadRequest("one JSON object per line is expected")
    command = fields.pop("command", None)
    kind = REQUESTS.get(command) if isinstance(command, str) else None
    if kind is None:
        raise BadRequest(f"unknown command; known are {', '.join(REQUESTS)}")
    if fields.pop("version", 1) != 1:
        raise BadRequest("only version 1 is spoken here")
    echo = {"id": fields.pop("id")} if "id" in fields else {}
    unknown = set(fields) - {field.name for field in dataclasses.fields(kind)}
    if unknown:
        raise BadRequest(f"{command} has no field {', '.join(sorted(unknown))}")
    try:
        return Asked(msgspec.convert(fields, kind), echo)
    except msgspec.ValidationError as exc:
        raise BadRequest(f"{command}: {str(exc).replace('`', '')}") from exc


def encode(message: Message) -> bytes:
    """One line of JSON, pure ASCII, so that no terminal and no locale can spoil it."""
    return json.dumps(message, separators=(",", ":")).encode("ascii")


def no(kind: str, detail: str = "") -> Message:
    """An answer that says no."""
    return {"version": 1, "ok": False, "error": {"kind": kind, "thing": "request", "detail": detail}}
