"""Transfers that we ask for, at Asterisk and between telephones that speak to each other."""

from __future__ import annotations

from softphone.domain.call import EndCause
from softphone.domain.events import (
    CallEnded,
    CallPartyChanged,
    CallTransferProgressed,
)
from tests.peers.asterisk import Asterisk
from tests.phone.conftest import NewHandset


def test_a_blind_transfer_connects_the_customer_and_frees_us(
    asterisk: Asterisk, new_handset: NewHandset
) -> None:
    handset, colleague = new_handset("7001"), new_handset("7002")
    customer = asterisk.customer_calls("7001")
    call_id = handset.answer_next()
    handset.telephone.transfer(call_id, "7002")
    final = handset.expect(CallTransferProgressed, lambda e: e.final)
    assert final.sip_code == 200
    ended = handset.expect(CallEnded)
    assert (ended.call_id, ended.cause) == (call_id, EndCause.TRANSFERRED)
    colleague.answer_next()
    assert customer.alive


def test_a_blind_transfer_to_nobody_tells_so_and_keeps_the_call(
    new_proxied_handset: NewHandset,
) -> None:
    handset, customer = new_proxied_handset("8001"), new_proxied_handset("8003")
    customer.call("8001")
    call_id = handset.answer_next()
    handset.telephone.transfer(call_id, "8999")
    final = handset.expect(CallTransferProgressed, lambda e: e.final)
    assert final.sip_code >= 400
    assert not handset.heard(CallEnded)
    assert not customer.heard(CallEnded)


def test_a_blind_transfer_between_telephones(new_proxied_handset: NewHandset) -> None:
    handset, customer, colleague = (new_proxied_handset(user) for user in ("8001", "8002", "8003"))
    theirs = customer.call("8001")
    call_id = handset.answer_next()
    handset.telephone.transfer(call_id, "8003")
    colleague.answer_next()
    assert customer.expect(CallPartyChanged).party.user == "8003"
    assert handset.expect(CallEnded).cause is EndCause.TRANSFERRED
    customer.telephone.hang_up(theirs)
    customer.expect(CallEnded, lambda e: e.call_id == theirs)
    assert colleague.expect(CallEnded).cause is EndCause.NORMAL


def test_an_attended_transfer_at_asterisk_connects_both_others(
    asterisk: Asterisk, new_handset: NewHandset
) -> None:
    handset, colleague = new_handset("7001"), new_handset("7002")
    customer = asterisk.customer_calls("7001")
    call_id = handset.answer_next()
    consultation = handset.call("7002")
    colleague.answer_next()
    handset.expect_established(consultation)
    handset.telephone.transfer_to_call(call_id, consultation)
    ended = {handset.expect(CallEnded).call_id: handset.heard(CallEnded)[-1].cause for _ in range(2)}
    assert ended == {call_id: EndCause.TRANSFERRED, consultation: EndCause.TRANSFERRED}
    assert customer.alive
    assert not colleague.heard(CallEnded)


def test_an_attended_transfer_between_telephones_replaces_us(new_proxied_handset: NewHandset) -> None:
    handset, customer, colleague = (new_proxied_handset(user) for user in ("8001", "8002", "8003"))
    theirs = customer.call("8001")
    call_id = handset.answer_next()
    consultation = handset.call("8003")
    consulted = colleague.answer_next()
    handset.expect_established(consultation)
    handset.telephone.transfer_to_call(call_id, consultation)
    handset.expect(CallEnded)
    handset.expect(CallEnded)
    assert {e.cause for e in handset.heard(CallEnded)} == {EndCause.TRANSFERRED}
    colleague.expect(CallPartyChanged, lambda e: e.call_id == consulted and e.party.user == "8002")
    customer.expect(CallPartyChanged, lambda e: e.call_id == theirs and e.party.user == "8003")
    assert not customer.heard(CallEnded)
    assert not colleague.heard(CallEnded)
    customer.telephone.hang_up(theirs)
    assert colleague.expect(CallEnded).call_id == consulted
    assert customer.expect(CallEnded).call_id == theirs


def test_calls_after_many_transfers_still_arrive(new_proxied_handset: NewHandset) -> None:
    handset, customer, colleague = (new_proxied_handset(user) for user in ("8001", "8002", "8003"))
    for _ in range(5):
        theirs = customer.call("8001")
        call_id = handset.answer_next()
        consultation = handset.call("8003")
        colleague.answer_next()
        handset.expect_established(consultation)
        handset.telephone.transfer_to_call(call_id, consultation)
        colleague.expect(CallPartyChanged)
        customer.telephone.hang_up(theirs)
        customer.expect(CallEnded)
        colleague.expect(CallEnded)
        handset.expect(CallEnded)
        handset.expect(CallEnded)
    customer.call("8001")
    handset.answer_next()
