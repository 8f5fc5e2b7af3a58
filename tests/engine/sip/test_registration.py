"""When registering is tried again, and when not."""

from __future__ import annotations

import pytest

from softphone.domain.account import RegistrationState, RegistrationTrouble
from softphone.engine.edge.challenges import UNSIGNED_HEADER, WEAK_CHALLENGE
from softphone.engine.edge.messages.message import Response
from softphone.engine.sip.registration import (
    Attempts,
    Failure,
    failure_of,
    refresh_delay_s,
    trouble_of,
)

SILENCE = Failure(RegistrationTrouble.NO_ANSWER)
WRONG_PASSWORD = Failure(RegistrationTrouble.WRONG_CREDENTIALS)
UNKNOWN_USER = Failure(RegistrationTrouble.UNKNOWN_USER)


def waits(failure: Failure, chance: float, times: int = 8) -> list[float]:
    attempts = Attempts()
    return [attempts.failed(failure, chance)[1] for _ in range(times)]


def answered(status: int, *headers: tuple[str, str]) -> Response:
    response = Response(status=status, reason="Words")
    for name, value in headers:
        response.headers.add(name, value)
    return response


def test_waits_grow_and_stay_between_5_and_30_seconds() -> None:
    shortest = waits(SILENCE, 0.0)
    assert shortest == sorted(shortest)
    assert min(shortest) == 5.0
    assert max(waits(SILENCE, 1.0)) == 30.0


def test_who_is_refused_is_sparing_but_asks_at_least_every_72_seconds() -> None:
    assert waits(UNKNOWN_USER, 0.0) == [5.0, 10.0, 20.0, 40.0, 60.0, 60.0, 60.0, 60.0]
    assert max(waits(UNKNOWN_USER, 1.0)) == 72.0


def test_who_is_refused_once_the_server_is_back_asks_quickly_at_first() -> None:
    attempts = Attempts()
    for _ in range(8):
        attempts.failed(SILENCE, 0.0)
    assert [attempts.failed(UNKNOWN_USER, 0.0)[1] for _ in range(3)] == [5.0, 10.0, 20.0]
    assert attempts.failed(SILENCE, 0.0)[1] == 25.0


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
    assert Attempts().failed(WRONG_PASSWORD, 0.5) == (RegistrationState.REFUSED, 0.0)


def test_a_silent_server_is_asked_again_for_ever() -> None:
    attempts = Attempts()
    for _ in range(50):
        state, delay_s = attempts.failed(SILENCE, 0.5)
        assert state is RegistrationState.WAITING
        assert delay_s >= 5


def test_after_a_success_a_refusal_is_believed_the_third_time_only() -> None:
    attempts = Attempts()
    attempts.succeeded()
    states = [attempts.failed(WRONG_PASSWORD, 0.0)[0] for _ in range(3)]
    assert states == [RegistrationState.WAITING, RegistrationState.WAITING, RegistrationState.REFUSED]


def test_a_server_that_was_away_is_not_believed_at_its_first_refusal_either() -> None:
    """Long enough for more attempts than it takes; Asterisk answers 401 until it knows the account."""
    attempts = Attempts()
    attempts.succeeded()
    for _ in range(5):
        attempts.failed(SILENCE, 0.0)
    assert attempts.failed(WRONG_PASSWORD, 0.0)[0] is RegistrationState.WAITING
    attempts.failed(SILENCE, 0.0)
    assert attempts.failed(WRONG_PASSWORD, 0.0)[0] is RegistrationState.WAITING
    assert attempts.failed(WRONG_PASSWORD, 0.0)[0] is RegistrationState.REFUSED


def test_a_success_forgets_earlier_failures() -> None:
    attempts = Attempts()
    for _ in range(4):
        attempts.failed(SILENCE, 0.0)
    attempts.succeeded()
    assert attempts.failed(SILENCE, 0.0) == (RegistrationState.WAITING, 5.0)


@pytest.mark.parametrize("status", [404, 403, 480, 500, 503, 600])
def test_what_a_server_says_that_is_just_starting_is_never_final(status: int) -> None:
    attempts = Attempts()
    failure = failure_of(status, "Words", answered(status, (UNSIGNED_HEADER, "yes")))
    states = {attempts.failed(failure, 0.0)[0] for _ in range(50)}
    assert states == {RegistrationState.WAITING}


@pytest.mark.parametrize("status", [401, 403, 407])
def test_a_refusal_of_what_carried_our_credentials_is_final_at_once(status: int) -> None:
    failure = failure_of(status, "Words", answered(status))
    assert Attempts().failed(failure, 0.0)[0] is RegistrationState.REFUSED


def test_a_challenge_too_weak_to_be_answered_is_final_though_nothing_was_answered() -> None:
    failure = failure_of(403, WEAK_CHALLENGE, answered(403, (UNSIGNED_HEADER, "yes")))
    assert Attempts().failed(failure, 0.0)[0] is RegistrationState.REFUSED


@pytest.mark.parametrize(
    ("asked", "waited_s"),
    [
        ("120", 120.0),
        ("18 (rebooting);duration=60", 18.0),
        ("2", 5.0),
        ("86400", 300.0),
        ("soon", 5.0),
        ("", 5.0),
    ],
)
def test_a_server_that_asks_for_patience_gets_it_within_bounds(asked: str, waited_s: float) -> None:
    failure = failure_of(503, "Words", answered(503, ("Retry-After", asked)))
    assert Attempts().failed(failure, 0.0) == (RegistrationState.WAITING, waited_s)


def test_an_answer_that_pjsip_made_up_is_no_answer() -> None:
    assert failure_of(408, "Request Timeout", None) == SILENCE
