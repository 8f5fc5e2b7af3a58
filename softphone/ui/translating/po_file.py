"""Reading and writing gettext .po files (GNU gettext manual, "The Format of PO Files")."""

from __future__ import annotations

import ast
import re
from dataclasses import field
from pathlib import Path

from softphone.domain.errors import Broken
from softphone.domain.facts import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """One message. `plural` is empty for a message without a number; `context` tells homonyms apart."""

    text: str
    plural: str = ""
    context: str = ""
    translations: tuple[str, ...] = ()
    fuzzy: bool = False

    @property
    def key(self) -> tuple[str, str]:
        return self.context, self.text


@dataclass(slots=True)
class _Draft:
    line: int = 0
    values: dict[str, str] = field(default_factory=dict)
    fuzzy: bool = False

    def entry(self) -> Entry:
        numbered = sorted(k for k in self.values if k.startswith("msgstr"))
        return Entry(
            text=self.values.get("msgid", ""),
            plural=self.values.get("msgid_plural", ""),
            context=self.values.get("msgctxt", ""),
            translations=tuple(self.values[k] for k in numbered),
            fuzzy=self.fuzzy,
        )


_LINE = re.compile(r'(?:(msgctxt|msgid_plural|msgid|msgstr(?:\[\d\])?)\s+)?(".*")')


def read_po(path: Path) -> tuple[Entry, ...]:
    """Return all entries, the header (empty text) among them; raise `Broken` that names the line."""
    entries: list[Entry] = []
    draft, keyword = _Draft(), ""
    for number, raw in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            if draft.values:
                entries.append(draft.entry())
                draft, keyword = _Draft(), ""
            draft.fuzzy = draft.fuzzy or (line.startswith("#,") and "fuzzy" in line)
            continue
        match = _LINE.fullmatch(line)
        if match is None or not (match[1] or keyword):
            raise Broken("translations", f"{path.name}, line {number}: not a line of a .po file")
        keyword = match[1] or keyword
        draft.values[keyword] = draft.values.get(keyword, "") + ast.literal_eval(match[2])
    if draft.values:
        entries.append(draft.entry())
    return tuple(entries)


def write_po(path: Path, entries: tuple[Entry, ...]) -> None:
    """Write `entries` in the given order."""
    path.write_text("\n".join(map(_as_text, entries)), encoding="utf-8")


def _as_text(entry: Entry) -> str:
    lines = ["#, fuzzy"] if entry.fuzzy else []
    if entry.context:
        lines.append(f"msgctxt {_quoted(entry.context)}")
    lines.append(f"msgid {_quoted(entry.text)}")
    if entry.plural:
        lines.append(f"msgid_plural {_quoted(entry.plural)}")
        lines += [f"msgstr[{i}] {_quoted(t)}" for i, t in enumerate(entry.translations)]
    else:
        lines.append(f"msgstr {_quoted(entry.translations[0] if entry.translations else '')}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    if "\n" not in text:
        return _escaped(text)
    parts = [part + "\n" for part in text.split("\n")]
    parts[-1] = parts[-1].removesuffix("\n")
    return "\n".join(['""', *(_escaped(part) for part in parts if part)])


def _escaped(text: str) -> str:
    body = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{body}"'
