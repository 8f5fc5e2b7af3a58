"""The lead's own leg: the microphone follows what the other phone has confirmed, never what was merely
asked."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from softphone.domain.events import Event
from softphone.domain.ids import CallId
from softphone.domain.supervision import SupervisionMode
from softphone.domain.team_events import SupervisionModeConfirmed, SupervisionModeDenied
from softphone.engine.schedule import Schedule
from softphone.engine.sip.listening import ATTEMPTS, NOT_PASSED_ON, Listening
from softphone.engine.sip.silence import SilenceWatch
from softphone.engine.sip.surroundings import Surroundings
from tests.engine.sip.fake_dialog import FakeDialog

LISTEN, WHISPER, BARGE, TAKE_OVER = SupervisionMode
CALL = CallId("c")


class Desk:
    def __init__(self, mode: SupervisionMode = LISTEN, direct: bool = True) -> None:
        self.events: list[Event] = []
        self.time_s = 0.0
        self.schedule = Schedule(lambda: self.time_s)
        around = Surroundings(self.events.append, self.schedule, lambda: datetime.now(UTC), lambda: 0.5)
        self.dialog = FakeDialog()
        self.let_in = self.given_up = 0
        self.leg = Listening(
            around, CALL, mode, direct, lambda: self.dialog, lambda: None, self._let_in, self._give_up
        )

    def _let_in(self) -> None:
        self.let_in += 1

    def _give_up(self) -> None:
        self.given_up += 1

    def questions(self) -> str:
        return "".join(str(said[1]) for said in self.dialog.told if said[0] == "digits")

    def digits(self, said: str) -> None:
        for digit in said:
            self.leg.digit(digit)

    def pass_time(self, seconds: float) -> None:
        self.time_s += seconds
        self.schedule.run_due()


def test_the_microphone_is_closed_until_the_other_phone_has_answered() -> None:
    desk = Desk(BARGE)
    assert not desk.leg.microphone
    assert desk.leg.headers == (("X-Softphone-Supervise", "barge"),)
    desk.leg.established()
    assert desk.leg.microphone


def test_a_phone_that_says_the_mode_in_its_answer_has_let_us_in() -> None:
    desk = Desk(WHISPER)
    assert not desk.leg.answered()
    desk.leg.accepted(WHISPER)
    assert (desk.leg.confirmed, desk.let_in) == (True, 1)
    desk.pass_time(30.0)
    assert (desk.questions(), desk.given_up) == ("", 0)


def test_a_header_that_comes_before_the_answer_counts_with_it() -> None:
    desk = Desk()
    desk.leg.accepted(LISTEN)
    assert desk.let_in == 0
    assert desk.leg.answered()


def test_a_phone_that_rings_without_the_header_rings_as_for_a_call_and_is_left_at_once() -> None:
    desk = Desk()
    for _ in range(2):
        desk.leg.rang(None)
    desk.pass_time(0.0)
    assert (desk.given_up, desk.leg.confirmed) == (1, False)


def test_an_answer_without_the_header_is_asked_after_and_confirmed_by_digits() -> None:
    desk = Desk(WHISPER)
    assert not desk.leg.answered()
    desk.leg.accepted(None)
    desk.pass_time(0.3)
    assert (desk.questions(), desk.let_in) == ("D", 0)
    desk.digits("D1")  # another mode than the one that was asked for
    assert not desk.leg.confirmed
    desk.digits("5D2")
    assert (desk.leg.confirmed, desk.let_in) == (True, 1)
    desk.pass_time(30.0)
    assert (desk.questions(), desk.given_up) == ("D", 0)


def test_each_question_is_another_digit_and_any_answer_counts() -> None:
    desk = Desk()
    desk.leg.answered()
    desk.pass_time(0.3)
    desk.pass_time(1.0)
    assert desk.questions() == "DC"
    desk.digits("C5")
    assert desk.leg.confirmed


def test_an_answer_that_nobody_confirms_is_no_supervision() -> None:
    desk = Desk(BARGE)
    desk.leg.answered()
    desk.leg.accepted(None)
    for _ in range(6):
        desk.pass_time(1.0)
    assert (desk.questions(), desk.given_up, desk.let_in) == ("DCBA", 1, 0)
    assert not desk.leg.microphone


def test_feature_codes_need_no_confirmation() -> None:
    desk = Desk(direct=False)
    desk.leg.rang(None)
    assert desk.leg.answered()
    desk.pass_time(30.0)
    assert (desk.questions(), desk.given_up) == ("", 0)


def test_listening_keeps_it_closed() -> None:
    desk = Desk()
    desk.leg.established()
    assert not desk.leg.microphone


def test_it_opens_when_a_speaking_mode_is_confirmed_and_not_before() -> None:
    desk = Desk()
    desk.leg.established()
    desk.leg.change(WHISPER)
    assert desk.dialog.told == [("reinvite", (("X-Softphone-Supervise", "whisper"),))]
    heard_too_early = desk.leg.microphone
    desk.leg.accepted(WHISPER)
    assert (heard_too_early, desk.leg.microphone) == (False, True)
    assert desk.events == [SupervisionModeConfirmed(CALL, WHISPER)]


def test_it_closes_before_a_silent_mode_is_even_asked_for() -> None:
    desk = Desk(BARGE)
    desk.leg.established()
    desk.leg.change(LISTEN)
    assert not desk.leg.microphone


def test_a_refused_mode_leaves_the_old_one_and_its_microphone() -> None:
    desk = Desk(WHISPER)
    desk.leg.established()
    desk.leg.change(LISTEN)
    assert desk.leg.refused(403)
    assert (desk.leg.mode, desk.leg.microphone) == (WHISPER, True)
    assert desk.events == [SupervisionModeDenied(CALL, LISTEN, 403)]


@pytest.mark.parametrize("given", [None, BARGE])
def test_a_change_that_a_server_answers_by_itself_has_not_happened(given: SupervisionMode | None) -> None:
    desk = Desk(BARGE)
    desk.leg.established()
    desk.leg.change(WHISPER)
    desk.leg.accepted(given)
    assert (desk.leg.mode, desk.leg.microphone) == (BARGE, False)
    assert desk.events == [SupervisionModeDenied(CALL, WHISPER, NOT_PASSED_ON)]


def test_glare_is_tried_again() -> None:
    desk = Desk()
    desk.leg.established()
    desk.leg.change(BARGE)
    assert desk.leg.refused(491)
    desk.pass_time(2.0)
    assert len(desk.dialog.told) == 2
    desk.leg.accepted(BARGE)
    assert desk.leg.mode is BARGE


def test_a_busy_dialog_is_tried_again_and_given_up_in_the_end() -> None:
    desk = Desk()
    desk.leg.established()
    desk.dialog.busy = 3
    desk.leg.change(BARGE)
    for _ in range(3):
        desk.pass_time(0.2)
    assert desk.dialog.told[-1][0] == "reinvite"
    desk.dialog.busy = 1_000
    desk.leg.change(WHISPER)
    for _ in range(ATTEMPTS + 1):
        desk.pass_time(0.2)
    assert desk.events == [SupervisionModeDenied(CALL, WHISPER, 0)]


def test_answers_to_nothing_change_nothing() -> None:
    desk = Desk()
    desk.leg.accepted(None)
    assert not desk.leg.refused(500)
    assert desk.events == []


def test_by_feature_codes_the_desk_alone_opens_the_microphone() -> None:
    desk = Desk(BARGE, direct=False)
    desk.leg.established()
    assert (desk.leg.headers, desk.leg.microphone) == ((), False)
    desk.leg.open(True)
    assert desk.leg.microphone


def test_silence_lasts_only_while_nothing_at_all_comes() -> None:
    watch = SilenceWatch(5.0)
    assert not watch.lasts(10, 0.0)
    assert not watch.lasts(10, 4.9)
    assert watch.lasts(10, 5.0)
    assert not watch.lasts(11, 6.0)
    watch.forget()
    assert not watch.lasts(11, 60.0)
