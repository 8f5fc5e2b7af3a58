"""Where a key stands in a TOML file, so that an error can name the line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

Path = tuple[str | int, ...]

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(
    r"""\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*="""
)
_WORD = re.compile(r"""[A-Za-z0-9_-]+|"[^"]*"|'[^']*'""")


def line_of(text: str, path: Sequence[str | int]) -> int:
    """The line (from 1) of the key at `path`, or of the nearest thing around it; 1 when nothing is near."""
    best_line, best_length = 1, 0
    for line, found in _keys(text):
        common = _common(found, path)
        if common == len(found) and common > best_length:
            best_line, best_length = line, common
    return best_line


def _common(found: Path, path: Sequence[str | int]) -> int:
    length = 0
    for ours, theirs in zip(found, path, strict=False):
        if ours != theirs:
            break
        length += 1
    return length


def _keys(text: str) -> Iterator[tuple[int, Path]]:
    table: Path = ()
    counts: dict[Path, int] = {}
    inside = ""
    for number, line in enumerate(text.splitlines(), 1):
        if inside:
            inside = "" if inside in line else inside
            continue
        if header := _HEADER.match(line):
            table = _table(_words(header[2]), header[1] == "[[", counts)
            yield number, table
        elif key := _KEY.match(line):
            yield number, (*table, *_words(key[1]))
            inside = _opened_string(line)


def _table(words: Path, array: bool, counts: dict[Path, int]) -> Path:
    """The table's path with the index of every array of tables on the way."""
    path: Path = ()
    for position, word in enumerate(words):
        path = (*path, word)
        if array and position == len(words) - 1:
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = (*path, counts[path])
    return path


def _words(dotted: str) -> Path:
    return tuple(word.strip("\"'") for word in _WORD.findall(dotted))


def _opened_string(line: str) -> str:
    for quotes in ('"""', "'''"):
        if line.count(quotes) == 1:
            return quotes
    return ""
