"""Calls that come in through a real telephone system."""

from __future__ import annotations

from softphone.domain.call import EndCause
from softphone.domain.events import (
    AudioLevelsMeasured,
    CallArrived,
    CallEnded,
    CallEstablished,
    CommandRefused,
    RefusalReason,
)
from softphone.domain.ids import CallId
from tests.peers.asterisk import Asterisk
from tests.phone.conftest import NewHandset
from tests.phone.handset import Handset


def test_a_queue_call_brings_caller_queue_and_record_number(asterisk: Asterisk, handset: Handset) -> None:
    asterisk.customer_calls(
        "5000", number="+49301234567", name="Erika Mustermann", variables={"__X_CRM_ID": "4711"}
    )
    arrived = handset.expect(CallArrived)
    assert arrived.party.user == "+49301234567"
    assert arrived.party.display_name == "Erika Mustermann"
    assert arrived.party.asserted
    assert arrived.invitation.header("X-Queue") == "support"
    assert arrived.invitation.header("X-CRM-ID") == "4711"
    assert arrived.invitation.header("X-DNIS") == "5000"
    assert "purpose=info" in arrived.invitation.header("Call-Info")
    assert not arrived.invitation.header("X-Edge")
    assert arrived.monotonic_ns > 0


def test_answering_connects_and_the_agent_can_hang_up(asterisk: Asterisk, handset: Handset) -> None:
    customer = asterisk.customer_calls("7001")
    call_id = handset.expect(CallArrived).call_id
    handset.telephone.answer(call_id)
    established = handset.expect(CallEstablished)
    assert established.media.codec == "G722"
    handset.telephone.hang_up(call_id)
    ended = handset.expect(CallEnded)
    assert (ended.cause, ended.by_us) == (EndCause.NORMAL, True)
    customer.wait_ended()


def test_the_customer_hanging_up_ends_the_call_normally(asterisk: Asterisk, handset: Handset) -> None:
    customer = asterisk.customer_calls("7001")
    handset.answer_next()
    customer.hang_up()
    ended = handset.expect(CallEnded)
    assert (ended.cause, ended.by_us) == (EndCause.NORMAL, False)


def test_giving_up_while_it_rings_ends_the_call_as_abandoned(asterisk: Asterisk, handset: Handset) -> None:
    customer = asterisk.customer_calls("7001")
    handset.expect(CallArrived)
    customer.hang_up()
    ended = handset.expect(CallEnded)
    assert (ended.cause, ended.by_us) == (EndCause.ABANDONED, False)


def test_rejecting_as_busy_ends_the_call_as_rejected(asterisk: Asterisk, handset: Handset) -> None:
    asterisk.customer_calls("7001")
    call_id = handset.expect(CallArrived).call_id
    handset.telephone.reject(call_id, 486)
    ended = handset.expect(CallEnded)
    assert (ended.cause, ended.by_us, ended.sip_code) == (EndCause.REJECTED, True, 486)
    asterisk.wait_no_channels("7001")


def test_hanging_up_a_ringing_call_rejects_it(asterisk: Asterisk, handset: Handset) -> None:
    asterisk.customer_calls("7001")
    call_id = handset.expect(CallArrived).call_id
    handset.telephone.hang_up(call_id)
    assert handset.expect(CallEnded).cause is EndCause.REJECTED


def test_an_anonymous_caller_has_no_number(asterisk: Asterisk, handset: Handset) -> None:
    asterisk.customer_calls("7001", number="anonymous")
    party = handset.expect(CallArrived).party
    assert party.anonymous
    assert party.user == ""


def test_a_call_taken_by_a_colleague_ends_as_answered_elsewhere(
    asterisk: Asterisk, new_handset: NewHandset
) -> None:
    here, colleague = new_handset("7001"), new_handset("7002")
    asterisk.queue_add("7002")
    asterisk.customer_calls("5000")
    call_id = here.expect(CallArrived).call_id
    asterisk.wait_channel("7001", "Ringing")  # before our 180 its CANCEL waits, and then carries no Reason
    colleague.answer_next()
    ended = here.expect(CallEnded, lambda e: e.call_id == call_id)
    assert (ended.cause, ended.by_us) == (EndCause.ANSWERED_ELSEWHERE, False)


def test_answering_a_call_that_has_just_ended_does_nothing(asterisk: Asterisk, handset: Handset) -> None:
    customer = asterisk.customer_calls("7001")
    call_id = handset.expect(CallArrived).call_id
    customer.hang_up()
    handset.telephone.answer(call_id)
    handset.expect(CallEnded)
    handset.telephone.watch_levels(True)  # answered in order: by then the order was carried out
    handset.expect(AudioLevelsMeasured)
    assert not handset.heard(CommandRefused)


def test_an_order_for_an_unknown_call_is_refused(handset: Handset) -> None:
    handset.telephone.answer(CallId("nobody"))
    refused = handset.expect(CommandRefused)
    assert (refused.command, refused.reason) == ("AnswerCall", RefusalReason.UNKNOWN_CALL)


def test_an_ignored_call_goes_on_ringing_for_the_caller(asterisk: Asterisk, handset: Handset) -> None:
    customer = asterisk.customer_calls("7001")
    call_id = handset.expect(CallArrived).call_id
    handset.telephone.silence_ringer(call_id)
    asterisk.wait_channel("7001", "Ringing")
    assert customer.alive
    handset.telephone.answer(call_id)
    handset.expect(CallEstablished)
