"""A new key while corrections wait: not one of them is lost, doubled or turned back, killed or not."""

from __future__ import annotations

import os
import shutil
import signal
import traceback
from dataclasses import replace
from pathlib import Path

import pytest

from softphone.domain.customer import CrmTrouble
from softphone.domain.delivery import Delivery, DeliveryKind, DeliveryState
from softphone.domain.keeping_events import DeliveryRecorded, KeyChanged, StoreOpened
from softphone.domain.wrap_up import RecordStatus
from softphone.store import writes
from softphone.store.database import DatabaseFile
from softphone.store.key import MemoryKey
from tests.store.doomed_desk import SuicidalDisk
from tests.store.keeping import Kept
from tests.store.samples import START, delivery, ended, live, wrap_up
from tests.store.sqlite_vfs import watched_by

OLD, NEW = bytes(range(32)), bytes(range(100, 132))
IN_THE_CRM, ON_ITS_WAY, NEVER_SENT, REFUSED = range(4)
"""What had become of each call's outcome when it was corrected."""
CORRECTED = "It was the roof"
EVERY = 3
"""Every third operation of the change is one before which a desk is killed."""


class PlannedKey(MemoryKey):
    """Both keys are known to the test, as they are kept in the key store meanwhile."""

    def create_next(self) -> bytes:
        self._next = NEW
        return NEW


def both_keys() -> PlannedKey:
    key = PlannedKey(OLD)
    key._next = NEW
    return key


def attempted(kept: Kept, entry: Delivery, state: DeliveryState) -> None:
    trouble = CrmTrouble.REFUSED if state is DeliveryState.REFUSED else CrmTrouble.NONE
    tried = replace(entry, attempts=entry.attempts + 1, last_trouble=trouble)
    kept.keeper.write(writes.record_attempt(tried, state, START, "crm-7", START))


def correct(kept: Kept, number: int) -> None:
    entry = delivery(number, crm=f"crm-{number}", notes=CORRECTED)
    finished = wrap_up(number, CORRECTED)
    kept.keeper.write(writes.correct_wrap_up(finished, entry.id, entry.log, START, updates=True))


def fill(path: Path) -> None:
    """Four calls with a pending correction each, on four CRMs: none of them waits for another."""
    kept = Kept(path, MemoryKey(OLD))
    kept.open()
    for number in (IN_THE_CRM, ON_ITS_WAY, NEVER_SENT, REFUSED):
        kept.keeper.write(writes.record_call(live(number), RecordStatus.LIVE))
        kept.keeper.write(writes.record_call(ended(number), RecordStatus.OPEN))
        entry = delivery(number, crm=f"crm-{number}")
        kept.keeper.write(writes.save_wrap_up(wrap_up(number), entry))
        if number == IN_THE_CRM:
            attempted(kept, entry, DeliveryState.DELIVERED)
        elif number == ON_ITS_WAY:
            kept.keeper.write(writes.begin_attempt(entry.id))
        elif number == REFUSED:
            attempted(kept, entry, DeliveryState.REFUSED)
        correct(kept, number)
    kept.close()
    next_desk = Kept(path, MemoryKey(OLD))
    next_desk.open()  # it notes that an attempt was interrupted, once
    next_desk.close()


def outbox_in(path: Path, key: MemoryKey) -> list[tuple[object, ...]]:
    """Every row with everything in it: also what no event tells."""
    database = DatabaseFile(path, key).open()
    rows = database.rows("SELECT * FROM outbox ORDER BY id")
    database.close()
    return rows


def assert_everything_arrives_corrected(kept: Kept) -> None:
    """What is due is the correction, and the one that had to wait for its attempt follows it."""
    due = {int(d.crm[-1]): d for d in kept.due()}
    assert due.keys() == {IN_THE_CRM, ON_ITS_WAY, NEVER_SENT, REFUSED}
    kinds = {number: (entry.kind, entry.log.notes) for number, entry in due.items()}
    assert kinds == {
        IN_THE_CRM: (DeliveryKind.UPDATE_CALL, CORRECTED),
        ON_ITS_WAY: (DeliveryKind.LOG_CALL, "Water in the cellar"),
        NEVER_SENT: (DeliveryKind.LOG_CALL, CORRECTED),
        REFUSED: (DeliveryKind.LOG_CALL, CORRECTED),
    }
    assert due[IN_THE_CRM].remote_id == "crm-7"
    for entry in due.values():
        attempted(kept, entry, DeliveryState.DELIVERED)
    (follows,) = kept.due()
    assert (follows.kind, follows.log.notes) == (DeliveryKind.UPDATE_CALL, CORRECTED)
    attempted(kept, follows, DeliveryState.DELIVERED)
    assert kept.due() == ()
    assert kept.last(DeliveryRecorded).delivery.state is DeliveryState.DELIVERED


def test_pending_corrections_arrive_after_a_change_of_key(tmp_path: Path) -> None:
    path = tmp_path / "records.db"
    fill(path)
    before = outbox_in(path, MemoryKey(OLD))
    kept = Kept(path, PlannedKey(OLD))
    kept.open()
    kept.keeper.change_key()
    assert kept.last(KeyChanged) == KeyChanged()
    assert_everything_arrives_corrected(kept)
    kept.close()
    assert len(before) == len(outbox_in(path, MemoryKey(NEW)))


def test_a_correction_made_between_key_change_and_restart_is_kept_under_the_new_key(tmp_path: Path) -> None:
    path = tmp_path / "records.db"
    fill(path)
    kept = Kept(path, PlannedKey(OLD))
    kept.open()
    kept.keeper.change_key()
    again = replace(delivery(NEVER_SENT).log, notes="No, the cellar")
    entry = delivery(NEVER_SENT)
    finished = wrap_up(NEVER_SENT, "No, the cellar")
    kept.keeper.write(writes.correct_wrap_up(finished, entry.id, again, START, updates=True))
    kept.close()
    reopened = Kept(path, MemoryKey(NEW))
    assert reopened.open() == StoreOpened()
    assert {d.log.notes for d in reopened.due() if d.id == entry.id} == {"No, the cellar"}
    reopened.close()


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    folder = tmp_path / "filled"
    folder.mkdir()
    fill(folder / "records.db")
    return folder


def change_key_and_die(folder: Path, dies_at: int | None) -> int:
    """In a process of its own; the signal that ended it, 0 for none."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            with watched_by(SuicidalDisk(dies_at)):
                kept = Kept(folder / "records.db", PlannedKey(OLD))
                kept.open()
                kept.keeper.change_key()
            code = 0
        except BaseException:  # noqa: BLE001 - nothing of the test may run on in the fork
            traceback.print_exc()
        finally:
            os._exit(code)
    status = os.waitpid(pid, 0)[1]
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0


def test_killed_at_any_moment_of_the_change_every_pending_correction_is_there(
    filled: Path, tmp_path: Path
) -> None:
    before = outbox_in(filled / "records.db", MemoryKey(OLD))
    opened_with: list[bytes] = []
    dies_at, killed = 0, True
    while killed:
        folder = tmp_path / f"killed-{dies_at}"
        shutil.copytree(filled, folder)
        killed = change_key_and_die(folder, dies_at) == signal.SIGKILL
        key = both_keys()
        assert outbox_in(folder / "records.db", key) == before, dies_at
        opened_with.append(key.read() or b"")
        kept = Kept(folder / "records.db", key)
        assert kept.open() == StoreOpened()
        assert_everything_arrives_corrected(kept)
        kept.close()
        dies_at += EVERY
    assert len(opened_with) > 10
    assert set(opened_with) == {OLD, NEW}, "the kills were to hit both sides of the change"
