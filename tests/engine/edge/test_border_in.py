"""From the server to PJSIP: who gets in, and how it looks inside."""

from __future__ import annotations

import socket
from contextlib import suppress

import pytest

from softphone.engine.edge.challenges import UNSIGNED_HEADER
from softphone.engine.edge.local_leg import Arrival
from softphone.engine.edge.messages.message import Request, parse
from softphone.engine.edge.messages.uri import NameAddr, SipUri
from softphone.engine.edge.types import LOCAL_LIMIT, EdgeConfig
from tests.engine.edge.far_peers import UdpPeer
from tests.engine.edge.rig import Rig, rig

Registered = tuple[Rig, str]


def parse_request(data: bytes) -> Request:
    message = parse(data)
    assert isinstance(message, Request)
    return message


def test_a_call_arrives_with_the_edges_names_and_a_sealed_arrival(registered: Registered) -> None:
    it, contact = registered
    it.server.send(it.from_server("INVITE", contact, extra=(("X-Edge", "seal=forged;at=1"),)))
    seen = it.phone.request("INVITE")
    assert seen.uri == "sip:7001@pbx.example"
    assert len(seen.headers.split("Via")) == 1
    assert seen.top_via.host == "127.0.0.1"
    assert seen.top_via.port == it.edge_port
    assert seen.headers.split("Record-Route") == [f"<{it.proxy}>"]
    arrivals = seen.headers.all("X-Edge")
    assert len(arrivals) == 1
    arrival = Arrival.parse(arrivals[0])
    assert arrival.seal == it.edge.seal
    assert arrival.account_id == "desk"
    assert arrival.target == "7001"
    assert arrival.read_ns > 0


def test_the_response_goes_back_with_the_vias_of_the_request(registered: Registered) -> None:
    it, contact = registered
    sent = it.from_server("INVITE", contact, extra=(("Record-Route", "<sip:p1.example;lr>"),))
    it.server.send(sent)
    response = it.phone.request("INVITE").response(200, to_tag="me", record_route=True)
    response.headers.add("Contact", f"<sip:7001@127.0.0.1:{it.phone.port}>")
    it.phone.send(response)
    seen = it.server.response(200)
    vias = seen.headers.split("Via")
    assert (
        vias[0]
        == f"{sent.headers.split('Via')[0].replace(';rport', '')};rport={it.server.port};received=127.0.0.1"
    )
    assert vias[1:] == sent.headers.split("Via")[1:]
    assert seen.headers.split("Record-Route") == ["<sip:p1.example;lr>"]
    token = SipUri.parse(contact).param("x-ek") or ""
    told = SipUri.parse(NameAddr.parse(seen.headers.get("Contact") or "").uri)
    assert told.without_params("x-ek") == SipUri.parse(contact).without_params("x-ek")
    assert token not in seen.to_bytes().decode()  # the registrar's alone
    for port in (it.phone.port, it.edge_port):
        assert f":{port}".encode() not in seen.to_bytes()


def test_cancel_ack_and_retransmissions_reach_the_same_transaction(registered: Registered) -> None:
    it, contact = registered
    branches = set()
    for method in ("INVITE", "INVITE", "CANCEL", "ACK"):
        it.server.send(it.from_server(method, contact))
        branches.add(it.phone.request(method).top_via.branch)
    assert len(branches) == 1
    it.server.send(it.from_server("INVITE", contact, cseq=2))
    assert it.phone.request("INVITE").top_via.branch not in branches


def test_an_unknown_header_reaches_the_phone_byte_for_byte(registered: Registered) -> None:
    it, contact = registered
    extra = (("X-CRM-ID", '00012, <x>; "y"'), ("Alert-Info", "<http://a.example/?x=1,2>;info=z"))
    it.server.send(it.from_server("INVITE", contact, extra=extra))
    seen = it.phone.request("INVITE")
    for line in extra:
        assert line in list(seen.headers)


def test_a_ghost_call_without_our_token_gets_no_answer(registered: Registered) -> None:
    it, contact = registered
    plain = contact.split(";")[0]
    for uri in (plain, "sip:7001@pbx.example", plain + ";x-ek=" + "0" * 32, "tel:7001"):
        it.server.send(it.from_server("INVITE", uri))
    assert it.phone.hears_nothing()
    assert it.server.hears_nothing()
    assert it.edge.counters().foreign == 4


