"""From PJSIP to the server: what leaves, and what the responses look like inside."""

from __future__ import annotations

import pytest

from softphone.domain.ids import AccountId
from softphone.engine.edge.digest import Challenge as Ask
from softphone.engine.edge.digest import answer
from softphone.engine.edge.messages.message import Request
from softphone.engine.edge.messages.uri import NameAddr, SipUri
from softphone.engine.edge.types import ChallengeRefused
from tests.engine.edge.rig import ACCOUNT, Rig


def authorization(realm: str, method: str, uri: str = "sip:x") -> str:
    return str(answer(Ask(realm, "nonce"), method, uri, "7001", "secret"))


def test_nothing_of_the_loopback_leg_leaves_in_a_request(border: Rig) -> None:
    border.phone.send(border.from_phone("INVITE", body=b"v=0\r\nc=IN IP4 192.0.2.7\r\n"))
    seen = border.server.request("INVITE")
    assert f":{border.phone.port}".encode() not in seen.to_bytes()
    assert f":{border.edge_port}".encode() not in seen.to_bytes()
    assert seen.headers.get("Route") is None
    assert len(seen.headers.split("Via")) == 1
    assert seen.headers.get("Max-Forwards") == "69"
    assert seen.body == b"v=0\r\nc=IN IP4 192.0.2.7\r\n"
    assert SipUri.parse(NameAddr.parse(seen.headers.get("Contact") or "").uri).param("x-ek")


def test_headers_that_are_not_the_borders_business_pass_byte_for_byte(border: Rig) -> None:
    extra = (
        ("Refer-To", '"A, b" <sip:a@127.0.0.1.example?Replaces=x%40y%3Bto-tag%3D1>'),
        ("Referred-By", "<sip:7001@127.0.0.1:5060>;x=y"),
        ("Replaces", "abc@1;to-tag=a;from-tag=b"),
        ("X-Odd", '"\\"quoted; text, with <marks>" ;a ; b=c'),
        ("x-lower", "ünï %ff"),
    )
    border.phone.send(border.from_phone("REFER", extra=extra))
    seen = border.server.request("REFER")
    for name, value in extra:
        assert (name, value) in list(seen.headers)


def test_a_contact_keeps_its_header_parameters_raw(border: Rig) -> None:
    request = border.from_phone("REGISTER", "sip:pbx.example")
    instance = '+sip.instance="<urn:uuid:0-1,2>";reg-id=1;expires=300'
    request.headers.set("Contact", f"<sip:7001@127.0.0.1:{border.phone.port};ob>;{instance}")
    border.phone.send(request)
    contact = border.server.request("REGISTER").headers.get("Contact") or ""
    assert contact.endswith(f">;{instance}")
    assert ";ob" not in contact


def test_an_old_contact_that_maps_to_the_same_far_contact_is_dropped(border: Rig) -> None:
    request = border.from_phone("REGISTER", "sip:pbx.example")
    here = f"127.0.0.1:{border.phone.port}"
    request.headers.set("Contact", f"<sip:7001@{here};new>;expires=300, <sip:7001@{here};old>;expires=0")
    border.phone.send(request)
    contacts = border.server.request("REGISTER").headers.split("Contact")
    assert [NameAddr.parse(contact).param("expires") for contact in contacts] == ["300"]


def test_cancel_and_ack_have_the_branch_of_their_invite(border: Rig) -> None:
    border.phone.send(border.from_phone("INVITE", branch="z9hG4bKPjsame", cseq=5))
    invite = border.server.request("INVITE")
    border.phone.send(border.from_phone("CANCEL", branch="z9hG4bKPjsame", cseq=5))
    assert border.server.request("CANCEL").top_via.branch == invite.top_via.branch
    border.phone.send(border.from_phone("ACK", branch="z9hG4bKPjsame", cseq=5, to_tag="x"))
    assert border.server.request("ACK").top_via.branch == invite.top_via.branch
    border.phone.send(border.from_phone("INVITE", branch="z9hG4bKPjother", cseq=6))
    assert border.server.request("INVITE").top_via.branch != invite.top_via.branch


def test_a_response_comes_back_with_pjsips_via_and_the_edge_as_last_record_route(border: Rig) -> None:
    request = border.from_phone("INVITE")
    border.phone.send(request)
    response = border.server.request("INVITE").response(200, to_tag="far")
    response.headers.add("Record-Route", "<sip:p1.example;lr>, <sip:p2.example;lr>")
    response.headers.add("Contact", "<sip:far@192.0.2.1>")
    border.server.send(response)
    seen = border.phone.response(200)
    assert seen.headers.split("Via") == request.headers.split("Via")
    routes = seen.headers.split("Record-Route")
    assert routes == ["<sip:p1.example;lr>", "<sip:p2.example;lr>", f"<{border.proxy}>"]
    assert seen.headers.get("Contact") == "<sip:far@192.0.2.1>"


def test_routes_beyond_the_edge_are_kept(border: Rig) -> None:
    request = border.from_phone("BYE", to_tag="far")
    request.headers.add("Route", "<sip:p2.example;lr>, <sip:p1.example;lr>")
    border.phone.send(request)
    assert border.server.request("BYE").headers.split("Route") == [
        "<sip:p2.example;lr>",
        "<sip:p1.example;lr>",
    ]


