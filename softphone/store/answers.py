"""Questions to the database that change nothing: each reads and makes the event that answers."""

from __future__ import annotations

from collections.abc import Callable

from softphone.domain.events import Event
from softphone.domain.keeping_events import (
    BarredNumbersLoaded,
    CallbacksLoaded,
    CodesKept,
    HistoryLoaded,
    RecordsExported,
    RefusedChangesLoaded,
)
from softphone.domain.wrap_up import RecordsShown
from softphone.store import callbacks, calls, codes, do_not_call, outbox
from softphone.store.database import Database
from softphone.store.summary import for_support

Question = Callable[[Database], Event]


def history(limit: int, search: str, shown: RecordsShown = RecordsShown.ALL) -> Question:
    return lambda db: HistoryLoaded(calls.newest(db, limit, search, shown), *outbox.counts(db))


def promised_callbacks(database: Database) -> Event:
    return CallbacksLoaded(callbacks.promised(database))


def kept_codes(database: Database) -> Event:
    return CodesKept(codes.everything(database))


def records_for_support(database: Database) -> Event:
    return RecordsExported(for_support(database))


def refused_changes(database: Database) -> Event:
    return RefusedChangesLoaded(outbox.refused_changes(database))


def barred_numbers(database: Database) -> Event:
    return BarredNumbersLoaded(do_not_call.everything(database))
