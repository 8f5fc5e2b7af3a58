"""One call, from its dialogs' news to domain events."""

from __future__ import annotations

import weakref
from datetime import UTC, datetime

import pytest

from softphone.domain.account import Account
from softphone.domain.call import (
    CallState,
    CallView,
    Direction,
    DtmfMethod,
    EndCause,
    MediaFacts,
    Party,
)
from softphone.domain.errors import Refused
from softphone.domain.events import (
    CallEnded,
    CallEstablished,
    CallHoldChanged,
    CallMuteChanged,
    CallPartyChanged,
    CallProgressed,
    CallTransferProgressed,
    CommandRefused,
    DtmfReceived,
    Event,
)
from softphone.domain.ids import AccountId, CallId
from softphone.domain.supervision import SupervisionMode
from softphone.domain.team_events import SupervisionTurnedAway
from softphone.engine.schedule import Schedule
from softphone.engine.sip.call import END_PATIENCE_S, SipCall
from softphone.engine.sip.dialog import DialogOwner, LegMedia, LegState
from softphone.engine.sip.holding import ATTEMPTS
from softphone.engine.sip.succession import Succession
from softphone.engine.sip.surroundings import Surroundings
from tests.engine.sip.fake_dialog import FakeDialog
from tests.engine.sip.test_caller import invite

NOW = datetime(2026, 1, 1, tzinfo=UTC)
FLOWING = LegMedia(flowing=True, index=0, facts=MediaFacts("PCMA", 8000))
HELD = LegMedia(local_hold=True, index=0)
HELD_THERE = LegMedia(remote_hold=True, index=0)
ACCOUNT = Account(AccountId("a"), "pbx.test", "7001")


class World:
    """A call with its dialogs, a clock that stands still, and everything it has published."""

    def __init__(self, direction: Direction) -> None:
        self.time_s = 0.0
        self.events: list[Event] = []
        self.heirs: list[FakeDialog] = []
        self.schedule = Schedule(lambda: self.time_s)
        around = Surroundings(self.events.append, self.schedule, lambda: NOW, lambda: 0.5)
        state = CallState.INCOMING if direction is Direction.INBOUND else CallState.OUTGOING
        view = CallView(CallId("c"), ACCOUNT.id, direction, state, Party("1"), NOW)
        self.call = SipCall(view, around, lambda: None, Succession(self._heir))
        self.leg = FakeDialog()
        self.call.carried_by(self.leg)

    def _heir(self, owner: DialogOwner) -> FakeDialog:
        self.heirs.append(FakeDialog())
        return self.heirs[-1]

    def leg_is(self, state: LegState, code: int = 0, reason: str = "") -> None:
        self.call.leg_changed(self.leg, state, code, reason)

    def establish(self) -> None:
        self.call.leg_media_changed(self.leg, FLOWING)
        self.leg_is(LegState.CONFIRMED, 200)
        self.pass_time()

    def pass_time(self, seconds: float = 0.0) -> None:
        self.time_s += seconds
        self.schedule.run_due()

    def heard(self) -> list[str]:
        return [type(event).__name__ for event in self.events]

    def last(self, kind: type[Event]) -> Event:
        return [event for event in self.events if isinstance(event, kind)][-1]


@pytest.fixture
def inbound() -> World:
    return World(Direction.INBOUND)


@pytest.fixture
def outbound() -> World:
    return World(Direction.OUTBOUND)


def test_answering_sends_200_and_the_acknowledgement_establishes(inbound: World) -> None:
    inbound.call.answer()
    assert inbound.leg.told == [("respond", 200)]
    inbound.establish()
    assert inbound.events == [CallEstablished(CallId("c"), NOW, MediaFacts("PCMA", 8000))]


def test_a_cancelled_call_cannot_be_answered_any_more(inbound: World) -> None:
    inbound.leg_is(LegState.DISCONNECTED, 487, "Request Terminated")
    inbound.call.answer()
    assert inbound.leg.told == []
    assert inbound.heard() == ["CallEnded"]


def test_media_with_the_200_is_no_early_media(outbound: World) -> None:
    outbound.call.leg_media_changed(outbound.leg, FLOWING)
    outbound.leg_is(LegState.CONFIRMED, 200)
    outbound.pass_time()
    assert outbound.heard() == ["CallEstablished"]


