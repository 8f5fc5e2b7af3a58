"""When registering is tried again, and when not."""

from __future__ import annotations

import pytest

from softphone.domain.account import RegistrationState, RegistrationTrouble
from softphone.engine.sip.registration import Attempts, refresh_delay_s, retry_delay_s, trouble_of


def test_waits_grow_and_stay_between_5_and_30_seconds() -> None:
    shortest = [retry_delay_s(n, 0.0) for n in range(1, 9)]
    longest = [retry_delay_s(n, 1.0) for n in range(1, 9)]
    assert shortest == sorted(shortest)
    assert min(shortest) == 5.0
    assert max(longest) == 30.0


def test_over_udp_registering_is_repeated_before_half_a_minute_is_over() -> None:
    assert 20.0 <= refresh_delay_s(0.0) < refresh_delay_s(1.0) < 29.0


@pytest.mark.parametrize(
    ("code", "trouble"),
    [
        (0, RegistrationTrouble.NO_ANSWER),
        (401, RegistrationTrouble.WRONG_CREDENTIALS),
        (403, RegistrationTrouble.FORBIDDEN),
        (404, RegistrationTrouble.UNKNOWN_USER),
        (408, RegistrationTrouble.NO_ANSWER),
        (503, RegistrationTrouble.SERVER_ERROR),
        (420, RegistrationTrouble.OTHER),
    ],
)
def test_each_final_answer_has_its_trouble(code: int, trouble: RegistrationTrouble) -> None:
    assert trouble_of(code) is trouble


def test_a_wrong_password_is_final_at_once() -> None:
    assert Attempts().failed(RegistrationTrouble.WRONG_CREDENTIALS, 0.5) == (RegistrationState.REFUSED, 0.0)


def test_a_silent_server_is_asked_again_for_ever() -> None:
    attempts = Attempts()
    for _ in range(50):
        state, delay_s = attempts.failed(RegistrationTrouble.NO_ANSWER, 0.5)
        assert state is RegistrationState.WAITING
        assert delay_s >= 5


def test_after_a_success_a_refusal_is_believed_the_third_time_only() -> None:
    attempts = Attempts()
    attempts.succeeded()
    states = [attempts.failed(RegistrationTrouble.WRONG_CREDENTIALS, 0.0)[0] for _ in range(3)]
    assert states == [RegistrationState.WAITING, RegistrationState.WAITING, RegistrationState.REFUSED]


def test_a_success_forgets_earlier_failures() -> None:
    attempts = Attempts()
    for _ in range(4):
        attempts.failed(RegistrationTrouble.NO_ANSWER, 0.0)
    attempts.succeeded()
    assert attempts.failed(RegistrationTrouble.NO_ANSWER, 0.0) == (RegistrationState.WAITING, 5.0)
