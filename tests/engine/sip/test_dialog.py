"""What a transaction's step means."""

from __future__ import annotations

import pytest

from softphone.engine.sip.dialog import TransactionStep

CALLING, PROCEEDING, COMPLETED, TERMINATED = 1, 3, 4, 6


@pytest.mark.parametrize(
    ("step", "refusal"),
    [
        (TransactionStep(PROCEEDING, COMPLETED, 488), True),
        (TransactionStep(CALLING, COMPLETED, 491), True),
        (TransactionStep(CALLING, TERMINATED, 408), True),
        (TransactionStep(COMPLETED, TERMINATED, 488), False),
        (TransactionStep(CALLING, COMPLETED, 401), False),
        (TransactionStep(COMPLETED, TERMINATED, 407), False),
        (TransactionStep(CALLING, TERMINATED, 200), False),
        (TransactionStep(CALLING, PROCEEDING, 180), False),
    ],
)
def test_only_the_first_news_of_a_final_refusal_counts(step: TransactionStep, refusal: bool) -> None:
    assert step.is_refusal is refusal