def test_registrations_of_others_are_not_shown_to_pjsip(border: Rig) -> None:
    request = border.from_phone("REGISTER", "sip:pbx.example")
    border.phone.send(request)
    seen = border.server.request("REGISTER")
    far = NameAddr.parse(seen.headers.get("Contact") or "").uri
    response = seen.response(200, to_tag="reg")
    response.headers.add("Contact", f"<sip:other@192.0.2.9>;expires=10, <{far}>;expires=120")
    border.server.send(response)
    contacts = border.phone.response(200).headers.split("Contact")
    assert contacts == [f"<sip:7001@127.0.0.1:{border.phone.port};ob>;expires=120"]


def test_the_public_address_seen_by_the_server_goes_into_the_next_contact(border: Rig) -> None:
    border.phone.send(border.from_phone("REGISTER", "sip:pbx.example"))
    seen = border.server.request("REGISTER")
    via = seen.pop_via().with_param("received", "198.51.100.7").with_param("rport", "4444")
    response = seen.response(401)
    response.headers.insert_first("Via", str(via))
    response.headers.add("WWW-Authenticate", 'Digest realm="pbx", nonce="n"')
    border.server.send(response)
    border.phone.response(401)
    border.phone.send(border.from_phone("REGISTER", "sip:pbx.example"))
    contact = NameAddr.parse(border.server.request("REGISTER").headers.get("Contact") or "")
    assert SipUri.parse(contact.uri).host_port == "198.51.100.7:4444"


def test_max_forwards_zero_is_answered_483(border: Rig) -> None:
    request = border.from_phone("OPTIONS")
    request.headers.set("Max-Forwards", "0")
    border.phone.send(request)
    assert border.phone.response(483).headers.split("Via") == request.headers.split("Via")


def test_a_request_for_an_unknown_account_is_refused(border: Rig) -> None:
    border.edge.open_account(border.route().__class__(AccountId("two"), "8", "b.example", "127.0.0.1", 9))
    request = border.from_phone("OPTIONS")
    request.headers.set("Route", f"<sip:nobody@127.0.0.1:{border.edge_port};lr>")
    border.phone.send(request)
    border.phone.response(403)


# --- digest ----------------------------------------------------------------------------------------------


def challenged(rig: Rig, request: Request, status: int, *challenges: str) -> list[str]:
    """Send a request, challenge it, return the challenges that reach PJSIP (status 403: none)."""
    rig.phone.send(request)
    response = rig.server.request(request.method).response(status, to_tag="far")
    name = "WWW-Authenticate" if status == 401 else "Proxy-Authenticate"
    for challenge in challenges:
        response.headers.add(name, challenge)
    rig.server.send(response)
    seen = rig.phone.response()
    passed = seen.headers.all("WWW-Authenticate") + seen.headers.all("Proxy-Authenticate")
    assert bool(passed) == (seen.status == status)
    assert passed or seen.status == 403
    return passed


PBX = 'Digest realm="pbx", nonce="n1"'
PBX_SHA = 'Digest realm="pbx", nonce="n2", algorithm=SHA-256, qop="auth,auth-int"'
FOREIGN = 'Digest realm="evil", nonce="n3"'


def test_the_realm_of_the_first_register_challenge_is_the_only_one_answered(border: Rig) -> None:
    assert challenged(border, border.from_phone("REGISTER"), 401, PBX)
    assert challenged(border, border.from_phone("INVITE"), 407, PBX)
    assert not challenged(border, border.from_phone("INVITE"), 407, FOREIGN)
    assert not challenged(border, border.from_phone("REGISTER"), 401, FOREIGN)
    refused = border.event(ChallengeRefused)
    assert refused == ChallengeRefused(ACCOUNT, "INVITE", "evil", "MD5")


def test_of_several_challenges_sha_256_is_left_to_pjsip(border: Rig) -> None:
    passed = challenged(border, border.from_phone("REGISTER"), 401, PBX, FOREIGN, PBX_SHA)
    assert [Ask.parse(text) for text in passed] == [Ask("pbx", "n2", "SHA-256", ("auth",))]


def test_md5_can_be_refused_by_policy(border: Rig) -> None:
    border.open(md5_allowed=False)
    assert not challenged(border, border.from_phone("REGISTER"), 401, PBX)
    assert challenged(border, border.from_phone("REGISTER"), 401, PBX, PBX_SHA)


def test_given_realms_leave_nothing_to_learn(border: Rig) -> None:
    border.open(realms=frozenset({"pbx"}))
    assert not challenged(border, border.from_phone("REGISTER"), 401, FOREIGN)
    assert challenged(border, border.from_phone("INVITE"), 401, PBX)


def test_an_invite_before_any_registration_is_not_authenticated(border: Rig) -> None:
    assert not challenged(border, border.from_phone("INVITE"), 407, PBX)


