"""A queue may let it ring for many minutes: nothing is forgotten meanwhile, in either direction."""

from __future__ import annotations

import random
import time

import pytest

from softphone.engine.edge import border, inward, outward
from softphone.engine.edge.messages.message import Request, Response, parse
from softphone.engine.edge.types import LOOPBACK
from tests.engine.edge.mutations import Bench, good_message


class Clock:
    def __init__(self) -> None:
        self.ahead_s = 0.0

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead_s

    def monotonic_ns(self) -> int:
        return time.monotonic_ns()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    for module in (border, inward, outward):
        monkeypatch.setattr(module, "time", made)
    return made


def pass_minutes(clock: Clock, bench: Bench, minutes: int) -> None:
    """Let time pass, with the sweeps that come meanwhile."""
    for _ in range(minutes):
        clock.ahead_s += 60
        bench.border.sweep()


def from_pjsip(bench: Bench, data: bytes) -> None:
    bench.border.from_local(data, (LOOPBACK, bench.border.local.peer_port))


def test_a_call_that_rings_here_for_ten_minutes_is_answered_then(clock: Clock) -> None:
    bench = Bench()
    sent = good_message(random.Random(0), bench.contact, "INVITE", "patient", 1)
    (delivered,) = bench.feed(sent)
    invite = parse(delivered)
    assert isinstance(invite, Request)
    from_pjsip(bench, invite.response(180, to_tag="me").to_bytes())
    pass_minutes(clock, bench, 10)
    bench.flow.sent.clear()
    from_pjsip(bench, invite.response(200, to_tag="me").to_bytes())
    (answer,) = bench.flow.sent
    assert (
        parse(answer).headers.split("Via")[0].startswith("SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bKpatient-1")
    )


def test_a_call_that_rings_here_for_ten_minutes_is_given_up_then(clock: Clock) -> None:
    bench = Bench()
    dice = random.Random(0)
    (delivered,) = bench.feed(good_message(dice, bench.contact, "INVITE", "patient", 1))
    invite = parse(delivered)
    assert isinstance(invite, Request)
    from_pjsip(bench, invite.response(180, to_tag="me").to_bytes())
    pass_minutes(clock, bench, 10)
    (cancelled,) = bench.feed(good_message(dice, bench.contact, "CANCEL", "patient", 1))
    cancel = parse(cancelled)
    assert isinstance(cancel, Request)
    assert cancel.top_via.branch == invite.top_via.branch


def test_a_call_that_rings_there_for_ten_minutes_is_answered_then(clock: Clock) -> None:
    bench = Bench()
    local = bench.border.local
    request = Request(method="INVITE", uri="sip:600@pbx.example")
    add = request.headers.add
    add("Via", f"SIP/2.0/UDP 127.0.0.1:{local.peer_port};rport;branch=z9hG4bKPj1")
    add("Max-Forwards", "70")
    add("From", "<sip:7001@pbx.example>;tag=me")
    add("To", "<sip:600@pbx.example>")
    add("Call-ID", "patient")
    add("CSeq", "1 INVITE")
    add("Contact", f"<sip:7001@127.0.0.1:{local.peer_port}>")
    add("Route", f"<{local.proxy_uri(bench.account.name)}>")
    from_pjsip(bench, request.to_bytes())
    sent = parse(bench.flow.sent[0])
    assert isinstance(sent, Request)
    assert len(bench.feed(sent.response(180, to_tag="far").to_bytes())) == 1
    pass_minutes(clock, bench, 10)
    (delivered,) = bench.feed(sent.response(200, to_tag="far").to_bytes())
    answer = parse(delivered)
    assert isinstance(answer, Response)
    assert (answer.status, answer.top_via.branch) == (200, "z9hG4bKPj1")
