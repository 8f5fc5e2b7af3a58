"""A company's profile: TOML with a head, perhaps an enrolment address, and settings. Read strictly."""

from __future__ import annotations

import re
from typing import Any, TypeVar

import msgspec

import softphone
from softphone.domain import toml_lines
from softphone.domain.facts import dataclass
from softphone.domain.provisioning import (
    EnrolmentSettings,
    ProfileHead,
    ProvisioningRefused,
    ProvisioningTrouble,
)
from softphone.domain.settings_layers import SettingsFault, SettingsLayer
from softphone.system.profile_signature import payload_and_signature, verify
from softphone.system.settings_file import merged
from softphone.system.settings_layers import Layer, dotted
from softphone.system.settings_toml import BadSettings, decoded, parsed
from softphone.system.settings_values import BadValue, field_types, read_table

FORMAT = 1
"""Version of the format that this program reads."""

_VERSION = re.compile(r"\d{1,6}(\.\d{1,6}){0,3}")

H = TypeVar("H", ProfileHead, EnrolmentSettings)


@dataclass(frozen=True)
class CompanyProfile:
    """A profile without a mistake. `raw` is what was checked, byte for byte."""

    head: ProfileHead
    enrolment: EnrolmentSettings | None
    layer: Layer
    raw: bytes
    signed: bool


def read_profile(raw: bytes, name: str, public_key: str = "") -> CompanyProfile:
    """Check signature (if a key is pinned), format and every key; `name` is the file or address in messages.

    Raises `ProvisioningRefused`; nothing is known then, whatever part of it was right.
    """
    if public_key:
        verify(raw, public_key)
    try:
        text = decoded(name, raw)
        table = parsed(name, text)
        lines = toml_lines.lines_of_keys(text)
    except BadSettings as exc:
        raise _malformed(exc) from exc
    try:
        head = _head(table, lines, name)
        enrolment = _section(table, "enrolment", EnrolmentSettings, lines, name)
        values, places = read_table({k: v for k, v in table.items() if k not in ("profile", "enrolment")})
    except BadValue as bad:
        place = toml_lines.line_of(bad.path, lines)
        raise _malformed(BadSettings(name, place, dotted(bad.path), bad.problem)) from bad
    where = {key: toml_lines.line_of(place, lines) for key, place in places.items()}
    layer = Layer(SettingsLayer.PROVISIONED, name, values, where)
    if enrolment is not None and not enrolment.url.startswith(("https://", "http://")):
        line = toml_lines.line_of(("enrolment", "url"), lines)
        raise _malformed(BadSettings(name, line, "enrolment.url", "an https address is expected"))
    return CompanyProfile(head, enrolment, layer, raw, payload_and_signature(raw)[1] is not None)


def contradictions(profile: CompanyProfile, own: Layer | None = None) -> tuple[SettingsFault, ...]:
    """What in the profile does not go together, with the user's own settings below it if they are given.

    Fields that enrolment can bring may be missing. Raises `BadSettings` when the user's own are to blame.
    """
    layer = Layer(profile.layer.layer, profile.layer.source, dict(profile.layer.values), profile.layer.lines)
    merged(own or Layer(SettingsLayer.USER, ""), (layer,))
    incomplete = profile.enrolment is not None
    return tuple(
        fault for fault in layer.faults if not (incomplete and fault.problem.startswith("is missing"))
    )


def refuse_contradictions(profile: CompanyProfile, own: Layer | None = None) -> None:
    """Raise `ProvisioningRefused` for the first of them."""
    try:
        faults = contradictions(profile, own)
    except BadSettings as exc:
        raise _malformed(exc) from exc
    if faults:
        fault = faults[0]
        raise _malformed(BadSettings(fault.source, fault.line, fault.key, fault.problem))


def _head(table: dict[str, Any], lines: dict[toml_lines.Path, int], name: str) -> ProfileHead:
    head = _section(table, "profile", ProfileHead, lines, name)
    if head is None:
        raise _malformed(
            BadSettings(name, 1, "profile", "is missing: [profile] with version = 1 is expected")
        )
    if head.version != FORMAT:
        line = toml_lines.line_of(("profile", "version"), lines)
        problem = f"format {head.version} is not known; this softphone reads {FORMAT}"
        raise ProvisioningRefused(
            ProvisioningTrouble.NEEDS_UPDATE, str(BadSettings(name, line, "profile.version", problem))
        )
    if head.needs_softphone:
        _check_version(head.needs_softphone, toml_lines.line_of(("profile", "needs_softphone"), lines), name)
    return head


def _check_version(needed: str, line: int, name: str) -> None:
    key = "profile.needs_softphone"
    if not _VERSION.fullmatch(needed):
        raise _malformed(BadSettings(name, line, key, "a version like 1.2.0 is expected"))
    if _numbers(softphone.__version__) < _numbers(needed):
        problem = f"needs softphone {needed}, this is {softphone.__version__}: update it"
        raise ProvisioningRefused(
            ProvisioningTrouble.NEEDS_UPDATE, BadSettings(name, line, key, problem).detail
        )


def _numbers(version: str) -> tuple[int, ...]:
    found = [int(number) for number in re.findall(r"\d+", version.split("+", maxsplit=1)[0])]
    return tuple([*found, 0, 0, 0, 0][:4])


def _section(
    table: dict[str, Any], name: str, kind: type[H], lines: dict[toml_lines.Path, int], file: str
) -> H | None:
    """The table `[name]` as `kind`, strictly."""
    content = table.get(name)
    if content is None:
        return None
    if isinstance(content, dict):
        unknown = next((key for key in content if key not in field_types(kind)), None)
        if unknown is not None:
            line = toml_lines.line_of((name, unknown), lines)
            known = ", ".join(field_types(kind))
            raise _malformed(
                BadSettings(file, line, f"{name}.{unknown}", f"unknown key; known here are {known}")
            )
    try:
        return msgspec.convert(content, kind)
    except msgspec.ValidationError as exc:
        problem, _, inside = str(exc).partition(" - at `$.")
        key = f"{name}.{inside.rstrip('`')}" if inside else name
        line = toml_lines.line_of(tuple(key.split(".")), lines)
        raise _malformed(BadSettings(file, line, key, problem.replace("`", ""))) from exc


def _malformed(bad: BadSettings) -> ProvisioningRefused:
    return ProvisioningRefused(ProvisioningTrouble.MALFORMED, bad.detail)
