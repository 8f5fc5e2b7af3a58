"""A lead's phone calls an agent's through a proxy that offers nothing for it: Kamailio."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from softphone.domain.events import CallArrived
from softphone.domain.ids import CallId
from softphone.domain.supervision import SupervisionMode, SupervisionPolicy
from softphone.domain.team_events import (
    SupervisionModeConfirmed,
    SupervisorArrived,
    SupervisorChangedMode,
    SupervisorLeft,
)
from tests import tones
from tests.peers.kamailio import DOMAIN, Kamailio
from tests.peers.sip_phone import PhoneCall, SipPhone
from tests.peers.waiting import wait_for
from tests.phone.conftest import NewHandset
from tests.phone.supervised import (
    AGENT_HZ,
    CUSTOMER_HZ,
    LEAD_HZ,
    Ears,
    HummingHandset,
    humming,
)

pytestmark = pytest.mark.peer("kamailio")

AGENT, LEAD, CUSTOMER, COLLEAGUE = "8001", "8002", "8003", "8004"
LISTEN, WHISPER, BARGE, TAKE_OVER = SupervisionMode
POLICY = SupervisionPolicy((f"{LEAD}@{DOMAIN}",))


@pytest.fixture
def customer(kamailio: Kamailio) -> Iterator[SipPhone]:
    phone = SipPhone(
        (kamailio.host, kamailio.sip_port), CUSTOMER, kamailio.passwords[CUSTOMER], domain=DOMAIN
    )
    assert phone.register() == 200
    yield phone
    phone.register(expires_s=0)
    phone.close()


@pytest.fixture
def agent(new_proxied_handset: NewHandset, tmp_path: Path) -> HummingHandset:
    made = humming(new_proxied_handset(AGENT), tmp_path, "agent", AGENT_HZ)
    made.handset.telephone.team.allow_supervision(POLICY)
    return made


@pytest.fixture
def lead(new_proxied_handset: NewHandset, tmp_path: Path) -> HummingHandset:
    return humming(new_proxied_handset(LEAD), tmp_path, "lead", LEAD_HZ)


@pytest.fixture
def talk(customer: SipPhone, agent: HummingHandset) -> PhoneCall:
    """Customer and agent are talking; the customer's end of it."""
    call = customer.call(AGENT, hum_hz=CUSTOMER_HZ)
    agent.handset.answer_next()
    call.wait_established()
    return call


@pytest.fixture
def ears(talk: PhoneCall, agent: HummingHandset, lead: HummingHandset) -> Ears:
    def ever(frequency_hz: float, last_s: float) -> float:
        return tones.loudest_dbfs(talk.media.heard(last_s), frequency_hz, 8_000)

    return Ears(talk.media.heard_dbfs, agent.heard_dbfs, lead.heard_dbfs, ever)


def supervise(lead: HummingHandset, mode: SupervisionMode = LISTEN) -> CallId:
    call_id = CallId(f"lead-{time.monotonic_ns()}")
    phone = lead.handset
    phone.telephone.team.supervise(call_id, phone.account_id, AGENT, mode, True)
    phone.expect_established(call_id)
    return call_id


def switch(lead: HummingHandset, call_id: CallId, mode: SupervisionMode) -> None:
    lead.handset.telephone.team.change_supervision(call_id, mode)
    lead.handset.expect(SupervisionModeConfirmed, lambda e: e.mode is mode)


def test_each_mode_lets_exactly_those_hear_who_should(
    ears: Ears, agent: HummingHandset, lead: HummingHandset
) -> None:
    began = time.monotonic()
    call_id = supervise(lead)
    arrived = agent.handset.expect(SupervisorArrived)
    assert (arrived.lead.user, arrived.lead.asserted, arrived.mode) == (LEAD, True, LISTEN)
    ears.expect(LISTEN)
    for mode in (WHISPER, LISTEN, WHISPER):
        switch(lead, call_id, mode)
        assert agent.handset.expect(SupervisorChangedMode).mode is mode
        ears.expect(mode)
    time_to_settle(lead)
    ears.expect_customer_never_heard_lead(began)
    for mode in (BARGE, TAKE_OVER, BARGE, WHISPER):
        switch(lead, call_id, mode)
        ears.expect(mode)
    quiet_since = time.monotonic()
    switch(lead, call_id, LISTEN)
    ears.expect(LISTEN)
    ears.expect_customer_never_heard_lead(quiet_since)
    lead.handset.telephone.hang_up(call_id)
    agent.handset.expect(SupervisorLeft)
    assert len(agent.handset.heard(CallArrived)) == 1  # the lead never rang
    print(ears.figures)


def time_to_settle(lead: HummingHandset) -> None:
    """A second in which the lead hums on."""
    until = time.monotonic() + 1.0
    wait_for(lambda: time.monotonic() > until, "a second to pass", poll_s=0.1)
