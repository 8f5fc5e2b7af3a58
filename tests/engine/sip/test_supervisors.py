"""Leads at the agent's phone: let in, asked for, told of, and sent away."""

from __future__ import annotations

import weakref
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from softphone.domain.account import Account
from softphone.domain.call import DtmfMethod, MediaFacts
from softphone.domain.events import Event
from softphone.domain.ids import AccountId
from softphone.domain.supervision import Notice, SupervisionMode, SupervisionPolicy, SupervisionRefusal
from softphone.domain.team_events import (
    SupervisionTurnedAway,
    SupervisorArrived,
    SupervisorChangedMode,
    SupervisorLeft,
)
from softphone.engine.edge.messages.message import Request
from softphone.engine.schedule import Schedule
from softphone.engine.sip.dialog import LegMedia, LegState
from softphone.engine.sip.supervision_header import Situation, wish_of
from softphone.engine.sip.supervisor_leg import SupervisorLeg
from softphone.engine.sip.supervisors import ASK_PATIENCE_S, Supervisors
from softphone.engine.sip.surroundings import Surroundings
from tests.engine.sip.fake_dialog import FakeDialog
from tests.engine.sip.test_supervision_header import asked

LISTEN, WHISPER, BARGE, TAKE_OVER = SupervisionMode
ACCOUNT = Account(AccountId("a"), "pbx.test", "7001")
FLOWING = LegMedia(flowing=True, index=0, facts=MediaFacts("PCMA", 8000))
TALKING = Situation(talking=True, full=False)


class Phone:
    """An agent's phone in a call; `lead` brings somebody whom the server asserts."""

    def __init__(self, notice: Notice = Notice.BADGE) -> None:
        self.events: list[Event] = []
        self.time_s = 0.0
        self.tones = 0
        self.wired = 0
        self.schedule = Schedule(lambda: self.time_s)
        around = Surroundings(self.events.append, self.schedule, lambda: datetime.now(UTC), lambda: 0.5)
        policy = SupervisionPolicy(("7900", "7901"), notice)
        self.supervisors = Supervisors(around, self._rewire, self._notify, policy)
        self.dialog = FakeDialog()

    def _rewire(self) -> None:
        self.wired += 1

    def _notify(self) -> None:
        self.tones += 1

    def lead(
        self, mode: SupervisionMode = LISTEN, user: str = "7900", encrypt: bool = False
    ) -> SupervisorLeg:
        request = self.request(mode, user)
        wish = wish_of(request.headers)
        assert wish is not None
        assert self.supervisors.judge(request, wish, ACCOUNT, TALKING) is None
        self.dialog = FakeDialog()
        made = self.supervisors.begin(request, wish, ACCOUNT, self.dialog, encrypt)
        self.supervisors.answer(made)
        return made

    def request(self, mode: SupervisionMode | str, user: str = "7900") -> Request:
        return asked(("P-Asserted-Identity", f"<sip:{user}@pbx.test>"), ("X-Softphone-Supervise", str(mode)))

    def talks(self, made: SupervisorLeg) -> SupervisorLeg:
        made.leg_media_changed(self.dialog, FLOWING)
        made.leg_changed(self.dialog, LegState.CONFIRMED, 200, "OK")
        return made

    def heard(self) -> list[str]:
        return [type(event).__name__ for event in self.events]

    def pass_time(self, seconds: float) -> None:
        self.time_s += seconds
        self.schedule.run_due()


def test_a_lead_is_answered_at_once_and_told_of_when_confirmed() -> None:
    phone = Phone()
    made = phone.lead()
    assert (phone.dialog.told, phone.heard()) == ([("respond", 200)], [])
    assert not made.voice.flowing
    phone.talks(made)
    assert phone.heard() == ["SupervisorArrived"]
    assert made.voice.flowing


@pytest.mark.parametrize(
    ("notice", "tones"), [(Notice.BADGE_AND_TONE, 1), (Notice.BADGE, 0), (Notice.SILENT, 0)]
)
def test_the_tone_is_heard_where_policy_wants_it(notice: Notice, tones: int) -> None:
    phone = Phone(notice)
    phone.talks(phone.lead())
    assert phone.tones == tones


def test_asking_does_not_ring_and_lets_nothing_through() -> None:
    phone = Phone(Notice.ASK)
    made = phone.lead(BARGE)
    (told,) = phone.events
    assert isinstance(told, SupervisorArrived)
    assert told.asks
    assert phone.dialog.told == []
    phone.supervisors.let_in(made.id, True)
    assert phone.dialog.told[-1] == ("respond", 200)
    phone.talks(made)
    assert isinstance(phone.events[-1], SupervisorChangedMode)
    phone.pass_time(ASK_PATIENCE_S + 1)
    assert phone.dialog.told[-1] == ("respond", 200)


def test_an_agent_who_does_not_answer_has_said_no() -> None:
    phone = Phone(Notice.ASK)
    phone.lead()
    phone.pass_time(ASK_PATIENCE_S + 1)
    assert phone.dialog.told[-1] == ("hang_up", 603)


