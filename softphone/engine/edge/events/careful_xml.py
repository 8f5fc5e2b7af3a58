"""Reading XML that others have written: no document types or entities, caps on size, depth and count.

What is refused is refused before anything is expanded. Thread: any.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Protocol
from xml.parsers import expat

from softphone.domain.facts import dataclass


class BodyRefusedError(ValueError):
    """The body is not what its type says, or it is hostile."""


@dataclass(frozen=True, slots=True)
class Caps:
    """The most that a document may have."""

    size: int
    """Bytes."""
    elements: int
    depth: int


class Elements(Protocol):
    """Hears what a document holds; `path` names the open elements, this one last."""

    def began(self, path: Sequence[str], attributes: Mapping[str, str]) -> None: ...
    def said(self, path: Sequence[str], text: str) -> None:
        """A piece of the text inside; one text may come in several."""
        ...

    def ended(self, path: Sequence[str]) -> None: ...


def check_size(body: bytes, most: int) -> None:
    """Raises BodyRefusedError for more than `most` bytes."""
    if len(body) > most:
        raise BodyRefusedError("too large")


def read_xml(body: bytes, caps: Caps, elements: Elements, namespace: str = "") -> None:
    """Tell `elements` of everything in order; raises BodyRefusedError, also in the middle.

    An element's name is `NAMESPACE name`; within `namespace` it is the name alone.
    """
    check_size(body, caps.size)
    reader = _Reader(caps, elements, f"{namespace} ")
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = reader.refuse
    parser.EntityDeclHandler = reader.refuse
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.characters
    try:
        parser.Parse(body, True)
    except expat.ExpatError as error:
        raise BodyRefusedError(f"not well-formed: {error}") from error


@dataclass(slots=True)
class _Reader:
    caps: Caps
    elements: Elements
    prefix: str
    path: list[str] = field(default_factory=list)
    count: int = 0

    def refuse(self, *_: object) -> None:
        raise BodyRefusedError("document types and entities are not accepted")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.count += 1
        if self.count > self.caps.elements or len(self.path) >= self.caps.depth:
            raise BodyRefusedError("too many or too deep elements")
        self.path.append(name.removeprefix(self.prefix))
        self.elements.began(self.path, attributes)

    def characters(self, text: str) -> None:
        self.elements.said(self.path, text)

    def end(self, _name: str) -> None:
        self.elements.ended(self.path)
        self.path.pop()
