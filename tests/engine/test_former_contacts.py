"""Contacts remembered for the next engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from softphone.domain.ids import AccountId
from softphone.engine.former_contacts import FormerContacts

WORK, OTHER = AccountId("work"), AccountId("other")


def test_the_next_engine_knows_what_was_bound(tmp_path: Path) -> None:
    path = tmp_path / "engine" / "contacts.json"
    FormerContacts(path).remember(WORK, ("sip:a@h",))
    FormerContacts(path).remember(OTHER, ("sip:b@h", "sip:c@h"))
    assert FormerContacts(path).of(WORK) == ("sip:a@h",)
    assert FormerContacts(path).of(OTHER) == ("sip:b@h", "sip:c@h")


def test_what_was_removed_is_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "contacts.json"
    FormerContacts(path).remember(WORK, ("sip:a@h",))
    FormerContacts(path).remember(WORK, ())
    assert FormerContacts(path).of(WORK) == ()


@pytest.mark.parametrize("raw", [b"", b"{", b"[1]", b'{"work": "x"}', b"\xff" * 10])
def test_a_damaged_file_means_nothing_is_remembered(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "contacts.json"
    path.write_bytes(raw)
    assert FormerContacts(path).of(WORK) == ()


def test_a_folder_that_cannot_be_written_is_no_obstacle(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    contacts = FormerContacts(blocked / "contacts.json")
    contacts.remember(WORK, ("sip:a@h",))
    assert contacts.of(WORK) == ("sip:a@h",)
