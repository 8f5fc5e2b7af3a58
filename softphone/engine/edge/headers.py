"""The header lines of a message as an ordered list of raw text."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from softphone.engine.edge.syntax import split_outside

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


@dataclass(slots=True)
class Headers:
    """Ordered header lines; names compare without case and with their compact forms (RFC 3261 7.3.3).

    Lines that are not touched are written back with the name and value that were read.
    """

    lines: list[tuple[str, str]] = field(default_factory=list)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.lines)

    def __len__(self) -> int:
        return len(self.lines)

    def __contains__(self, name: str) -> bool:
        return self.get(name) is not None

    def copy(self) -> "Headers":
        """An independent list of the same lines."""
        return Headers(list(self.lines))

    def get(self, name: str) -> str | None:
        """The value of the first line called `name`, or None."""
        wanted = canonical(name)
        for key, value in self.lines:
            if canonical(key) == wanted:
                return value
        return None

    def all(self, name: str) -> list[str]:
        """The values of all lines called `name`, one per line, not split at commas."""
        wanted = canonical(name)
        return [value for key, value in self.lines if canonical(key) == wanted]

    def split(self, name: str) -> list[str]:
        """All comma-separated values of all lines called `name` (for Via, Route, Contact, Allow, …).

        Raises SipSyntaxError when a quote or angle bracket is not closed.
        """
        return [part for value in self.all(name) for part in split_outside(value, ",")]

    def add(self, name: str, value: str) -> None:
        """Append a line."""
        self.lines.append((name, value))

    def insert_first(self, name: str, value: str) -> None:
        """Put a line before the first of its name, or before all others."""
        wanted = canonical(name)
        index = next((i for i, (key, _) in enumerate(self.lines) if canonical(key) == wanted), 0)
        self.lines.insert(index, (name, value))

    def set(self, name: str, value: str) -> None:
        """Make `value` the only line called `name`, at the place of the first one or at the end."""
        self.replace(name, [value])

    def replace(self, name: str, values: Iterable[str]) -> None:
        """Make `values` the lines called `name`, at the place of the first one or at the end."""
        wanted = canonical(name)
        index = next(
            (i for i, (key, _) in enumerate(self.lines) if canonical(key) == wanted), len(self.lines)
        )
        kept = [line for line in self.lines if canonical(line[0]) != wanted]
        kept[index:index] = [(name, value) for value in values]
        self.lines = kept

    def remove(self, *names: str) -> None:
        """Drop all lines with these names."""
        gone = {canonical(name) for name in names}
        self.lines = [line for line in self.lines if canonical(line[0]) not in gone]

    def rewrite(self, name: str, change: Callable[[str], str | None]) -> None:
        """Pass every comma-separated value called `name` through `change`; None drops the value.

        Lines whose values all stay the same keep their text.
        """
        wanted = canonical(name)
        lines: list[tuple[str, str]] = []
        for key, value in self.lines:
            if canonical(key) != wanted:
                lines.append((key, value))
                continue
            old = split_outside(value, ",")
            new = [changed for part in old if (changed := change(part)) is not None]
            if new == old:
                lines.append((key, value))
            elif new:
                lines.append((key, ", ".join(new)))
        self.lines = lines