def test_media_before_an_answer_is_early_media(outbound: World) -> None:
    outbound.leg_is(LegState.EARLY, 183)
    outbound.call.leg_media_changed(outbound.leg, FLOWING)
    outbound.pass_time()
    last = outbound.last(CallProgressed)
    assert isinstance(last, CallProgressed)
    assert last.state is CallState.EARLY


def test_ringing_is_told_once(outbound: World) -> None:
    outbound.leg_is(LegState.EARLY, 180)
    outbound.leg_is(LegState.EARLY, 180)
    assert outbound.heard() == ["CallProgressed"]


def test_hanging_up_while_ringing_there_is_told_even_if_the_server_is_silent(outbound: World) -> None:
    outbound.leg_is(LegState.EARLY, 180)
    outbound.call.hang_up()
    assert outbound.heard() == ["CallProgressed"]
    outbound.pass_time(END_PATIENCE_S)
    ended = outbound.last(CallEnded)
    assert isinstance(ended, CallEnded)
    assert (ended.cause, ended.by_us) == (EndCause.CANCELLED, True)
    outbound.leg_is(LegState.DISCONNECTED, 408)
    assert outbound.heard().count("CallEnded") == 1


def test_hanging_up_twice_does_nothing_more(inbound: World) -> None:
    inbound.establish()
    inbound.call.hang_up()
    inbound.leg_is(LegState.DISCONNECTED, 200)
    inbound.call.hang_up()
    assert inbound.leg.told == [("hang_up", 0)]


def test_hold_waits_for_a_transaction_that_is_under_way(inbound: World) -> None:
    inbound.establish()
    inbound.leg.busy = 3
    inbound.call.holding.want(True)
    for _ in range(5):
        inbound.pass_time(0.1)
    assert inbound.leg.told == [("hold",)]


def test_hold_is_given_up_after_many_attempts_and_says_so(inbound: World) -> None:
    inbound.establish()
    inbound.leg.busy = ATTEMPTS * 2
    inbound.call.holding.want(True)
    for _ in range(ATTEMPTS + 1):
        inbound.pass_time(0.1)
    assert inbound.heard()[-1] == "CommandRefused"
    assert not inbound.call.holding.wanted


def test_both_sides_asking_at_once_is_settled_a_little_later(inbound: World) -> None:
    inbound.establish()
    inbound.call.holding.want(True)
    inbound.call.leg_reinvite_refused(inbound.leg, 491)
    inbound.pass_time(2.0)
    assert inbound.leg.told == [("hold",), ("hold",)]


def test_a_refused_hold_keeps_things_as_they_are(inbound: World) -> None:
    inbound.establish()
    inbound.call.holding.want(True)
    inbound.call.leg_reinvite_refused(inbound.leg, 488)
    assert isinstance(inbound.events[-1], CommandRefused)
    inbound.pass_time(5)
    assert inbound.leg.told == [("hold",)]


def test_resume_right_after_hold_ends_resumed(inbound: World) -> None:
    inbound.establish()
    inbound.call.holding.want(True)
    inbound.leg.busy = 1
    inbound.call.holding.want(False)
    inbound.pass_time(0.2)
    assert inbound.leg.told == [("hold",), ("resume",)]


def test_hold_flags_follow_the_stream(inbound: World) -> None:
    inbound.establish()
    inbound.call.leg_media_changed(inbound.leg, HELD_THERE)
    assert inbound.events[-1] == CallHoldChanged(CallId("c"), False, True)
    inbound.call.leg_media_changed(inbound.leg, HELD)
    assert inbound.events[-1] == CallHoldChanged(CallId("c"), True, True)
    inbound.call.leg_media_changed(inbound.leg, FLOWING)
    assert inbound.events[-1] == CallHoldChanged(CallId("c"), False, False)


def test_muting_twice_is_told_once(inbound: World) -> None:
    inbound.establish()
    inbound.call.mute(True)
    inbound.call.mute(True)
    assert inbound.heard().count("CallMuteChanged") == 1
    assert inbound.events[-1] == CallMuteChanged(CallId("c"), True)


