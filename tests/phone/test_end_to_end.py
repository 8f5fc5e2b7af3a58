"""Calls through a mere proxy: what the other telephone does reaches us as it was sent."""

from __future__ import annotations

import pytest

from softphone.domain.call import EndCause
from softphone.domain.events import (
    CallArrived,
    CallEnded,
    CallHoldChanged,
    CallPartyChanged,
    CallProgressed,
    DtmfReceived,
)
from softphone.domain.ids import CallId
from tests.peers.sip_phone import PhoneCall, SipPhone
from tests.peers.waiting import wait_for
from tests.phone.conftest import NewHandset
from tests.phone.handset import Handset


@pytest.fixture
def handset(new_proxied_handset: NewHandset) -> Handset:
    """A softphone registered as 8001."""
    return new_proxied_handset("8001")


def talk(handset: Handset, colleague: SipPhone) -> tuple[CallId, PhoneCall]:
    """The colleague calls us and we answer."""
    call = colleague.call("8001")
    call_id = handset.answer_next()
    call.wait_established()
    return call_id, call


def test_being_held_by_the_other_side_is_shown_and_so_is_its_end(
    handset: Handset, proxied_colleague: SipPhone
) -> None:
    _, call = talk(handset, proxied_colleague)
    assert reinvite(proxied_colleague, call, "sendonly") == 200
    held = handset.expect(CallHoldChanged)
    assert (held.local, held.remote) == (False, True)
    assert reinvite(proxied_colleague, call, "sendrecv") == 200
    assert not handset.expect(CallHoldChanged).remote


def test_digits_are_sent_as_rfc4733_events(handset: Handset, proxied_colleague: SipPhone) -> None:
    call_id, call = talk(handset, proxied_colleague)
    handset.telephone.send_dtmf(call_id, "12#")
    wait_for(lambda: call.media.received_events == [1, 2, 11], "the events of 1, 2 and #")


def test_digits_by_info_are_heard(handset: Handset, proxied_colleague: SipPhone) -> None:
    _, call = talk(handset, proxied_colleague)
    kind = ("Content-Type", "application/dtmf-relay")
    assert call.request("INFO", kind, body=b"Signal=5\r\nDuration=160\r\n") == 200
    assert handset.expect(DtmfReceived).digit == "5"


@pytest.mark.parametrize(("status", "cause"), [(603, EndCause.DECLINED), (488, EndCause.NO_COMMON_CODEC)])
def test_a_refusal_of_the_other_side_has_its_cause(
    handset: Handset, proxied_colleague: SipPhone, status: int, cause: EndCause
) -> None:
    handset.call("8002")
    call = proxied_colleague.wait_incoming()
    call.reject(status, "No")
    ended = handset.expect(CallEnded)
    assert (ended.cause, ended.sip_code) == (cause, status)


def test_a_call_that_nobody_takes_after_ringing_ends_as_no_answer(
    handset: Handset, proxied_colleague: SipPhone
) -> None:
    handset.call("8002")
    call = proxied_colleague.wait_incoming()
    call.ring()
    handset.expect(CallProgressed)  # the proxy may let the refusal overtake it
    call.reject(480, "Temporarily Unavailable")
    assert handset.expect(CallEnded).cause is EndCause.NO_ANSWER


def test_a_refer_from_the_other_side_takes_us_to_the_new_number(
    handset: Handset, proxied_colleague: SipPhone, new_proxied_handset: NewHandset
) -> None:
    third = new_proxied_handset("8003")
    call_id, call = talk(handset, proxied_colleague)
    target = f"<sip:8003@{proxied_colleague._domain}>"
    assert call.request("REFER", ("Refer-To", target)) == 202
    there = third.answer_next()
    assert handset.expect(CallPartyChanged).party.user == "8003"
    wait_for(lambda: [r for r in call.requests if r.method == "BYE"], "the end of the first dialog")
    handset.telephone.hang_up(call_id)
    assert handset.expect(CallEnded).cause is EndCause.NORMAL
    assert third.expect(CallEnded).call_id == there


def test_a_refer_to_a_number_that_is_busy_keeps_the_call(
    handset: Handset, proxied_colleague: SipPhone
) -> None:
    call_id, call = talk(handset, proxied_colleague)
    target = f"<sip:8999@{proxied_colleague._domain}>"
    assert call.request("REFER", ("Refer-To", target)) == 202
    wait_for(lambda: [r for r in call.requests if b"404" in r.body or b"480" in r.body], "the bad news")
    assert not handset.heard(CallEnded)
    handset.telephone.hang_up(call_id)
    assert handset.expect(CallEnded).cause is EndCause.NORMAL


def test_a_refer_to_anything_but_a_sip_address_is_declined(
    handset: Handset, proxied_colleague: SipPhone
) -> None:
    _, call = talk(handset, proxied_colleague)
    assert call.request("REFER", ("Refer-To", "<http://evil.test/>")) >= 400
    assert not handset.heard(CallEnded)


def test_a_refer_outside_a_call_is_refused(handset: Handset, proxied_colleague: SipPhone) -> None:
    target = f"sip:8001@{proxied_colleague._domain}"
    headers = [
        *proxied_colleague.identity(target),
        ("CSeq", "1 REFER"),
        proxied_colleague.contact,
        ("Refer-To", f"<sip:8003@{proxied_colleague._domain}>"),
    ]
    assert proxied_colleague.transact("REFER", target, headers).status >= 400
    assert not handset.heard(CallArrived)


def reinvite(phone: SipPhone, call: PhoneCall, direction: str) -> int:
    """Offer the same stream in another direction."""
    body = phone.description(call.media.port).replace(b"a=sendrecv", f"a={direction}".encode())
    return call.request("INVITE", ("Content-Type", "application/sdp"), body=body)
