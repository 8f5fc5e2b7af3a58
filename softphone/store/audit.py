"""Port `Audit` on the encrypted log: entries are queued, one worker thread writes and seals them."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from enum import Enum, auto
from pathlib import Path

import structlog

from softphone.domain.audit import AuditEntry
from softphone.domain.errors import SoftphoneError
from softphone.domain.events import Event
from softphone.domain.team_events import AuditFailed, AuditOpened, AuditRecorded
from softphone.store.audit_file import AuditFile
from softphone.usecases.ports import Secrets

log = structlog.get_logger(__name__)

CLOSE_WITHIN_S = 5.0
RETRY_S = 5.0
_BATCH = 500


class _Wish(Enum):
    OPEN = auto()
    END = auto()


class AuditLog:
    """Implements `usecases.team.ports.Audit`. Any thread may record; events are posted by the worker.

    The file is made with the first entry, or by `open`: who never supervises has none.
    """

    def __init__(
        self, path: Path, secrets: Secrets, post: Callable[[Event], None], retry_s: float = RETRY_S
    ) -> None:
        self._file = AuditFile(path, secrets)
        self._post = post
        self._retry_s = retry_s
        self._entries: queue.SimpleQueue[AuditEntry | _Wish] = queue.SimpleQueue()
        self._kept: list[AuditEntry] = []
        self._to_open = False
        self._failing = False
        self._worker: threading.Thread | None = None
        self._starting = threading.Lock()

    def open(self) -> None:
        self._begin()
        self._entries.put(_Wish.OPEN)

    def record(self, entry: AuditEntry) -> None:
        self._begin()
        self._entries.put(entry)

    def _begin(self) -> None:
        with self._starting:
            if self._worker is None:
                # A key store that asks its user must not keep the program from ending: hence a daemon.
                self._worker = threading.Thread(target=self._work, name="audit", daemon=True)
                self._worker.start()

    def close(self) -> None:
        worker = self._worker
        if worker is None:
            return
        self._entries.put(_Wish.END)
        worker.join(CLOSE_WITHIN_S)
        if worker.is_alive() or self._kept:
            log.error("audit_entries_lost", count=len(self._kept))

    # --- worker ----------------------------------------------------------------------------------------

    def _work(self) -> None:
        going = True
        while going:
            going = self._take()
            self._write()
        self._file.close()

    def _take(self) -> bool:
        """Wait for entries, or until it is time to try again; False when it is to end."""
        try:
            unfinished = self._kept or self._to_open
            first = self._entries.get(timeout=self._retry_s if unfinished else None)
            while first is not _Wish.END:
                if isinstance(first, AuditEntry):
                    self._kept.append(first)
                else:
                    self._to_open = True
                if len(self._kept) >= _BATCH:
                    return True
                first = self._entries.get_nowait()
        except queue.Empty:
            return True
        return False

    def _write(self) -> None:
        if not self._kept and not self._to_open:
            return
        try:
            self._file.open(datetime.now(UTC))
            links = self._file.append(self._kept) if self._kept else []
        except SoftphoneError as exc:
            self._failed(exc)
            return
        if self._to_open or self._failing:
            self._post(AuditOpened())
        self._failing = self._to_open = False
        written, self._kept = self._kept, []
        for entry, link in zip(written, links, strict=True):
            self._post(AuditRecorded(entry, link.number))

    def _failed(self, error: SoftphoneError) -> None:
        if not self._failing:
            self._failing = True
            log.warning("audit_not_written", detail=str(error), kept=len(self._kept))
            self._post(AuditFailed(str(error), len(self._kept)))
