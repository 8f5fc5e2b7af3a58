"""What computers say about their proxy, as people really write it."""

from __future__ import annotations

import pytest

from softphone.domain.errors import BadInput
from softphone.domain.web_proxy import WebProxy, is_this_computer, web_proxy


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({}, None),
        ({"https": ""}, None),
        ({"http": "http://other:1"}, None),
        ({"https": "http://proxy.example.com:3128"}, WebProxy("proxy.example.com", 3128)),
        ({"https": "proxy.example.com:3128/"}, WebProxy("proxy.example.com", 3128)),
        ({"https": "HTTP://Proxy"}, WebProxy("proxy", 80)),
        ({"https": "http://[2001:db8::1]:8080"}, WebProxy("2001:db8::1", 8080)),
        ({"all": "http://proxy:1"}, WebProxy("proxy", 1)),
        ({"all": "socks5://proxy:1", "https": "proxy:2"}, WebProxy("proxy", 2)),
        ({"https": "http://u%40x:p%3Aw@proxy:1"}, WebProxy("proxy", 1, "u@x", "p:w")),
    ],
)
def test_the_proxy_is_read_as_people_write_it(known: dict[str, str], expected: WebProxy | None) -> None:
    assert web_proxy(known) == expected


@pytest.mark.parametrize(
    "address", ["socks5://u:geheim@p:1", "https://u:geheim@p:1", "http://u:geheim@", "http://u:geheim@p:x"]
)
def test_a_proxy_that_cannot_be_used_is_refused_without_telling_its_password(address: str) -> None:
    with pytest.raises(BadInput) as caught:
        web_proxy({"https": address})
    assert caught.value.thing == "proxy"
    assert "geheim" not in str(caught.value)


def test_the_sign_in_is_sent_and_never_shown() -> None:
    proxy = web_proxy({"https": "http://anna:geheim@proxy.example.com:3128"})
    assert proxy is not None
    assert proxy.authorization == "Basic YW5uYTpnZWhlaW0="
    assert "geheim" not in repr(proxy) + proxy.place
    assert WebProxy("proxy", 1).authorization == ""
    assert WebProxy("2001:db8::1", 1).place == "[2001:db8::1]:1"


def test_this_computer_is_known_by_name_and_address() -> None:
    assert all(map(is_this_computer, ("localhost", "LOCALHOST", "127.0.0.1", "127.9.9.9", "::1")))
    assert not any(map(is_this_computer, ("example.com", "10.0.0.1", "localhost.example.com")))
