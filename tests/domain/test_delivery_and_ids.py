"""Back-off and identifiers."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softphone.domain.customer import CrmTrouble
from softphone.domain.delivery import BACK_OFF_S, DeliveryResult, retry_delay_s
from softphone.domain.ids import DeliveryId, uuid7


@given(st.integers(0, 1 << 48 - 1), st.binary(min_size=10, max_size=16))
def test_uuid7_carries_its_time_version_and_variant(unix_ms: int, randomness: bytes) -> None:
    made = UUID(uuid7(unix_ms, randomness))
    assert made.version == 7
    assert made.variant == "specified in RFC 4122"
    assert made.int >> 80 == unix_ms & (1 << 48) - 1


def test_uuid7_refuses_too_little_chance() -> None:
    with pytest.raises(ValueError, match="10 random bytes"):
        uuid7(0, b"123")


@given(st.integers(0, 1000), st.floats(0, 1))
def test_the_back_off_grows_to_a_quarter_of_an_hour_and_no_further(attempts: int, jitter: float) -> None:
    delay = retry_delay_s(attempts, 0, jitter)
    assert BACK_OFF_S[0] <= delay <= BACK_OFF_S[-1] * 1.2
    assert retry_delay_s(attempts + 1, 0, 0) >= retry_delay_s(attempts, 0, 0)


def test_the_crm_may_ask_for_more_time_but_not_for_ever() -> None:
    assert retry_delay_s(1, 120, 0) == 120
    assert retry_delay_s(1, 1e12, 0) == 86_400


@pytest.mark.parametrize(
    ("trouble", "final"),
    [
        (CrmTrouble.REFUSED, True),
        (CrmTrouble.CREDENTIALS, False),
        (CrmTrouble.UNREACHABLE, False),
        (CrmTrouble.BUSY, False),
    ],
)
def test_only_an_understood_no_is_final(trouble: CrmTrouble, final: bool) -> None:
    assert DeliveryResult(DeliveryId("d"), trouble).final is final
