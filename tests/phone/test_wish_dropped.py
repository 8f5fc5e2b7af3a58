"""A lead's phone calls an agent's through a telephone system that drops the wish to supervise."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from softphone.domain.events import CallArrived, CallEnded, CallEstablished
from softphone.domain.ids import CallId
from softphone.domain.supervision import SupervisionMode, SupervisionPolicy
from tests import tones
from tests.peers.kamailio import DOMAIN, Kamailio
from tests.peers.sip_phone import SipPhone
from tests.phone.conftest import NewHandset
from tests.phone.handset import Handset
from tests.phone.supervised import AGENT_HZ, LEAD_HZ, HummingHandset, humming

pytestmark = pytest.mark.peer("kamailio")

AGENT, LEAD, COLLEAGUE = "8001", "8002", "8003"
AN_INSTANT_S = 1.0
NOT_PASSED_ON = 501
QUESTIONS = [15, 14, 13, 12]
"""D, C, B, A as RFC 4733 counts events."""


@pytest.fixture
def lead(new_handset_without_header: NewHandset, tmp_path: Path) -> HummingHandset:
    return humming(new_handset_without_header(LEAD), tmp_path, "lead", LEAD_HZ)


def supervise(lead: Handset, agent: str, mode: SupervisionMode) -> CallId:
    call_id = CallId(f"lead-{mode}-{time.monotonic_ns()}")
    lead.telephone.team.supervise(call_id, lead.account_id, agent, mode, True)
    return call_id


def _loudest(speaker: Path, frequency_hz: float) -> float:
    samples, rate_hz = tones.read_wav(speaker)
    return tones.loudest_dbfs(samples, frequency_hz, rate_hz)


def test_an_agent_s_phone_that_rings_as_for_a_call_is_left_at_once_and_the_lead_is_told(
    lead: HummingHandset, new_handset_without_header: NewHandset
) -> None:
    agent = new_handset_without_header(AGENT)
    agent.telephone.team.allow_supervision(SupervisionPolicy((LEAD,)))
    call_id = supervise(lead.handset, AGENT, SupervisionMode.LISTEN)
    ended = lead.handset.expect(CallEnded)
    assert (ended.call_id, ended.sip_code) == (call_id, NOT_PASSED_ON)
    rang, stopped = agent.expect(CallArrived), agent.expect(CallEnded)
    assert (stopped.at - rang.at).total_seconds() < AN_INSTANT_S
    assert lead.handset.heard(CallEstablished) == []


def test_a_phone_that_answers_by_itself_is_neither_heard_nor_hears_and_is_left_within_seconds(
    lead: HummingHandset, dropping_kamailio: Kamailio
) -> None:
    server = (dropping_kamailio.host, dropping_kamailio.sip_port)
    phone = SipPhone(server, COLLEAGUE, dropping_kamailio.passwords[COLLEAGUE], domain=DOMAIN)
    try:
        assert phone.register() == 200
        for _ in range(2):  # the second at once: nothing of the first may keep it from asking
            supervise(lead.handset, COLLEAGUE, SupervisionMode.BARGE)
            call = phone.wait_incoming()
            call.answer(hum_hz=AGENT_HZ)
            assert lead.handset.expect(CallEnded, timeout_s=15).sip_code == NOT_PASSED_ON
            call.wait_ended()
            assert call.media.received_events == QUESTIONS
            if tones.is_begun(lead.speaker):
                assert _loudest(lead.speaker, AGENT_HZ) < tones.UNHEARD_DBFS
            assert tones.loudest_dbfs(call.media.everything(), LEAD_HZ, 8_000) < tones.UNHEARD_DBFS
        assert lead.handset.heard(CallEstablished) == []
    finally:
        phone.close()
