"""Saving what can be read of a damaged database: every row whose pages still pass their HMAC."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from softphone.domain.call import CallState, CallView, Direction, EndCause, Party
from softphone.domain.delivery import CallLog
from softphone.domain.facts import dataclass
from softphone.domain.ids import AccountId
from softphone.domain.wrap_up import CallRecord, RecordStatus
from softphone.store import calls
from softphone.store.codec import read_log
from softphone.store.database import Database, Row
from softphone.store.troubles import StoreUnusable

CHUNK = 256
"""Rows read at once; a chunk that fails is halved until the unreadable rows are found."""

PROBES = 50
"""So many rows, evenly spread, are tried before a table counts as unreadable (its root page is damaged)."""

_COLUMNS = {
    "calls": "seq, id, status, started_at, record",
    "drafts": "rowid, call_id, draft",
    "wrap_ups": "rowid, call_id, campaign_id, code, code_label, finished_at, automatic, tags",
    "do_not_call": "rowid, number, campaign_id, added_at, call_id",
    "callbacks": "rowid, call_id, due_at, number, done_at",
    "codes": "rowid, campaign_id, codes, fetched_at",
    "outbox": "seq, id, call_id, kind, crm, log, created_at, state, attempts, next_attempt_at, decided_at,"
    " begun, trouble, detail, remote_id, own_faults, content, revision, accepted, revised, early",
}


@dataclass(frozen=True, slots=True)
class Salvaged:
    """How many calls could be saved, and how many pieces were met that cannot be read."""

    calls: int
    unreadable: int


def salvage(open_old: Callable[[], Database], new: Database) -> Salvaged:
    """Copy all that is readable of what `open_old` opens into the empty `new`, in one transaction."""
    reader = _Reader(open_old)
    try:
        return _copy(reader, new)
    finally:
        reader.close()


def _copy(reader: _Reader, new: Database) -> Salvaged:
    insert = partial(_insert, reader, new)
    with new.transaction():
        for row in reader.rows("calls"):
            insert("calls", row)
        for row in reader.rows("outbox"):
            _ensure_call(new, call_id=row[2], log=read_log(row[5]), state=row[7])
            insert("outbox", row)
        for row in reader.rows("wrap_ups"):
            if new.row("SELECT 1 FROM calls WHERE id = ?", (row[1],)):
                insert("wrap_ups", row)
        for row in reader.rows("drafts"):
            insert("drafts", row)
        for row in reader.rows("callbacks"):
            if new.row("SELECT 1 FROM calls WHERE id = ?", (row[1],)):
                insert("callbacks", row)
        for table in ("do_not_call", "codes"):
            for row in reader.rows(table):
                insert(table, row)
        calls.index_all(new)
        return Salvaged(calls.count(new), reader.unreadable)


def _insert(reader: _Reader, new: Database, table: str, row: Row) -> None:
    marks = ", ".join("?" * len(row))
    # Names come from the table above, values are bound.
    columns = reader.columns(table)
    new.write(f"INSERT OR IGNORE INTO {table} ({columns}) VALUES ({marks})", row)  # noqa: S608


def _ensure_call(new: Database, call_id: str, log: CallLog, state: str) -> None:
    """An outcome whose call is unreadable is delivered all the same; what it tells of the call is kept."""
    if new.row("SELECT 1 FROM calls WHERE id = ?", (call_id,)):
        return
    view = CallView(
        id=log.call_id,
        account_id=AccountId(""),
        direction=Direction(log.direction),
        state=CallState.TERMINATED,
        party=Party(log.number),
        started_at=log.started_at,
        queue=log.queue,
        end_cause=EndCause.UNKNOWN,
    )
    status = {
        "delivered": RecordStatus.DELIVERED,
        "refused": RecordStatus.REFUSED,
        "written_off": RecordStatus.WRITTEN_OFF,
    }
    calls.put_call(new, CallRecord(view, log.number, log.campaign), status.get(state, RecordStatus.SAVED))


class _Reader:
    """Reads tables by row number, around what is damaged.

    After one page that fails its HMAC, SQLCipher fails every further page on that connection (measured with
    4.19): each failure costs a new connection.
    """

    def __init__(self, open_old: Callable[[], Database]) -> None:
        self._open_old = open_old
        self._old: Database | None = None
        self._columns: dict[str, str] = {}
        self.unreadable = 0

    def columns(self, table: str) -> str:
        """Those that the old database has: one of an earlier version lacks the latest."""
        if table not in self._columns:
            there = {name for (name,) in self._ask("SELECT name FROM pragma_table_info(?)", (table,)) or ()}
            known = _COLUMNS[table].split(", ")
            present = [name for name in known if name in there or name == "rowid"] if there else known
            self._columns[table] = ", ".join(present)
        return self._columns[table]

    def rows(self, table: str) -> Iterator[Row]:
        last = self._last(table)
        if not self._reachable(table, last):
            self.unreadable += 1
            return
        for first in range(1, last + 1, CHUNK):
            yield from self._between(table, first, min(first + CHUNK - 1, last))

    def close(self) -> None:
        if self._old is not None:
            self._old.close()
            self._old = None

    def _between(self, table: str, first: int, last: int) -> Iterator[Row]:
        found = self._try(table, first, last)
        if found is not None:
            yield from found
        elif first == last:
            self.unreadable += 1
        else:
            middle = (first + last) // 2
            yield from self._between(table, first, middle)
            yield from self._between(table, middle + 1, last)

    def _try(self, table: str, first: int, last: int) -> list[Row] | None:
        columns = self.columns(table)
        wanted = f"SELECT {columns} FROM {table} WHERE rowid BETWEEN ? AND ?"  # noqa: S608 - as above
        return self._ask(wanted, (first, last))

    def _ask(self, sql: str, values: tuple[int | str, ...] = ()) -> list[Row] | None:
        try:
            if self._old is None:
                self._old = self._open_old()
            return self._old.rows(sql, values)
        except StoreUnusable:
            self.close()
            return None

    def _last(self, table: str) -> int:
        """The highest row number; where its page is unreadable, what the other tables and counters say."""
        asked = [f"SELECT max(rowid) FROM {name}" for name in (table, *_COLUMNS)]  # noqa: S608 - as above
        for question in (*asked[:1], "SELECT max(seq) FROM sqlite_sequence", *asked[1:]):
            answer = self._ask(question)
            if answer and answer[0][0]:
                return int(answer[0][0])
        return 0

    def _reachable(self, table: str, last: int) -> bool:
        probes = range(1, last + 1, max(1, last // PROBES))
        return any(self._try(table, number, number) is not None for number in probes)
