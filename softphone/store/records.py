"""Port `Records` on the encrypted database: commands are queued, one worker thread carries them out."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import structlog

from softphone.domain.campaign import CampaignCodes
from softphone.domain.delivery import CallLog, Delivery, DeliveryState
from softphone.domain.events import Event
from softphone.domain.ids import CallId, DeliveryId
from softphone.domain.keeping_events import StoreFailed
from softphone.domain.store_trouble import StoreTrouble
from softphone.domain.wrap_up import CallRecord, Draft, RecordsShown, RecordStatus, WrapUp
from softphone.store import answers, writes
from softphone.store.database import DatabaseFile
from softphone.store.keeper import Keeper
from softphone.store.key import DatabaseKey
from softphone.store.writes import Write

log = structlog.get_logger(__name__)

CLOSE_WITHIN_S = 5.0


class SqlRecords:
    """Implements `usecases.ports.Records`. Any one thread may command; events are posted by the worker.

    `path` is the database's file (its folder is made), `key` where its key comes from, `post` takes events
    from the worker thread.
    """

    def __init__(self, path: Path, key: DatabaseKey, post: Callable[[Event], None]) -> None:
        self._keeper = Keeper(DatabaseFile(path, key), post)
        self._post = post
        self._commands: queue.SimpleQueue[tuple[Callable[[], None], CallId | None] | None] = (
            queue.SimpleQueue()
        )
        self._worker: threading.Thread | None = None

    def open(self) -> None:
        if self._worker is None:
            # A disk that hangs must not keep the program from ending: hence a daemon and a bounded join.
            self._worker = threading.Thread(target=self._work, name="store", daemon=True)
            self._worker.start()
        self._command(self._keeper.open)

    def begin_anew(self) -> None:
        self._command(self._keeper.begin_anew)

    def record_call(self, record: CallRecord, status: RecordStatus) -> None:
        self._write(writes.record_call(record, status))

    def save_draft(self, draft: Draft, correcting: DeliveryId | None = None) -> None:
        self._write(writes.save_draft(draft, correcting))

    def save_wrap_up(
        self, wrap_up: WrapUp, delivery: Delivery | None, tasks: tuple[Delivery, ...] = ()
    ) -> None:
        self._write(writes.save_wrap_up(wrap_up, delivery, tasks))

    def correct_wrap_up(
        self,
        wrap_up: WrapUp,
        delivery_id: DeliveryId,
        log: CallLog,
        now: datetime,
        updates: bool = False,
        tasks: tuple[Delivery, ...] = (),
    ) -> None:
        self._write(writes.correct_wrap_up(wrap_up, delivery_id, log, now, updates, tasks))

    def log_early(self, delivery: Delivery) -> None:
        self._write(writes.log_early(delivery))

    def add_delivery(self, delivery: Delivery) -> None:
        self._write(writes.add_delivery(delivery))

    def load_refused_changes(self) -> None:
        self._command(lambda: self._keeper.answer(answers.refused_changes))

    def load_due(self, now: datetime, limit: int) -> None:
        self._command(lambda: self._keeper.load_due(now, limit))

    def record_attempt(
        self, delivery: Delivery, state: DeliveryState, next_attempt_at: datetime | None, remote_id: str = ""
    ) -> None:
        def conclude() -> None:
            decided_at = self._keeper.seen_now
            self._keeper.write(writes.record_attempt(delivery, state, next_attempt_at, remote_id, decided_at))

        self._command(conclude, delivery.log.call_id)

    def retry_delivery(self, delivery_id: DeliveryId, now: datetime) -> None:
        self._write(writes.retry_delivery(delivery_id, now))

    def wake_deliveries(self, crm: str, now: datetime) -> None:
        self._write(writes.wake_deliveries(crm, now))

    def write_off(self, delivery_id: DeliveryId, reason: str) -> None:
        self._write(writes.write_off(delivery_id, reason))

    def abandon_correction(self, delivery_id: DeliveryId) -> None:
        self._write(writes.abandon_correction(delivery_id))

    def load_history(self, limit: int, search: str = "", shown: RecordsShown = RecordsShown.ALL) -> None:
        self._command(lambda: self._keeper.load_history(limit, search, shown))

    def load_callbacks(self) -> None:
        self._command(lambda: self._keeper.answer(answers.promised_callbacks))

    def finish_callback(self, call_id: CallId, now: datetime) -> None:
        self._write(writes.finish_callback(call_id, now))

    def keep_codes(self, codes: CampaignCodes) -> None:
        self._write(writes.keep_codes(codes))

    def load_codes(self) -> None:
        self._command(lambda: self._keeper.answer(answers.kept_codes))

    def export(self) -> None:
        self._command(lambda: self._keeper.answer(answers.records_for_support))

    def load_barred_numbers(self) -> None:
        self._command(lambda: self._keeper.answer(answers.barred_numbers))

    def purge(self, before: datetime) -> None:
        self._command(lambda: self._keeper.purge(before))

    def describe(self) -> None:
        self._command(self._keeper.describe)

    def change_key(self) -> None:
        self._command(self._keeper.change_key)

    def close(self) -> None:
        worker, self._worker = self._worker, None
        if worker is None:
            return
        self._commands.put(None)
        worker.join(CLOSE_WITHIN_S)
        if worker.is_alive():
            log.error("records.close_timed_out", seconds=CLOSE_WITHIN_S)

    # --- the worker ---

    def _write(self, write: Write) -> None:
        self._command(lambda: self._keeper.write(write), write.call_id)

    def _command(self, action: Callable[[], None], call_id: CallId | None = None) -> None:
        self._commands.put((action, call_id))

    def _work(self) -> None:
        while True:
            try:
                command = self._commands.get(timeout=self._keeper.retry_in_s)
            except queue.Empty:
                command = (self._keeper.try_again, None)
            if command is None:
                break
            self._run(*command)
        self._run(lambda: self._note_lost(self._keeper.close()), None)

    def _run(self, action: Callable[[], None], call_id: CallId | None) -> None:
        try:
            action()
        except Exception as exc:
            # The background runner (STYLE.md 7): a bug in one command must not stop those after it.
            log.exception("records.command_failed", call=call_id)
            self._post(StoreFailed(StoreTrouble.OTHER, call_id, f"{type(exc).__name__}"))

    @staticmethod
    def _note_lost(writes_lost: int) -> None:
        if writes_lost:
            log.error("records.closed_with_losses", writes=writes_lost)
