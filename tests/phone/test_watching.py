"""A colleague's line is watched by the real engine at Asterisk."""

from __future__ import annotations

from softphone.domain.events import CommandRefused, LineStateChanged, RefusalReason
from softphone.domain.lines import LineState
from tests.peers.asterisk import Asterisk
from tests.phone.conftest import NewHandset
from tests.phone.handset import Handset


def expect_state(handset: Handset, state: LineState, *, timeout_s: float = 10.0) -> LineStateChanged:
    return handset.expect(LineStateChanged, lambda e: e.state is state, timeout_s=timeout_s)


def test_a_colleagues_line_is_followed_through_a_call(asterisk: Asterisk, new_handset: NewHandset) -> None:
    lead, agent = new_handset("7900"), new_handset("7001")
    lead.telephone.watch_line(lead.account_id, "7001")
    expect_state(lead, LineState.IDLE)
    customer = asterisk.customer_calls("7001")
    expect_state(lead, LineState.RINGING)
    agent.answer_next()
    assert expect_state(lead, LineState.TALKING).calls == 1
    customer.hang_up()
    expect_state(lead, LineState.IDLE)


def test_a_watch_outlives_the_engine(new_handset: NewHandset) -> None:
    lead = new_handset("7900")
    lead.telephone.watch_line(lead.account_id, "7001")
    expect_state(lead, LineState.IDLE)
    lead.kill_engine()
    expect_state(lead, LineState.UNKNOWN)
    expect_state(lead, LineState.IDLE, timeout_s=15)


def test_a_line_that_nobody_may_watch_is_told_as_refused(new_handset: NewHandset) -> None:
    lead = new_handset("7900")
    lead.telephone.watch_line(lead.account_id, "4711")
    expect_state(lead, LineState.REFUSED)


def test_what_is_no_number_is_refused_at_once(handset: Handset) -> None:
    handset.telephone.watch_line(handset.account_id, "sip:")
    assert handset.expect(CommandRefused).reason is RefusalReason.BAD_ADDRESS


def test_a_watch_that_ended_tells_nothing_more(asterisk: Asterisk, new_handset: NewHandset) -> None:
    lead, agent = new_handset("7900"), new_handset("7001")
    lead.telephone.watch_line(lead.account_id, "7001")
    expect_state(lead, LineState.IDLE)
    lead.telephone.unwatch_line(lead.account_id, "7001")
    asterisk.customer_calls("7001")
    agent.answer_next()
    assert [e.state for e in lead.heard(LineStateChanged)] == [LineState.UNKNOWN, LineState.IDLE]
