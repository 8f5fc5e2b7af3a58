"""Certificates: the CRM must be who it says it is, or nothing is sent to it."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from softphone.crm.exchange import Exchange, Outgoing
from softphone.crm.fault import CrmFault
from softphone.domain.customer import CrmTrouble
from tests.peers.certificates import Authority, KeyPair


class _Server(BaseHTTPRequestHandler):
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(self.headers.get("Authorization", ""))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"customers": []}')

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        return


@contextmanager
def https_server(keys: KeyPair) -> Iterator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(keys.certificate, keys.key)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Server)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    _Server.asked.clear()
    try:
        yield f"https://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def ask(base_url: str, tls: ssl.SSLContext | None = None) -> object:
    async def send() -> object:
        exchange = Exchange(base_url, tls=tls)
        try:
            return await exchange.send(
                Outgoing("GET", "/api/customers", headers=(("Authorization", "Bearer t"),))
            )
        finally:
            await exchange.close()

    return asyncio.run(send())


def trusting(authority: Authority) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(authority.certificate))


def test_a_crm_with_a_good_certificate_is_asked(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    with https_server(authority.server("127.0.0.1")) as base_url:
        assert ask(base_url, trusting(authority)) == {"customers": []}
        assert _Server.asked == ["Bearer t"]


def test_a_certificate_of_an_unknown_authority_is_refused_by_the_systems_store(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    with https_server(authority.server("127.0.0.1")) as base_url:
        with pytest.raises(CrmFault) as caught:
            ask(base_url)
        assert caught.value.trouble is CrmTrouble.INSECURE
        assert caught.value.detail
        assert _Server.asked == []


@pytest.mark.parametrize(("name", "expired"), [("127.0.0.1", True), ("crm.example.com", False)])
def test_an_expired_or_foreign_certificate_is_refused(tmp_path: Path, name: str, expired: bool) -> None:
    authority = Authority(tmp_path)
    with https_server(authority.server(name, expired=expired)) as base_url:
        with pytest.raises(CrmFault) as caught:
            ask(base_url, trusting(authority))
        assert caught.value.trouble is CrmTrouble.INSECURE
        assert _Server.asked == []


def test_a_server_that_speaks_no_tls_is_not_asked() -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Server)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    _Server.asked.clear()
    try:
        with pytest.raises(CrmFault) as caught:
            ask(f"https://127.0.0.1:{server.server_port}")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert caught.value.trouble in (CrmTrouble.INSECURE, CrmTrouble.UNREACHABLE)
    assert _Server.asked == []
