"""The layered settings: the user's file, above it what company, installation and IT have fixed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from softphone.domain import toml_lines
from softphone.domain.errors import Refused
from softphone.domain.settings import Settings
from softphone.domain.settings_layers import SetBy, SettingsFault, SettingsLayer
from softphone.system.atomic_write import write_atomically
from softphone.system.settings_layers import Layer, LayerSource, MemoryOfLayers, dotted, read_layer
from softphone.system.settings_rules import first_problem
from softphone.system.settings_toml import BadSettings, parsed, text_of
from softphone.system.settings_values import (
    BadValue,
    Key,
    MissingField,
    is_indispensable,
    read_table,
    settings_from,
    values_of,
)

__all__ = ["BadSettings", "LayeredSettings", "merged", "read_user"]


class LayeredSettings:
    """Port `SettingsFile`. Only keys that the user has changed are ever written, comments stay.

    `above` are the sources that outrank the user, the lowest first; what they set is locked. A mistake in
    one of them is left out and told by `faults`; one in the user's own file is raised.
    """

    def __init__(self, user: Path, above: Sequence[LayerSource] = (), memory: Path | None = None) -> None:
        self._user = user
        self._above = tuple(above)
        self._memory = MemoryOfLayers(memory)
        self._known: Settings | None = None
        self._locked: dict[str, SetBy] = {}
        self._faults: tuple[SettingsFault, ...] = ()

    def load(self) -> Settings:
        """Return the merged settings; raise `BadSettings` (file, line, key) or `Broken` (not readable)."""
        own = read_user(self._user)
        above = [read_layer(source, self._memory) for source in self._above]
        settings = merged(own, above)
        self._locked = {
            ".".join(key): SetBy(layer.layer, layer.source) for layer in above for key in layer.values
        }
        self._faults = tuple(fault for layer in (own, *above) for fault in layer.faults)
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

            text = text_of(self._user)
            parsed(self._user, text)
            write_atomically(self._user, edited(text, changed, settings).encode())
        self._known = settings

    def locked(self) -> Mapping[str, SetBy]:
        return self._locked

    @property
    def faults(self) -> tuple[SettingsFault, ...]:
        """What could not be used at the last loading."""
        return self._faults

    def _check(self, changed: dict[Key, object], settings: Settings) -> None:
        locked = sorted(".".join(key) for key in changed if ".".join(key) in self._locked)
        if locked:
            raise Refused("settings", f"locked by policy: {', '.join(locked)}")
        problem = first_problem(settings)
        if problem:
            key, why = problem
            raise Refused("settings", f"{'.'.join(key)}: {why}")


def merged(own: Layer, above: Sequence[Layer]) -> Settings:
    """Lay the layers over each other. What contradicts the rest is taken out of the highest layer above the
    user's that has it; raise `BadSettings` when the user's own is to blame."""
    layers = (own, *above)
    while True:
        values: dict[Key, object] = {}
        for layer in layers:
            values.update(layer.values)
        try:
            settings = settings_from(values)
        except MissingField as missing:
            _give_up_entry(layers, missing.key)
            continue
        problem = first_problem(settings)
        if problem is None:
            return settings
        _give_up(layers, *problem)


def read_user(file: Path) -> Layer:
    """The user's own layer, strictly; raise `BadSettings` or `Broken`."""
    text = text_of(file)
    table = parsed(file, text)
    lines = toml_lines.lines_of_keys(text)
    try:
        values, places = read_table(table)
    except BadValue as bad:
        raise BadSettings(file, toml_lines.line_of(bad.path, lines), dotted(bad.path), bad.problem) from bad
    own = {key: toml_lines.line_of(place, lines) for key, place in places.items()}
    return Layer(SettingsLayer.USER, str(file), values, own)


def _give_up(layers: Sequence[Layer], key: Key, problem: str) -> None:
    layer, found = _to_blame(layers, key)
    if layer.layer is SettingsLayer.USER:
        beside = _beside(layers, key)
        if beside is None:
            raise BadSettings(Path(layer.source), layer.lines.get(found, 1), ".".join(key), problem)
        layer, found = beside
    if found == key or found[: len(key)] == key:
        layer.give_up(found, problem)
        return
    # A default that does not go with what stands beside it: undo that.
    layer.fault(key, problem, layer.lines.get(found, 0))
    for other in [each for each in layer.values if each[: len(key) - 1] == key[:-1]]:
        layer.values.pop(other)


def _beside(layers: Sequence[Layer], key: Key) -> tuple[Layer, Key] | None:
    """The highest layer above the user's that has set something beside `key`."""
    for layer in reversed(layers[1:]):
        for other in layer.values:
            if len(key) > 1 and other[: len(key) - 1] == key[:-1]:
                return layer, other
    return None


def _give_up_entry(layers: Sequence[Layer], missing: Key) -> None:
    """An entry that no layer completes: the user's is an error, one from above is left out."""
    entry = missing[:2]
    own = layers[0]
    if _is_whole_idea(own, entry):
        layer, found = _to_blame(layers, missing)
        if layer.layer is not SettingsLayer.USER:
            layer, found = own, next(key for key in own.values if key[:2] == entry)
        raise BadSettings(Path(layer.source), layer.lines.get(found, 1), ".".join(missing), "is missing")
    for layer in layers:
        there = [key for key in layer.values if key[:2] == entry]
        if there:
            layer.fault(missing, "is missing, the entry is left out", layer.lines.get(there[0], 0))
        for key in there:
            layer.values.pop(key)


def _is_whole_idea(own: Layer, entry: Key) -> bool:
    """The user means an entry of their own. What sets none of its indispensable fields was laid over one of
    the company's, which has been taken away since."""
    return any(key[:2] == entry and len(key) == 3 and is_indispensable(key) for key in own.values)


def _to_blame(layers: Sequence[Layer], key: Key) -> tuple[Layer, Key]:
    """The highest layer that sets `key`, else the highest that has something beside it."""
    fits: Sequence[Callable[[Key], bool]] = (
        lambda other: other == key,
        lambda other: other[: len(key)] == key,
        lambda other: other[: len(key) - 1] == key[:-1],
    )
    for fit in fits:
        for layer in reversed(layers):
            keys = [other for other in layer.values if fit(other)]
            if keys:
                return layer, min(keys, key=lambda other: layer.lines.get(other, 0))
    return layers[0], key
