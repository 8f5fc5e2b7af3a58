"""Telephones that are lost in a call give their line back soon: PJSIP has four."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from softphone.domain.events import CallEnded, CallEstablished, CommandRefused
from tests.peers.fixtures import peer_or_skip
from tests.peers.kamailio import DOMAIN, Kamailio
from tests.peers.sip_phone import SipPhone
from tests.peers.waiting import wait_for
from tests.phone.handset import Handset

LINES = 4
FREE_WITHIN_S = 20.0
"""The edge's patience is 2 s, and a loaded machine has its own; PJSIP's alone would be 32 s."""


@pytest.fixture
def patient_kamailio(pytestconfig: pytest.Config, tmp_path: Path) -> Iterator[Kamailio]:
    """As proxies are by default: a lost phone is told of after half a minute only."""
    server = peer_or_skip(
        pytestconfig, "kamailio", lambda: Kamailio(tmp_path / "kamailio", answers_within_s=30)
    )
    try:
        server.start()
        yield server
    finally:
        server.stop()


def phone_at(server: Kamailio, user: str) -> SipPhone:
    phone = SipPhone((server.host, server.sip_port), user, server.passwords[user], domain=DOMAIN)
    assert phone.register() == 200
    return phone


def test_after_four_lost_phones_the_next_call_goes_through_within_seconds(
    patient_kamailio: Kamailio, idle_handset: Handset
) -> None:
    lost, there = (phone_at(patient_kamailio, user) for user in ("8002", "8003"))
    idle_handset.sign_in(patient_kamailio, "8001")
    idle_handset.expect_registered()
    calls = []
    for _ in range(LINES):
        calls.append(idle_handset.call("8002"))
        lost.wait_incoming().answer()
        idle_handset.expect_established(calls[-1])
    lost.vanish()
    for call in calls:
        idle_handset.telephone.hang_up(call)
    for call in calls:
        idle_handset.expect(CallEnded, lambda e, call=call: e.call_id == call)  # type: ignore[misc]  # bound now
    assert wait_for(lambda: _rings(idle_handset, there), "a free line", timeout_s=FREE_WITHIN_S, poll_s=0.2)
    there.close()


def _rings(handset: Handset, other: SipPhone) -> bool:
    """Place a call; it is refused at once while every line is taken."""
    call = handset.call("8003")
    wait_for(lambda: other.incoming or _refused(handset, call), "an answer of the engine", poll_s=0.02)
    if not other.incoming:
        return False
    other.wait_incoming().answer()
    handset.expect(CallEstablished, lambda e: e.call_id == call)
    return True


def _refused(handset: Handset, call: str) -> bool:
    return any(e.call_id == call for e in handset.heard(CommandRefused))
