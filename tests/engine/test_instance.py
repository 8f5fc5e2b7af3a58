"""The name of this installation for RFC 5626."""

from __future__ import annotations

from pathlib import Path

from softphone.domain.ids import AccountId
from softphone.engine.instance import Instance

WORK, OTHER = AccountId("work"), AccountId("other")


def test_it_stays_the_same_and_differs_by_account_and_installation(tmp_path: Path) -> None:
    first = Instance(tmp_path / "engine" / "instance")
    again = Instance(tmp_path / "engine" / "instance")
    elsewhere = Instance(tmp_path / "elsewhere")
    assert first.of(WORK) == again.of(WORK)
    assert first.of(WORK).startswith("urn:uuid:")
    assert len({first.of(WORK), first.of(OTHER), elsewhere.of(WORK)}) == 3


def test_a_damaged_file_is_made_anew_and_one_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    damaged = tmp_path / "instance"
    damaged.write_bytes(b"\xff nonsense")
    assert Instance(damaged).of(WORK) == Instance(damaged).of(WORK)
    (tmp_path / "file").write_text("")
    assert Instance(tmp_path / "file" / "instance").of(WORK).startswith("urn:uuid:")
