"""The servers that this phone needs: certificates and their end, the clock, the CRM's answer."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from queue import Empty, SimpleQueue
from urllib.parse import urlsplit

from softphone.cli.doctor.findings import Finding, failed, good, not_tried, remark
from softphone.crm.http_crm import HttpCrm
from softphone.domain.account import Transport
from softphone.domain.customer import CrmTrouble, CustomerQuery
from softphone.domain.customer_events import CustomerLookedUp
from softphone.domain.errors import SoftphoneError
from softphone.domain.events import Event
from softphone.domain.facts import dataclass
from softphone.domain.ids import CallId, QueryId
from softphone.domain.provisioning import ProvisioningAway, ProvisioningRefused, ProvisioningTrouble
from softphone.domain.settings import CrmConnection, Settings
from softphone.system.https import Request, exchange, trusting
from softphone.system.number_plan import LibPhoneNumbers
from softphone.system.web_way import Watch, open_way, proxy_for
from softphone.usecases.ports import Secrets

WITHIN_S = 8.0
SOON_DAYS = 21
CLOCK_OFF_S, CLOCK_BAD_S = 30.0, 300.0
NOBODYS_NUMBER = "+12025550199"
"""Kept free for examples by the North American Numbering Plan."""

_PROXY_ADVICE = "IT: let the proxy pass this address without a sign-in, or leave it out of the proxy."
_PORTS = {Transport.TLS: 5061, Transport.WSS: 443}


def about_tls(settings: Settings) -> Iterator[Finding]:
    """Chain, name and end of every certificate that this phone relies on."""
    servers = list(_tls_servers(settings))
    if not servers:
        yield not_tried("TLS", "no account, CRM or profile address uses TLS")
    for server in servers:
        yield _certificate(server)


def about_proxy(settings: Settings) -> Iterator[Finding]:
    """Whether a proxy stands between this phone and the company's web servers."""
    for server in _web_servers(settings):
        check = f"proxy {server.host}"
        try:
            proxy = proxy_for(server.host)
        except SoftphoneError as exc:
            yield failed(check, exc.detail, _PROXY_ADVICE)
            continue
        if proxy is not None:
            yield good(check, f"through {proxy.place}, as this computer's settings say", proxy=proxy.place)


@dataclass(frozen=True, slots=True)
class _Server:
    """`web`: asked by https, perhaps through a proxy; telephone systems are connected to directly."""

    host: str
    port: int
    ca_file: str
    web: bool


def _tls_servers(settings: Settings) -> Iterator[_Server]:
    for account in settings.accounts:
        if account.transport.encrypted:
            port = account.port or _PORTS[account.transport]
            yield _Server(account.server, port, account.ca_file, web=False)
    yield from _web_servers(settings)


def _web_servers(settings: Settings) -> Iterator[_Server]:
    for address, ca_file in (
        *((crm.base_url, "") for crm in settings.crms),
        (settings.provisioning.url, settings.provisioning.ca_file),
    ):
        parts = urlsplit(address)
        if parts.scheme == "https" and parts.hostname:
            yield _Server(parts.hostname, parts.port or 443, ca_file, web=True)


def _certificate(server: _Server) -> Finding:
    host, port = server.host, server.port
    check, watch = f"TLS {host}", Watch(WITHIN_S)
    try:
        proxy = proxy_for(host) if server.web else None
        with (
            open_way(host, port, proxy, watch) as plain,
            trusting(server.ca_file).wrap_socket(plain, server_hostname=host) as secured,
        ):
            ends, protocol = secured.getpeercert() or {}, secured.version()
    except ssl.SSLCertVerificationError as exc:
        advice = "IT: give the server a certificate that this computer trusts, for this name."
        return failed(check, f"port {port}: {exc.verify_message or exc.reason}", advice, port=port)
    except (ProvisioningAway, ProvisioningRefused) as exc:
        own_file = exc.trouble is ProvisioningTrouble.CERTIFICATE
        return failed(
            check, exc.detail, "IT: correct the file's path." if own_file else _PROXY_ADVICE, port=port
        )
    except OSError as exc:
        advice = "Check the network; IT: check server, port and firewall."
        return failed(check, f"port {port}: {exc.strerror or exc}", advice, port=port)
    finally:
        watch.close()
    ends_at = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(ends["notAfter"])), UTC)
    days = (ends_at - datetime.now(UTC)).days
    words = f"port {port}: {protocol}, trusted, until {ends_at:%Y-%m-%d}"
    facts = {"port": port, "protocol": protocol, "expires": ends_at.isoformat(), "days_left": days}
    if days < SOON_DAYS:
        return remark(check, words, f"IT: renew the server's certificate within {days} days.", **facts)
    return good(check, words, **facts)