def test_who_takes_no_events_gets_digits_by_info(inbound: World) -> None:
    inbound.establish()
    inbound.leg.takes_events = False
    inbound.call.send_digits("1", DtmfMethod.RFC4733)
    assert inbound.leg.told == [("digits", "1", DtmfMethod.INFO)]


def test_digits_for_an_ended_call_are_refused(inbound: World) -> None:
    inbound.leg_is(LegState.DISCONNECTED, 487)
    with pytest.raises(Refused):
        inbound.call.send_digits("1", DtmfMethod.RFC4733)


def test_a_successful_transfer_ends_the_call_as_transferred(inbound: World) -> None:
    inbound.establish()
    inbound.call.transfer_to("sip:2@pbx")
    inbound.call.leg_transfer_progressed(inbound.leg, 100, "Trying", False)
    inbound.call.leg_transfer_progressed(inbound.leg, 200, "OK", True)
    inbound.pass_time()
    assert inbound.leg.told == [("refer", "sip:2@pbx"), ("hang_up", 0)]
    inbound.leg_is(LegState.DISCONNECTED, 200)
    ended = inbound.last(CallEnded)
    assert isinstance(ended, CallEnded)
    assert ended.cause is EndCause.TRANSFERRED


def test_a_failed_transfer_keeps_the_call_and_its_later_end_is_normal(inbound: World) -> None:
    inbound.establish()
    inbound.call.transfer_to("sip:2@pbx")
    inbound.call.leg_transfer_progressed(inbound.leg, 486, "Busy", True)
    assert inbound.events[-1] == CallTransferProgressed(CallId("c"), 486, True, "Busy")
    inbound.leg_is(LegState.DISCONNECTED, 200)
    ended = inbound.last(CallEnded)
    assert isinstance(ended, CallEnded)
    assert ended.cause is EndCause.NORMAL


def test_a_refer_moves_the_call_to_the_new_dialog_when_it_is_answered(inbound: World) -> None:
    inbound.establish()
    heir = inbound.call.leg_referred(inbound.leg, "<sip:anna@pbx.test>")
    assert heir is inbound.heirs[0]
    inbound.call.leg_media_changed(heir, FLOWING)
    inbound.call.leg_changed(heir, LegState.CONFIRMED, 200, "")
    assert inbound.call.leg is heir
    assert inbound.leg.told == [("hang_up", 0)]
    assert inbound.events[-1] == CallPartyChanged(CallId("c"), Party("anna", "pbx.test"))
    inbound.leg_is(LegState.DISCONNECTED, 200)  # the old dialog's end is not the call's
    assert "CallEnded" not in inbound.heard()
    assert inbound.call.media.flowing


def test_a_refer_whose_target_does_not_answer_leaves_the_call_alone(inbound: World) -> None:
    inbound.establish()
    heir = inbound.call.leg_referred(inbound.leg, "sip:anna@pbx.test")
    assert heir is not None
    inbound.call.leg_changed(heir, LegState.DISCONNECTED, 486, "")
    assert inbound.call.leg is inbound.leg
    assert inbound.heard() == ["CallEstablished"]


def test_the_new_dialog_carries_the_call_if_the_old_one_ends_first(inbound: World) -> None:
    inbound.establish()
    heir = inbound.call.leg_referred(inbound.leg, "sip:anna@pbx.test")
    inbound.leg_is(LegState.DISCONNECTED, 200)
    assert inbound.call.leg is heir
    assert "CallEnded" not in inbound.heard()


def test_hanging_up_during_a_refer_ends_both_dialogs(inbound: World) -> None:
    inbound.establish()
    inbound.call.leg_referred(inbound.leg, "sip:anna@pbx.test")
    inbound.call.hang_up()
    assert inbound.heirs[0].told == [("hang_up", 0)]
    assert inbound.leg.told == [("hang_up", 0)]


@pytest.mark.parametrize("target", ["", "http://evil.test", "<tel:123>", "sip:"])
def test_a_refer_to_no_sip_address_is_declined(inbound: World, target: str) -> None:
    inbound.establish()
    assert inbound.call.leg_referred(inbound.leg, target) is None


