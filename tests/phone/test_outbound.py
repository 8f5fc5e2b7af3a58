"""Calls that the agent makes through a real telephone system."""

from __future__ import annotations

import uuid

import pytest

from softphone.domain.call import CallState, EndCause
from softphone.domain.events import (
    CallEnded,
    CallEstablished,
    CallProgressed,
    CommandRefused,
    RefusalReason,
)
from softphone.domain.ids import AccountId, CallId
from tests.peers.asterisk import Asterisk
from tests.peers.sip_phone import SipPhone
from tests.phone.handset import Handset


def test_a_call_rings_there_and_is_answered(handset: Handset) -> None:
    call_id = handset.call("+4930555")
    ringing = handset.expect(CallProgressed)
    assert (ringing.call_id, ringing.state, ringing.sip_code) == (call_id, CallState.RINGING, 180)
    handset.expect(CallEstablished)
    handset.telephone.hang_up(call_id)
    ended = handset.expect(CallEnded)
    assert (ended.cause, ended.by_us) == (EndCause.NORMAL, True)


def test_early_media_is_told_apart_from_ringing(handset: Handset) -> None:
    call_id = handset.call("9183")
    early = handset.expect(CallProgressed, lambda e: e.state is CallState.EARLY)
    assert early.sip_code == 183
    handset.telephone.hang_up(call_id)
    assert handset.expect(CallEnded).cause is EndCause.CANCELLED


def test_giving_up_before_an_answer_cancels_the_call(asterisk: Asterisk, handset: Handset) -> None:
    call_id = handset.call("9180")
    handset.expect(CallProgressed)
    handset.telephone.hang_up(call_id)
    ended = handset.expect(CallEnded)
    assert (ended.cause, ended.by_us) == (EndCause.CANCELLED, True)
    asterisk.wait_no_channels("7001")


def test_hanging_up_at_once_cancels_the_call(asterisk: Asterisk, handset: Handset) -> None:
    call_id = handset.call("9180")
    handset.telephone.hang_up(call_id)
    assert handset.expect(CallEnded).cause is EndCause.CANCELLED
    asterisk.wait_no_channels("7001")


@pytest.mark.parametrize(
    ("number", "cause"),
    [
        ("9404", EndCause.NOT_FOUND),
        ("9486", EndCause.BUSY),
        ("9403", EndCause.FORBIDDEN),
        ("9480", EndCause.NOT_REACHABLE),
        ("9488", EndCause.NO_COMMON_CODEC),
        ("9484", EndCause.NOT_FOUND),
        ("9503", EndCause.SERVER_ERROR),
    ],
)
def test_every_final_response_has_its_cause(handset: Handset, number: str, cause: EndCause) -> None:
    handset.call(number)
    ended = handset.expect(CallEnded)
    assert ended.cause is cause, ended
    assert not ended.by_us


@pytest.mark.parametrize(
    ("status", "cause"),
    [(600, EndCause.BUSY), (486, EndCause.BUSY)],
)
def test_a_colleague_who_refuses_is_told_apart(
    asterisk: Asterisk, handset: Handset, status: int, cause: EndCause
) -> None:
    colleague = SipPhone((asterisk.host, asterisk.sip_port), "7004", asterisk.accounts["7004"].password)
    try:
        assert colleague.register() == 200
        handset.call("7004")
        call = colleague.wait_incoming()
        call.ring()
        call.reject(status, "No")
        ended = handset.expect(CallEnded)
        assert ended.cause is cause, ended
    finally:
        colleague.close()


def test_the_far_end_hanging_up_ends_the_call_normally(handset: Handset) -> None:
    handset.call_and_talk("9200")
    ended = handset.expect(CallEnded)
    assert (ended.cause, ended.by_us) == (EndCause.NORMAL, False)


def test_a_call_without_registration_is_refused(idle_handset: Handset) -> None:
    idle_handset.telephone.place_call(CallId(str(uuid.uuid4())), AccountId("nobody"), "600")
    assert idle_handset.expect(CommandRefused).reason is RefusalReason.NOT_REGISTERED


def test_a_bad_address_is_refused_before_anything_is_sent(handset: Handset) -> None:
    handset.call("sip:hello world@@")
    assert handset.expect(CommandRefused).reason is RefusalReason.BAD_ADDRESS


def test_a_header_that_sip_itself_writes_is_refused(handset: Handset) -> None:
    call_id = CallId(str(uuid.uuid4()))
    handset.telephone.place_call(call_id, handset.account_id, "600", (("Via", "me"),))
    assert handset.expect(CommandRefused).reason is RefusalReason.FAILED
