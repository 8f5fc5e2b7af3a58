"""The contacts that registrars hold of us, remembered on disk so that the next engine can take them away.

An engine that was killed leaves its contact behind; a server that rings it first would let callers hear
nothing. The file holds no secret: what makes a contact usable died with the process that made it. Thread:
the sip thread.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
import structlog

from softphone.domain.ids import AccountId

_log = structlog.get_logger(__name__)
_LIMIT = 100_000


class FormerContacts:
    """A small file; a missing or damaged one only means that nothing is remembered."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._contacts = _read(path)

    def of(self, account_id: AccountId) -> tuple[str, ...]:
        return tuple(self._contacts.get(account_id, ()))

    def remember(self, account_id: AccountId, contacts: tuple[str, ...]) -> None:
        """Write what is bound now, atomically."""
        self._contacts[account_id] = list(contacts)
        if not contacts:
            del self._contacts[account_id]
        part = self._path.with_suffix(".part")
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            part.write_bytes(msgspec.json.encode(self._contacts))
            part.replace(self._path)
        except OSError as exc:
            _log.warning("contacts_not_remembered", error=exc.strerror)


def _read(path: Path) -> dict[str, list[str]]:
    try:
        raw = path.read_bytes()
        return msgspec.json.decode(raw, type=dict[str, list[str]]) if len(raw) < _LIMIT else {}
    except (OSError, msgspec.MsgspecError):
        return {}