def test_a_refer_before_the_call_is_established_is_declined(inbound: World) -> None:
    assert inbound.call.leg_referred(inbound.leg, "sip:anna@pbx.test") is None


def test_an_asserted_number_without_a_name_within_the_call_keeps_the_known_name(inbound: World) -> None:
    inbound.establish()
    same = inbound.call.view.party
    for name, known in (('"Boss" ', "Boss"), ("", "Boss"), ('"Max" ', "Max")):
        update = invite(f"P-Asserted-Identity: {name}<sip:{same.user}@pbx>", to="<sip:7001@pbx>;tag=2")
        inbound.call.leg_received(inbound.leg, update)
        assert inbound.call.view.party.display_name == known


def test_a_new_asserted_identity_within_the_call_changes_the_party(inbound: World) -> None:
    inbound.establish()
    update = invite("P-Asserted-Identity: <sip:boss@pbx>", to="<sip:7001@pbx>;tag=2")
    inbound.call.leg_received(inbound.leg, update)
    changed = inbound.events[-1]
    assert isinstance(changed, CallPartyChanged)
    assert changed.party.user == "boss"


def test_a_call_that_is_over_holds_no_dialog_any_more(inbound: World) -> None:
    inbound.establish()
    inbound.call.leg_referred(inbound.leg, "<sip:anna@pbx.test>")
    heir = weakref.ref(inbound.heirs.pop())
    inbound.call.release()
    assert inbound.call.leg is None
    assert heir() is None, "found by counting references, not by the collector"


def test_a_lead_s_leg_to_a_phone_that_has_gone_silent_ends() -> None:
    world = World(Direction.OUTBOUND)
    world.call.listen(SupervisionMode.LISTEN, True)
    world.establish()
    world.call.watch_silence(0.0)
    world.call.watch_silence(9.0)
    assert ("hang_up", 0) not in world.leg.told
    world.call.watch_silence(10.0)
    assert world.leg.told[-1] == ("hang_up", 0)


def test_a_lead_s_leg_is_established_and_heard_only_when_the_agent_s_phone_has_said_so() -> None:
    world = World(Direction.OUTBOUND)
    world.call.listen(SupervisionMode.WHISPER, True)
    world.establish()
    assert (world.call.view.state, world.call.is_heard) == (CallState.EARLY, False)
    for digit in "D2":
        world.call.leg_digit_received(world.leg, digit)
    assert (world.call.view.state, world.call.is_heard) == (CallState.ESTABLISHED, True)
    assert not world.call.microphone_closed
    assert [e for e in world.events if isinstance(e, DtmfReceived)] == []


def test_a_lead_s_leg_that_rings_as_an_ordinary_call_is_given_up() -> None:
    world = World(Direction.OUTBOUND)
    world.call.listen(SupervisionMode.LISTEN, True)
    ringing = invite().response(180)
    world.call.leg_rang(world.leg, ringing)
    world.schedule.run_due()
    assert world.leg.told == [("hang_up", 501)]


def test_an_ordinary_call_may_be_as_silent_as_it_likes() -> None:
    world = World(Direction.OUTBOUND)
    world.establish()
    for second in range(30):
        world.call.watch_silence(float(second))
    assert ("hang_up", 0) not in world.leg.told


def test_an_ordinary_call_does_not_become_a_supervision_by_a_header() -> None:
    world = World(Direction.INBOUND)
    world.establish()
    request = invite()
    request.headers.add("X-Softphone-Supervise", "barge")
    assert world.call.leg_reinvited(world.leg, request) == 403
    assert isinstance(world.events[-1], SupervisionTurnedAway)
    assert world.call.leg_reinvited(world.leg, invite()) == 200


def test_a_hand_over_that_fails_leaves_the_call_and_tells_the_desk() -> None:
    world = World(Direction.INBOUND)
    world.establish()
    world.call.hand_over_to("<sip:7900@pbx.test?Replaces=x>")
    world.call.leg_transfer_progressed(world.leg, 480, "Temporarily Unavailable", True)
    assert world.call.view.live
    refused = world.events[-1]
    assert isinstance(refused, CommandRefused)
    assert refused.command == "HangUp"
