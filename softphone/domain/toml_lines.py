"""On which line of a TOML file each key stands, so that errors can name it (tomllib does not tell)."""

from __future__ import annotations

import bisect
import re
import tomllib
from collections import Counter

Path = tuple[str | int, ...]
"""Keys and list indexes from the root of the file."""

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}' + r"|'''.*?'{3,5}" + r'|"(?:\\.|[^"\\\n])*"' + r"|'[^'\n]*'", re.DOTALL
)
_KEY = re.compile(r'[ \t]*("(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|[A-Za-z0-9_-]+)[ \t]*(\.?)')
_BARE = re.compile(r"[^,\]}\n#]+")


def lines_of_keys(text: str) -> dict[Path, int]:
    """Return the line (from 1) of every key, table and list element of `text`, which is valid TOML."""
    return _Scanner(text).scan()


def line_of(path: Path, lines: dict[Path, int]) -> int:
    """The line of `path`, or of the nearest thing around it that has one; 1 if there is none."""
    while path:
        if path in lines:
            return lines[path]
        path = path[:-1]
    return 1


class _Scanner:
    """Walks over a document that tomllib has accepted; it need not be strict, only follow the structure."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._line_ends = [match.start() for match in re.finditer("\n", text)]
        self._at = 0
        self._lines: dict[Path, int] = {}
        self._tables: Counter[Path] = Counter()

    def scan(self) -> dict[Path, int]:
        table: Path = ()
        self._skip_blank()
        while self._at < len(self._text):
            table = self._header() if self._here("[") else self._pair(table)
            self._skip_blank()
        return self._lines

    def _header(self) -> Path:
        line = self._line()
        repeated = self._text.startswith("[[", self._at)
        self._at += 2 if repeated else 1
        *around, last = self._key()
        path = (*self._resolved(tuple(around)), last)
        self._at += 2 if repeated else 1
        if repeated:
            self._tables[path] += 1
        path = self._resolved((), path)
        for depth in range(1, len(path) + 1):  # [a.b] makes a too
            self._note(path[:depth], line)
        return path

    def _resolved(self, keys: tuple[str, ...], path: Path = ()) -> Path:
        """Follow `keys`; where one names a list of tables, its latest element is meant."""
        for key in keys:
            path = self._latest((*path, key))
        return self._latest(path)

    def _latest(self, path: Path) -> Path:
        return (*path, self._tables[path] - 1) if path in self._tables else path

    def _pair(self, table: Path) -> Path:
        line = self._line()
        path = table
        for key in self._key():
            path = (*path, key)
            self._note(path, line)
        self._skip_blank()
        self._at += 1  # the equals sign
        self._value(path)
        return table

    def _value(self, path: Path) -> None:
        self._skip_blank()
        self._note(path, self._line())
        if self._here("["):
            self._list(path)
        elif self._here("{"):
            self._inline_table(path)
        elif (string := _STRING.match(self._text, self._at)) is not None:
            self._at = string.end()
        elif (bare := _BARE.match(self._text, self._at)) is not None:
            self._at = bare.end()
        else:
            self._at += 1

    def _list(self, path: Path) -> None:
        self._at += 1
        index = 0
        self._skip_blank()
        while self._inside("]"):
            self._value((*path, index))
            index += 1
            self._skip_separator()
        self._at += 1

    def _inline_table(self, path: Path) -> None:
        self._at += 1
        self._skip_blank()
        while self._inside("}"):
            self._pair(path)
            self._skip_separator()
        self._at += 1

    def _key(self) -> tuple[str, ...]:
        parts: list[str] = []
        dotted = True
        while dotted:
            match = _KEY.match(self._text, self._at)
            if match is None:
                break
            self._at = match.end()
            parts.append(_unquoted(match[1]))
            dotted = bool(match[2])
        return tuple(parts) or ("",)

    def _note(self, path: Path, line: int) -> None:
        self._lines.setdefault(path, line)

    def _line(self) -> int:
        return bisect.bisect_left(self._line_ends, self._at) + 1

    def _here(self, character: str) -> bool:
        return self._text.startswith(character, self._at)

    def _inside(self, end: str) -> bool:
        return self._at < len(self._text) and not self._here(end)

    def _skip_blank(self) -> None:
        blank = _BLANK.match(self._text, self._at)
        self._at = blank.end() if blank else self._at

    def _skip_separator(self) -> None:
        self._skip_blank()
        if self._here(","):
            self._at += 1
        self._skip_blank()


def _unquoted(key: str) -> str:
    if key[0] not in "\"'":
        return key
    return str(tomllib.loads(f"key = {key}")["key"])