def about_clock(settings: Settings) -> Finding:
    """This computer's time against the first server that tells its own."""
    told = []
    for url, ca_file in (
        (settings.provisioning.url, settings.provisioning.ca_file),
        *((crm.base_url, "") for crm in settings.crms),
    ):
        if not url:
            continue
        try:
            answer = exchange(Request(url, "HEAD", deadline_s=WITHIN_S, ca_file=ca_file))
        except SoftphoneError as exc:
            told.append(exc.detail)
            continue
        date = answer.headers.get("date", "")
        if date:
            return _clock(date, urlsplit(url).hostname or "")
    return not_tried("clock", f"no server told its time ({'; '.join(told) or 'none is set'})")


def _clock(date: str, host: str) -> Finding:
    try:
        theirs = parsedate_to_datetime(date)
    except ValueError:
        return not_tried("clock", f"{host} tells no time that can be read")
    off = (datetime.now(UTC) - theirs.astimezone(UTC)).total_seconds()
    words = f"{abs(off):.0f} s {'ahead of' if off > 0 else 'behind'} {host}"
    if abs(off) > CLOCK_BAD_S:
        advice = "Set this computer's clock by the network: certificates and time sheets depend on it."
        return failed("clock", words, advice, off_s=round(off))
    if abs(off) > CLOCK_OFF_S:
        return remark("clock", words, "Let this computer set its clock by the network.", off_s=round(off))
    return good("clock", words, off_s=round(off))


def about_crms(settings: Settings, secrets: Secrets) -> Iterator[Finding]:
    """A question for a number that nobody has goes there and back; nothing is created."""
    if not settings.crms:
        yield not_tried("CRM", "no CRM is set")
    for connection in settings.crms:
        yield _crm(connection, secrets)


def _crm(connection: CrmConnection, secrets: Secrets) -> Finding:
    check = f"CRM {connection.name}"
    events: SimpleQueue[Event] = SimpleQueue()
    crm = HttpCrm((connection,), secrets.read, events.put)
    number = LibPhoneNumbers().read(NOBODYS_NUMBER, "US")
    crm.find(CustomerQuery(QueryId("doctor"), CallId("doctor"), None, connection.name, number))
    try:
        while not isinstance(event := events.get(timeout=connection.timeout_s + WITHIN_S), CustomerLookedUp):
            continue
    except Empty:
        return failed(check, "no answer", "IT: check the CRM's address and this computer's network.")
    finally:
        crm.close()
    lookup = event.lookup
    if lookup.trouble is CrmTrouble.NONE:
        return good(check, f"answers in {lookup.took_ms:.0f} ms", took_ms=round(lookup.took_ms))
    advice = _CRM_ADVICE.get(lookup.trouble, "IT: look into the CRM's log.")
    return failed(check, lookup.trouble.value.replace("_", " "), advice, trouble=lookup.trouble.value)


_CRM_ADVICE = {
    CrmTrouble.UNREACHABLE: "Check the network; IT: check address, port and firewall.",
    CrmTrouble.TIMEOUT: "IT: the CRM takes too long, or a firewall swallows the question.",
    CrmTrouble.CREDENTIALS: "IT: renew the secret of this CRM in the key store, or its rights.",
    CrmTrouble.FORBIDDEN: "IT: the CRM's user may not look customers up: give it that right.",
}
