"""What the desk wants to call, as a URI."""

from __future__ import annotations

import pytest

from softphone.domain.account import Account
from softphone.domain.errors import BadInput
from softphone.domain.ids import AccountId
from softphone.engine.sip.dialling import is_header, target_uri

ACCOUNT = Account(AccountId("a"), "pbx.test", "7001", port=5070)


@pytest.mark.parametrize(
    ("typed", "uri", "user"),
    [
        ("+49 30 123", "sip:+4930123@pbx.test:5070", "+4930123"),
        ("*55#", "sip:*55%23@pbx.test:5070", "*55#"),
        ("sip:anna@other.test", "sip:anna@other.test", "anna"),
        ("anna@other.test:5080", "sip:anna@other.test:5080", "anna"),
    ],
)
def test_a_target_becomes_a_uri(typed: str, uri: str, user: str) -> None:
    assert target_uri(typed, ACCOUNT) == (uri, user)


def test_a_server_by_ipv6_address_gets_brackets() -> None:
    account = Account(AccountId("a"), "2001:db8::1", "7001")
    assert target_uri("600", account)[0] == "sip:600@[2001:db8::1]"


@pytest.mark.parametrize("typed", ["", "sip:", "hello world", "a@b@c d", "sip:other.test"])
def test_what_cannot_be_called_is_refused(typed: str) -> None:
    with pytest.raises(BadInput):
        target_uri(typed, ACCOUNT)


@pytest.mark.parametrize(
    ("name", "value", "good"),
    [
        ("X-Campaign", "acme", True),
        ("X-Campaign", "a\r\nVia: b", False),
        ("Via", "x", False),
        ("to", "x", False),
        ("X Campaign", "a", False),
        ("X-Long", "a" * 1001, False),
    ],
)
def test_headers_of_the_desk_are_checked(name: str, value: str, good: bool) -> None:
    assert is_header(name, value) is good
