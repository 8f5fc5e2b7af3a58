"""The gate and the message as text."""

import pytest

from softphone.engine.edge.messages.message import (
    Limits,
    MessageRefusedError,
    Request,
    Response,
    answer_refused,
    parse,
)

INVITE = (
    b"INVITE sip:7001@192.0.2.9:5060;x-ek=abc SIP/2.0\r\n"
    b"Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKone;rport, SIP/2.0/TCP far.example;branch=z9hG4bKtwo\r\n"
    b"Via: SIP/2.0/UDP 192.0.2.3;branch=z9hG4bKthree\r\n"
    b"Max-Forwards: 70\r\n"
    b'f: "A \\"quoted\\" name; with=marks" <sip:+4930123@far.example;user=phone>;tag=f1\r\n'
    b"To: <sip:7001@far.example>\r\n"
    b"i: 1234@far.example\r\n"
    b"CSeq: 17 INVITE\r\n"
    b"Subject: folded\r\n\tline\r\n"
    b'Contact: <sip:pbx@192.0.2.1:5060>;+sip.instance="<urn:uuid:1>"\r\n'
    b"X-Odd_Name.1: kept \xff as it is\r\n"
    b"c: application/sdp\r\n"
    b"Content-Length: 4\r\n"
    b"\r\n"
    b"v=0\n"
)


def changed(old: bytes, new: bytes) -> bytes:
    assert old in INVITE
    return INVITE.replace(old, new)


def refusal(data: bytes, limits: Limits | None = None) -> MessageRefusedError:
    with pytest.raises(MessageRefusedError) as caught:
        parse(data, limits or Limits())
    return caught.value


def test_an_untouched_message_is_written_with_the_text_that_was_read() -> None:
    message = parse(INVITE)
    assert message.to_bytes() == INVITE.replace(b"\r\n\tline", b" line")


def test_headers_are_found_in_any_case_and_by_their_compact_name() -> None:
    message = parse(INVITE)
    assert isinstance(message, Request)
    assert message.headers.get("FROM") == message.headers.get("f")
    assert message.call_id == "1234@far.example"
    assert message.cseq == (17, "INVITE")
    assert message.from_.tag == "f1"
    assert message.from_.name == 'A "quoted" name; with=marks'
    assert not message.in_dialog


def test_vias_are_split_and_popped_one_by_one() -> None:
    message = parse(INVITE)
    assert message.pop_via().branch == "z9hG4bKone"
    assert message.pop_via().transport == "TCP"
    assert message.top_via.host == "192.0.2.3"


