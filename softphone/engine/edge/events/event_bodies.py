"""Bodies of NOTIFY: dialog-info (RFC 4235) and message-summary (RFC 3842), read with suspicion."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import field
from enum import StrEnum

from softphone.domain.facts import dataclass
from softphone.domain.text import clean_line
from softphone.engine.edge.events.careful_xml import BodyRefusedError, Caps, check_size, read_xml
from softphone.engine.edge.messages.syntax import bounded_int

_CAPS = Caps(size=60_000, elements=1_000, depth=12)
_MOST_TEXT = 512
_NAMESPACE = "urn:ietf:params:xml:ns:dialog-info"
_COUNTS = re.compile(r"(\d{1,6})/(\d{1,6})")


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
    check_size(body, _CAPS.size)
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
    found = _Found()
    read_xml(body, _CAPS, found, _NAMESPACE)
    return found.document()


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
class _Found:
    root: Mapping[str, str] | None = None
    dialogs: list[_Dialog] = field(default_factory=list)
    text: str = ""

    def document(self) -> DialogDocument:
        if self.root is None:
            raise BodyRefusedError("no dialog-info element")
        version = bounded_int(self.root.get("version", ""), 2**31)
        if version is None:
            raise BodyRefusedError("no version")
        full = self.root.get("state", "full") != "partial"
        dialogs = tuple(dialog.frozen() for dialog in self.dialogs)
        return DialogDocument(clean_line(self.root.get("entity", ""), 300), version, full, dialogs)

    def began(self, path: Sequence[str], attributes: Mapping[str, str]) -> None:
        self.text = ""
        if path == ["dialog-info"]:
            self.root = attributes
        elif path == ["dialog-info", "dialog"]:
            self.dialogs.append(_Dialog(attributes.get("id", ""), attributes.get("direction", "")))
        elif path == ["dialog-info", "dialog", "remote", "target"]:
            self.dialogs[-1].remote_uri = self.dialogs[-1].remote_uri or attributes.get("uri", "")
        elif path == ["dialog-info", "dialog", "remote", "identity"]:
            self.dialogs[-1].remote = attributes.get("display", attributes.get("display-name", ""))

    def said(self, path: Sequence[str], text: str) -> None:  # noqa: ARG002 - wherever it stands
        if len(self.text) < _MOST_TEXT:
            self.text += text[:_MOST_TEXT]

    def ended(self, path: Sequence[str]) -> None:
        if path == ["dialog-info", "dialog", "state"]:
            self.dialogs[-1].state = self.text.strip().lower()
        elif path == ["dialog-info", "dialog", "remote", "identity"]:
            self.dialogs[-1].remote_uri = self.text.strip() or self.dialogs[-1].remote_uri
        self.text = ""