def test_a_token_in_the_wrong_place_opens_nothing(registered: Registered) -> None:
    it, contact = registered
    token = contact.partition("x-ek=")[2]
    for uri in (f"sip:7001;x-ek={token}@127.0.0.1", f"tel:7001;x-ek={token}", f"sip:a@b;y=x-ek={token}"):
        it.server.send(it.from_server("INVITE", uri))
    assert it.phone.hears_nothing()
    assert it.edge.counters().foreign == 3


def test_before_registration_nothing_comes_in(border: Rig) -> None:
    border.phone.send(border.from_phone("REGISTER", "sip:pbx.example"))
    contact = border.server.request("REGISTER").headers.get("Contact") or ""
    border.server.send(border.from_server("INVITE", contact.strip("<>")))
    assert border.phone.hears_nothing()
    assert border.edge.counters().foreign == 1


def test_what_comes_just_before_the_registrars_answer_is_delivered_after_it(border: Rig) -> None:
    border.phone.send(border.from_phone("REGISTER", "sip:pbx.example"))
    request = border.server.request("REGISTER")
    contact = (request.headers.get("Contact") or "").strip("<>")
    border.server.send(border.from_server("NOTIFY", contact))
    assert border.phone.hears_nothing()
    border.server.send(request.response(200, to_tag="r"))
    border.phone.response(200)
    border.phone.request("NOTIFY")


def test_what_comes_before_a_refused_registration_is_never_delivered(border: Rig) -> None:
    border.phone.send(border.from_phone("REGISTER", "sip:pbx.example"))
    request = border.server.request("REGISTER")
    contact = (request.headers.get("Contact") or "").strip("<>")
    border.server.send(border.from_server("INVITE", contact))
    border.server.send(request.response(403, to_tag="r"))
    border.phone.response(403)
    assert border.phone.hears_nothing()


def test_after_unregistering_nothing_comes_in(registered: Registered) -> None:
    it, contact = registered
    it.register(expires=0)
    it.server.send(it.from_server("INVITE", contact))
    assert it.phone.hears_nothing()


def test_without_registration_a_call_we_made_can_be_ended_by_the_other_side(border: Rig) -> None:
    border.phone.send(border.from_phone("INVITE", call_id="mine"))
    invite = border.server.request("INVITE")
    contact = (invite.headers.get("Contact") or "").strip("<>")
    border.server.send(invite.response(200, to_tag="far"))
    border.phone.response(200)
    border.server.send(border.from_server("BYE", contact, call_id="other", to_tag="local"))
    border.server.send(border.from_server("BYE", contact, call_id="mine", to_tag="local"))
    assert border.phone.request("BYE").call_id == "mine"
    it = border.from_server("INVITE", contact, call_id="mine", branch="z9hG4bKnew")
    border.server.send(it)  # by the same contact, but not in the dialog
    assert border.phone.hears_nothing()


def test_the_contact_told_to_a_caller_lets_that_call_in_and_nothing_else(registered: Registered) -> None:
    it, contact = registered
    it.server.send(it.from_server("INVITE", contact))
    answer = it.phone.request("INVITE").response(200, to_tag="me")
    answer.headers.add("Contact", f"<sip:7001@127.0.0.1:{it.phone.port}>")
    it.phone.send(answer)
    told = NameAddr.parse(it.server.response(200).headers.get("Contact") or "").uri
    it.server.send(it.from_server("INVITE", told, call_id="ghost", branch="z9hG4bKghost"))
    it.server.send(it.from_server("INFO", told, call_id="ghost", branch="z9hG4bKg2", to_tag="me"))
    assert it.phone.hears_nothing()
    it.server.send(it.from_server("BYE", told, branch="z9hG4bKbye", to_tag="me", cseq=2))
    it.phone.request("BYE")


def test_a_stranger_on_the_network_is_not_even_heard(registered: Registered) -> None:
    it, contact = registered
    stranger = UdpPeer()
    assert isinstance(it.server, UdpPeer)
    stranger.other = it.server.other
    stranger.send(it.from_server("INVITE", contact))
    assert it.phone.hears_nothing()
    assert stranger.hears_nothing()
    assert it.edge.counters().foreign == 0  # the system dropped it before us
    stranger.close()


def test_a_stranger_on_the_loopback_leg_is_not_listened_to(registered: Registered) -> None:
    it, _ = registered
    stranger = UdpPeer()
    stranger.other = ("127.0.0.1", it.edge_port)
    stranger.send(it.from_phone("INVITE"))
    assert it.server.hears_nothing()
    assert it.edge.counters().foreign == 1
    stranger.close()


