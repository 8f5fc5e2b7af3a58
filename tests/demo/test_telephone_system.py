"""The embedded telephone system, tried with telephones that share no code with it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from softphone.demo.pbx.news import CallState, NewsKind
from softphone.demo.pbx.sound import RATE_HZ, Tone
from softphone.demo.world import AGENT, COLLEAGUE, DemoWorld, RemoteCall
from tests import tones
from tests.demo.conftest import MakePhone, answered_call
from tests.peers.sip_phone import SipPhone
from tests.peers.sip_wire import SipMessage, UdpWire
from tests.peers.waiting import wait_for


@pytest.fixture
def wire() -> Iterator[UdpWire]:
    wire = UdpWire()
    yield wire
    wire.close()


def heard_by(customer: RemoteCall, frequency_hz: float) -> float:
    samples = customer.recording().astype(np.float64) / 32_768
    return tones.level_dbfs(samples[-RATE_HZ // 2 :], frequency_hz, RATE_HZ)


# --- registering ------------------------------------------------------------------------------------------


def test_an_agent_registers_and_leaves(world: DemoWorld, make_phone: MakePhone) -> None:
    phone = make_phone()
    assert phone.register() == 200
    world.journal.wait_for("registered", user=AGENT)
    assert phone.register(expires_s=0) == 200
    world.journal.wait_for("unregistered", user=AGENT)
    with pytest.raises(LookupError):
        world.ring()


def test_a_wrong_password_and_an_unknown_user_are_refused(make_phone: MakePhone) -> None:
    assert make_phone(AGENT, "wrong").register() == 403
    assert make_phone("nobody", "x").register() == 403


def test_one_agent_cannot_register_as_another(world: DemoWorld) -> None:
    server = (world.addresses.sip_host, world.addresses.sip_port)
    phone = SipPhone(server, AGENT, world.passwords[AGENT])
    try:
        own, other = f"sip:{AGENT}@demo", f"sip:{COLLEAGUE}@demo"
        headers = [*phone.identity(other), ("CSeq", "1 REGISTER"), phone.contact, ("Expires", "60")]
        assert phone.transact("REGISTER", own, headers).status == 403
    finally:
        phone.close()


def test_too_short_a_registration_is_told_the_shortest(make_phone: MakePhone) -> None:
    assert make_phone().register(expires_s=3) == 423


def test_passwords_differ_in_every_world() -> None:
    assert DemoWorld().passwords[AGENT] != DemoWorld().passwords[AGENT]


def test_the_world_forgets_registrations_when_its_telephone_system_restarts(
    world: DemoWorld, phone: SipPhone
) -> None:
    world.stop_telephone_system()
    world.start_telephone_system()
    with pytest.raises(LookupError):
        world.ring()
    assert phone.register() == 200
    world.ring()
    phone.wait_incoming()


# --- calls to the agent -----------------------------------------------------------------------------------


def test_a_queue_call_says_who_calls_whom(world: DemoWorld, phone: SipPhone) -> None:
    headers = (("X-Queue", "claims"), ("X-Campaign", "meridian"), ("X-CRM-ID", "C004"))
    world.ring("+302117700100", name='Ελένη "Leni"', dnis="+442079460100", headers=headers)
    invite = phone.wait_incoming().invite
    assert invite["From"].startswith('"Ελένη \\"Leni\\"" <sip:+302117700100@')
    assert invite["P-Asserted-Identity"].startswith('"Ελένη \\"Leni\\"" <sip:+302117700100@')
    assert invite.uri_of("To").startswith("sip:+442079460100@")
    assert [invite[name] for name, _ in headers] == [value for _, value in headers]


def test_an_anonymous_caller_tells_no_number(world: DemoWorld, phone: SipPhone) -> None:
    world.ring("")
    invite = phone.wait_incoming().invite
    assert "anonymous.invalid" in invite["From"]
    assert invite.get("P-Asserted-Identity") is None


def test_agent_and_customer_hear_each_other(world: DemoWorld, phone: SipPhone) -> None:
    customer, call = answered_call(world, phone, source=Tone(440.0), hum_hz=880.0)
    wait_for(lambda: call.media.heard_dbfs(440.0) > tones.HEARD_DBFS, "the customer's tone")
    wait_for(lambda: heard_by(customer, 880.0) > tones.HEARD_DBFS, "the agent's tone")
    assert heard_by(customer, 440.0) < tones.UNHEARD_DBFS


def test_the_agent_hangs_up(world: DemoWorld, phone: SipPhone) -> None:
    customer, call = answered_call(world, phone)
    call.hang_up()
    assert customer.wait_for(NewsKind.ENDED).facts["by_phone"] is True


def test_the_customer_hangs_up(world: DemoWorld, phone: SipPhone) -> None:
    customer, call = answered_call(world, phone)
    customer.hang_up()
    call.wait_ended()
    assert customer.wait_for(NewsKind.ENDED).facts["by_phone"] is False


def test_the_customer_gives_up_while_it_rings(world: DemoWorld, phone: SipPhone) -> None:
    customer = world.ring()
    call = phone.wait_incoming()
    call.ring()
    customer.wait_for(NewsKind.RINGING)
    customer.hang_up()
    call.wait_ended()
    assert call.cancelled
    assert customer.wait_for(NewsKind.ENDED).facts["status"] == 487


def test_the_agent_declines(world: DemoWorld, phone: SipPhone) -> None:
    customer = world.ring()
    phone.wait_incoming().reject(486)
    ended = customer.wait_for(NewsKind.ENDED)
    assert (ended.facts["status"], ended.facts["by_phone"]) == (486, True)


def test_the_agent_holds_and_resumes(world: DemoWorld, phone: SipPhone) -> None:
    customer, call = answered_call(world, phone, source=Tone(440.0))
    body = phone.description(call.media.port)
    described = ("Content-Type", "application/sdp")
    assert call.request("INVITE", described, body=body.replace(b"sendrecv", b"sendonly")) == 200
    customer.wait_for(NewsKind.HELD)
    assert customer.held
    wait_for(lambda: call.media.heard_dbfs(440.0, last_s=0.2) > tones.HEARD_DBFS, "what came before")
    assert call.request("INVITE", described, body=body) == 200
    customer.wait_for(NewsKind.RESUMED)
    assert not customer.held


def test_the_customer_holds_and_resumes(world: DemoWorld, phone: SipPhone) -> None:
    customer, call = answered_call(world, phone)
    customer.hold(True)
    wait_for(lambda: any(b"a=sendonly" in r.body for r in call.requests), "the hold")
    customer.hold(False)
    wait_for(lambda: len(call.requests) == 2 and b"a=sendrecv" in call.requests[1].body, "the resume")


def test_digits_by_info_arrive(world: DemoWorld, phone: SipPhone) -> None:
    customer, call = answered_call(world, phone)
    for digit in "1#":
        body = f"Signal={digit}\r\nDuration=160\r\n".encode()
        assert call.request("INFO", ("Content-Type", "application/dtmf-relay"), body=body) == 200
    assert customer.digits == "1#"


def test_the_same_number_may_call_twice_at_once(world: DemoWorld, phone: SipPhone) -> None:
    first, second = world.ring(), world.ring()
    phone.wait_incoming().reject(486)
    phone.wait_incoming().ring()
    first.wait_for(NewsKind.ENDED)
    second.wait_for(NewsKind.RINGING)
    assert second.state is CallState.RINGING


# --- calls from the agent ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "status"), [("603", 603), ("604", 404), ("605", 486), ("608", 480), ("610", 488), ("99", 404)]
)
def test_an_extension_refuses_with_its_status(phone: SipPhone, number: str, status: int) -> None:
    call = phone.call(number)
    call.wait_ended()
    assert call.final_status == status


def test_the_echo_says_back_what_it_hears(phone: SipPhone) -> None:
    call = phone.call("601", hum_hz=523.0)
    call.wait_established()
    wait_for(lambda: call.media.heard_dbfs(523.0) > tones.HEARD_DBFS, "the echo")
    call.hang_up()


def test_the_tone_and_the_speech_can_be_heard(phone: SipPhone) -> None:
    tone, speech = phone.call("606"), phone.call("600")
    tone.wait_established()
    speech.wait_established()
    wait_for(lambda: tone.media.heard_dbfs(440.0) > tones.HEARD_DBFS, "the tone")
    wait_for(lambda: tones.rms_dbfs(speech.media.heard()) > -40.0, "the speech")


def test_a_call_that_nobody_answers_can_be_given_up(world: DemoWorld, phone: SipPhone) -> None:
    call = phone.call("602")
    wait_for(lambda: 180 in call.provisional, "ringing")
    call.hang_up()
    assert world.journal.wait_for("ended", number="602").facts["status"] == 487
    wait_for(lambda: call.final_status == 487, "the final response")


def test_early_media_comes_before_the_answer(phone: SipPhone) -> None:
    call = phone.call("607")
    wait_for(lambda: 183 in call.provisional, "session progress")
    assert not call.established
    call.wait_established()


def test_the_far_end_hangs_up(phone: SipPhone) -> None:
    call = phone.call("611")
    call.wait_established()
    call.wait_ended()


def test_any_telephone_number_is_answered_by_somebody(world: DemoWorld, phone: SipPhone) -> None:
    call = phone.call("+442079460018")
    call.wait_established()
    assert world.answering("+442079460018").state is CallState.ESTABLISHED


def test_nobody_calls_without_the_password(make_phone: MakePhone) -> None:
    call = make_phone(AGENT, "wrong").call("601")
    call.wait_ended()
    assert call.final_status == 403


# --- what does not belong here ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "to_tag", "status"),
    [
        ("BYE", ";tag=x", 481),
        ("CANCEL", "", 481),
        ("SUBSCRIBE", "", 489),
        ("PRACK", "", 405),
        ("OPTIONS", "", 200),
    ],
)
def test_a_stray_request_gets_its_right_answer(
    world: DemoWorld, wire: UdpWire, method: str, to_tag: str, status: int
) -> None:
    server = (world.addresses.sip_host, world.addresses.sip_port)
    host, port = wire.address
    headers = [
        ("Via", f"SIP/2.0/UDP {host}:{port};branch=z9hG4bK{method}"),
        ("From", "<sip:stranger@demo>;tag=1"),
        ("To", f"<sip:600@demo>{to_tag}"),
        ("Call-ID", "stray"),
        ("CSeq", f"1 {method}"),
    ]
    wire.send(SipMessage(f"{method} sip:600@demo SIP/2.0", headers), server)
    assert wire.receive()[0].status == status


def test_nonsense_is_survived(world: DemoWorld, wire: UdpWire, make_phone: MakePhone) -> None:
    server = (world.addresses.sip_host, world.addresses.sip_port)
    for nonsense in (
        b"",
        b"\r\n\r\n",
        b"\0" * 2000,
        b"INVITE\r\n\r\n",
        b"SIP/2.0 200 OK\r\n\r\n",
        bytes(range(256)),
    ):
        wire.send(nonsense, server)
    assert wire.receive_bytes()[0] == b"\r\n"  # the keep-alive has its answer
    assert make_phone().register() == 200
