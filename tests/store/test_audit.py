"""The audit log on a real encrypted file, and whoever meddles with it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlcipher3 import dbapi2

from softphone.domain.audit import AuditAction, AuditEntry, AuditTrouble, Head, Side
from softphone.domain.errors import TryLater
from softphone.domain.events import Event
from softphone.domain.team_events import AuditFailed, AuditOpened, AuditRecorded
from softphone.store import audit_file
from softphone.store.audit import AuditLog
from softphone.store.audit_file import HEAD_NAME, KEY_NAME, AuditFile
from softphone.system.secrets import MemorySecrets
from tests.peers.waiting import wait_for

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def entry(detail: str = "listen") -> AuditEntry:
    return AuditEntry(NOW, AuditAction.MODE_CHANGED, Side.LEAD, "7900@pbx.test", "7001", detail)


class Desk:
    """One user's log, as often as the desk is started."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "audit.db"
        self.secrets = LockableSecrets()
        self.events: list[Event] = []

    def record(self, *details: str) -> None:
        """A whole life of a desk."""
        log = AuditLog(self.path, self.secrets, self.events.append, retry_s=0.05)
        for detail in details:
            log.record(entry(detail))
        log.close()

    @property
    def file(self) -> AuditFile:
        return AuditFile(self.path, self.secrets)

    def trouble(self) -> AuditTrouble:
        return self.file.verdict().trouble

    def details(self) -> list[str]:
        return [json.loads(link.text)["detail"] for link in self.file.links()]

    def meddle(self, *statements: str) -> None:
        """Somebody with this user's own key goes round the triggers."""
        key = bytes.fromhex(self.secrets.read(KEY_NAME) or "")
        connection = audit_file._connect(self.path, key)
        for statement in ("DROP TRIGGER no_update", "DROP TRIGGER no_delete", *statements):
            connection.execute(statement)
        connection.close()


class LockableSecrets(MemorySecrets):
    """A key store that can be locked."""

    def __init__(self) -> None:
        super().__init__({})
        self.locked = False

    def read(self, name: str) -> str | None:
        if self.locked:
            raise TryLater("key store", "locked")
        return super().read(name)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path)
    made.record("one", "two", "three")
    return made


def test_entries_are_kept_in_order_sealed_and_told(desk: Desk) -> None:
    assert desk.details() == ["one", "two", "three"]
    assert [e.number for e in desk.events if isinstance(e, AuditRecorded)] == [1, 2, 3]
    verdict = desk.file.verdict()
    assert (verdict.good, verdict.entries, verdict.unsealed) == (True, 3, 0)


def test_the_next_desk_goes_on_with_the_same_chain(desk: Desk) -> None:
    desk.record("four")
    assert desk.details() == ["one", "two", "three", "four"]
    assert desk.trouble() is AuditTrouble.NONE


def test_nothing_of_it_is_readable_on_the_disk(desk: Desk) -> None:
    content = b"".join(p.read_bytes() for p in desk.path.parent.iterdir())
    assert b"7900" not in content
    assert b"SQLite format" not in content


def test_through_sql_nothing_can_be_changed_or_deleted(desk: Desk) -> None:
    key = bytes.fromhex(desk.secrets.read(KEY_NAME) or "")
    connection = audit_file._connect(desk.path, key)
    for statement in ("UPDATE entries SET text = ''", "DELETE FROM entries"):
        with pytest.raises(dbapi2.IntegrityError, match="append-only"):
            connection.execute(statement)
    connection.close()


MEDDLING: dict[str, tuple[Callable[[Desk], None], AuditTrouble]] = {
    "a word": (lambda d: d.meddle("UPDATE entries SET text = replace(text, '7900', '7901') WHERE number = 2"),
               AuditTrouble.ALTERED),
    "an entry less": (lambda d: d.meddle("DELETE FROM entries WHERE number = 2"), AuditTrouble.ALTERED),
    "the end less": (lambda d: d.meddle("DELETE FROM entries WHERE number = 3"), AuditTrouble.CUT),
    "all less": (lambda d: d.meddle("DELETE FROM entries"), AuditTrouble.NO_LOG),
    "the table less": (lambda d: d.meddle("DROP TABLE entries"), AuditTrouble.NO_LOG),
    "the file less": (lambda d: d.path.unlink(), AuditTrouble.NO_LOG),
    "the head less": (lambda d: d.secrets.delete(HEAD_NAME), AuditTrouble.NO_HEAD),
    "another head": (lambda d: d.secrets.write(HEAD_NAME, Head(3, "0" * 64).line()), AuditTrouble.ALTERED),
    "the key less": (lambda d: d.secrets.delete(KEY_NAME), AuditTrouble.UNREADABLE),
    "rubbish": (lambda d: _spoil(d.path), AuditTrouble.UNREADABLE),
}  # fmt: skip