@pytest.mark.parametrize(
    ("old", "new", "status"),
    [
        (b"CSeq: 1 INVITE", b"CSeq: 1 BYE", 400),
        (b"Call-ID: in-1\r\n", b"", 400),
        (b"Content-Length: 0", b"Content-Length: 10", 400),
        (b"To: <sip:7001@pbx.example>", b"To: <sip:7001@pbx.example", 400),
        (b"SIP/2.0\r\n", b"SIP/3.0\r\n", 505),
        (b"Call-ID: in-1", b"Call-ID: in\0-1", 0),
        (b"Via: ", b"Bia: ", 0),
    ],
)
def test_a_malformed_request_is_answered_at_the_border(
    registered: Registered, old: bytes, new: bytes, status: int
) -> None:
    it, contact = registered
    it.server.send(it.from_server("INVITE", contact).to_bytes().replace(old, new))
    if status:
        assert it.server.receive_bytes().startswith(f"SIP/2.0 {status} ".encode())
    assert it.server.hears_nothing()
    assert it.phone.hears_nothing()
    assert it.edge.counters().malformed == 1


@pytest.mark.parametrize("size", [3_000, 4_100, 20_000])
def test_what_pjsip_cannot_take_is_refused_with_513(registered: Registered, size: int) -> None:
    it, contact = registered
    it.server.send(it.from_server("MESSAGE", contact, body=b"x" * size))
    if size < LOCAL_LIMIT:
        assert len(it.phone.request("MESSAGE").body) == size
        return
    refusal = it.server.response(513)
    assert len(refusal.headers.split("Via")) == 2
    assert it.phone.hears_nothing()


def test_a_request_just_too_large_loses_what_nobody_reads(registered: Registered) -> None:
    it, contact = registered
    extra = (("Allow", "INVITE, " * 60 + "BYE"), ("X-CRM-ID", "1"))
    it.server.send(it.from_server("MESSAGE", contact, body=b"x" * 3_000, extra=extra))
    seen = it.phone.request("MESSAGE")
    assert seen.headers.get("X-CRM-ID") == "1"
    assert len(seen.to_bytes()) <= LOCAL_LIMIT


def test_large_messages_pass_outwards(border: Rig) -> None:
    border.phone.send(border.from_phone("MESSAGE", body=b"x" * 20_000))
    assert len(border.server.request("MESSAGE").body) == 20_000


def test_too_many_ringing_calls_are_busy_and_the_next_rings_again(registered: Registered) -> None:
    it, contact = registered
    for number in range(8):
        it.server.send(it.from_server("INVITE", contact, call_id=f"c{number}", branch=f"z9hG4bK{number}"))
    first = it.phone.request("INVITE")
    it.server.send(it.from_server("INVITE", contact, call_id="one-more", branch="z9hG4bKmore"))
    assert it.server.response(486).call_id == "one-more"
    it.phone.send(first.response(486, to_tag="busy"))
    assert it.server.response(486).call_id == first.call_id
    it.server.send(it.from_server("INVITE", contact, call_id="again", branch="z9hG4bKagain"))
    calls = {it.phone.request("INVITE").call_id for _ in range(8)}
    assert "again" in calls


def test_more_new_calls_than_pjsip_can_bear_are_busy(registered: Registered) -> None:
    it, contact = registered
    arrived = 0
    for number in range(40):
        it.server.send(it.from_server("INVITE", contact, call_id=f"c{number}", branch=f"z9hG4bK{number}"))
        with suppress(TimeoutError):
            it.phone.send(parse_request(it.phone.receive_bytes(0.05)).response(603, to_tag="x"))
            arrived += 1
        assert it.server.response().status in {486, 603}
    assert 10 <= arrived < 40


@pytest.mark.parametrize(
    ("method", "to_tag", "status"),
    [
        ("REGISTER", "", 405),
        ("PUBLISH", "", 405),
        ("FOO", "me", 405),
        ("BYE", "", 481),
        ("INFO", "", 481),
        ("UPDATE", "", 481),
        ("PRACK", "", 481),
        ("REFER", "", 403),
    ],
)
def test_what_pjsip_would_leave_unanswered_is_refused_at_the_border(
    registered: Registered, method: str, to_tag: str, status: int
) -> None:
    it, contact = registered
    it.server.send(it.from_server(method, contact, to_tag=to_tag))
    answer = it.server.response(status)
    assert ("Allow" in answer.headers) == (status == 405)
    assert it.phone.hears_nothing()


