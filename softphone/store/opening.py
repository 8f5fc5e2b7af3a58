"""Opening the file whatever state it is in: damage set aside and salvaged, a new beginning on demand."""

from __future__ import annotations

from pathlib import Path

import structlog

from softphone.domain.facts import dataclass
from softphone.domain.store_trouble import StoreTrouble
from softphone.store.aside import note_salvaged
from softphone.store.database import Database, DatabaseFile
from softphone.store.salvage import salvage
from softphone.store.troubles import StoreUnusable

log = structlog.get_logger(__name__)

_MAY_BEGIN_ANEW = (
    StoreTrouble.KEY_WRONG,
    StoreTrouble.KEY_MISSING,
    StoreTrouble.NEWER,
    StoreTrouble.DAMAGED,
)
"""Not while another desk uses the file, nor while time or the user can make it usable again."""


@dataclass(frozen=True, slots=True)
class Opened:
    """An open database; `set_aside` names the damaged file whose place it takes, or is empty."""

    database: Database
    set_aside: str = ""

    @property
    def trouble(self) -> StoreTrouble:
        return StoreTrouble.DAMAGED if self.set_aside else StoreTrouble.NONE


class Opening:
    """The way from a file to an open database. Everything here may raise `StoreUnusable`."""

    def __init__(self, file: DatabaseFile) -> None:
        self._file = file
        self._damaged: Path | None = None
        self._salvaged = False

    def open(self) -> Opened:
        """Open or create; a damaged file makes way for a new one with all that is readable."""
        try:
            database = self._file.open()
        except StoreUnusable as unusable:
            if unusable.trouble is not StoreTrouble.DAMAGED:
                raise
            self.set_damaged_aside(unusable)
            database = self._file.open()
        if self._damaged is None:
            return Opened(database)
        self._salvage(self._damaged, database)
        return Opened(database, self._damaged.name)

    def set_damaged_aside(self, unusable: StoreUnusable) -> None:
        """Damage was met: the next `open` begins a new file. Close the database first.

        Raises `unusable` if the new file is damaged, too: this disk is not to be trusted.
        """
        log.error("records.damaged", detail=unusable.detail)
        if self._damaged is not None:
            raise unusable
        self._damaged = self._file.set_aside()

    def succeeded(self) -> None:
        """Work goes on in what was opened: what was salvaged is committed with the rest."""
        if self._damaged is not None and self._salvaged:
            note_salvaged(self._damaged)
        self._damaged, self._salvaged = None, False

    def begin_anew(self, trouble: StoreTrouble) -> None:
        """On the user's word: set the file aside if `trouble` is one that this solves."""
        if trouble in _MAY_BEGIN_ANEW:
            self._file.ensure_key()
            aside = self._file.set_aside()
            log.warning("records.set_aside", file=aside.name, why="asked by the user")

    def _salvage(self, aside: Path, new: Database) -> None:
        """Bring over what is readable. May happen again on the same files: what is there already stays."""
        try:
            saved = salvage(lambda: self._file.open_old(aside), new)
        except StoreUnusable as unusable:
            if unusable.trouble is not StoreTrouble.NEWER:
                new.close()
                raise
            log.error("records.not_salvaged", file=aside.name, why=unusable.detail)
        else:
            self._salvaged = True
            log.warning("records.salvaged", calls=saved.calls, unreadable=saved.unreadable)
