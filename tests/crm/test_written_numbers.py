"""Ten thousand numbers of sixty countries: the caller is recognised however the CRM holds the number."""

from __future__ import annotations

from collections import Counter

import pytest

from softphone.crm.numbers import is_callers
from softphone.domain.address import PhoneNumber
from softphone.system.number_plan import LibPhoneNumbers
from tests.crm.written_numbers import REGIONS, STYLES, Written, written

Sample = tuple[tuple[Written, PhoneNumber], ...]


@pytest.fixture(scope="module")
def sample() -> Sample:
    """Each number with what is understood of its signalled form, by a company in that country."""
    plan = LibPhoneNumbers()
    return tuple((w, plan.read(w.signalled, w.region)) for w in written(10_000, seed=20_260_302))


def test_the_sample_is_what_it_says(sample: Sample) -> None:
    assert len({w.region for w, _ in sample}) == len(REGIONS) >= 60
    assert {w.style for w, _ in sample} == set(STYLES)
    assert len({w.stored for w, _ in sample}) > 9_000


def test_what_the_network_signals_is_understood_as_the_same_number(sample: Sample) -> None:
    assert [w for w, number in sample if number.e164 != w.e164] == []


def test_every_caller_is_recognised_in_every_way_of_writing(sample: Sample) -> None:
    missed = [w for w, number in sample if not is_callers(w.stored, number)]
    assert missed == [], Counter((w.style, w.region) for w in missed)


def test_nobody_else_of_the_same_country_is_taken_for_the_caller(sample: Sample) -> None:
    """Compared with the number before of the same country, which differs in its last digits."""
    last: dict[str, Written] = {}
    mixed = []
    for w, number in sample:
        other = last.get(w.region)
        if other and other.e164 != w.e164 and is_callers(other.stored, number):
            mixed.append((w, other))
        last[w.region] = w
    assert mixed == []
