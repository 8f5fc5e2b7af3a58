"""Filters for search languages and tags that cannot quote everything."""

from __future__ import annotations

import pytest

from softphone.crm.packs.filters import slug, uuid, words


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("O'Brien", "O Brien"),
        ('"x") or(', "x or"),
        ("anna.ek+a@example.com", "anna.ek+a@example.com"),
        ("שלום  עולם", "שלום עולם"),
        ("%_\\", ""),
        ("-secret +must o-k", "secret must o-k"),
    ],
)
def test_words_leave_nothing_that_a_query_could_read(text: str, left: str) -> None:
    assert words(text) == left


@pytest.mark.parametrize(
    ("text", "tag"),
    [("Claim opened", "claim_opened"), (" a/b,c ", "a_b_c"), ("no-answer", "no-answer"), ("", "")],
)
def test_a_tag_has_no_blanks(text: str, tag: str) -> None:
    assert slug(text) == tag


def test_only_a_uuid_is_left() -> None:
    known = "f240bbac-87c9-4f6e-bf70-924b57d47db7"
    assert uuid(known) == known
    assert uuid("sold") == uuid(known + "0") == ""
