"""Provisioning through the company's proxy: a real small one on loopback, and its ways to say no."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from softphone.domain.provisioning import ProvisioningOrder, ProvisioningTrouble
from softphone.system import provisioning
from softphone.system.folders import folders
from softphone.system.provisioning import Provisioning
from softphone.system.secrets import MemorySecrets
from tests.peers.certificates import Authority
from tests.peers.http_proxy import HttpProxy, http_proxy
from tests.system.profile_server import ProfileServer, profile_server

HOST = "phones.example.com"
URL = f"https://{HOST}/profile.toml"


@dataclass
class Company:
    """A server that this computer finds through the proxy alone."""

    proxy: HttpProxy
    server: ProfileServer
    authority: Authority
    phone: Provisioning

    def fetch(
        self, token: str = "", url: str = URL, trusting: bool = True
    ) -> tuple[ProvisioningTrouble, str]:
        ca_file = str(self.authority.certificate) if trusting else ""
        done = self.phone.carry_out(ProvisioningOrder(url, token=token, ca_file=ca_file))
        return done.trouble, done.detail


@pytest.fixture
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Company]:
    where = folders(tmp_path / "profile")
    where.create()
    authority = Authority(tmp_path / "ca")
    with http_proxy() as proxy, profile_server(authority.server(HOST)) as server:
        proxy.names[HOST] = int(server.base_url.rpartition(":")[2])
        server.profile = b'[profile]\nversion = 1\n[enrolment]\nurl = "https://phones.example.com/enrol"\n'
        for name in ("all_proxy", "no_proxy", "http_proxy"):
            monkeypatch.delenv(name, raising=False)
            monkeypatch.delenv(name.upper(), raising=False)
        monkeypatch.setenv("https_proxy", proxy.url)
        yield Company(proxy, server, authority, Provisioning(where, MemorySecrets()))


def test_a_profile_comes_through_the_proxy_and_is_encrypted_from_end_to_end(company: Company) -> None:
    assert company.fetch() == (ProvisioningTrouble.NONE, "")
    assert company.proxy.asked == [f"{HOST}:443"]
    assert company.server.asked[0][0] == "GET /profile.toml"
    assert company.server.asked[0][1]["host"] == HOST


def test_a_code_is_exchanged_through_the_proxy_too(company: Company) -> None:
    company.server.tokens["once"] = {"version": 1, "settings": {}, "secrets": {}}
    assert company.fetch(token="once") == (ProvisioningTrouble.NONE, "")
    assert company.proxy.asked == [f"{HOST}:443"] * 2
    assert company.server.tokens == {}


def test_a_proxy_with_basic_sign_in_gets_the_one_in_its_address(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    company.proxy.wanted = "Basic YW5uYTpnZWhlaW0="
    trouble, detail = company.fetch()
    assert trouble is ProvisioningTrouble.PROXY
    assert "wants a sign-in (Negotiate, NTLM, Basic)" in detail
    monkeypatch.setenv("https_proxy", company.proxy.url.replace("//", "//anna:geheim@"))
    assert company.fetch()[0] is ProvisioningTrouble.NONE
    monkeypatch.setenv("https_proxy", company.proxy.url.replace("//", "//anna:falsch@"))
    trouble, detail = company.fetch()
    assert trouble is ProvisioningTrouble.PROXY
    assert "does not take the user and password" in detail
    assert "falsch" not in detail


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"HTTP/1.1 403 Forbidden\r\n\r\n", "lets nobody through to phones.example.com:443 (403 Forbidden)"),
        (b"HTTP/1.0 503\r\n\r\n", "could not reach phones.example.com:443 (503)"),
        (b"HTTP/1.1 502 Bad \x1b[2J\xe2\x80\xae\r\n\r\n", "could not reach phones.example.com:443 (502 Bad"),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "does not answer like a proxy"),
        (b"HTTP/1.1 200 Fine\r\n" + b"X: y\r\n" * 5_000, "does not answer like a proxy"),
        (b"HTTP/1.1 200 Fi", "it broke off"),
    ],
)
def test_what_the_proxy_answers_is_told_in_words_and_the_server_is_never_asked(
    company: Company, answer: bytes, words: str
) -> None:
    company.proxy.answer = answer
    trouble, detail = company.fetch()
    assert trouble is ProvisioningTrouble.PROXY
    assert detail.startswith(f"the proxy {company.proxy.url[7:]} ") or "proxy" in detail
    assert words in detail
    assert detail.isprintable()
    assert company.server.asked == []


@pytest.mark.parametrize("how", ["silent", "dripping"])
def test_a_proxy_that_holds_the_line_is_given_up_in_time(
    company: Company, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr(provisioning, "DEADLINE_S", 1.0)
    setattr(company.proxy, how, True)
    trouble, detail = company.fetch()
    assert trouble is ProvisioningTrouble.SLOW
    assert "proxy" in detail


def test_a_proxy_that_is_away_is_named_and_nothing_goes_past_it(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    trouble, detail = company.fetch()
    assert trouble is ProvisioningTrouble.PROXY
    assert detail.startswith("the proxy 127.0.0.1:9 cannot be reached: ")


@pytest.mark.parametrize("address", ["socks5://127.0.0.1:1", "https://127.0.0.1:1", "http://:1"])
def test_a_proxy_of_a_kind_that_cannot_be_used_is_said_to_be_one(
    company: Company, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("https_proxy", address)
    assert company.fetch()[0] is ProvisioningTrouble.PROXY


def test_a_proxy_that_opens_encryption_is_named_when_it_is_not_trusted(company: Company) -> None:
    trouble, detail = company.fetch(trusting=False)
    assert trouble is ProvisioningTrouble.CERTIFICATE
    assert f"through the proxy {company.proxy.url[7:]}" in detail


def test_exceptions_and_this_computer_are_reached_directly(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("no_proxy", "elsewhere.test, .intranet.invalid")
    assert company.fetch(url="https://phones.intranet.invalid/p")[0] is ProvisioningTrouble.UNREACHABLE
    assert company.fetch(url="https://127.0.0.1:9/p")[0] is ProvisioningTrouble.UNREACHABLE
    assert company.fetch(url="http://127.0.0.1:9/p")[0] is ProvisioningTrouble.UNREACHABLE
    assert company.proxy.asked == []


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="these have settings of their own")
def test_where_the_environment_is_silent_the_systems_settings_are_asked(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`urllib` reads Windows' registry and macOS' configuration; its answer is played here."""
    monkeypatch.delenv("https_proxy")
    monkeypatch.setattr("urllib.request.getproxies", lambda: {"https": company.proxy.url})
    monkeypatch.setattr("urllib.request.proxy_bypass", lambda host: host == "intranet")
    assert company.fetch()[0] is ProvisioningTrouble.NONE
    assert company.proxy.asked == [f"{HOST}:443"]
