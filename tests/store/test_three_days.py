"""The CRM is away for three days and comes back in a bad state: everything arrives, in order, once."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from softphone.domain.customer import CrmTrouble
from softphone.domain.ids import DeliveryId
from tests.store.samples import delivery
from tests.store.shift import HOUR, BluntCrm, Shift


@pytest.fixture
def shift(tmp_path: Path) -> Iterator[Shift[BluntCrm]]:
    made = Shift(tmp_path / "records.db", BluntCrm)
    yield made
    made.records.close()


def away() -> Iterator[tuple[CrmTrouble, bool]]:
    return itertools.repeat((CrmTrouble.UNREACHABLE, False))


COMES_BACK_BADLY = (
    (CrmTrouble.SERVER_ERROR, False),
    (CrmTrouble.SERVER_ERROR, False),
    (CrmTrouble.BUSY, False),
    (CrmTrouble.TIMEOUT, True),
    (CrmTrouble.UNREACHABLE, True),
    (CrmTrouble.BAD_ANSWER, True),
    (CrmTrouble.CREDENTIALS, False),
    (CrmTrouble.NONE, True),
    (CrmTrouble.SERVER_ERROR, True),
    (CrmTrouble.BUSY, False),
)


def test_after_three_days_away_everything_arrives_in_order_and_once(shift: Shift[BluntCrm]) -> None:
    shift.crm.troubles = away()
    saved: dict[str, list[DeliveryId]] = {"a": [], "b": []}
    for number in range(72):
        crm = "ab"[number % 2]
        saved[crm].append(shift.save(number, crm))
        shift.advance(HOUR, step=30)
        if number % 20 == 19:
            shift.restart()
    assert shift.crm.written == {"a": [], "b": []}
    assert shift.crm.attempts < 1_000, "a CRM that is away is not to be hammered"
    shift.crm.troubles = itertools.chain(COMES_BACK_BADLY * 3, itertools.repeat((CrmTrouble.NONE, True)))
    shift.drain(within_s=36 * HOUR)
    assert shift.crm.written == saved


@pytest.mark.parametrize(
    "trouble", [CrmTrouble.SERVER_ERROR, CrmTrouble.BAD_ANSWER, CrmTrouble.BUSY, CrmTrouble.TIMEOUT]
)
def test_a_crm_that_answers_with_an_error_for_a_day_gets_everything_in_order(
    shift: Shift[BluntCrm], trouble: CrmTrouble
) -> None:
    shift.crm.troubles = itertools.repeat((trouble, False))
    saved = []
    for number in range(24):
        saved.append(shift.save(number, "a"))
        shift.advance(HOUR, step=30)
        if number % 10 == 9:
            shift.restart()
    assert shift.crm.attempts < 2_500, "a CRM that is ill is not to be hammered"
    shift.crm.troubles = iter(())
    shift.drain(within_s=HOUR)
    assert shift.crm.written == {"a": saved}


def test_a_crm_that_is_ill_on_and_off_gets_everything_in_order(shift: Shift[BluntCrm]) -> None:
    chance = random.Random(5)
    ill = [CrmTrouble.SERVER_ERROR] * 8 + [CrmTrouble.UNREACHABLE, CrmTrouble.BUSY]
    shift.crm.troubles = ((chance.choice(ill), chance.random() < 0.3) for _ in range(400))
    saved = []
    for number in range(24):
        saved.append(shift.save(number, "a"))
        shift.advance(HOUR / 2, step=30)
    shift.drain(within_s=72 * HOUR)
    assert sorted(shift.crm.written["a"]) == sorted(saved)


def test_one_record_that_makes_the_crm_fail_keeps_no_other_waiting(shift: Shift[BluntCrm]) -> None:
    shift.crm.poison = poison = delivery(0, "a").id
    shift.save(0, "a")
    shift.advance(HOUR, step=30)
    others = []
    for number in range(1, 20):
        others.append(shift.save(number, "a"))
        shift.advance(60)
        assert shift.crm.written["a"] == others
    shift.crm.poison = None
    shift.drain(within_s=HOUR)
    assert shift.crm.written["a"] == [*others, poison]


@pytest.mark.parametrize("jump", [1.0, -1.0])
def test_a_clock_that_jumps_a_day_delays_nothing_and_repeats_nothing(
    shift: Shift[BluntCrm], jump: float
) -> None:
    shift.crm.troubles = away()
    saved = [shift.save(number, "a") for number in range(10)]
    shift.advance(2 * HOUR, step=30)
    shift.set_clock(jump)
    shift.advance(600)
    shift.crm.troubles = itertools.chain(COMES_BACK_BADLY, itertools.repeat((CrmTrouble.NONE, True)))
    shift.set_clock(-2 * jump)
    shift.drain(within_s=12 * HOUR)
    assert shift.crm.written == {"a": saved}


def test_one_crm_away_holds_no_other_up(shift: Shift[BluntCrm]) -> None:
    shift.crm.troubles = itertools.repeat((CrmTrouble.UNREACHABLE, False), 1)
    shift.save(0, "away")
    arrived = shift.save(1, "here")
    assert shift.crm.written["here"] == [arrived]
    assert shift.crm.written["away"] == []
