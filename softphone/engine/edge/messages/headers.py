"""The header lines of a message as an ordered list of raw text."""

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

from softphone.engine.edge.messages.syntax import split_outside

_COMPACT = {
    "a": "accept-contact",
    "b": "referred-by",
    "c": "content-type",
    "d": "request-disposition",
    "e": "content-encoding",
    "f": "from",
    "i": "call-id",
    "j": "reject-contact",
    "k": "supported",
    "l": "content-length",
    "m": "contact",
    "n": "identity-info",
    "o": "event",
    "r": "refer-to",
    "s": "subject",
    "t": "to",
    "u": "allow-events",
    "v": "via",
    "x": "session-expires",
    "y": "identity",
}


@lru_cache(maxsize=1_024)
def canonical(name: str) -> str:
    """The name by which header lines are compared: lower case, compact forms expanded."""
    lower = name.lower()
    return _COMPACT.get(lower, lower)


class Headers:
    """Ordered header lines; names compare without case and with their compact forms (RFC 3261 7.3.3).

    Lines that are not touched are written back with the name and value that were read. The canonical names
    stand in a list of their own, because most questions are for headers that are not there.
    """

    __slots__ = ("_keys", "_lines")

    def __init__(self, lines: Iterable[tuple[str, str]] = ()) -> None:
        self._lines = list(lines)
        self._keys = [canonical(name) for name, _ in self._lines]

    @property
    def lines(self) -> list[tuple[str, str]]:
        """Name and value of each line, in order; a copy."""
        return list(self._lines)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._lines)

    def __len__(self) -> int:
        return len(self._lines)

    def __contains__(self, name: str) -> bool:
        return canonical(name) in self._keys

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Headers) and self._lines == other._lines

    __hash__ = None  # type: ignore[assignment]  # they change

    def __repr__(self) -> str:
        return f"Headers({self._lines!r})"

    def keys(self) -> list[str]:
        """The canonical name of each line, in order."""
        return list(self._keys)

    def copy(self) -> "Headers":
        """An independent list of the same lines."""
        return Headers(self._lines)

    def get(self, name: str) -> str | None:
        """The value of the first line called `name`, or None."""
        wanted = canonical(name)
        if wanted not in self._keys:
            return None
        return self._lines[self._keys.index(wanted)][1]

    def all(self, name: str) -> list[str]:
        """The values of all lines called `name`, one per line, not split at commas."""
        wanted = canonical(name)
        if wanted not in self._keys:
            return []
        return [line[1] for key, line in zip(self._keys, self._lines, strict=True) if key == wanted]

    def split(self, name: str) -> list[str]:
        """All comma-separated values of all lines called `name` (for Via, Route, Contact, Allow, …).

        Raises SipSyntaxError when a quote or angle bracket is not closed.
        """
        return [part for value in self.all(name) for part in split_outside(value, ",")]

    def add(self, name: str, value: str) -> None:
        """Append a line."""
        self._lines.append((name, value))
        self._keys.append(canonical(name))

    def insert_first(self, name: str, value: str) -> None:
        """Put a line before the first of its name, or before all others."""
        wanted = canonical(name)
        index = self._keys.index(wanted) if wanted in self._keys else 0
        self._lines.insert(index, (name, value))
        self._keys.insert(index, wanted)

    def set(self, name: str, value: str) -> None:
        """Make `value` the only line called `name`, at the place of the first one or at the end."""
        wanted = canonical(name)
        if self._keys.count(wanted) == 1:
            self._lines[self._keys.index(wanted)] = (name, value)
        else:
            self.replace(name, [value])

    def replace(self, name: str, values: Iterable[str]) -> None:
        """Make `values` the lines called `name`, at the place of the first one or at the end."""
        wanted = canonical(name)
        index = self._keys.index(wanted) if wanted in self._keys else len(self._keys)
        new = [(name, value) for value in values]
        self._drop(frozenset((wanted,)))
        self._lines[index:index] = new
        self._keys[index:index] = [wanted] * len(new)

    def remove(self, *names: str) -> None:
        """Drop all lines with these names."""
        self._drop(frozenset(map(canonical, names)))

    def rewrite(self, name: str, change: Callable[[str], str | None]) -> None:
        """Pass every comma-separated value called `name` through `change`; None drops the value.

        Lines whose values all stay the same keep their text.
        """
        wanted = canonical(name)
        if wanted not in self._keys:
            return
        lines: list[tuple[str, str]] = []
        for key, line in zip(self._keys, self._lines, strict=True):
            if key != wanted:
                lines.append(line)
                continue
            old = split_outside(line[1], ",")
            new = [changed for part in old if (changed := change(part)) is not None]
            if new == old:
                lines.append(line)
            elif new:
                lines.append((line[0], ", ".join(new)))
        self._lines = lines
        self._keys = [canonical(name) for name, _ in lines]

    def _drop(self, gone: frozenset[str]) -> None:
        if gone.isdisjoint(self._keys):
            return
        kept = [(key, line) for key, line in zip(self._keys, self._lines, strict=True) if key not in gone]
        self._keys = [key for key, _ in kept]
        self._lines = [line for _, line in kept]
