"""Customer data on a home PC: unreadable without the key, and gone when it is to be gone."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from softphone.domain.delivery import Delivery, DeliveryState
from softphone.domain.keeping_events import RecordsPurged, StoreDescribed
from softphone.domain.wrap_up import RecordStatus
from softphone.store import writes
from softphone.store.key import MemoryKey
from tests.store.decrypting import everything_in
from tests.store.keeping import Kept
from tests.store.samples import START, delivery, draft, live, tried, wrap_up

KEY = bytes(range(32))
CANARY = "Kanarienvogel"


def encodings_of(text: str) -> list[bytes]:
    return [text.encode(), text.encode("utf-16-le"), text.encode("utf-16-be"), text.lower().encode()]


def found_in(content: bytes) -> bool:
    return any(form in content for form in encodings_of(CANARY))


def work_with_canaries(kept: Kept) -> Delivery:
    """A call whose name, notes, customer and delivery all contain the canary; not closed."""
    entry = delivery(1, notes=f"{CANARY} in the notes")
    kept.open()
    kept.keeper.write(writes.record_call(live(1, f"{CANARY} Meier"), RecordStatus.LIVE))
    kept.keeper.write(writes.save_draft(draft(1, f"{CANARY} half typed", f"{CANARY} GmbH")))
    finished = wrap_up(1, f"{CANARY} in the notes", f"{CANARY} Meier")
    kept.keeper.write(writes.save_wrap_up(replace(finished, code_label=CANARY, tags=(CANARY,)), entry))
    kept.due()
    kept.keeper.write(
        writes.record_attempt(tried(entry, detail=CANARY), DeliveryState.WAITING, START, "", START)
    )
    assert kept.history(CANARY).entries
    return entry


def files_of(path: Path) -> list[Path]:
    return sorted(path.parent.glob(f"{path.stem}*"))


def test_no_file_shows_anything_of_a_customer(tmp_path: Path) -> None:
    path = tmp_path / "records.db"
    kept = Kept(path, MemoryKey(KEY))
    work_with_canaries(kept)
    while_open = {file.name: file.read_bytes() for file in files_of(path)}
    kept.close()
    after = {file.name: file.read_bytes() for file in files_of(path)}
    assert "records.db-wal" in while_open
    for name, content in (*while_open.items(), *after.items()):
        assert not found_in(content), name
        assert KEY not in content, name
        assert KEY.hex().encode() not in content, name


def test_the_search_for_the_canary_would_find_it_with_the_key(tmp_path: Path) -> None:
    path = tmp_path / "records.db"
    kept = Kept(path, MemoryKey(KEY))
    work_with_canaries(kept)
    assert found_in(everything_in(path, KEY))
    kept.close()
    assert found_in(everything_in(path, KEY))


def test_the_log_of_the_program_shows_nothing_of_a_customer(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    kept = Kept(tmp_path / "records.db", MemoryKey(KEY))
    with caplog.at_level(logging.DEBUG):
        work_with_canaries(kept)
        kept.close()
    shown = capfd.readouterr()
    for text in (caplog.text, shown.out, shown.err):
        assert CANARY not in text
        assert live(1).number not in text


def test_support_learns_numbers_and_nothing_of_a_customer(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "records.db", MemoryKey(KEY))
    work_with_canaries(kept)
    kept.keeper.describe()
    facts = dict(kept.last(StoreDescribed).facts)
    assert facts["calls.saved"] == "1"
    assert facts["outbox.waiting/unreachable"] == "1"
    assert facts["most_attempts"] == "1"
    assert CANARY not in repr(facts)
    assert live(1).number not in repr(facts)
    kept.close()


@pytest.mark.parametrize("closed_before", [False, True])
def test_what_is_purged_is_gone_from_every_byte_of_the_disk(tmp_path: Path, closed_before: bool) -> None:
    path = tmp_path / "records.db"
    kept = Kept(path, MemoryKey(KEY))
    entry = work_with_canaries(kept)
    done = tried(tried(entry))
    kept.keeper.write(writes.record_attempt(done, DeliveryState.DELIVERED, None, "r", START))
    kept.take_call(2)
    if closed_before:
        kept.close()
        kept = Kept(path, MemoryKey(KEY))
        kept.open()
    kept.keeper.write(writes.finish_callback(entry.log.call_id, START))
    kept.keeper.purge(START + timedelta(minutes=2))
    assert kept.last(RecordsPurged) == RecordsPurged(1)
    assert not found_in(everything_in(path, KEY))
    assert [e.record.call.id for e in kept.history().entries] == ["call-2"]
    kept.close()
    assert not found_in(everything_in(path, KEY))
