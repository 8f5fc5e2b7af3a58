"""Database files that were set aside, and when they may go.

One whose contents were brought over is a second copy of customers' data: it goes when records of its age are
purged. One that nobody could read may hold the only copy of an outcome: it stays until somebody removes it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import structlog

log = structlog.get_logger(__name__)

_STAMP = "%Y%m%dT%H%M%S"
_ASIDE = "set-aside"
SALVAGED = ".salvaged"
"""An empty file of this name beside it says that all that could be read was brought over and committed."""


def name_for(database: Path, now: datetime) -> str:
    """What a database set aside `now` is called, without its ending."""
    return f"{database.stem}.{_ASIDE}-{now.astimezone(UTC).strftime(_STAMP)}"


def note_salvaged(aside: Path) -> None:
    """What can be read of `aside` is committed elsewhere; a disk that cannot note that keeps it longer."""
    try:
        Path(f"{aside}{SALVAGED}").touch(mode=0o600)
    except OSError as exc:
        log.warning("records.salvage_not_noted", file=aside.name, why=exc.strerror)


def forget_salvaged(database: Path, before: datetime) -> int:
    """Delete what was set aside before `before` and brought over; tell how many databases that were."""
    gone = 0
    for marker in sorted(database.parent.glob(f"{database.stem}.{_ASIDE}-*{database.suffix}{SALVAGED}")):
        aside = marker.with_name(marker.name.removesuffix(SALVAGED))
        if _set_aside_at(database, aside) < before and _delete(aside):
            gone += 1
    return gone


def _set_aside_at(database: Path, aside: Path) -> datetime:
    stamp = aside.name.removeprefix(f"{database.stem}.{_ASIDE}-")[: len("20000101T000000")]
    try:
        return datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC)
    except ValueError:
        return datetime.max.replace(tzinfo=UTC)  # not a name of ours


def _delete(aside: Path) -> bool:
    """The marker last: what could not be deleted is tried again the next time."""
    try:
        for part in sorted(aside.parent.glob(f"{aside.name}*"), key=lambda p: p.suffix == SALVAGED):
            part.unlink()
    except OSError as exc:
        log.warning("records.aside_not_deleted", file=aside.name, why=exc.strerror)
        return False
    log.info("records.aside_deleted", file=aside.name)
    return True
