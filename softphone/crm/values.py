"""The values that templates are filled in with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TypeAlias

from softphone.domain.facts import dataclass

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"


@dataclass(frozen=True, slots=True)
class Structure:
    """JSON that goes into a body as it is, where a placeholder stands alone."""

    json: Json


Value: TypeAlias = str | int | float | bool | datetime | dict[str, str] | tuple[str, ...] | Structure | None
Values: TypeAlias = Mapping[str, Value]


def as_text(value: Value) -> str:
    """A value inside a longer text: times in UTC, lists and tables on one line, nothing as nothing."""
    if value is None or isinstance(value, Structure):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, dict):
        return "; ".join(f"{key}: {item}" for key, item in value.items())
    if isinstance(value, tuple):
        return ", ".join(value)
    return str(value)


def as_json(value: Value) -> Json:
    """A value as the JSON that it is."""
    if isinstance(value, Structure):
        return value.json
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, dict):
        return dict(value)
    return as_text(value) if isinstance(value, datetime) else value


def iso(moment: datetime) -> str:
    """RFC 3339 in UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