@pytest.mark.parametrize("status", [401, 407])
@pytest.mark.parametrize("realm", [PBX, FOREIGN])
@pytest.mark.parametrize("method", ["BYE", "INVITE", "UPDATE", "REFER", "INFO"])
def test_a_challenge_inside_a_dialog_becomes_a_plain_403(
    border: Rig, method: str, realm: str, status: int
) -> None:
    assert challenged(border, border.from_phone("REGISTER"), 401, PBX)
    assert not challenged(border, border.from_phone(method, to_tag="far"), status, realm)


def test_a_challenge_hidden_in_another_response_is_removed(border: Rig) -> None:
    border.phone.send(border.from_phone("INVITE"))
    response = border.server.request("INVITE").response(486, to_tag="x")
    response.headers.add("Proxy-Authenticate", PBX)
    response.headers.add("WWW-Authenticate", PBX)
    border.server.send(response)
    assert "Proxy-Authenticate" not in (seen := border.phone.response(486)).headers
    assert "WWW-Authenticate" not in seen.headers


@pytest.mark.parametrize(
    "challenge",
    ["Basic realm=x", "Digest", 'Digest realm="pbx"', 'Digest realm="pbx", nonce="', "Digest " + "a=b," * 99,
     'Digest realm="pbx", nonce="n", algorithm=SHA-512-256', 'Digest realm="pbx", nonce="n", qop="auth-int"'],
)  # fmt: skip
def test_a_challenge_that_cannot_be_answered_becomes_a_403(border: Rig, challenge: str) -> None:
    assert not challenged(border, border.from_phone("REGISTER"), 401, challenge)


@pytest.mark.parametrize("name", ["Authorization", "Proxy-Authorization"])
@pytest.mark.parametrize(
    ("method", "realm", "to_tag", "leaves"),
    [
        ("REGISTER", "pbx", "", True),
        ("INVITE", "pbx", "", True),
        ("REGISTER", "evil", "", False),
        ("INVITE", "evil", "", False),
        ("INVITE", "pbx", "far", False),
        ("BYE", "pbx", "far", False),
        ("UPDATE", "pbx", "far", False),
        ("ACK", "pbx", "far", False),
        ("ACK", "pbx", "", False),
        ("CANCEL", "pbx", "", False),
    ],
)
def test_digest_answers_leave_only_for_the_registrar_and_outside_dialogs(
    border: Rig, name: str, method: str, realm: str, to_tag: str, leaves: bool
) -> None:
    border.open(realms=frozenset({"pbx"}))
    extra = ((name, authorization(realm, method)), (name, "Digest garbage"))
    border.phone.send(border.from_phone(method, to_tag=to_tag, extra=extra))
    seen = border.server.request(method).headers.all(name)
    assert len(seen) == leaves
    assert border.edge.counters().credentials_stripped == 2 - leaves


INSTANCE = "urn:uuid:00000000-0000-4000-8000-000000000001"


def test_with_outbound_the_registrar_is_told_phone_and_flow_and_nothing_else_is_changed(
    border: Rig,
) -> None:
    border.open(instance=INSTANCE, former_contacts=("sip:7001@192.0.2.1:5;x-ek=old",))
    border.phone.send(border.from_phone("REGISTER", extra=(("Supported", "path, timer"),)))
    seen = border.server.request("REGISTER")
    (contact,) = seen.headers.split("Contact")  # a second one is forbidden with reg-id (RFC 5626 4.2.1)
    parsed = NameAddr.parse(contact)
    assert (parsed.param("reg-id"), parsed.param("+sip.instance")) == ("1", f'"<{INSTANCE}>"')
    assert seen.headers.get("Supported") == "timer, outbound, path"
    border.phone.send(border.from_phone("INVITE"))
    assert "reg-id" not in (border.server.request("INVITE").headers.get("Contact") or "")


def test_a_redirection_reaches_pjsip_as_it_came_and_calls_nobody(border: Rig) -> None:
    """The contact of a 302 is somebody else's, so it is not touched; nothing more leaves the phone."""
    border.phone.send(border.from_phone("INVITE"))
    seen = border.server.request("INVITE")
    moved = seen.response(302, to_tag="x")
    contact = '"Evil" <sip:+90012345@evil.example;user=phone>;q=0.7, <tel:+1900>'
    moved.headers.add("Contact", contact)
    border.server.send(moved)
    told = border.phone.response(302)
    assert told.headers.all("Contact") == [contact]
    assert border.server.hears_nothing()


def test_responses_that_answer_nothing_of_ours_never_reach_pjsip(border: Rig) -> None:
    request = border.from_phone("INVITE")
    border.phone.send(request)
    seen = border.server.request("INVITE")
    stray = seen.response(200, to_tag="x")
    stray.headers.replace("Via", ["SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKnotours"])
    border.server.send(stray)
    forged = seen.response(200, to_tag="x")
    forged.headers.set("Via", str(seen.top_via.with_param("branch", seen.top_via.branch + "0")))
    border.server.send(forged)
    wrong_method = seen.response(200, to_tag="x")
    wrong_method.headers.set("CSeq", "1 BYE")
    border.server.send(wrong_method)
    assert border.phone.hears_nothing()
    assert border.edge.counters().stray == 3
