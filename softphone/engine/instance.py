"""The name of this installation, by which a registrar knows an old connection of ours from another phone's.

RFC 5626 section 4.1: it must outlive restarts, and accounts must not be recognisable by a common one.
"""

from __future__ import annotations

import uuid
from pathlib import Path

import structlog

from softphone.domain.ids import AccountId

_log = structlog.get_logger(__name__)


class Instance:
    """Random, kept in a small file; without the file it lives as long as the process."""

    def __init__(self, path: Path) -> None:
        self._base = _read(path) or _make(path)

    def of(self, account_id: AccountId) -> str:
        """The URN for `+sip.instance`, the same for the same account."""
        return uuid.uuid5(self._base, account_id).urn


def _read(path: Path) -> uuid.UUID | None:
    try:
        return uuid.UUID(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError):
        return None


def _make(path: Path) -> uuid.UUID:
    made = uuid.uuid4()
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_text(f"{made}\n", encoding="ascii")
    except OSError as exc:
        _log.warning("instance_not_remembered", error=exc.strerror)
    return made
