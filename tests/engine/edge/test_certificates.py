"""No bad certificate is accepted, and each is told by its own name."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from cryptography import x509

from softphone.domain.account import Transport
from softphone.domain.certificates import CertificateTrouble
from softphone.engine.edge.types import EdgeEvent, FlowFailed, FlowLost, FlowOpened, FlowTrouble, TlsPolicy
from tests.engine.edge.bad_certificates import BAD, GOOD, Forge, Recipe, names
from tests.engine.edge.far_peers import Peer, StreamPeer, WebPeer
from tests.engine.edge.rig import rig


@pytest.fixture(scope="module")
def forge(tmp_path_factory: pytest.TempPathFactory) -> Forge:
    return Forge(tmp_path_factory.mktemp("forge"))


SECURE = [Transport.TLS, Transport.WSS]


def serve(context: ssl.SSLContext, transport: Transport) -> Peer:
    return StreamPeer(context) if transport is Transport.TLS else WebPeer(context)


def outcome(context: ssl.SSLContext, transport: Transport, policy: TlsPolicy, **changes: Any) -> EdgeEvent:
    """The first event after opening an account on such a server."""
    with rig(server=serve(context, transport), transport=transport) as made:
        changes.setdefault("server", "localhost")
        made.edge.open_account(replace(made.route(), tls=policy, **changes))
        event = made.event(EdgeEvent)
        assert made.edge.counters().faults == 0
        return event


@pytest.mark.parametrize("transport", SECURE)
def test_a_good_certificate_is_accepted(forge: Forge, transport: Transport) -> None:
    context, fingerprint = forge.context(GOOD)
    opened = outcome(context, transport, TlsPolicy(ca_file=str(forge.authority)))
    assert isinstance(opened, FlowOpened)
    assert opened.security.certificate_sha256 == fingerprint


# Web sockets follow the rules of HTTPS, which know no SIP URIs.
TABLE = [(t, c) for t in SECURE for c in BAD if t is Transport.TLS or "SIP URI" not in c]


@pytest.mark.parametrize(("transport", "case"), TABLE)
def test_a_bad_certificate_is_refused_by_its_name(forge: Forge, transport: Transport, case: str) -> None:
    recipe, trouble = BAD[case]
    context, _ = forge.context(recipe)
    failed = outcome(context, transport, TlsPolicy(ca_file=str(forge.authority)))
    assert isinstance(failed, FlowFailed)
    assert failed.trouble is FlowTrouble.CERTIFICATE
    allowed = {trouble, "wrong_name"} if transport is Transport.WSS and trouble == "no_name" else {trouble}
    assert failed.certificate.value in allowed, failed.detail


def test_every_trouble_of_the_table_has_its_own_name() -> None:
    told = [trouble for _, trouble in BAD.values()]
    assert len(set(told)) == 10


@pytest.mark.parametrize("transport", SECURE)
def test_a_certificate_that_is_not_the_pinned_one_is_refused(forge: Forge, transport: Transport) -> None:
    context, fingerprint = forge.context(GOOD)
    pinned = TlsPolicy(ca_file=str(forge.authority), pinned_sha256=("00" * 32,))
    failed = outcome(context, transport, pinned)
    assert isinstance(failed, FlowFailed)
    assert failed.certificate is CertificateTrouble.PIN_MISMATCH
    assert failed.detail == fingerprint
    colons = ":".join(fingerprint[i : i + 2].upper() for i in range(0, 64, 2))
    opened = outcome(context, transport, replace(pinned, pinned_sha256=("00" * 32, colons)))
    assert isinstance(opened, FlowOpened)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
@pytest.mark.parametrize("transport", SECURE)
def test_a_server_with_old_tls_only_is_refused(
    forge: Forge, transport: Transport, version: ssl.TLSVersion
) -> None:
    context, _ = forge.context(GOOD)
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = version
    failed = outcome(context, transport, TlsPolicy(ca_file=str(forge.authority)))
    assert isinstance(failed, FlowFailed)
    assert (failed.trouble, failed.certificate) == (FlowTrouble.TLS, CertificateTrouble.OLD_PROTOCOL)


def test_a_server_with_weak_ciphers_only_is_refused(forge: Forge) -> None:
    context, _ = forge.context(GOOD)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0")
    failed = outcome(context, Transport.TLS, TlsPolicy(ca_file=str(forge.authority)))
    assert isinstance(failed, FlowFailed)
    assert failed.certificate is CertificateTrouble.NO_COMMON_CIPHER


@pytest.fixture
def chatterbox() -> Iterator[int]:
    """A port that answers any connection with text that is no TLS."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve_text() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with connection:
                    connection.sendall(b"220 mail.example ready\r\n" * 10)
                    connection.recv(10_000)

    thread = threading.Thread(target=serve_text, daemon=True)
    thread.start()
    yield int(listener.getsockname()[1])
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join()


