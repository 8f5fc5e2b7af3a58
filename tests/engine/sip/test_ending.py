"""Why a call ended."""

from __future__ import annotations

import pytest

from softphone.domain.call import CallState, Direction, EndCause
from softphone.engine.sip.ending import Ending, StatedReason, cause_of

IN, OUT = Direction.INBOUND, Direction.OUTBOUND
ELSEWHERE = StatedReason.read(['SIP;cause=200;text="Call completed elsewhere"'])


@pytest.mark.parametrize(
    ("ending", "cause"),
    [
        (Ending(IN, CallState.INCOMING, 487, by_us=False), EndCause.ABANDONED),
        (Ending(IN, CallState.INCOMING, 487, by_us=False, reason=ELSEWHERE), EndCause.ANSWERED_ELSEWHERE),
        (Ending(IN, CallState.INCOMING, 486, by_us=True), EndCause.REJECTED),
        (Ending(IN, CallState.INCOMING, 488, by_us=False), EndCause.NO_COMMON_CODEC),
        (Ending(IN, CallState.INCOMING, 408, by_us=False), EndCause.NETWORK_LOST),
        (Ending(IN, CallState.ESTABLISHED, 200, by_us=False), EndCause.NORMAL),
        (Ending(IN, CallState.ESTABLISHED, 200, by_us=True), EndCause.NORMAL),
        (Ending(IN, CallState.ESTABLISHED, 408, by_us=False), EndCause.NETWORK_LOST),
        (Ending(IN, CallState.ESTABLISHED, 200, by_us=False, transferred=True), EndCause.TRANSFERRED),
        (Ending(OUT, CallState.OUTGOING, 0, by_us=True), EndCause.CANCELLED),
        (Ending(OUT, CallState.RINGING, 487, by_us=True, rang=True), EndCause.CANCELLED),
        (Ending(OUT, CallState.OUTGOING, 404, by_us=False), EndCause.NOT_FOUND),
        (Ending(OUT, CallState.OUTGOING, 408, by_us=False), EndCause.TIMEOUT),
        (Ending(OUT, CallState.RINGING, 408, by_us=False, rang=True), EndCause.NO_ANSWER),
        (Ending(OUT, CallState.RINGING, 480, by_us=False, rang=True), EndCause.NO_ANSWER),
        (Ending(OUT, CallState.OUTGOING, 480, by_us=False), EndCause.NOT_REACHABLE),
        (Ending(OUT, CallState.RINGING, 486, by_us=False, rang=True), EndCause.BUSY),
        (Ending(OUT, CallState.RINGING, 603, by_us=False, rang=True), EndCause.DECLINED),
        (Ending(OUT, CallState.OUTGOING, 488, by_us=False), EndCause.NO_COMMON_CODEC),
        (Ending(OUT, CallState.OUTGOING, 403, by_us=False), EndCause.FORBIDDEN),
        (Ending(OUT, CallState.OUTGOING, 500, by_us=False), EndCause.SERVER_ERROR),
        (Ending(OUT, CallState.OUTGOING, 503, by_us=False), EndCause.SERVER_ERROR),
        (Ending(OUT, CallState.OUTGOING, 499, by_us=False), EndCause.UNKNOWN),
    ],
)
def test_each_ending_has_its_cause(ending: Ending, cause: EndCause) -> None:
    assert cause_of(ending) is cause


def test_a_reason_may_state_several_causes_in_any_order() -> None:
    reason = StatedReason.read(['Q.850 ;text="Normal" ;cause=16, sip; cause = 200', "X;cause=1"])
    assert (reason.sip, reason.q850, reason.text) == (200, 16, "Normal")


def test_the_q850_cause_of_an_answer_elsewhere_counts_too() -> None:
    assert StatedReason.read(["Q.850;cause=26"]).answered_elsewhere


@pytest.mark.parametrize("value", ["", "SIP", "SIP;cause=", "SIP;cause=x", ";" * 5000, 'text="' * 900])
def test_a_malformed_reason_states_nothing(value: str) -> None:
    reason = StatedReason.read([value])
    assert (reason.sip, reason.q850) == (0, 0)