def test_a_mode_is_changed_by_a_re_invite_and_told_once() -> None:
    phone = Phone()
    made = phone.talks(phone.lead())
    assert made.leg_reinvited(phone.dialog, phone.request("whisper")) == 200
    assert made.leg_reinvited(phone.dialog, phone.request("whisper")) == 200
    assert made.mode is WHISPER
    assert phone.heard().count("SupervisorChangedMode") == 1


def test_a_refresh_without_the_header_changes_nothing() -> None:
    phone = Phone()
    made = phone.talks(phone.lead(WHISPER))
    assert made.leg_reinvited(phone.dialog, asked()) == 200
    assert made.mode is WHISPER


@pytest.mark.parametrize("wanted", ["barge", "everything", ""])
def test_forbidden_and_unknown_modes_are_refused_and_recorded(wanted: str) -> None:
    phone = Phone()
    phone.supervisors.policy = SupervisionPolicy(("7900",), modes=(LISTEN,))
    made = phone.talks(phone.lead())
    assert made.leg_reinvited(phone.dialog, phone.request(wanted)) == 403
    assert made.mode is LISTEN
    assert isinstance(phone.events[-1], SupervisionTurnedAway)


def test_the_lead_leaves_with_the_last_call() -> None:
    phone = Phone()
    phone.talks(phone.lead())
    phone.supervisors.calls_changed(talking=True)
    assert phone.supervisors.legs
    phone.supervisors.calls_changed(talking=False)
    assert phone.dialog.told[-1] == ("hang_up", 0)
    assert isinstance(phone.events[-1], SupervisorLeft)


def test_a_lead_from_whom_nothing_comes_any_more_is_sent_away() -> None:
    phone = Phone()
    phone.talks(phone.lead(TAKE_OVER))
    for second in range(5):
        phone.supervisors.watch(float(second))
        assert phone.supervisors.legs
    phone.supervisors.watch(5.0)
    assert not phone.supervisors.legs
    assert isinstance(phone.events[-1], SupervisorLeft)


def test_who_asks_by_a_digit_which_mode_is_in_force_is_told_by_digits() -> None:
    phone = Phone()
    made = phone.lead(WHISPER)
    made.leg_digit_received(phone.dialog, "D")  # not let in yet
    phone.talks(made)
    for digit in ("1", "D", "C"):
        made.leg_digit_received(phone.dialog, digit)
    assert [said for said in phone.dialog.told if said[0] == "digits"] == [
        ("digits", "D2", DtmfMethod.RFC4733),
        ("digits", "C6", DtmfMethod.RFC4733),
    ]


@pytest.mark.parametrize("notice", [Notice.BADGE, Notice.ASK])
def test_nothing_holds_the_dialog_of_a_lead_who_has_left(notice: Notice) -> None:
    phone = Phone(notice)
    made = phone.lead()
    phone.supervisors.let_in(made.id, True)
    phone.talks(made)
    dialog = weakref.ref(phone.dialog)
    made.leg_changed(phone.dialog, LegState.DISCONNECTED, 200, "OK")
    phone.dialog = FakeDialog()
    assert dialog() is None  # the collector, or an agent's time to answer, would come to it too late


def test_a_new_policy_sends_away_whom_it_does_not_name_and_tells_again_of_the_others() -> None:
    phone = Phone()
    first = phone.talks(phone.lead())
    second = phone.talks(phone.lead(user="7901"))
    phone.supervisors.allow(SupervisionPolicy(("7901",)))
    assert list(phone.supervisors.legs) == [second.id]
    assert [e.call_id for e in phone.events if isinstance(e, SupervisorLeft)] == [first.id]
    assert isinstance(phone.events[-1], SupervisorArrived)


def test_while_nothing_can_be_recorded_whoever_is_here_leaves_and_nobody_comes_in() -> None:
    phone = Phone()
    made = phone.talks(phone.lead())
    unrecorded = replace(phone.supervisors.policy, recordable=False)
    phone.supervisors.allow(unrecorded)
    assert (made.over, phone.heard()[-1]) == (True, "SupervisorLeft")
    request = phone.request(LISTEN)
    wish = wish_of(request.headers)
    assert wish is not None
    assert phone.supervisors.judge(request, wish, ACCOUNT, TALKING) is SupervisionRefusal.UNRECORDED


def test_media_without_encryption_never_reaches_the_mix_where_it_is_demanded() -> None:
    phone = Phone()
    made = phone.talks(phone.lead(encrypt=True))
    assert not made.voice.flowing
    phone.pass_time(0.0)
    assert phone.dialog.told[-1][0] == "hang_up"


def test_a_lead_cannot_be_transferred_or_replaced() -> None:
    made = Phone().lead()
    assert made.leg_referred(FakeDialog(), "sip:7777@pbx.test") is None
    assert made.leg_to_be_replaced(FakeDialog(), None) is None


def test_an_attempt_is_told_with_what_was_claimed_and_asserted() -> None:
    phone = Phone()
    request = phone.request("listen", "7005")
    wish = wish_of(request.headers)
    assert wish is not None
    assert phone.supervisors.judge(request, wish, ACCOUNT, TALKING) is SupervisionRefusal.NOT_A_LEAD
    (told,) = phone.events
    assert isinstance(told, SupervisionTurnedAway)
    assert (told.claimed.user, told.claimed.asserted, told.mode) == ("7005", True, LISTEN)
