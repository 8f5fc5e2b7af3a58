"""URIs, name-addrs and Vias."""

from dataclasses import replace

import pytest

from softphone.engine.edge.messages.syntax import SipSyntaxError, split_outside
from softphone.engine.edge.messages.uri import NameAddr, SipUri, Via


@pytest.mark.parametrize(
    "text",
    [
        "sip:alice@atlanta.example",
        "sip:alice:secret@atlanta.example:5070;transport=tcp;lr",
        "sips:1212@gateway.example",
        "sip:+358-555-1234567;postd=pp22@foo.example;user=phone",
        "sip:user%2Fx;a?b@[2001:db8::10]:5061;maddr=[::1]",
        "sip:atlanta.example;method=REGISTER?to=alice%40atlanta.example",
        "sip:a_b.example",
    ],
)
def test_a_uri_is_written_as_it_was_read(text: str) -> None:
    assert str(SipUri.parse(text)) == text


def test_a_uri_falls_into_its_parts() -> None:
    uri = SipUri.parse("SIP:bob;x=1@HOST.example:5070;lr;Transport=TLS?a=b")
    assert (uri.scheme, uri.user, uri.host, uri.port) == ("sip", "bob;x=1", "HOST.example", 5070)
    assert uri.param("transport") == "TLS"
    assert uri.param("lr") == ""
    assert uri.param("x") is None
    assert uri.address_of_record == "sip:bob;x=1@host.example"
    assert str(replace(uri, port=None).without_params("lr")) == "sip:bob;x=1@HOST.example;Transport=TLS?a=b"


@pytest.mark.parametrize(
    "text",
    ["", "sip:", "alice@host", "sip:a@b@c", "sip:host:", "sip:host:0x1", "sip:host:70000", "sip:@host",
     "sip:[::1", "sip:ho st", "sip:host\r\nX: y", "sip:a@host;=x", "1sip:host", "tel:1", "sip:" + "a" * 2000],
)  # fmt: skip
def test_a_malformed_sip_uri_is_refused(text: str) -> None:
    with pytest.raises(SipSyntaxError):
        SipUri.parse(text)


@pytest.mark.parametrize(
    ("text", "name", "uri", "tag"),
    [
        ("<sip:a@b>", "", "sip:a@b", None),
        ("sip:a@b;tag=1", "", "sip:a@b", "1"),
        ("Bob Smith <sip:a@b;lr>;tag=2", "Bob Smith", "sip:a@b;lr", "2"),
        ('"<not> it; \\"x\\"" <sip:a@b>;tag=3', '<not> it; "x"', "sip:a@b", "3"),
        ('"" <tel:+49301234;phone-context=+49>', "", "tel:+49301234;phone-context=+49", None),
        ('"Ünïcode" <sip:a@b>', "Ünïcode", "sip:a@b", None),
    ],
)
def test_a_name_addr_falls_into_its_parts(text: str, name: str, uri: str, tag: str | None) -> None:
    parsed = NameAddr.parse(text)
    assert (parsed.name, parsed.uri, parsed.tag) == (name, uri, tag)
    assert str(parsed) == text


@pytest.mark.parametrize(
    "text",
    ["", "<sip:a@b", '"open <sip:a@b>', 'x" <sip:a@b>', "a, b <sip:a@b>", "<sip:a@b>junk", "sip:a@b?x=y",
     "Bell, Alexander <sip:a.g.bell@bell-tel.example>;tag=43", "t.watson@b.example <sip:a@b>", '"x" sip:a@b'],
)  # fmt: skip
def test_a_malformed_name_addr_is_refused(text: str) -> None:
    with pytest.raises(SipSyntaxError):
        NameAddr.parse(text)


def test_two_quoted_name_addrs_in_one_line_stay_two() -> None:
    line = '"One, first" <sip:1@a>;q=1, "Two" <sip:2@b,c>;+sip.instance="<urn:x,y>"'
    assert [NameAddr.parse(part).name for part in split_outside(line, ",")] == ["One, first", "Two"]


def test_a_via_with_white_space_around_its_slashes_is_read() -> None:
    via = Via.parse("SIP  / 2.0\t/UDP  192.0.2.2 : 5061 ; branch= z9hG4bKx ; rport")
    assert (via.transport, via.host, via.port, via.branch) == ("UDP", "192.0.2.2", 5061, "z9hG4bKx")
    assert str(via.with_param("rport", "99")) == "SIP/2.0/UDP 192.0.2.2:5061;branch=z9hG4bKx;rport=99"
    assert via.with_param("received", "::1").param("received") == "::1"


@pytest.mark.parametrize("text", ["", "SIP/2.0/UDP", "SIP/3.0/UDP h", "SIP/2.0/UDP h:x", "HTTP/2.0/UDP h"])
def test_a_malformed_via_is_refused(text: str) -> None:
    with pytest.raises(SipSyntaxError):
        Via.parse(text)


def test_hostile_text_is_split_in_linear_time() -> None:
    with pytest.raises(SipSyntaxError):
        split_outside('"\\' * 50_000 + ",", ",")
    assert len(split_outside(";,<,>" * 10_000, ",")) == 10_001
