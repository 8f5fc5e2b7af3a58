"""Reading a CRM pack from its TOML file. What is wrong with it is named by file, line and key."""

from __future__ import annotations

import copy
import re
import tomllib
from pathlib import Path
from typing import Any, TypeAlias

import msgspec

from softphone.crm.packs.compiler import Compiler
from softphone.crm.packs.compiling import Place
from softphone.crm.packs.plans import Pack
from softphone.crm.packs.schema import PackTable
from softphone.domain.errors import BadInput

SHIPPED = Path(__file__).resolve().parents[3] / "resources" / "crm_packs"
SIZE_LIMIT = 256 * 1024
_STEP = re.compile(r"\[(\d+)\]|\[(\.\.\.)\]|\.([^.\[\]`]+)")
KeyPath: TypeAlias = tuple[str | int, ...]


def shipped_packs() -> list[str]:
    """The names of the packs that come with the softphone."""
    return sorted(path.stem for path in SHIPPED.glob("*.toml"))


def load_pack(name_or_path: str) -> Pack:
    """The shipped pack of that name, or the pack in that file.

    Raises `BadInput` naming file, line and key when it is missing, unreadable or wrong.
    """
    path = Path(name_or_path)
    if path.suffix != ".toml":
        path = SHIPPED / f"{path.name}.toml"
    try:
        raw = path.read_bytes()
    except OSError as exc:
        raise BadInput("crm pack", f"{path}: {exc.strerror or 'cannot be read'}") from exc
    if len(raw) > SIZE_LIMIT:
        raise BadInput("crm pack", f"{path}: larger than {SIZE_LIMIT} bytes")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as exc:
        raise BadInput("crm pack", f"{path}: not UTF-8 text") from exc
    return read_pack(text, str(path))


def read_pack(text: str, file: str) -> Pack:
    """Compile the pack in `text`; `file` is its name for errors (`BadInput`)."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as exc:
        raise BadInput("crm pack", f"{file}: {exc}") from exc
    place = Place(text, file)
    return Compiler(place).pack(_checked(data, place))


def _checked(data: dict[str, Any], place: Place) -> PackTable:
    try:
        return msgspec.convert(data, PackTable)
    except msgspec.ValidationError as exc:
        problem, path = _located(str(exc), data)
        raise place.wrong(path, problem) from exc


def _located(sentence: str, data: dict[str, Any]) -> tuple[str, KeyPath]:
    """msgspec's sentence and the path to what it complains about."""
    problem, _, where = sentence.partition(" - at `$")
    path: KeyPath = ()
    for index, any_key, word in _STEP.findall(where):
        step: int | str = int(index) if index else word
        path = (*path, _culprit(data, path, sentence) if any_key else step)
    if problem.startswith("Object contains unknown field"):
        path = (*path, problem.split("`")[1])
    return problem, path


def _culprit(data: dict[str, Any], path: KeyPath, sentence: str) -> str:
    """Which key of the table at `path` is meant: msgspec writes `[...]` for any of them."""
    for key in _at(data, path):
        trial = copy.deepcopy(data)
        table = _at(trial, path)
        for other in [name for name in table if name != key]:
            del table[other]
        try:
            msgspec.convert(trial, PackTable)
        except msgspec.ValidationError as exc:
            if str(exc) == sentence:
                return key
    return ""


def _at(data: Any, path: KeyPath) -> dict[str, Any]:
    for step in path:
        data = data[step]
    return data if isinstance(data, dict) else {}
