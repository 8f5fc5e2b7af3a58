"""The layered settings on disk: defaults < user < provisioned < policy, each layer one TOML file."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from softphone.domain import toml_lines
from softphone.domain.errors import BadInput, Broken, Refused
from softphone.domain.settings import Settings
from softphone.system.atomic_write import write_atomically
from softphone.system.settings_rules import first_problem
from softphone.system.settings_values import (
    BadValue,
    Key,
    MissingField,
    read_table,
    settings_from,
    values_of,
)

LARGEST = 1_000_000
"""Bytes of one layer."""


class BadSettings(BadInput):
    """A settings file that cannot be used, with the place to correct."""

    def __init__(self, file: Path, line: int, key: str, problem: str) -> None:
        place = f"{file}, line {line}" + (f", key {key}" if key else "")
        super().__init__("settings", f"{place}: {problem}")
        self.file = file
        self.line = line
        self.key = key
        self.problem = problem


@dataclass(frozen=True)
class _Layer:
    """One file's values and where they stand. A file that is not there is an empty layer."""

    file: Path
    values: dict[Key, object] = field(default_factory=dict)
    lines: dict[Key, int] = field(default_factory=dict)


class LayeredSettings:
    """Port `SettingsFile`. Only keys that the user has changed are ever written, comments stay.

    Provisioned values outrank the user's as policy does, therefore both are locked.
    """

    def __init__(self, user: Path, provisioned: Path, policy: Path) -> None:
        self._user = user
        self._above = (provisioned, policy)
        self._known: Settings | None = None
        self._locked: frozenset[str] = frozenset()

    def load(self) -> Settings:
        """Return the merged settings; raise `BadSettings` (file, line, key) or `Broken` (not readable)."""
        layers = [_read(file) for file in (self._user, *self._above)]
        settings = _merged(layers)
        self._locked = frozenset(".".join(key) for layer in layers[1:] for key in layer.values)
        self._known = settings
        return settings

    def save(self, settings: Settings) -> None:
        """Write what changed since it was read or written last; other keys of the file stay untouched.

        Raises `Refused` for a locked key or a value that does not fit, `BadSettings` when the file has
        become unreadable meanwhile, `TryLater` when the disk is full, `Broken` when it cannot be written.
        """
        known = self._known or self.load()
        before, after = values_of(known), values_of(settings)
        changed = {key: after.get(key) for key in {**before, **after} if before.get(key) != after.get(key)}
        self._check(changed, settings)
        if changed or known != settings:
            from softphone.system.settings_edit import edited  # tomlkit: 80 ms that only saving needs

            text = _text(self._user)
            _parsed(self._user, text)
            write_atomically(self._user, edited(text, changed, settings).encode())
        self._known = settings

    def locked(self) -> frozenset[str]:
        return self._locked

    def _check(self, changed: dict[Key, object], settings: Settings) -> None:
        locked = sorted(".".join(key) for key in changed if ".".join(key) in self._locked)
        if locked:
            raise Refused("settings", f"locked by policy: {', '.join(locked)}")
        problem = first_problem(settings)
        if problem:
            key, why = problem
            raise Refused("settings", f"{'.'.join(key)}: {why}")


def _read(file: Path) -> _Layer:
    text = _text(file)
    table = _parsed(file, text)
    lines = toml_lines.lines_of_keys(text)
    try:
        values, places = read_table(table)
    except BadValue as bad:
        raise BadSettings(file, toml_lines.line_of(bad.path, lines), _dotted(bad.path), bad.problem) from bad
    return _Layer(file, values, {key: toml_lines.line_of(place, lines) for key, place in places.items()})


def _text(file: Path) -> str:
    try:
        raw = file.read_bytes() if file.exists() else b""
    except OSError as exc:
        raise Broken("settings", f"cannot read {file}: {exc.strerror}") from exc
    if len(raw) > LARGEST:
        raise BadSettings(file, 1, "", f"larger than {LARGEST} bytes")
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as exc:
        line = raw.count(b"\n", 0, exc.start) + 1
        raise BadSettings(file, line, "", "not UTF-8 text") from exc


def _parsed(file: Path, text: str) -> dict[str, object]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as exc:
        line, key = _syntax_place(str(exc), text)
        raise BadSettings(file, line, key, re.sub(r" \(at .*\)$", "", str(exc))) from exc
    except RecursionError as exc:
        raise BadSettings(file, 1, "", "nested too deeply") from exc


def _syntax_place(message: str, text: str) -> tuple[int, str]:
    """The line that tomllib names, and the key on it as far as it can be seen."""
    at = re.search(r"\(at line (\d+),", message)
    lines = text.split("\n")
    number = int(at[1]) if at else len(lines)
    on_line = re.match(r"\s*([A-Za-z0-9_.\"'-]+)\s*=", lines[number - 1]) if number <= len(lines) else None
    return number, on_line[1] if on_line else ""


def _merged(layers: Sequence[_Layer]) -> Settings:
    values: dict[Key, object] = {}
    for layer in layers:
        values.update(layer.values)
    try:
        settings = settings_from(values)
    except MissingField as missing:
        raise _place(layers, missing.key, "is missing") from missing
    problem = first_problem(settings)
    if problem:
        raise _place(layers, *problem)
    return settings


def _place(layers: Sequence[_Layer], key: Key, problem: str) -> BadSettings:
    """Blame the highest layer that sets `key`, else the highest that has something beside it."""
    fits: Sequence[Callable[[Key], bool]] = (
        lambda other: other == key,
        lambda other: other[: len(key)] == key,
        lambda other: other[: len(key) - 1] == key[:-1],
    )
    for fit in fits:
        for layer in reversed(layers):
            lines = [line for other, line in layer.lines.items() if fit(other)]
            if lines:
                return BadSettings(layer.file, min(lines), ".".join(key), problem)
    return BadSettings(layers[0].file, 1, ".".join(key), problem)


def _dotted(path: toml_lines.Path) -> str:
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")
