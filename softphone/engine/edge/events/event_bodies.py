"""Bodies of NOTIFY: dialog-info (RFC 4235) and message-summary (RFC 3842), read with suspicion.

The XML parser refuses document types and entities before it expands anything, and has caps on size, depth
and count.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from xml.parsers import expat

from softphone.domain.text import clean_line
from softphone.engine.edge.messages.syntax import bounded_int

_MOST_BYTES = 60_000
_MOST_ELEMENTS = 1_000
_MOST_DEPTH = 12
_MOST_TEXT = 512
_NAMESPACE = "urn:ietf:params:xml:ns:dialog-info "
_COUNTS = re.compile(r"(\d{1,6})/(\d{1,6})")


class BodyRefusedError(ValueError):
    """The body is not what its type says, or it is hostile."""


class DialogState(StrEnum):
    """RFC 4235 section 3.7.1."""

    TRYING = "trying"
    PROCEEDING = "proceeding"
    EARLY = "early"
    CONFIRMED = "confirmed"
    TERMINATED = "terminated"


@dataclass(frozen=True, slots=True)
class DialogInfo:
    """One call of the watched extension. `remote` is the other side as shown (cleaned), perhaps empty.

    `incoming` is None when the server does not tell the direction.
    """

    id: str
    state: DialogState
    incoming: bool | None = None
    remote: str = ""
    remote_uri: str = ""


@dataclass(frozen=True, slots=True)
class DialogDocument:
    """A whole dialog-info document; `full` replaces all that was known, else it changes single dialogs."""

    entity: str
    version: int
    full: bool
    dialogs: tuple[DialogInfo, ...]


@dataclass(frozen=True, slots=True)
class MessageSummary:
    """Voice messages of the account's mailbox."""

    waiting: bool
    new: int = 0
    old: int = 0


def parse_message_summary(body: bytes) -> MessageSummary:
    """Raises BodyRefusedError."""
    if len(body) > _MOST_BYTES:
        raise BodyRefusedError("too large")
    fields: dict[str, str] = {}
    for line in body.decode("utf-8", "replace").splitlines()[:64]:
        name, colon, value = line.partition(":")
        if colon:
            fields.setdefault(name.strip().lower(), value.strip().lower())
    if fields.get("messages-waiting") not in {"yes", "no"}:
        raise BodyRefusedError("no Messages-Waiting")
    counts = _COUNTS.match(fields.get("voice-message", ""))
    new, old = (int(counts[1]), int(counts[2])) if counts else (0, 0)
    return MessageSummary(fields["messages-waiting"] == "yes", new, old)


def parse_dialog_info(body: bytes) -> DialogDocument:
    """Raises BodyRefusedError."""
    if len(body) > _MOST_BYTES:
        raise BodyRefusedError("too large")
    reader = _Reader()
    try:
        reader.parse(body)
    except expat.ExpatError as error:
        raise BodyRefusedError(f"not well-formed: {error}") from error
    return reader.document()


@dataclass(slots=True)
class _Dialog:
    id: str
    direction: str
    state: str = ""
    remote: str = ""
    remote_uri: str = ""

    def frozen(self) -> DialogInfo:
        known = {state.value: state for state in DialogState}
        if self.state not in known:
            raise BodyRefusedError("an unknown dialog state")
        directions = {"recipient": True, "initiator": False}
        return DialogInfo(
            clean_line(self.id),
            known[self.state],
            directions.get(self.direction),
            clean_line(self.remote),
            clean_line(self.remote_uri, 300),
        )


@dataclass(slots=True)
class _Reader:
    root: dict[str, str] | None = None
    dialogs: list[_Dialog] = field(default_factory=list)
    path: list[str] = field(default_factory=list)
    text: str = ""
    elements: int = 0

    def parse(self, body: bytes) -> None:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartDoctypeDeclHandler = self._refuse
        parser.EntityDeclHandler = self._refuse
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.Parse(body, True)

    def document(self) -> DialogDocument:
        if self.root is None:
            raise BodyRefusedError("no dialog-info element")
        version = bounded_int(self.root.get("version", ""), 2**31)
        if version is None:
            raise BodyRefusedError("no version")
        full = self.root.get("state", "full") != "partial"
        dialogs = tuple(dialog.frozen() for dialog in self.dialogs)
        return DialogDocument(clean_line(self.root.get("entity", ""), 300), version, full, dialogs)

    def _refuse(self, *_: object) -> None:
        raise BodyRefusedError("document types and entities are not accepted")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.elements += 1
        if self.elements > _MOST_ELEMENTS or len(self.path) >= _MOST_DEPTH:
            raise BodyRefusedError("too many or too deep elements")
        self.text = ""
        self.path.append(name.removeprefix(_NAMESPACE))
        if self.path == ["dialog-info"]:
            self.root = attributes
        elif self.path == ["dialog-info", "dialog"]:
            self.dialogs.append(_Dialog(attributes.get("id", ""), attributes.get("direction", "")))
        elif self.path == ["dialog-info", "dialog", "remote", "target"]:
            self.dialogs[-1].remote_uri = self.dialogs[-1].remote_uri or attributes.get("uri", "")
        elif self.path == ["dialog-info", "dialog", "remote", "identity"]:
            self.dialogs[-1].remote = attributes.get("display", attributes.get("display-name", ""))

    def _end(self, _name: str) -> None:
        if self.path == ["dialog-info", "dialog", "state"]:
            self.dialogs[-1].state = self.text.strip().lower()
        elif self.path == ["dialog-info", "dialog", "remote", "identity"]:
            self.dialogs[-1].remote_uri = self.text.strip() or self.dialogs[-1].remote_uri
        self.path.pop()
        self.text = ""

    def _characters(self, data: str) -> None:
        if len(self.text) < _MOST_TEXT:
            self.text += data[:_MOST_TEXT]
