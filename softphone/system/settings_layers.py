"""The layers above the user's: where each comes from, and how one with mistakes is used all the same.

A mistake of IT must not keep an agent from working. What cannot be used is left out and reported with its
place; where the last faultless reading had a value for it, that one holds.
"""

from __future__ import annotations

import copy
from dataclasses import field
from pathlib import Path
from typing import Any, Protocol

import msgspec

from softphone.domain import toml_lines
from softphone.domain.errors import SoftphoneError
from softphone.domain.facts import dataclass
from softphone.domain.settings_layers import SettingsFault, SettingsLayer
from softphone.system.atomic_write import write_atomically
from softphone.system.settings_values import BadValue, Key, read_table

MOST_FAULTS = 200
"""A source with more mistakes than this is not read further."""

Table = dict[str, Any]


@dataclass(frozen=True)
class RawLayer:
    """What a source holds, not yet typed. `lines` is empty where it has none."""

    table: Table
    lines: dict[toml_lines.Path, int] = field(default_factory=dict)


class UnreadableLayer(Exception):
    """The source is there and cannot be read at all."""

    def __init__(self, problem: str, line: int = 0, key: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.line = line
        self.key = key


class LayerSource(Protocol):
    """Where one layer is read from."""

    @property
    def layer(self) -> SettingsLayer: ...
    @property
    def name(self) -> str:
        """The file or registry key, as IT would look for it."""

    def read(self) -> RawLayer:
        """Empty when it is not there; raise `UnreadableLayer`."""


@dataclass
class Layer:
    """One source's typed values, with the line of each (0 where there are no lines)."""

    layer: SettingsLayer
    source: str
    values: dict[Key, object] = field(default_factory=dict)
    lines: dict[Key, int] = field(default_factory=dict)
    faults: list[SettingsFault] = field(default_factory=list)
    last_good: Table | None = None
    """The last faultless reading."""
    _spare: dict[Key, object] | None = None

    @property
    def spare(self) -> dict[Key, object]:
        """The values of the last faultless reading; typed only when one is needed."""
        if self._spare is None:
            self._spare = _typed(self.last_good) if self.last_good is not None else {}
        return self._spare

    def fault(self, key: Key | str, problem: str, line: int = 0) -> None:
        """Remember a mistake."""
        name = key if isinstance(key, str) else ".".join(key)
        self.faults.append(SettingsFault(self.layer, self.source, line, name, problem))

    def give_up(self, key: Key, problem: str) -> None:
        """`key` does not go with the rest: its last good value holds if there is another one, else none."""
        self.fault(key, problem, self.lines.get(key, 0))
        bad = self.values.pop(key, None)
        spare = self.spare.pop(key, bad)
        if spare != bad:
            self.values[key] = spare


class MemoryOfLayers:
    """Keeps the last faultless reading of each source in a folder of the profile."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def recall(self, source: LayerSource) -> Table | None:
        """The table of the last faultless reading, None if there was none."""
        file = self._file(source)
        try:
            kept = msgspec.json.decode(file.read_bytes()) if file is not None and file.exists() else None
        except (OSError, msgspec.DecodeError):
            return None
        if not isinstance(kept, dict) or kept.get("source") != source.name:
            return None
        table = kept.get("table")
        return table if isinstance(table, dict) else None

    def keep(self, source: LayerSource, table: Table) -> str:
        """Remember `table`; return what prevented it, or nothing."""
        file = self._file(source)
        if file is None:
            return ""
        content = msgspec.json.encode({"source": source.name, "table": table}, enc_hook=str)
        try:
            if not table and not file.exists():
                return ""
            if not file.exists() or file.read_bytes() != content:
                write_atomically(file, content)
        except (OSError, SoftphoneError) as exc:
            return f"the last good state could not be kept: {exc}"
        return ""

    def _file(self, source: LayerSource) -> Path | None:
        if self._folder is None:
            return None
        kept_as = "".join(c if c.isalnum() else "-" for c in source.name)[-80:].strip("-")
        return self._folder / f"{source.layer}-{kept_as}.json"


def read_layer(source: LayerSource, memory: MemoryOfLayers) -> Layer:
    """Read what can be used of `source`; never raises for what stands there."""
    layer = Layer(source.layer, source.name)
    last_good = layer.last_good = memory.recall(source)
    try:
        raw = source.read()
    except UnreadableLayer as exc:
        layer.fault(exc.key, f"{exc.problem}{_instead(last_good)}", exc.line)
        layer.values = dict(layer.spare)
        return layer
    _read_leniently(raw, layer)
    if not layer.faults:
        trouble = memory.keep(source, raw.table)
        if trouble:
            layer.fault("", trouble)
    return layer


def _instead(last_good: Table | None) -> str:
    return "; its last good state is used" if last_good is not None else "; it is left out"


def _typed(table: Table) -> dict[Key, object]:
    kept = Layer(SettingsLayer.DEFAULT, "")
    _read_leniently(RawLayer(table), kept)
    return kept.values


def _read_leniently(raw: RawLayer, layer: Layer) -> None:
    """Type the table; take out what cannot be used, one mistake after the other."""
    table = copy.deepcopy(raw.table)
    for _ in range(MOST_FAULTS):
        try:
            values, places = read_table(table)
        except BadValue as bad:
            line = toml_lines.line_of(bad.path, raw.lines) if raw.lines else 0
            layer.fault(dotted(bad.path), bad.problem, line)
            _take_out(table, bad.path if bad.unknown else _setting_of(bad.path), layer)
            continue
        layer.values.update(values)
        if raw.lines:
            layer.lines = {key: toml_lines.line_of(place, raw.lines) for key, place in places.items()}
        return
    layer.fault("", f"more than {MOST_FAULTS} mistakes: nothing of it is used")


def _setting_of(path: toml_lines.Path) -> toml_lines.Path:
    """The setting that a bad value belongs to: `campaigns[0].dispositions[1].code` → …`dispositions`."""
    if len(path) > 1 and isinstance(path[1], int):
        return path[:2] if path[2:] in ((), ("id",), ("name",)) else path[:3]
    return path[:2]


def _take_out(table: Any, path: toml_lines.Path, layer: Layer) -> None:
    """Remove the value at `path`; its last good value takes its place if it is a whole setting."""
    key = _key_of(table, path)
    around = table
    for step in path[:-1]:
        around = around[step]
    del around[path[-1]]
    if key in layer.spare:
        layer.values[key] = layer.spare[key]


def _key_of(table: Any, path: toml_lines.Path) -> Key:
    """The dotted key of a place in the table: entries by name instead of by number."""
    if len(path) == 3 and isinstance(path[1], int):
        entry = table[path[0]][path[1]]
        return (str(path[0]), str(entry.get("id") or entry.get("name")), str(path[2]))
    return tuple(str(step) for step in path)


def dotted(path: toml_lines.Path) -> str:
    """`campaigns[0].dispositions[1].code`"""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")
