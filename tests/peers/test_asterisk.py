"""Asterisk as a peer: it boots, calls run through it, and what is heard in them is measured."""

from __future__ import annotations

from tests import tones
from tests.peers.asterisk import Asterisk
from tests.peers.sip_phone import SipPhone
from tests.peers.waiting import wait_for


def test_a_customer_hears_an_echo_of_his_own_tone_and_no_other(asterisk: Asterisk) -> None:
    customer = asterisk.customer_calls("601", tone_hz=440)
    recording = customer.record()
    wait_for(lambda: recording.hears_dbfs(440) > tones.HEARD_DBFS, "the echo", poll_s=0.1)
    assert recording.says_dbfs(440) > tones.HEARD_DBFS
    assert recording.hears_dbfs(880) < tones.UNHEARD_DBFS
    customer.hang_up()
    customer.wait_ended()


def test_a_stopped_telephone_system_comes_back_on_its_ports(asterisk: Asterisk) -> None:
    port = asterisk.sip_port
    asterisk.stop()
    asterisk.start()
    assert asterisk.sip_port == port
    assert f"127.0.0.1:{port}" in asterisk.cli("pjsip show transports")


def test_a_phone_that_signed_out_before_a_power_cut_stays_signed_out(asterisk: Asterisk) -> None:
    account = asterisk.accounts["7002"]
    phone = SipPhone((asterisk.host, asterisk.sip_port), account.user, account.password)
    assert phone.register() == 200
    asterisk.wait_written("7002")
    assert len(asterisk.contacts("7002")) == 1
    phone.forget_contacts()
    phone.close()
    asterisk.wait_written("7002")
    asterisk.stop()
    asterisk.start()
    assert asterisk.contacts("7002") == []


def test_all_transports_are_there(asterisk: Asterisk) -> None:
    shown = asterisk.cli("pjsip show transports")
    assert all(f"over-{kind}" in shown for kind in ("udp", "tcp", "tls", "ws", "wss"))


def test_after_a_reset_nobody_is_registered_and_queues_are_as_configured(asterisk: Asterisk) -> None:
    account = asterisk.accounts["7002"]
    phone = SipPhone((asterisk.host, asterisk.sip_port), account.user, account.password)
    assert phone.register() == 200
    asterisk.wait_registered("7002")
    asterisk.queue_add("7002", "sales")
    asterisk.ami.act("QueuePause", Interface="PJSIP/7001", Paused="true")
    assert "paused" in asterisk.cli("queue show support")
    asterisk.customer_calls("602").wait_alive()
    asterisk.reset()
    assert asterisk.contacts("7002") == []
    assert "PJSIP/7002" not in asterisk.cli("queue show sales")
    assert "PJSIP/7001" in asterisk.cli("queue show support")
    assert "paused" not in asterisk.cli("queue show support")
    assert asterisk.channels() == []
    phone.close()
