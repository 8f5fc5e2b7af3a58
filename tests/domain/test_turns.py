"""In order, unless a record is itself at fault; and whether it is, is asked anew each time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from softphone.domain.customer import CrmTrouble
from softphone.domain.turns import Place, Turn, turn

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
NEW = Place(created_at=NOW)


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def failed(trouble: CrmTrouble, ago: float, again_in: float, own_faults: int = 0) -> Place:
    """Its last attempt ended `ago` minutes ago, its next one is planned `again_in` minutes from now."""
    return Place(NOW - minutes(60), NOW + minutes(again_in), NOW - minutes(ago), trouble, own_faults)


def aside(ago: float, again_in: float) -> Place:
    return failed(CrmTrouble.SERVER_ERROR, ago, again_in, own_faults=6)


def test_with_nothing_there_it_is_nobodys_turn() -> None:
    assert turn((), NOW) == Turn(None, None)


def test_who_never_was_tried_is_tried_at_once() -> None:
    assert turn((NEW,), NOW).who == 0


def test_the_first_waits_for_its_time() -> None:
    first = failed(CrmTrouble.UNREACHABLE, 1, 4)
    assert turn((first,), NOW) == Turn(None, first.next_attempt_at)
    assert turn((first,), NOW + minutes(4)).who == 0


def test_a_new_one_passes_one_aside_that_was_asked_just_now() -> None:
    assert turn((aside(0, 15), NEW), NOW).who == 1


def test_one_aside_is_asked_before_it_is_passed() -> None:
    assert turn((aside(5, 10), NEW), NOW).who == 0


def test_all_aside_are_asked_in_order_before_they_are_passed() -> None:
    assert turn((aside(0, 15), aside(5, 10), NEW), NOW).who == 1
    assert turn((aside(0, 15), aside(0, 15), NEW), NOW).who == 2


def test_behind_one_aside_a_record_that_failed_by_its_own_fault_waits_for_it() -> None:
    first, second = aside(5, 10), failed(CrmTrouble.SERVER_ERROR, 4, -3, own_faults=1)
    assert turn((first, second), NOW) == Turn(None, first.next_attempt_at)
    asked = replace(first, decided_at=NOW, next_attempt_at=NOW + minutes(15))
    assert turn((asked, second), NOW).who == 1
    assert turn((asked, replace(second, decided_at=NOW)), NOW).who is None


def test_a_round_that_was_interrupted_begins_again_with_the_first() -> None:
    first, second = aside(5, 10), failed(CrmTrouble.SERVER_ERROR, 20, -18, own_faults=1)
    assert turn((first, second), NOW).who is None
    assert turn((first, second), NOW + minutes(10)).who == 0


def test_sent_again_by_hand_it_is_tried_after_those_before_it_were_asked() -> None:
    by_hand = Place(NOW - minutes(60), NOW, NOW, CrmTrouble.SERVER_ERROR, 0)
    assert turn((aside(5, 10), by_hand), NOW).who == 0
    assert turn((aside(0, 15), by_hand), NOW).who == 1


@pytest.mark.parametrize("trouble", [CrmTrouble.UNREACHABLE, CrmTrouble.BUSY, CrmTrouble.TIMEOUT])
def test_trouble_of_the_whole_crm_holds_the_line_whoever_meets_it(trouble: CrmTrouble) -> None:
    assert failed(trouble, 1, 4, own_faults=9).holds_the_line
    assert not aside(1, 4).holds_the_line


def test_a_clock_set_back_makes_everybody_due_and_asks_nobody_twice() -> None:
    yesterday = NOW - timedelta(days=1)
    first, second = aside(5, 10), failed(CrmTrouble.SERVER_ERROR, 4, 1, own_faults=1)
    assert turn((first, second), yesterday).who == 0
    first = replace(first, decided_at=yesterday, next_attempt_at=yesterday + minutes(15))
    assert turn((first, second), yesterday).who == 1
    second = replace(second, decided_at=yesterday, next_attempt_at=yesterday + minutes(1))
    assert turn((first, second), yesterday) == Turn(None, first.next_attempt_at)
    assert turn((first, second, NEW), yesterday).who == 2, "made in what is now the future"
