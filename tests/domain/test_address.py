"""What can be dialled, in the ways people write it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softphone.domain.address import SipAddress, as_meant, diallable
from softphone.domain.errors import BadInput


@pytest.mark.parametrize(
    ("typed", "dialled"),
    [
        ("+49 (0)30 / 1234-5678", "+493012345678"),
        ("0049 30 12345678", "+493012345678"),
        ("tel:+1-212-555-0100;ext=5", "+12125550100"),
        ("callto://030123", "030123"),
        ("  7001 ", "7001"),
        ("*55#7001", "*55#7001"),
        ("12;DROP\r\n", "12"),
        ("030\u00a0123\u2013456", "030123456"),
        ("٠٣٠١٢٣", "030123"),
        ("sip:Alice@Example.COM:5070;transport=tcp", "sip:Alice@example.com:5070"),
        ("alice@example.com", "sip:alice@example.com"),
        ("sip:600@[::1]:5060", "sip:600@[::1]:5060"),
    ],
)
def test_typed_and_pasted_forms_become_diallable(typed: str, dialled: str) -> None:
    assert diallable(typed) == dialled


@pytest.mark.parametrize(
    "typed",
    ["", "   ", "hello", "+", "sip:", "a@b@", "x y@host", "sip:a@host:99999", "٪", "1" * 41],
)
def test_what_cannot_be_dialled_is_refused(typed: str) -> None:
    with pytest.raises(BadInput):
        diallable(typed)


@given(st.text(max_size=80))
def test_nothing_that_comes_out_can_break_a_sip_message(typed: str) -> None:
    try:
        target = diallable(typed)
    except BadInput:
        return
    assert not set(target) & set('\r\n\0<>" ')


def test_an_address_without_user_is_a_host() -> None:
    assert SipAddress.parse("sip:pbx.example.com") == SipAddress("", "pbx.example.com")


@pytest.mark.parametrize(
    "written",
    [
        "*557001",
        " *55 70-01 ",
        "%2A557001",
        "%25252A557001",
        "＊５５７００１",
        "⁎557001",
        "sips:%2a557001@pbx",
        "tel:*557001",
    ],
)
def test_whatever_is_meant_is_seen_through_its_disguise(written: str) -> None:
    assert as_meant(written) == "*557001"


def test_an_endless_text_is_judged_by_its_beginning() -> None:
    assert len(as_meant("7" * 100_000)) == 1_000
