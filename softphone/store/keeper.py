"""Keeping records on disk as long as it works and in memory while it does not; single-threaded.

Three modes: *on disk*; *on disk with a backlog* (the file is open but a write failed: nothing is called saved
before it has landed); *in memory* (the file cannot be used at all: everything works on tables in memory, says
so, and lands in the file when it can be used).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

import structlog

from softphone.domain.events import Event
from softphone.domain.keeping_events import (
    DeliveriesDue,
    KeyChanged,
    StoreDescribed,
    StoreFailed,
    StoreOpened,
)
from softphone.domain.store_trouble import StoreTrouble
from softphone.domain.wrap_up import HistoryEntry, RecordsShown
from softphone.store import calls, outbox, writes
from softphone.store.answers import Question, history
from softphone.store.aside import forget_salvaged
from softphone.store.backlog import Backlog
from softphone.store.database import Database, DatabaseFile, open_memory
from softphone.store.opening import Opened, Opening
from softphone.store.summary import summary
from softphone.store.troubles import StoreUnusable
from softphone.store.writes import Write, begin_attempt

log = structlog.get_logger(__name__)

_TIME_HELPS = (StoreTrouble.LOCKED, StoreTrouble.READ_ONLY, StoreTrouble.DISK_FULL, StoreTrouble.OTHER)
"""Troubles worth trying again without being asked. The key store may ask the user each time: not those."""


class Keeper:
    """Carries out commands one after the other and posts how they ended."""

    def __init__(
        self,
        file: DatabaseFile,
        post: Callable[[Event], None],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._file = file
        self._opening = Opening(file)
        self._post = post
        self._monotonic = monotonic
        self._database: Database | None = None
        self._backlog = Backlog()
        self._trouble = StoreTrouble.NONE
        self._retry_at: float | None = None
        self._interrupted_counted = False
        self._seen_now: datetime | None = None

    # --- opening ---

    def open(self) -> None:
        """Open the file, or go on in memory; post `StoreOpened`."""
        if self._on_disk:
            self._land()
            self._post(StoreOpened(self._trouble))
        else:
            self._open_file()

    def begin_anew(self) -> None:
        """Set the file aside on the user's word, if that helps, and open what is there then."""
        try:
            if not self._on_disk:
                self._opening.begin_anew(self._trouble)
        except StoreUnusable as unusable:
            self._work_in_memory(unusable)
            return
        self.open()

    def _open_file(self, asked: bool = True) -> None:
        """Use the file from now on, or go on in memory; who asked is answered in any case."""
        try:
            opened = self._opening.open()
            try:
                self._take_over(opened)
            except StoreUnusable as unusable:
                if unusable.trouble is not StoreTrouble.DAMAGED:
                    raise
                self._opening.set_damaged_aside(unusable)
                self._take_over(self._opening.open())
        except StoreUnusable as unusable:
            self._work_in_memory(unusable, tell=asked)

    def _take_over(self, opened: Opened) -> None:
        """Work on what was opened from now on; what was kept in memory lands first, in one transaction."""
        database = opened.database
        try:
            unfinished, events, interrupted = self._catch_up(database)
        except StoreUnusable:
            database.close()
            raise
        memory, self._database = self._database, database
        if memory is not None:
            memory.close()
        self._backlog.clear()
        self._calm()
        self._opening.succeeded()
        self._interrupted_counted = True
        log.info(
            "records.opened",
            trouble=opened.trouble.value,
            unfinished=len(unfinished),
            interrupted=interrupted,
            landed=len(events),
        )
        self._post(StoreOpened(opened.trouble, opened.set_aside, unfinished=unfinished))
        for event in events:
            self._post(event)

    def _catch_up(self, database: Database) -> tuple[tuple[HistoryEntry, ...], list[Event], int]:
        known = self._backlog.calls()
        with database.transaction():
            interrupted = 0 if self._interrupted_counted else outbox.count_interrupted(database)
            left = tuple(e for e in calls.unfinished(database) if e.record.call.id not in known)
            events = [write.apply(database) for write in self._backlog.everything()]
        return left, [event for event in events if event is not None], interrupted

    def _work_in_memory(self, unusable: StoreUnusable, tell: bool = True) -> None:
        if self._database is None:
            self._database = open_memory()
            for write in self._backlog.everything():
                self._carry_out(self._database, write)
        self._backlog.firm = True
        news = unusable.trouble is not self._trouble
        self._worry(unusable.trouble)
        if news:
            log.error("records.in_memory", trouble=unusable.trouble.value, detail=unusable.detail)
        if news or tell:
            self._post(StoreOpened(unusable.trouble, unusable.detail, in_memory=True))

    # --- trouble ---

    @property
    def retry_in_s(self) -> float | None:
        """Seconds until `try_again` wants to be called; None if nothing waits for time."""
        return None if self._retry_at is None else max(0.0, self._retry_at - self._monotonic())

    def try_again(self) -> None:
        """See whether the disk works now."""
        self._retry_at = None
        if self._on_disk:
            self._land()
        else:
            self._open_file(asked=False)

    def _worry(self, trouble: StoreTrouble) -> None:
        """Remember what is wrong; plan the next try unless one is planned (a command may fail meanwhile)."""
        self._trouble = trouble
        if trouble not in _TIME_HELPS:
            self._retry_at = None
        elif self._retry_at is None:
            self._retry_at = self._monotonic() + self._backlog.next_delay_s()

    def _calm(self) -> None:
        self._trouble = StoreTrouble.NONE
        self._retry_at = None
        self._backlog.tries = 0

    # --- writing ---

    def write(self, write: Write) -> None:
        """Commit `write` and post its event, or post `StoreFailed` and keep it for later."""
        database = self._opened()
        if database.on_disk:
            self._backlog.add(write)
            self._land()
            if self._on_disk and write in self._backlog:
                self._post(StoreFailed(self._trouble, write.call_id))
            return
        unusable = self._carry_out(database, write)
        if unusable is None:
            self._backlog.add(write)
        else:
            self._post(StoreFailed(unusable.trouble, write.call_id, unusable.detail))

    def _land(self) -> bool:
        """Carry out what waits, in order; tell whether all of it is on disk now."""
        troubled = self._trouble is not StoreTrouble.NONE
        while len(self._backlog):
            write = self._backlog.take_first()  # gone if it raises a bug: it must not block those behind it
            unusable = self._carry_out(self._opened(), write)
            if unusable is not None and unusable.hopeless:
                log.error("records.impossible", kind=write.kind.name, call=write.call_id, why=unusable.detail)
                self._post(StoreFailed(unusable.trouble, write.call_id, unusable.detail))
            elif unusable is not None:
                self._backlog.put_back(write)
                self._cannot_write(unusable, write)
                return False
        self._calm()
        if troubled:
            log.info("records.works_again")
            self._post(StoreOpened())
        return True

    def _cannot_write(self, unusable: StoreUnusable, write: Write) -> None:
        if unusable.trouble is StoreTrouble.DAMAGED:
            self._replace_damaged(unusable)
            return
        if unusable.trouble is not self._trouble:  # once, not with every keystroke
            log.warning(
                "records.not_written", trouble=unusable.trouble.value, why=unusable.detail, call=write.call_id
            )
        self._worry(unusable.trouble)

    def _carry_out(self, database: Database, write: Write) -> StoreUnusable | None:
        try:
            with database.transaction():
                event = write.apply(database)
        except StoreUnusable as unusable:
            return unusable
        if event is not None:
            self._post(event)
        return None

    def _replace_damaged(self, unusable: StoreUnusable) -> None:
        """Damage was met while working: begin a new file with all that is readable and all that waits."""
        if self._on_disk:
            self._opened().close()
            self._database = None
        try:
            self._opening.set_damaged_aside(unusable)
        except StoreUnusable as worse:
            self._work_in_memory(worse)
            return
        self._open_file()

    def change_key(self) -> None:
        """Encrypt everything anew; post `KeyChanged`, or `StoreFailed` and go on with what opens the file."""
        database = self._opened()
        if not (database.on_disk and self._land()):
            self._post(StoreFailed(self._trouble))
            return
        try:
            self._file.change_key(database)
        except StoreUnusable as unusable:
            log.error("records.key_not_changed", trouble=unusable.trouble.value, detail=unusable.detail)
            self._post(StoreFailed(unusable.trouble, None, unusable.detail))
            database.close()
            self._database = None
            self._open_file()
            return
        log.info("records.key_changed")
        self._post(KeyChanged())

    def purge(self, before: datetime) -> None:
        """Forget old settled calls, and leave nothing of them in free pages, the log, or a copy aside."""
        database = self._opened()
        try:
            there_were = calls.count(database)
            self.write(writes.purge(before))
            if calls.count(database) < there_were:
                database.shrink()
            if database.on_disk:
                forget_salvaged(self._file.path, before)
        except StoreUnusable as unusable:
            self._read_failed(unusable)

    # --- reading ---

    def load_due(self, now: datetime, limit: int) -> None:
        """Post `DeliveriesDue`; what it hands out is marked on disk as begun, or it is not handed out."""
        self._seen_now = now
        database = self._opened()
        try:
            unknown = self._backlog.concluded() if database.on_disk else frozenset()
            found = outbox.due(database, now, limit, unknown)
            marks = [begin_attempt(delivery.id) for delivery in found.deliveries]
            with database.transaction():
                for mark in marks:
                    mark.apply(database)
        except StoreUnusable as unusable:
            self._read_failed(unusable)
            self._post(DeliveriesDue(()))
            return
        if not database.on_disk:
            for mark in marks:
                self._backlog.add(mark)
        self._post(DeliveriesDue(found.deliveries, found.next_due_at))

    def load_history(self, limit: int, search: str, shown: RecordsShown = RecordsShown.ALL) -> None:
        """Post `HistoryLoaded`."""
        self.answer(history(limit, search, shown))

    def describe(self) -> None:
        """Post `StoreDescribed`."""
        here = (("trouble", self._trouble.value), ("not_on_disk_yet", str(len(self._backlog))))
        self.answer(lambda db: StoreDescribed((*here, *summary(db))))

    def answer(self, read: Question) -> None:
        """Post what `read` makes of the database."""
        try:
            event = read(self._opened())
        except StoreUnusable as unusable:
            self._read_failed(unusable)
            return
        self._post(event)

    def _read_failed(self, unusable: StoreUnusable) -> None:
        if unusable.trouble is StoreTrouble.DAMAGED:
            self._replace_damaged(unusable)
            return
        log.warning("records.not_read", trouble=unusable.trouble.value, detail=unusable.detail)
        self._post(StoreFailed(unusable.trouble, None, unusable.detail))

    @property
    def seen_now(self) -> datetime | None:
        """The latest time that a look into the outbox brought along."""
        return self._seen_now

    # --- the end ---

    def close(self) -> int:
        """Try once more to land what waits, close, and tell how many writes are lost."""
        if self._database is None:
            return 0
        if len(self._backlog):
            self.try_again()
        lost = len(self._backlog)
        if lost:
            log.error("records.lost_at_close", writes=lost, trouble=self._trouble.value)
        self._database.close()
        self._database = None
        return lost

    @property
    def _on_disk(self) -> bool:
        return self._database is not None and self._database.on_disk

    def _opened(self) -> Database:
        if self._database is None:
            self.open()
        if self._database is None:
            raise StoreUnusable(StoreTrouble.OTHER, "not opened")
        return self._database