def _spoil(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[100:200] = bytes(100)
    path.write_bytes(data)


@pytest.mark.parametrize("case", MEDDLING.values(), ids=MEDDLING.keys())
def test_whatever_is_changed_is_found_and_stays_found(
    desk: Desk, case: tuple[Callable[[Desk], None], AuditTrouble]
) -> None:
    meddle, trouble = case
    meddle(desk)
    assert desk.trouble() is trouble
    desk.record("afterwards")
    assert desk.trouble() is AuditTrouble.NONE  # a new log, that begins by saying what was found
    first, second = desk.file.links()
    assert json.loads(first.text)["action"] == AuditAction.LOG_DAMAGED.value
    assert trouble.value in json.loads(first.text)["detail"]
    assert json.loads(second.text)["detail"] == "afterwards"
    assert desk.file.damaged() or trouble is AuditTrouble.NO_LOG


def test_an_older_copy_of_the_whole_file_is_found(desk: Desk, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    shutil.copy(desk.path, copy)
    desk.record("incriminating")
    shutil.copy(copy, desk.path)
    for suffix in ("-wal", "-shm"):
        Path(f"{desk.path}{suffix}").unlink(missing_ok=True)
    assert desk.trouble() is AuditTrouble.CUT


def test_a_desk_that_died_before_sealing_has_lost_nothing(desk: Desk) -> None:
    desk.secrets.write(HEAD_NAME, Head(1, next(iter(desk.file.links())).seal).line())
    verdict = desk.file.verdict()
    assert (verdict.good, verdict.unsealed) == (True, 2)
    desk.record("four")
    assert desk.file.verdict().unsealed == 0


def test_a_locked_key_store_keeps_entries_until_it_is_unlocked(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.secrets.locked = True
    log = AuditLog(desk.path, desk.secrets, desk.events.append, retry_s=0.05)
    log.record(entry("while locked"))
    wait_for(lambda: [e for e in desk.events if isinstance(e, AuditFailed)], "the failure is told")
    desk.secrets.locked = False
    wait_for(lambda: [e for e in desk.events if isinstance(e, AuditRecorded)], "the entry is written")
    log.close()
    assert desk.details() == ["while locked"]
    assert len([e for e in desk.events if isinstance(e, AuditFailed)]) == 1


def test_opened_ahead_the_log_outlives_a_key_store_that_is_locked_later_and_a_kill(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    log = AuditLog(desk.path, desk.secrets, desk.events.append, retry_s=0.05)
    log.open()
    wait_for(lambda: AuditOpened() in desk.events, "the log is open")
    desk.secrets.locked = True
    log.record(entry("while locked"))
    wait_for(lambda: [e for e in desk.events if isinstance(e, AuditRecorded)], "the entry is on disk")
    desk.secrets.locked = False  # what the next desk finds; this one is killed here: never closed
    assert desk.details() == ["while locked"]
    assert desk.file.verdict().good
    log.close()


def test_a_log_that_cannot_be_opened_ahead_is_told_and_opened_as_soon_as_it_can_be(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.secrets.locked = True
    log = AuditLog(desk.path, desk.secrets, desk.events.append, retry_s=0.05)
    log.open()
    wait_for(lambda: desk.events, "the failure is told")
    assert [type(e) for e in desk.events] == [AuditFailed]
    desk.secrets.locked = False
    wait_for(lambda: AuditOpened() in desk.events, "it is open")
    log.close()
    assert desk.file.verdict().good


def test_a_thousand_entries_are_quick_and_whole(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.record(*(str(number) for number in range(1_000)))
    assert desk.file.verdict().entries == 1_000


def test_who_never_supervises_has_no_log(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.record()
    assert not desk.path.exists()
    assert desk.file.verdict().good