def test_a_server_that_speaks_no_tls_is_told_as_such(chatterbox: int) -> None:
    with rig(transport=Transport.TLS) as made:
        made.edge.open_account(replace(made.route(), port=chatterbox))
        failed = made.event(FlowFailed)
        assert (failed.trouble, failed.certificate) == (FlowTrouble.TLS, CertificateTrouble.NOT_TLS)


def test_a_sip_uri_in_the_certificate_names_the_server_by_rfc_5922(forge: Forge) -> None:
    uri = x509.UniformResourceIdentifier("sip:localhost")
    context, _ = forge.context(replace(GOOD, names=(uri, *names("pbx7.example"))))
    policy = TlsPolicy(ca_file=str(forge.authority))
    assert isinstance(outcome(context, Transport.TLS, policy), FlowOpened)


def test_an_address_is_matched_as_an_address(forge: Forge) -> None:
    policy = TlsPolicy(ca_file=str(forge.authority))
    context, _ = forge.context(GOOD)
    assert isinstance(outcome(context, Transport.TLS, policy, server="127.0.0.1"), FlowOpened)
    context, _ = forge.context(Recipe(names=names("127.0.0.1")))  # as a DNS name, which it is not
    failed = outcome(context, Transport.TLS, policy, server="127.0.0.1")
    assert isinstance(failed, FlowFailed)
    assert failed.certificate is CertificateTrouble.WRONG_NAME


def mutual(forge: Forge) -> ssl.SSLContext:
    context, _ = forge.context(GOOD)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(forge.authority)
    return context


def test_a_server_that_asks_for_our_certificate_gets_it(forge: Forge) -> None:
    policy = TlsPolicy(str(forge.authority), certificate_file=str(forge.client()))
    with rig(server=StreamPeer(mutual(forge)), transport=Transport.TLS) as made:
        made.open(tls=policy, server="localhost")
        made.register()


def test_a_missing_client_certificate_is_told_as_such(forge: Forge) -> None:
    with rig(server=StreamPeer(mutual(forge)), transport=Transport.TLS) as made:
        policy = TlsPolicy(ca_file=str(forge.authority))
        made.edge.open_account(replace(made.route(), tls=policy, server="localhost"))
        event = made.event(EdgeEvent, lambda e: isinstance(e, FlowLost | FlowFailed))
        assert isinstance(event, FlowLost | FlowFailed)
        assert event.certificate is CertificateTrouble.CLIENT_CERTIFICATE


@pytest.mark.parametrize(
    "policy",
    [TlsPolicy(ca_file="/nonexistent/ca.pem"), TlsPolicy(certificate_file="/nonexistent/client.pem")],
)
def test_a_file_that_cannot_be_read_is_a_mistake_in_the_settings(forge: Forge, policy: TlsPolicy) -> None:
    context, _ = forge.context(GOOD)
    failed = outcome(context, Transport.TLS, policy)
    assert isinstance(failed, FlowFailed)
    assert failed.trouble is FlowTrouble.BAD_CONFIGURATION
    assert "/nonexistent/" in failed.detail
