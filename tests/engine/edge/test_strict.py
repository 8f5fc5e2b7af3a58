"""What PJSIP could not read is refused or put right before it gets there."""

from __future__ import annotations

import pytest

from softphone.engine.edge.messages.headers import Headers
from softphone.engine.edge.messages.strict import check_content_type, check_name_addr, tidy
from softphone.engine.edge.messages.syntax import SipSyntaxError


@pytest.mark.parametrize(
    "value",
    [
        "<sip:*31#@pbx.example>",
        "Ünquoted Näme <sip:a@b>;tag=x",
        '"q" <sip:a:p&w@b:5060;transport=tcp;lr;ftag=AbC.d2;did=ab8.5d2?Replaces=x%40y>;+s.i="<urn:u,1>"',
        "<sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@b>",
        "<tel:+49-30-123;phone-context=+49>;q=0.5",
        "<sip:a@[::1]:5060>;received=[2001:db8::1];x",
        "sip:a@b;tag=1-2_3.4",
    ],
)
def test_what_telephone_systems_send_passes(value: str) -> None:
    check_name_addr(value)


@pytest.mark.parametrize(
    "value",
    ["<sip:[1@b>", "<sip:a\\@b>", "<sip:a@b;>", "<sip:a@b;;lr>", "<sip:a@b>;tag=x>", "<sip:a@b>;tag=@",
     "*<sip:a@b>", "<sip:ü@b>", "<sip:a@b;x=<>", '<sip:a@b>;tag="open', "<sip:a@b>;(=1", "<sip::p@b>",
     "<sip:a:@b>"],
)  # fmt: skip
def test_what_pjsip_would_drop_unanswered_is_refused(value: str) -> None:
    with pytest.raises(SipSyntaxError):
        check_name_addr(value)


@pytest.mark.parametrize(
    "value", ["application/sdp", 'multipart/mixed;boundary="a b"', "text/plain ; charset=UTF-8"]
)
def test_content_types_pass(value: str) -> None:
    check_content_type(value)


@pytest.mark.parametrize("value", ["sdp", "application/", "a/b/c", 'a/b;boundary="', "a b/c"])
def test_malformed_content_types_are_refused(value: str) -> None:
    with pytest.raises(SipSyntaxError):
        check_content_type(value)


def test_lists_are_merged_cleaned_and_capped() -> None:
    headers = Headers(
        [("Supported", "replaces, , timer"), ("k", "timer, <x>, 100rel"), ("Allow", "INVITE, BYE")]
    )
    tidy(headers)
    assert headers.all("Supported") == ["replaces, timer, 100rel"]
    assert ("Allow", "INVITE, BYE") in headers.lines
    many = Headers([("Supported", ",".join(f"x{n}" for n in range(99)))])
    tidy(many)
    assert len((many.get("Supported") or "").split(",")) == 30
    repeated = Headers([("Supported", "timer," * 50 + "timer")])
    tidy(repeated)
    assert repeated.get("Supported") == "timer"


def test_numbers_that_are_none_are_dropped_and_others_kept() -> None:
    headers = Headers([("Expires", "soon"), ("x", "1800;refresher=uas"), ("Min-SE", "90")])
    tidy(headers)
    assert headers.lines == [("x", "1800;refresher=uas"), ("Min-SE", "90")]