def test_a_flood_on_the_flow_is_cut_to_the_limit() -> None:
    with rig(EdgeConfig(requests_per_s=20)) as slow:
        slow.open()
        contact = slow.register()
        for number in range(120):
            slow.server.send(
                slow.from_server("MESSAGE", contact, call_id=f"c{number}", branch=f"z9hG4bK{number}")
            )
        seen = 0
        with suppress(TimeoutError):
            while slow.phone.receive_bytes(0.3):
                seen += 1
        assert 40 <= seen <= 60
        assert seen + slow.edge.counters().limited == 120


def test_two_accounts_are_kept_apart(registered: Registered) -> None:
    it, contact = registered
    other = UdpPeer()
    route = it.route()
    second = it.edge.open_account(
        type(route)(type(route.account_id)("two"), "7001", "other.example", "127.0.0.1", other.port)
    )
    it.proxy = second
    it.phone.send(it.from_phone("REGISTER", "sip:other.example"))
    request = other.request("REGISTER")
    far = (request.headers.get("Contact") or "").strip("<>")
    assert far.partition("x-ek=")[2] != contact.partition("x-ek=")[2]
    other.send(request.response(200, to_tag="r"))
    it.phone.response(200)
    other.send(it.from_server("INVITE", contact))
    other.send(it.from_server("INVITE", far, call_id="right"))
    seen = it.phone.request("INVITE")
    assert seen.call_id == "right"
    assert seen.uri == "sip:7001@other.example"
    assert Arrival.parse(seen.headers.get("X-Edge") or "").account_id == "two"
    other.close()


def test_a_keep_alive_of_pjsip_is_swallowed(border: Rig) -> None:
    border.phone.send(b"\r\n")
    border.phone.send(b"\0\0\0\0")
    assert border.server.hears_nothing()
    assert border.edge.counters().malformed == 0


def test_the_loopback_leg_is_bound_to_loopback_only(border: Rig) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.2", border.edge_port))  # free: the edge holds 127.0.0.1 alone


@pytest.mark.parametrize("via", ['SIP/2.0/UDP h;branch="z9hG4bKx', "SIP/2.0/UDP h;branch=<z9hG4bKx"])
def test_a_via_whose_only_parameter_is_never_closed_meets_silence(registered: Registered, via: str) -> None:
    """The parameters that the edge adds to a Via would else end up inside the quotes."""
    it, contact = registered
    bad = it.from_server("MESSAGE", contact)
    bad.headers.replace("Via", [via])
    it.server.send(bad)
    it.server.send(it.from_server("MESSAGE", contact, branch="z9hG4bKgood", cseq=2))
    assert it.phone.request("MESSAGE").cseq == (2, "MESSAGE")
    assert it.edge.counters().malformed == 1
    assert it.edge.counters().faults == 0


def test_pjsip_is_told_whether_a_refused_register_carried_credentials() -> None:
    signed = (("Authorization", 'Digest username="7001", realm="pbx", nonce="n", uri="sip:x", response="r"'),)
    with rig() as it:
        it.open(realms=("pbx",))
        for extra, told in (((), "yes"), (signed, None)):
            it.phone.send(it.from_phone("REGISTER", "sip:pbx.example", extra=extra))
            refusal = it.server.request("REGISTER").response(403, to_tag="reg")
            refusal.headers.add(UNSIGNED_HEADER, "a server's own")
            it.server.send(refusal)
            assert it.phone.response(403).headers.get(UNSIGNED_HEADER) == told


def test_a_challenge_that_cannot_be_answered_is_no_sign_of_a_server_that_is_starting() -> None:
    """Nobody but the user or IT can mend that: it is not asked for again and again."""
    with rig() as it:
        it.open(realms=("pbx",))
        it.phone.send(it.from_phone("REGISTER", "sip:pbx.example"))
        challenge = it.server.request("REGISTER").response(401, to_tag="reg")
        challenge.headers.add("WWW-Authenticate", 'Digest realm="pbx", nonce="n", algorithm=SHA-999')
        it.server.send(challenge)
        assert UNSIGNED_HEADER not in it.phone.response(403).headers
