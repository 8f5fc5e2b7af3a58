"""One settings file: read as a table with the line of each key, or refused with file, line and key."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from softphone.domain import toml_lines
from softphone.domain.errors import BadInput, Broken
from softphone.domain.settings_layers import SettingsLayer
from softphone.system.settings_layers import RawLayer, UnreadableLayer

LARGEST = 1_000_000
"""Bytes of one layer."""


class BadSettings(BadInput):
    """A settings file that cannot be used, with the place to correct."""

    def __init__(self, file: Path | str, line: int, key: str, problem: str) -> None:
        place = f"{file}, line {line}" + (f", key {key}" if key else "")
        super().__init__("settings", f"{place}: {problem}")
        self.file = file
        self.line = line
        self.key = key
        self.problem = problem


class TomlSource:
    """A layer in a TOML file. `beside` names tables of the file that are no settings."""

    def __init__(self, layer: SettingsLayer, file: Path, beside: tuple[str, ...] = ()) -> None:
        self.layer = layer
        self.file = file
        self._beside = beside

    @property
    def name(self) -> str:
        return str(self.file)

    def read(self) -> RawLayer:
        try:
            text = text_of(self.file)
            table = parsed(self.file, text)
        except BadSettings as exc:
            raise UnreadableLayer(exc.problem, exc.line, exc.key) from exc
        except Broken as exc:
            raise UnreadableLayer(exc.detail) from exc
        settings = {key: value for key, value in table.items() if key not in self._beside}
        return RawLayer(settings, toml_lines.lines_of_keys(text))


def text_of(file: Path) -> str:
    """The file's text, empty when it is not there; raise `BadSettings` or `Broken`."""
    try:
        raw = file.read_bytes() if file.exists() else b""
    except OSError as exc:
        raise Broken("settings", f"cannot read {file}: {exc.strerror}") from exc
    return decoded(file, raw)


def decoded(file: Path | str, raw: bytes) -> str:
    """`raw` as text with line feeds; raise `BadSettings` when it is too large or no UTF-8."""
    if len(raw) > LARGEST:
        raise BadSettings(file, 1, "", f"larger than {LARGEST} bytes")
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as exc:
        line = raw.count(b"\n", 0, exc.start) + 1
        raise BadSettings(file, line, "", "not UTF-8 text") from exc


def parsed(file: Path | str, text: str) -> dict[str, object]:
    """The table that `text` holds; raise `BadSettings`."""
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
