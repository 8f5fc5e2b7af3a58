"""The chain: every change anywhere is found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from softphone.domain.audit import (
    AuditAction,
    AuditEntry,
    AuditTrouble,
    Head,
    Sealed,
    Side,
    append,
    seal,
    verify,
)

KEY = bytes(range(32))


def chain(count: int = 5) -> tuple[list[Sealed], Head]:
    links, head = [], Head()
    for number in range(count):
        at = datetime(2026, 3, 2, 9, number, tzinfo=UTC)
        entry = AuditEntry(at, AuditAction.MODE_CHANGED, Side.LEAD, "7900", "7001", "whisper")
        links.append(append(KEY, head, entry))
        head = Head(links[-1].number, links[-1].seal)
    return links, head


def test_a_whole_log_is_good() -> None:
    links, head = chain()
    verdict = verify(KEY, head, links)
    assert (verdict.good, verdict.entries, verdict.unsealed) == (True, 5, 0)


def test_an_empty_log_is_good() -> None:
    assert verify(KEY, None, []).good
    assert verify(KEY, Head(), []).good


Change = Callable[[list[Sealed]], list[Sealed]]
CHANGES: dict[str, Change] = {
    "a word": lambda links: [*links[:2], replace(links[2], text=links[2].text.upper()), *links[3:]],
    "a number": lambda links: [*links[:2], replace(links[2], number=9), *links[3:]],
    "a seal": lambda links: [*links[:2], replace(links[2], seal="0" * 64), *links[3:]],
    "one entry less": lambda links: [*links[:2], *links[3:]],
    "the first entry less": lambda links: links[1:],
    "an entry twice": lambda links: [*links[:2], links[1], *links[2:]],
    "another order": lambda links: [links[1], links[0], *links[2:]],
    "a forged entry": lambda links: [*links, Sealed(6, "{}", seal(b"x" * 32, 6, "{}", links[-1].seal))],
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_every_change_is_found(change: Change) -> None:
    links, head = chain()
    assert verify(KEY, head, change(links)).trouble is AuditTrouble.ALTERED


@pytest.mark.parametrize("left", [4, 3, 1])
def test_entries_cut_off_at_the_end_are_missed(left: int) -> None:
    links, head = chain()
    verdict = verify(KEY, head, links[:left])
    assert (verdict.trouble, verdict.first_bad) == (AuditTrouble.CUT, left + 1)


def test_a_log_that_vanished_is_missed() -> None:
    _, head = chain()
    assert verify(KEY, head, []).trouble is AuditTrouble.NO_LOG


def test_a_log_whose_head_vanished_is_not_trusted() -> None:
    links, _ = chain()
    assert verify(KEY, None, links).trouble is AuditTrouble.NO_HEAD


def test_another_log_of_the_same_length_is_not_this_one() -> None:
    _, head = chain()
    others, _ = chain(4)
    last = AuditEntry(datetime(2026, 3, 2, tzinfo=UTC), AuditAction.HELP_ASKED, Side.AGENT, "7002")
    others.append(append(KEY, Head(4, others[-1].seal), last))
    assert verify(KEY, head, others).trouble is AuditTrouble.ALTERED


def test_entries_newer_than_the_head_are_genuine_but_told() -> None:
    links, _ = chain()
    verdict = verify(KEY, Head(3, links[2].seal), links)
    assert (verdict.good, verdict.unsealed) == (True, 2)


def test_a_head_is_read_back_and_nothing_else() -> None:
    _, head = chain()
    assert Head.parse(head.line()) == head
    for line in ("", "5", "x:" + "0" * 64, "5:abc"):
        with pytest.raises(ValueError, match=r"head|invalid"):
            Head.parse(line)
