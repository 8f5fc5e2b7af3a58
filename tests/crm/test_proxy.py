"""The CRM behind the company's proxy: as provisioning does it, and refused in words."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from softphone.crm.exchange import Exchange, Outgoing
from softphone.crm.fault import CrmFault
from softphone.domain.customer import CrmTrouble
from tests.crm.test_tls import https_server
from tests.peers.certificates import Authority
from tests.peers.http_proxy import HttpProxy, http_proxy

HOST = "crm.example.com"


@dataclass
class Company:
    """A CRM that this computer finds through the proxy alone."""

    proxy: HttpProxy
    tls: ssl.SSLContext

    def ask(self, base_url: str = f"https://{HOST}") -> object:
        async def send() -> object:
            exchange = Exchange(base_url, tls=self.tls)
            try:
                return await exchange.send(Outgoing("GET", "/api/customers"))
            finally:
                await exchange.close()

        return asyncio.run(send())

    def fault(self, base_url: str = f"https://{HOST}") -> CrmFault:
        with pytest.raises(CrmFault) as caught:
            self.ask(base_url)
        return caught.value


@pytest.fixture
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Company]:
    authority = Authority(tmp_path)
    with http_proxy() as proxy, https_server(authority.server(HOST)) as base_url:
        proxy.names[HOST] = int(base_url.rpartition(":")[2])
        for name in ("all_proxy", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
            monkeypatch.delenv(name.upper(), raising=False)
        monkeypatch.setenv("https_proxy", proxy.url)
        yield Company(proxy, ssl.create_default_context(cafile=str(authority.certificate)))


def test_the_crm_is_asked_through_the_proxy(company: Company) -> None:
    assert company.ask() == {"customers": []}
    assert company.proxy.asked == [f"{HOST}:443"]


def test_the_sign_in_of_the_proxys_address_is_used(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    company.proxy.wanted = "Basic YW5uYTpnZWhlaW0="
    fault = company.fault()
    assert fault.trouble is CrmTrouble.UNREACHABLE
    assert f"the proxy 127.0.0.1:{company.proxy.port} lets nobody through: 407" in fault.detail
    monkeypatch.setenv("https_proxy", company.proxy.url.replace("//", "//anna:geheim@"))
    assert company.ask() == {"customers": []}
    monkeypatch.setenv("https_proxy", "http://anna:geheim@127.0.0.1:9")
    assert "geheim" not in str(company.fault())


def test_a_proxy_that_is_away_is_named(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    fault = company.fault()
    assert fault.trouble is CrmTrouble.UNREACHABLE
    assert "through the proxy 127.0.0.1:9" in fault.detail


def test_a_proxy_of_a_kind_that_cannot_be_used_is_a_matter_of_configuration(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", "socks5://127.0.0.1:1")
    fault = company.fault()
    assert fault.trouble is CrmTrouble.NOT_CONFIGURED
    assert "socks5" in fault.detail


def test_what_windows_and_macos_leave_out_of_the_proxy_is_asked_directly(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("urllib.request.proxy_bypass", lambda host: host.endswith(".invalid"))
    assert company.fault("https://crm.invalid").trouble is CrmTrouble.UNREACHABLE
    assert company.proxy.asked == []
