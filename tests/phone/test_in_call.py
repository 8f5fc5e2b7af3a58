"""What can be done with an established call, at a real telephone system."""

from __future__ import annotations

import pytest

from softphone.domain.call import DtmfMethod, EndCause
from softphone.domain.events import (
    CallArrived,
    CallEnded,
    CallEstablished,
    CallHoldChanged,
    CallMuteChanged,
    CommandRefused,
    DtmfReceived,
    MediaQualityMeasured,
    RefusalReason,
)
from tests.peers.asterisk import Asterisk
from tests.peers.sip_phone import SipPhone
from tests.peers.waiting import wait_for
from tests.phone.conftest import NewHandset
from tests.phone.handset import Handset


def test_hold_and_resume_change_the_direction_of_the_media(asterisk: Asterisk, handset: Handset) -> None:
    call_id = handset.call_and_talk("600")
    handset.telephone.hold(call_id)
    held = handset.expect(CallHoldChanged)
    assert (held.call_id, held.local) == (call_id, True)
    handset.telephone.resume(call_id)
    assert not handset.expect(CallHoldChanged).local


def test_hold_and_resume_in_quick_succession_end_as_last_asked(handset: Handset) -> None:
    call_id = handset.call_and_talk("600")
    for _ in range(5):
        handset.telephone.hold(call_id)
        handset.telephone.resume(call_id)
    handset.telephone.hold(call_id)
    wait_for(lambda: handset.heard(CallHoldChanged), "some hold")
    wait_for(lambda: handset.heard(CallHoldChanged)[-1].local, "held in the end")
    assert not handset.heard(CommandRefused)


def test_a_call_can_still_be_held_when_its_first_transaction_has_long_expired(handset: Handset) -> None:
    call_id = handset.call_and_talk("600")
    # the INVITE that was challenged ends 32 s later (RFC 3261 timer D), which must not look like a refusal
    wait_for(lambda: len(handset.heard(MediaQualityMeasured)) >= 7, "35 seconds of talk", timeout_s=45)
    handset.telephone.hold(call_id)
    assert handset.expect(CallHoldChanged).local
    assert not handset.heard(CommandRefused)


def test_mute_is_confirmed_and_silences_the_microphone(handset: Handset) -> None:
    call_id = handset.call_and_talk("601")
    handset.telephone.mute(call_id, True)
    assert handset.expect(CallMuteChanged).muted
    handset.telephone.mute(call_id, False)
    assert not handset.expect(CallMuteChanged).muted


def test_digits_by_info_reach_the_server(asterisk: Asterisk, handset: Handset) -> None:
    call_id = handset.call_and_talk("602")
    mark = asterisk.ami.mark()
    handset.telephone.send_dtmf(call_id, "5", DtmfMethod.INFO)
    asterisk.ami.wait_event(mark, "DTMFEnd", Digit="5", Direction="Received")


def test_digits_from_the_other_side_are_heard(asterisk: Asterisk, handset: Handset) -> None:
    handset.call_and_talk("602")
    channel = asterisk.wait_channel("7001")
    asterisk.send_dtmf(channel, "7")
    assert handset.expect(DtmfReceived).digit == "7"


def test_letters_are_no_digits(handset: Handset) -> None:
    call_id = handset.call_and_talk("602")
    handset.telephone.send_dtmf(call_id, "x")
    assert handset.expect(CommandRefused).reason is RefusalReason.FAILED


@pytest.mark.alone
def test_line_quality_is_measured_during_a_call(handset: Handset) -> None:
    call_id = handset.call_and_talk("600")
    quality = handset.expect(MediaQualityMeasured, timeout_s=12).quality
    assert quality.call_id == call_id
    assert quality.mos > 4.0
    assert quality.rx_loss_percent < 1.0


def test_answering_a_second_call_holds_the_first(asterisk: Asterisk, handset: Handset) -> None:
    first = handset.call_and_talk("600")
    asterisk.customer_calls("7001")
    second = handset.answer_next()
    held = handset.expect(CallHoldChanged)
    assert (held.call_id, held.local) == (first, True)
    handset.telephone.resume(first)
    held = handset.expect(CallHoldChanged, lambda e: e.local)
    assert held.call_id == second
    assert not handset.expect(CallHoldChanged, lambda e: e.call_id == first).local


def test_four_calls_at_once_and_the_fifth_hears_busy(asterisk: Asterisk, handset: Handset) -> None:
    arrived = []
    for _ in range(4):
        asterisk.customer_calls("7001")
        arrived.append(handset.expect(CallArrived).call_id)
    fifth = SipPhone((asterisk.host, asterisk.sip_port), "pstn")
    try:
        refused = fifth.call("7001")
        refused.wait_ended()
        assert refused.final_status == 486
        handset.call("600")
        assert handset.expect(CommandRefused).reason is RefusalReason.TOO_MANY_CALLS
    finally:
        fifth.close()
    for call_id in arrived:
        handset.telephone.answer(call_id)
        handset.expect(CallEstablished)
    for call_id in arrived:
        handset.telephone.hang_up(call_id)
        handset.expect(CallEnded)


@pytest.mark.alone
def test_three_way_conference_lets_everybody_hear_everybody(
    asterisk: Asterisk, new_handset: NewHandset
) -> None:
    handset = new_handset("7001")
    first = handset.call_and_talk("610440")
    second = handset.call_and_talk("610880")
    handset.telephone.join_calls((first, second))
    channels = {c["Exten"]: c["Channel"] for c in asterisk.channels("7001")}
    to_first = asterisk.record(channels["610440"])
    to_second = asterisk.record(channels["610880"])
    wait_for(lambda: to_first.heard_from_leg_dbfs(880) > -45, "the second's tone at the first", poll_s=0.2)
    wait_for(lambda: to_second.heard_from_leg_dbfs(440) > -45, "the first's tone at the second", poll_s=0.2)
    handset.telephone.hang_up(first)
    handset.expect(CallEnded, lambda e: e.call_id == first and e.cause is EndCause.NORMAL)
    assert not [e for e in handset.heard(CallEnded) if e.call_id == second]
