"""Transfers, and calls between agents through the proxy."""

from __future__ import annotations

from softphone.demo.pbx.news import CallState
from softphone.demo.pbx.sound import Tone
from softphone.demo.world import COLLEAGUE, DemoWorld
from tests import tones
from tests.demo.conftest import MakePhone, answered_call
from tests.peers.sip_phone import PhoneCall, SipPhone
from tests.peers.waiting import wait_for


def sipfrags(call: PhoneCall) -> list[str]:
    return [r.body.decode().strip() for r in call.requests if r.method == "NOTIFY"]


def test_a_blind_transfer_to_an_extension(world: DemoWorld, phone: SipPhone) -> None:
    _, call = answered_call(world, phone)
    host = f"{world.addresses.sip_host}:{world.addresses.sip_port}"
    assert call.request("REFER", ("Refer-To", f"<sip:600@{host}>")) == 202
    world.journal.wait_for("transferred", to="600", attended=False)
    wait_for(lambda: sipfrags(call)[-1:] == ["SIP/2.0 200 OK"], "the good news")


def test_a_blind_transfer_that_is_refused_is_told(world: DemoWorld, phone: SipPhone) -> None:
    customer, call = answered_call(world, phone)
    assert call.request("REFER", ("Refer-To", "<sip:605@demo>")) == 202
    wait_for(lambda: sipfrags(call)[-1:] == ["SIP/2.0 486 Refused"], "the bad news")
    assert customer.state is CallState.ESTABLISHED


def test_a_blind_transfer_to_a_colleague_rings_there(
    world: DemoWorld, phone: SipPhone, make_phone: MakePhone
) -> None:
    colleague = make_phone(COLLEAGUE)
    colleague.register()
    _, call = answered_call(world, phone, source=Tone(440.0))
    assert call.request("REFER", ("Refer-To", f"<sip:{COLLEAGUE}@demo>")) == 202
    onwards = colleague.wait_incoming()
    onwards.ring()
    assert "+442079460018" in onwards.invite["From"]
    onwards.answer()
    wait_for(lambda: sipfrags(call)[-1:] == ["SIP/2.0 200 OK"], "the good news")
    wait_for(lambda: onwards.media.heard_dbfs(440.0) > tones.HEARD_DBFS, "the customer's tone")


def test_an_attended_transfer_joins_both_and_frees_the_phone(world: DemoWorld, phone: SipPhone) -> None:
    _, call = answered_call(world, phone)
    consultation = phone.call("600")
    consultation.wait_established()
    answer = consultation._remote
    replaces = f"{consultation.call_id}%3Bto-tag%3D{answer.tag_of('To')}%3Bfrom-tag%3D{answer.tag_of('From')}"
    assert call.request("REFER", ("Refer-To", f"<sip:600@demo?Replaces={replaces}>")) == 202
    world.journal.wait_for("transferred", to="600", attended=True)
    consultation.wait_ended()
    wait_for(lambda: sipfrags(call)[-1:] == ["SIP/2.0 200 OK"], "the good news")


def test_a_refer_without_a_target_is_refused(world: DemoWorld, phone: SipPhone) -> None:
    _, call = answered_call(world, phone)
    assert call.request("REFER") == 400


# --- between agents ---------------------------------------------------------------------------------------


def test_agents_call_each_other_through_the_proxy(phone: SipPhone, make_phone: MakePhone) -> None:
    colleague = make_phone(COLLEAGUE)
    colleague.register()
    call = phone.call(COLLEAGUE, hum_hz=880.0)
    incoming = colleague.wait_incoming()
    incoming.ring()
    wait_for(lambda: 180 in call.provisional, "ringing")
    assert incoming.invite.get("Record-Route") is not None
    assert incoming.invite.get("Proxy-Authorization") is None
    incoming.answer(hum_hz=440.0)
    call.wait_established()
    wait_for(lambda: call.media.heard_dbfs(440.0) > tones.HEARD_DBFS, "the colleague's tone")
    incoming.hang_up()
    call.wait_ended()


def test_a_call_to_a_colleague_can_be_given_up(phone: SipPhone, make_phone: MakePhone) -> None:
    colleague = make_phone(COLLEAGUE)
    colleague.register()
    call = phone.call(COLLEAGUE)
    incoming = colleague.wait_incoming()
    incoming.ring()
    wait_for(lambda: 180 in call.provisional, "ringing")
    call.hang_up()
    incoming.wait_ended()
    assert incoming.cancelled
    wait_for(lambda: call.final_status == 487, "the final response")


def test_a_colleague_who_is_away_is_unavailable(phone: SipPhone) -> None:
    call = phone.call(COLLEAGUE)
    call.wait_ended()
    assert call.final_status == 480
