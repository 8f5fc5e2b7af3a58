"""From the text of an INVITE to who is calling and why."""

from __future__ import annotations

import pytest

from softphone.domain.call import Party
from softphone.engine.edge.messages.message import Request
from softphone.engine.sip.caller import KEPT_HEADERS, invitation_of, party_of, read_request


def invite(
    *headers: str, sender: str = '"Erika" <sip:+4930123@pbx.test>;tag=1', to: str = "<sip:7001@pbx>"
) -> Request:
    lines = [
        "INVITE sip:7001@127.0.0.1 SIP/2.0",
        "Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK1",
        f"From: {sender}",
        f"To: {to}",
        "Call-ID: abc@pbx",
        "CSeq: 1 INVITE",
        "Max-Forwards: 70",
        *headers,
        "Content-Length: 0",
    ]
    request = read_request("\r\n".join(lines) + "\r\n\r\n")
    assert request is not None
    return request


def test_without_an_asserted_identity_the_caller_is_the_sender() -> None:
    assert party_of(invite()) == Party("+4930123", "pbx.test", "Erika")


def test_the_asserted_identity_beats_the_sender() -> None:
    request = invite('P-Asserted-Identity: "Max" <sip:0800@pbx.test>')
    assert party_of(request) == Party("0800", "pbx.test", "Max", asserted=True)


def test_an_asserted_number_without_a_name_keeps_the_senders_name() -> None:
    request = invite("P-Asserted-Identity: <sip:0800@pbx.test>")
    assert party_of(request) == Party("0800", "pbx.test", "Erika", asserted=True)


def test_an_anonymous_senders_name_is_not_given_to_the_asserted_number() -> None:
    sender = '"Anonymous" <sip:anonymous@anonymous.invalid>;tag=1'
    assert party_of(invite("P-Asserted-Identity: <sip:0800@pbx.test>", sender=sender)).display_name == ""


def test_an_asserted_telephone_uri_gives_the_number() -> None:
    assert party_of(invite("P-Asserted-Identity: <tel:+49301;phone-context=x>")).user == "+49301"


@pytest.mark.parametrize(
    "sender",
    [
        '"Anonymous" <sip:anonymous@anonymous.invalid>;tag=1',
        "<sip:anonymous@pbx.test>;tag=1",
        "<sip:pbx.test>;tag=1",
    ],
)
def test_an_anonymous_sender_has_neither_name_nor_number(sender: str) -> None:
    party = party_of(invite(sender=sender))
    assert party.anonymous
    assert (party.user, party.display_name) == ("", "")


def test_a_wish_for_privacy_hides_even_an_asserted_identity() -> None:
    party = party_of(invite("P-Asserted-Identity: <sip:0800@pbx.test>", "Privacy: id"))
    assert party.anonymous
    assert party.user == ""


def test_text_from_outside_is_one_harmless_line() -> None:
    party = party_of(invite(sender='"Er\u202eika\t<b>" <sip:1@pbx>;tag=1'))
    assert party.display_name == "Erika <b>"


def test_latin_1_bytes_are_shown_as_letters() -> None:
    assert party_of(invite(sender='"J\udcfcrgen" <sip:1@h>;tag=1')).display_name == "Jürgen"


def test_an_escaped_user_part_is_read_as_written() -> None:
    assert party_of(invite(sender="<sip:%23123@pbx>;tag=1")).user == "#123"


def test_the_number_dialled_is_that_of_the_oldest_diversion() -> None:
    request = invite("Diversion: <sip:200@pbx>", "Diversion: <sip:0800555@pbx>;reason=unconditional")
    invitation = invitation_of(request)
    assert (invitation.dnis, invitation.diverted_by) == ("0800555", "200")


def test_a_dialled_number_in_the_request_uri_beats_the_to_header() -> None:
    assert invitation_of(invite(), "0800555", "7001").dnis == "0800555"
    assert invitation_of(invite(), "7001", "7001").dnis == "7001"


def test_only_headers_for_campaigns_are_kept_and_not_too_many() -> None:
    own = [f"X-Field-{n}: {n}" for n in range(60)]
    invitation = invitation_of(invite("X-Edge: seal=1", "Call-Info: <http://x>", "Subject: hello", *own))
    assert len(invitation.headers) == KEPT_HEADERS
    assert invitation.header("call-info") == "<http://x>"
    assert invitation.header("X-Edge") == ""
    assert invitation.header("Subject") == ""


def test_malformed_identities_fall_back_to_the_sender() -> None:
    assert party_of(invite('P-Asserted-Identity: "unclosed <sip:1@x')).user == "+4930123"


def test_what_is_no_request_is_none() -> None:
    assert read_request("SIP/2.0 200 OK\r\n\r\n") is None
    assert read_request("garbage") is None
