"""Whatever is wrong with the key: said clearly, nothing destroyed, work goes on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from softphone.domain.customer import CrmTrouble
from softphone.domain.delivery import DeliveryKind, DeliveryState
from softphone.domain.errors import Broken
from softphone.domain.keeping_events import StoreOpened, WrapUpSaved
from softphone.domain.key_store import KeyStoreLocked, KeyStoreTrouble, KeyStoreUnusable
from softphone.domain.store_trouble import StoreTrouble
from softphone.domain.wrap_up import RecordStatus
from softphone.store import outbox, writes
from softphone.store.database import DatabaseFile
from softphone.store.key import MemoryKey
from tests.store.files import KEY, filled, set_aside
from tests.store.keeping import Kept
from tests.store.samples import START, call_id, delivery, tried, wrap_up


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "records.db"


# --- the key ---


def test_with_a_wrong_key_the_file_stays_as_it_is_and_work_goes_on_in_memory(path: Path) -> None:
    before = filled(path)
    kept = Kept(path, MemoryKey(bytes(32)))
    opened = kept.open()
    assert (opened.trouble, opened.in_memory) == (StoreTrouble.KEY_WRONG, True)
    entry = kept.save(3)
    assert kept.last(WrapUpSaved) == WrapUpSaved(call_id(3), entry.id, in_memory=True)
    assert kept.due() == (entry,)
    assert kept.history().entries[0].record.call.id == call_id(3)
    kept.close()
    assert path.read_bytes() == before
    assert set_aside(path) == []


def test_what_was_kept_in_memory_lands_when_the_right_key_is_there(path: Path) -> None:
    filled(path)
    key = MemoryKey(bytes(32))
    kept = Kept(path, key)
    kept.open()
    entry = kept.save(3)
    kept.due()
    done = tried(entry)
    kept.keeper.write(writes.record_attempt(done, DeliveryState.DELIVERED, None, "r", START))
    kept.take_call(4)
    key.replace(KEY)
    opened = kept.open()
    assert (opened.trouble, opened.in_memory) == (StoreTrouble.NONE, False)
    assert [e.record.call.id for e in opened.unfinished] == [call_id(2)]
    assert kept.last(WrapUpSaved) == WrapUpSaved(call_id(3), entry.id)
    kept.close()

    again = Kept(path, MemoryKey(KEY))
    assert [e.record.call.id for e in again.open().unfinished] == [call_id(2), call_id(4)]
    assert [(e.record.call.id, e.status) for e in again.history().entries][1] == (
        call_id(3),
        RecordStatus.DELIVERED,
    )
    again.close()


def test_a_correction_made_in_memory_lands_after_what_it_corrects(path: Path) -> None:
    """Each attempt and correction counts: what the CRM was told in between must not be left out."""
    filled(path)
    key = MemoryKey(bytes(32))
    kept = Kept(path, key)
    kept.open()
    kept.save(3)
    for notes in ("Better", "Best"):
        (handed_out,) = kept.due()
        done = tried(handed_out, CrmTrouble.NONE)
        kept.keeper.write(writes.record_attempt(done, DeliveryState.DELIVERED, None, "r", START))
        log = replace(handed_out.log, notes=notes)
        kept.keeper.write(writes.correct_wrap_up(wrap_up(3, notes), handed_out.id, log, START, updates=True))
        assert kept.last(WrapUpSaved).in_memory
    key.replace(KEY)
    kept.open()
    assert kept.last(WrapUpSaved) == WrapUpSaved(call_id(3), delivery(3).id)
    entry = next(e for e in kept.history().entries if e.record.call.id == call_id(3))
    assert (entry.status, entry.draft.notes, entry.correction) == (RecordStatus.SAVED, "Best", True)
    assert kept.keeper._database is not None
    stored = outbox.get(kept.keeper._database, delivery(3).id)
    assert stored is not None
    assert (stored.kind, stored.log.notes, stored.revision) == (DeliveryKind.UPDATE_CALL, "Best", 2)
    kept.close()


def test_what_failed_while_in_memory_is_tried_again(path: Path) -> None:
    filled(path)
    kept = Kept(path, MemoryKey(bytes(32)))
    kept.open()
    entry = kept.save(3)
    kept.due()
    kept.keeper.write(writes.record_attempt(tried(entry), DeliveryState.WAITING, START, "", START))
    assert [d.attempts for d in kept.due()] == [1]
    kept.close()


def test_the_user_may_begin_anew_and_the_old_file_is_kept(path: Path) -> None:
    before = filled(path)
    kept = Kept(path, MemoryKey(bytes(32)))
    kept.open()
    kept.save(3)
    kept.keeper.begin_anew()
    assert kept.last(StoreOpened) == StoreOpened()
    assert not kept.last(WrapUpSaved).in_memory
    kept.close()
    (old,) = set_aside(path)
    assert old.read_bytes() == before
    again = Kept(path, MemoryKey(bytes(32)))
    again.open()
    assert [e.record.call.id for e in again.history().entries] == [call_id(3)]
    again.close()


def test_beginning_anew_never_touches_a_database_that_works(path: Path) -> None:
    kept = Kept(path, MemoryKey(KEY))
    kept.open()
    kept.save(1)
    kept.keeper.begin_anew()
    assert len(kept.history().entries) == 1
    kept.close()
    assert set_aside(path) == []


def test_beginning_anew_never_takes_the_file_from_another_desk(path: Path) -> None:
    holder = DatabaseFile(path, MemoryKey(KEY)).open()
    kept = Kept(path, MemoryKey(KEY))
    assert kept.open().trouble is StoreTrouble.LOCKED
    kept.keeper.begin_anew()
    assert kept.last(StoreOpened).trouble is StoreTrouble.LOCKED
    assert set_aside(path) == []
    holder.close()
    kept.close()


def test_without_a_key_store_beginning_anew_moves_nothing(path: Path) -> None:
    before = filled(path)
    kept = Kept(path, LockedKey(KeyStoreUnusable(KeyStoreTrouble.MISSING)))
    kept.open()
    kept.keeper.begin_anew()
    assert kept.last(StoreOpened).in_memory
    kept.close()
    assert path.read_bytes() == before


def test_with_a_lost_key_the_user_may_begin_anew_with_another(path: Path) -> None:
    filled(path)
    key = MemoryKey()
    kept = Kept(path, key)
    assert kept.open().trouble is StoreTrouble.KEY_MISSING
    kept.keeper.begin_anew()
    assert kept.last(StoreOpened) == StoreOpened()
    assert key.read() not in (None, KEY)
    assert len(set_aside(path)) == 1
    kept.close()


def test_a_missing_key_is_not_replaced_while_there_is_a_database(path: Path) -> None:
    before = filled(path)
    key = MemoryKey()
    kept = Kept(path, key)
    opened = kept.open()
    assert (opened.trouble, opened.in_memory) == (StoreTrouble.KEY_MISSING, True)
    assert key.read() is None
    kept.close()
    assert path.read_bytes() == before


class LockedKey(MemoryKey):
    """A key store that its user has not unlocked, or that is not there at all."""

    def __init__(self, error: Exception) -> None:
        super().__init__(KEY)
        self.error: Exception | None = error
        self.asked = 0

    def read(self) -> bytes | None:
        self.asked += 1
        if self.error:
            raise self.error
        return KEY

    def create(self) -> bytes:
        raise AssertionError("the key is there")


def test_a_locked_key_store_is_asked_again_only_when_the_user_wants(path: Path) -> None:
    filled(path)
    key = LockedKey(KeyStoreLocked("dismissed"))
    kept = Kept(path, key)
    opened = kept.open()
    assert (opened.trouble, opened.in_memory) == (StoreTrouble.KEY_STORE_LOCKED, True)
    kept.save(3)
    assert kept.keeper.retry_in_s is None
    assert key.asked == 1
    key.error = None
    assert kept.open().trouble is StoreTrouble.NONE
    assert kept.last(WrapUpSaved) == WrapUpSaved(call_id(3), delivery(3).id)
    kept.close()


@pytest.mark.parametrize("error", [KeyStoreUnusable(KeyStoreTrouble.MISSING), Broken("key store")])
def test_without_a_key_store_work_goes_on_in_memory(path: Path, error: Exception) -> None:
    kept = Kept(path, LockedKey(error))
    opened = kept.open()
    assert (opened.trouble, opened.in_memory) == (StoreTrouble.KEY_MISSING, True)
    kept.save(1)
    assert kept.last(WrapUpSaved).in_memory
    assert kept.close() > 0, "what is lost is told"
