"""A lead's phone calls an agent's through a proxy that offers nothing for it: Kamailio."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from softphone.domain.events import CallArrived, CallEnded, CallHoldChanged
from softphone.domain.ids import CallId
from softphone.domain.supervision import Notice, SupervisionMode, SupervisionPolicy, SupervisionRefusal
from softphone.domain.team_events import (
    SupervisionModeConfirmed,
    SupervisionModeDenied,
    SupervisionTurnedAway,
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
    SECOND_LEAD_HZ,
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
    made.handset.allow_supervision(POLICY)
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
    return Ears(talk.media.heard_dbfs, agent.heard_dbfs, lead.heard_dbfs, talk.media.everything)


def supervise(lead: HummingHandset, mode: SupervisionMode = LISTEN) -> CallId:
    call_id = CallId(f"lead-{time.monotonic_ns()}")
    phone = lead.handset
    phone.telephone.team.supervise(call_id, phone.account_id, AGENT, mode, True)
    phone.expect_established(call_id)
    return call_id


def hears_the_customer(listener: HummingHandset) -> bool:
    return listener.heard_dbfs(CUSTOMER_HZ) > tones.HEARD_DBFS


def switch(lead: HummingHandset, call_id: CallId, mode: SupervisionMode) -> None:
    lead.handset.telephone.team.change_supervision(call_id, mode)
    lead.handset.expect(SupervisionModeConfirmed, lambda e: e.mode is mode)


def test_each_mode_lets_exactly_those_hear_who_should(
    ears: Ears, agent: HummingHandset, lead: HummingHandset
) -> None:
    began = ears.mark()
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
    quiet_since = ears.mark()
    switch(lead, call_id, LISTEN)
    ears.expect(LISTEN)
    ears.expect_customer_never_heard_lead(quiet_since)
    lead.handset.telephone.hang_up(call_id)
    agent.handset.expect(SupervisorLeft)
    assert len(agent.handset.heard(CallArrived)) == 1  # the lead never rang


def time_to_settle(lead: HummingHandset) -> None:
    """A second in which the lead hums on."""
    until = time.monotonic() + 1.0
    wait_for(lambda: time.monotonic() > until, "a second to pass", poll_s=0.1)


def test_the_customer_never_hears_a_whisper_during_hold_and_after_a_transfer(
    ears: Ears, agent: HummingHandset, lead: HummingHandset, kamailio: Kamailio, talk: PhoneCall
) -> None:
    phone = agent.handset
    (customer_call,) = (event.call_id for event in phone.heard(CallArrived))
    call_id = supervise(lead, WHISPER)
    ears.expect(WHISPER)
    began = ears.mark()
    phone.telephone.hold(customer_call)
    assert phone.expect(CallHoldChanged).local
    wait_for(lambda: agent.heard_dbfs(LEAD_HZ) > tones.HEARD_DBFS, "the lead coaches on")
    wait_for(lambda: lead.heard_dbfs(AGENT_HZ) > tones.HEARD_DBFS, "the agent is heard by the lead")
    wait_for(lambda: lead.heard_dbfs(CUSTOMER_HZ) < tones.UNHEARD_DBFS, "the customer is on hold")
    for mode in (LISTEN, WHISPER):
        switch(lead, call_id, mode)
    phone.telephone.resume(customer_call)
    assert not phone.expect(CallHoldChanged).local
    ears.expect(WHISPER)
    third = SipPhone(
        (kamailio.host, kamailio.sip_port), COLLEAGUE, kamailio.passwords[COLLEAGUE], domain=DOMAIN
    )
    try:
        assert third.register() == 200
        phone.telephone.transfer(customer_call, COLLEAGUE)
        wait_for(lambda: [r for r in talk.requests if r.method == "REFER"], "the REFER at the customer's")
        time_to_settle(lead)
        ears.expect_customer_never_heard_lead(began)
        phone.telephone.hang_up(customer_call)
        lead.handset.expect(CallEnded, lambda e: e.call_id == call_id)
        phone.expect(SupervisorLeft)
    finally:
        third.register(expires_s=0)
        third.close()


def test_when_the_customer_hangs_up_the_lead_is_not_left_behind(
    agent: HummingHandset, lead: HummingHandset, talk: PhoneCall
) -> None:
    call_id = supervise(lead, BARGE)
    agent.handset.expect(SupervisorArrived)
    talk.hang_up()
    lead.handset.expect(CallEnded, lambda e: e.call_id == call_id)
    agent.handset.expect(SupervisorLeft)


def test_a_lead_who_has_taken_over_and_leaves_gives_the_customer_back(
    ears: Ears, lead: HummingHandset, agent: HummingHandset
) -> None:
    call_id = supervise(lead, TAKE_OVER)
    ears.expect(TAKE_OVER)
    lead.handset.telephone.hang_up(call_id)
    agent.handset.expect(SupervisorLeft)
    wait_for(lambda: agent.heard_dbfs(CUSTOMER_HZ) > tones.HEARD_DBFS, "the customer at the agent's")
    wait_for(lambda: ears.customer(AGENT_HZ) > tones.HEARD_DBFS, "the agent at the customer's")


def test_a_lead_whose_network_is_gone_gives_the_customer_back_within_seconds(
    ears: Ears, lead: HummingHandset, agent: HummingHandset
) -> None:
    supervise(lead, TAKE_OVER)
    ears.expect(TAKE_OVER)
    lead.handset.freeze_engine()
    try:
        agent.handset.expect(SupervisorLeft, timeout_s=12)
        wait_for(lambda: agent.heard_dbfs(CUSTOMER_HZ) > tones.HEARD_DBFS, "the customer at the agent's")
    finally:
        lead.handset.thaw_engine()


def test_an_agent_who_hangs_up_while_the_lead_has_taken_over_leaves_the_customer_to_the_lead(
    ears: Ears, lead: HummingHandset, agent: HummingHandset, talk: PhoneCall
) -> None:
    (customer_call,) = (event.call_id for event in agent.handset.heard(CallArrived))
    supervise(lead, TAKE_OVER)
    ears.expect(TAKE_OVER)
    agent.handset.telephone.hang_up(customer_call)
    refer = wait_for(
        lambda: next((r for r in talk.requests if r.method == "REFER"), None),
        "the hand-over at the customer's",
    )
    assert "Replaces" in refer["Refer-To"]
    assert LEAD in refer["Refer-To"]
    assert not talk.ended


def test_two_leads_hear_the_same_call_and_a_whisper_stays_with_the_agent(
    ears: Ears,
    lead: HummingHandset,
    agent: HummingHandset,
    new_proxied_handset: NewHandset,
    tmp_path: Path,
) -> None:
    agent.handset.allow_supervision(SupervisionPolicy((f"{LEAD}@{DOMAIN}", f"{COLLEAGUE}@{DOMAIN}")))
    second = humming(new_proxied_handset(COLLEAGUE), tmp_path, "second", SECOND_LEAD_HZ)
    first_call, _ = supervise(lead), supervise(second, WHISPER)
    wait_for(lambda: agent.heard_dbfs(SECOND_LEAD_HZ) > tones.HEARD_DBFS, "the second whispers")
    for listener in (lead, second):
        wait_for(partial(hears_the_customer, listener), "the customer")
    assert lead.heard_dbfs(SECOND_LEAD_HZ) < tones.UNHEARD_DBFS
    assert ears.customer(SECOND_LEAD_HZ) < tones.UNHEARD_DBFS
    switch(lead, first_call, BARGE)
    wait_for(lambda: second.heard_dbfs(LEAD_HZ) > tones.HEARD_DBFS, "all hear who barges in")
    lead.handset.telephone.hang_up(first_call)
    agent.handset.expect(SupervisorLeft)
    wait_for(lambda: second.heard_dbfs(CUSTOMER_HZ) > tones.HEARD_DBFS, "the second listens on")


def test_a_lead_who_must_ask_hears_nothing_until_the_agent_allows_it(
    ears: Ears, lead: HummingHandset, agent: HummingHandset
) -> None:
    team = agent.handset.telephone.team
    agent.handset.allow_supervision(SupervisionPolicy(POLICY.leads, Notice.ASK))
    phone, call_id = lead.handset, CallId("asking")
    phone.telephone.team.supervise(call_id, phone.account_id, AGENT, BARGE, True)
    asked = agent.handset.expect(SupervisorArrived)
    assert asked.asks
    assert ears.customer(LEAD_HZ) < tones.UNHEARD_DBFS
    team.let_supervisor_in(asked.call_id, True)
    phone.expect_established(call_id)
    assert agent.handset.expect(SupervisorChangedMode).mode is BARGE
    ears.expect(BARGE)
    phone.telephone.hang_up(call_id)
    agent.handset.expect(SupervisorLeft)
    denied = CallId("denied")
    phone.telephone.team.supervise(denied, phone.account_id, AGENT, LISTEN, True)
    asked = agent.handset.expect(SupervisorArrived)
    team.let_supervisor_in(asked.call_id, False)
    assert phone.expect(CallEnded, lambda e: e.call_id == denied).sip_code == 603


def test_a_mode_that_policy_forbids_is_refused_and_the_old_one_stays(
    ears: Ears, lead: HummingHandset, agent: HummingHandset
) -> None:
    agent.handset.allow_supervision(SupervisionPolicy(POLICY.leads, modes=(LISTEN, WHISPER)))
    call_id = supervise(lead, WHISPER)
    lead.handset.telephone.team.change_supervision(call_id, BARGE)
    denied = lead.handset.expect(SupervisionModeDenied)
    assert (denied.mode, denied.sip_code) == (BARGE, 403)
    assert agent.handset.expect(SupervisionTurnedAway).reason is SupervisionRefusal.MODE_FORBIDDEN
    ears.expect(WHISPER)
    agent.handset.allow_supervision(SupervisionPolicy())
    lead.handset.expect(CallEnded, lambda e: e.call_id == call_id)


def test_a_phone_without_a_call_lets_nobody_in(agent: HummingHandset, lead: HummingHandset) -> None:
    phone, call_id = lead.handset, CallId("idle")
    phone.telephone.team.supervise(call_id, phone.account_id, AGENT, LISTEN, True)
    assert phone.expect(CallEnded).sip_code == 480
    assert agent.handset.expect(SupervisionTurnedAway).reason is SupervisionRefusal.NO_CALL


def test_a_muted_lead_keeps_sending_so_that_silence_is_no_lost_network(
    ears: Ears, lead: HummingHandset, agent: HummingHandset
) -> None:
    supervise(lead, LISTEN)
    until = time.monotonic() + 8.0
    wait_for(lambda: time.monotonic() > until, "eight seconds of listening", poll_s=0.2)
    assert agent.handset.heard(SupervisorLeft) == []
    ears.expect(LISTEN)