def test_a_response_repeats_what_rfc_3261_says() -> None:
    request = parse(INVITE)
    assert isinstance(request, Request)
    response = parse(request.response(486, to_tag="t9").to_bytes())
    assert isinstance(response, Response)
    assert (response.status, response.reason) == (486, "Busy Here")
    assert response.headers.split("Via") == request.headers.split("Via")
    assert response.to.tag == "t9"
    assert response.cseq == request.cseq


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (changed(b"i: 1234@far.example\r\n", b""), 400),
        (changed(b"i: 1234", b"i: 1\r\nCall-ID: 1234"), 400),
        (changed(b"CSeq: 17 INVITE", b"CSeq: 17 BYE"), 400),
        (changed(b"CSeq: 17", b"CSeq: 99999999999"), 400),
        (changed(b"CSeq: 17", b"CSeq: -1"), 400),
        (changed(b"Max-Forwards: 70", b"Max-Forwards: 700"), 400),
        (changed(b"Content-Length: 4", b"Content-Length: 5"), 400),
        (changed(b"Content-Length: 4", b"Content-Length: -4"), 400),
        (changed(b"Content-Length: 4", b"Content-Length: 4\r\nl: 4"), 400),
        (changed(b"tag=f1", b"tag=f1>"), 400),
        (changed(b"tag=f1", b"tag=f1;;"), 400),
        (changed(b"+4930123@", b"@"), 400),
        (changed(b"+4930123@", b":@"), 400),
        (changed(b"user=phone", b"user==="), 400),
        (changed(b"user=phone>", b">"), 400),
        (changed(b"Contact: <sip:", b"Contact: *<sip:"), 400),
        (changed(b"Subject: folded", b"Require: a b"), 400),
        (changed(b"Subject: folded", b"Require: " + b",".join(b"a%d" % n for n in range(40))), 400),
        (changed(b"c: application/sdp", b"c: application"), 400),
        (changed(b"To: <sip:7001@far.example>", b"To: <sip:7001@far.example"), 400),
        (changed(b"To: <sip:7001@far.example>", b'To: "open <sip:7001@far.example>'), 400),
        (changed(b" SIP/2.0\r\nVia", b" SIP/7.0\r\nVia"), 505),
        (changed(b"INVITE sip:7001", b"INVITE  sip:7001"), 400),
        (changed(b"x-ek=abc", b"x-ek=abc?Route=%3Csip:x%3E"), 400),
        (changed(b"z9hG4bKone", b"z9hG4bK"), 400),
        (changed(b"c: application/sdp\r\n", b""), 400),
    ],
)
def test_a_malformed_request_is_refused_with_the_right_status(data: bytes, status: int) -> None:
    refused = refusal(data)
    assert refused.status == status
    response = answer_refused(refused, "t")
    assert response is not None
    assert response.status == status
    assert response.headers.split("Via")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        changed(b"Subject: folded\r\n", b"Subject: folded\n"),
        changed(b"Subject: folded", b"Subject: fol\rded"),
        changed(b"Subject: folded", b"Subject: fol\0ded"),
        changed(b"Subject: folded", b"Sub ject: folded"),
        changed(b"Subject: folded", b"Subject folded"),
        changed(b"SIP/2.0/UDP 192.0.2.1:5060", b"SIP/2.0/UDP 192.0.2.1:99999"),
        INVITE.replace(b"Via:", b"Vie:"),
        INVITE.replace(b"INVITE", b"ACK").replace(b"i: 1234", b"x: 1234"),
        INVITE.split(b"\r\n\r\n")[0],
    ],
)
def test_what_is_no_sip_or_cannot_be_answered_meets_silence(data: bytes) -> None:
    refused = refusal(data)
    assert refused.status == 0
    assert answer_refused(refused, "t") is None


def test_a_malformed_response_meets_silence() -> None:
    request = parse(INVITE)
    assert isinstance(request, Request)
    data = request.response(200).to_bytes()
    assert refusal(data.replace(b"SIP/2.0 200", b"SIP/2.0 4294967301")).status == 0
    assert refusal(data.replace(b"CSeq: 17", b"CSeq: x")).status == 0


def test_caps_hold_before_anything_is_parsed() -> None:
    assert refusal(INVITE, Limits(message=100)).status == 0
    assert refusal(INVITE, Limits(head=100)).status == 0
    assert refusal(INVITE, Limits(headers=5)).status == 0
    assert refusal(changed(b"folded", b"x" * 9000)).status == 0


def test_what_follows_the_announced_body_is_cut_off() -> None:
    assert parse(INVITE + b"INVITE sip:smuggled SIP/2.0\r\n\r\n").body == b"v=0\n"


def test_what_ends_a_call_passes_without_a_body_that_has_no_type() -> None:
    bye = INVITE.replace(b"INVITE", b"BYE").replace(b"c: application/sdp\r\n", b"")
    assert parse(bye).body == b""


def test_rewriting_contacts_keeps_parameters_and_untouched_lines_raw() -> None:
    message = parse(INVITE)
    message.headers.rewrite("Contact", lambda value: value.replace("192.0.2.1:5060", "127.0.0.1:9"))
    assert message.headers.get("Contact") == '<sip:pbx@127.0.0.1:9>;+sip.instance="<urn:uuid:1>"'
