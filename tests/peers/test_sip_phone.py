"""The scripted telephone against the real telephone system: both directions, tones heard, refusals."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests import tones
from tests.peers.asterisk import Asterisk
from tests.peers.sip_phone import SipPhone
from tests.peers.waiting import wait_for


@pytest.fixture
def agent(asterisk: Asterisk) -> Iterator[SipPhone]:
    """A telephone registered as 7001."""
    account = asterisk.accounts["7001"]
    phone = SipPhone((asterisk.host, asterisk.sip_port), account.user, account.password)
    assert phone.register() == 200
    asterisk.wait_registered("7001")
    yield phone
    phone.close()


def test_a_wrong_password_is_refused(asterisk: Asterisk) -> None:
    phone = SipPhone((asterisk.host, asterisk.sip_port), "7001", "not the password")
    assert phone.register() == 401
    phone.close()


def test_an_echo_brings_back_the_own_tone(asterisk: Asterisk, agent: SipPhone) -> None:
    call = agent.call("601", hum_hz=440)
    call.wait_established()
    wait_for(lambda: call.media.heard_dbfs(440) > tones.HEARD_DBFS, "the echo")
    assert call.media.heard_dbfs(880) < tones.UNHEARD_DBFS
    call.hang_up()
    asterisk.wait_no_channels("7001")


def test_a_queue_call_brings_the_headers_and_both_hear_each_other(
    asterisk: Asterisk, agent: SipPhone
) -> None:
    customer = asterisk.customer_calls("5000", number="+4930555", name="Erika Muster", tone_hz=440)
    call = agent.wait_incoming()
    assert call.invite["X-Queue"] == "support"
    assert call.invite["X-Campaign"] == "acme"
    assert call.invite["X-DNIS"] == "5000"
    assert call.invite["X-CRM-ID"].startswith("crm-")
    assert "+4930555" in call.invite["From"]
    assert "Erika Muster" in call.invite["From"]
    call.ring()
    call.answer(hum_hz=880)
    heard = customer.record()
    wait_for(lambda: call.media.heard_dbfs(440) > tones.HEARD_DBFS, "the customer at the agent")
    wait_for(lambda: heard.hears_dbfs(880) > tones.HEARD_DBFS, "the agent at the customer", poll_s=0.1)
    customer.hang_up()
    call.wait_ended()


def test_a_customer_who_gives_up_cancels_the_ringing(asterisk: Asterisk, agent: SipPhone) -> None:
    customer = asterisk.customer_calls("7001")
    call = agent.wait_incoming()
    call.ring()
    customer.hang_up()
    call.wait_ended()
    assert call.cancelled


@pytest.mark.parametrize(("number", "status"), [("9404", 404), ("9486", 486), ("9488", 488), ("9503", 503)])
def test_numbers_end_in_the_response_they_name(
    asterisk: Asterisk, agent: SipPhone, number: str, status: int
) -> None:
    call = agent.call(number)
    call.wait_ended()
    assert call.final_status == status


def test_messages_waiting_are_told_by_notify(asterisk: Asterisk, agent: SipPhone) -> None:
    asterisk.set_waiting_messages("7001", new=3)
    wait_for(
        lambda: [m for m in agent.messages if b"Voice-Message: 3/0" in m.body],
        "the NOTIFY about three messages",
    )


def test_the_agent_cannot_listen_in_but_the_lead_can(asterisk: Asterisk, agent: SipPhone) -> None:
    refused = agent.call("*557002")
    refused.wait_ended()
    assert refused.final_status == 404
    customer = asterisk.customer_calls("7001", tone_hz=440)
    call = agent.wait_incoming()
    call.answer(hum_hz=880)
    account = asterisk.accounts["7900"]
    lead = SipPhone((asterisk.host, asterisk.sip_port), account.user, account.password)
    spying = lead.call("*557001", hum_hz=1_200)
    spying.wait_established()
    wait_for(lambda: spying.media.heard_dbfs(440) > tones.HEARD_DBFS, "the customer at the lead")
    wait_for(lambda: spying.media.heard_dbfs(880) > tones.HEARD_DBFS, "the agent at the lead")
    assert call.media.heard_dbfs(1_200) < tones.UNHEARD_DBFS
    lead.close()
    customer.hang_up()
