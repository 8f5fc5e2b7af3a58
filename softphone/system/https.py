"""One bounded HTTP exchange: https only, a limit on size and on the whole time, redirections counted.

For provisioning and diagnostics, which run beside the CRM's client and need none of its retries.
"""

from __future__ import annotations

import http.client
import ssl
import time
from collections.abc import Mapping
from dataclasses import field
from urllib.parse import SplitResult, urljoin, urlsplit

from softphone.domain.errors import SoftphoneError
from softphone.domain.facts import dataclass
from softphone.domain.provisioning import ProvisioningAway, ProvisioningRefused, ProvisioningTrouble
from softphone.domain.web_proxy import WebProxy
from softphone.system.web_way import Watch, open_way, proxy_for

REDIRECTIONS = 3
_LOCAL = ("127.0.0.1", "::1", "localhost")
_REDIRECTS = (301, 302, 303, 307, 308)


@dataclass(frozen=True)
class Request:
    """What to ask. `deadline_s` bounds everything from connecting to the last byte."""

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    limit: int = 1_000_000
    deadline_s: float = 15.0
    ca_file: str = ""


@dataclass(frozen=True)
class Answer:
    """What came back. `headers` have names in small letters; `url` is where the answer really came from."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes


def exchange(request: Request) -> Answer:
    """Ask and return the answer, whatever its status; raise `ProvisioningAway` or `ProvisioningRefused`."""
    ends_at = time.monotonic() + request.deadline_s
    url = request.url
    for _ in range(REDIRECTIONS + 1):
        answer = _once(request, url, ends_at)
        target = answer.headers.get("location", "")
        if answer.status not in _REDIRECTS or not target:
            return answer
        if request.method != "GET":
            raise ProvisioningRefused(
                ProvisioningTrouble.SERVER_REFUSED,
                f"{url} redirects a {request.method}, which is not followed",
            )
        following = urljoin(url, target)
        if urlsplit(url).scheme == "https" and urlsplit(following).scheme != "https":
            raise ProvisioningRefused(
                ProvisioningTrouble.INSECURE,
                f"{_shown(url)} redirects to {_shown(following)}, which is no https",
            )
        url = following
    raise ProvisioningRefused(
        ProvisioningTrouble.SERVER_REFUSED, f"{_shown(request.url)} redirects without end"
    )


def checked_url(url: str) -> SplitResult:
    """`url` taken apart; raise `ProvisioningRefused` unless it is https (http on this computer alone)."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as exc:
        raise ProvisioningRefused(ProvisioningTrouble.INSECURE, "the address cannot be understood") from exc
    secure = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOCAL)
    if not secure or not parts.hostname:
        raise ProvisioningRefused(
            ProvisioningTrouble.INSECURE, f"{_shown(url)}: only https addresses are fetched"
        )
    if parts.username is not None:
        raise ProvisioningRefused(
            ProvisioningTrouble.INSECURE, "no user or password may stand in the address"
        )
    return parts


def _once(request: Request, url: str, ends_at: float) -> Answer:
    parts = checked_url(url)
    host = parts.hostname or ""
    connection = _connection(parts)
    watch = Watch(max(0.1, ends_at - time.monotonic()))
    proxy = proxy_for(host)
    try:
        connection.sock = open_way(host, connection.port, proxy, watch)
        if parts.scheme == "https":
            connection.sock = trusting(request.ca_file).wrap_socket(connection.sock, server_hostname=host)
        answer = _ask(connection, request, parts, url)
        if watch.late:  # an answer without a length ends quietly where it was cut
            raise TimeoutError
        return answer
    except SoftphoneError:
        raise
    except ssl.SSLCertVerificationError as exc:
        raise ProvisioningRefused(ProvisioningTrouble.CERTIFICATE, _about(exc, host, proxy)) from exc
    except (OSError, http.client.HTTPException, ValueError) as exc:
        if watch.late or isinstance(exc, TimeoutError):
            raise ProvisioningAway(
                ProvisioningTrouble.SLOW, f"{host}: no answer within {request.deadline_s:g} s"
            ) from exc
        raise ProvisioningAway(ProvisioningTrouble.UNREACHABLE, f"{host}: {_reason(exc)}") from exc
    finally:
        watch.close()
        connection.close()


def _ask(connection: http.client.HTTPConnection, request: Request, parts: SplitResult, url: str) -> Answer:
    target = parts.path or "/"
    connection.request(
        request.method,
        f"{target}?{parts.query}" if parts.query else target,
        body=request.body,
        headers={"Connection": "close", **request.headers},
    )
    response = connection.getresponse()
    stated = response.getheader("Content-Length") or ""
    promised = int(stated) if stated.isdecimal() and request.method != "HEAD" else 0
    body = b"" if promised > request.limit else response.read(request.limit + 1)
    if max(len(body), promised) > request.limit:
        raise ProvisioningRefused(
            ProvisioningTrouble.TOO_LARGE, f"{_shown(url)} sends more than {request.limit} bytes"
        )
    if len(body) < promised:
        raise http.client.IncompleteRead(body, promised - len(body))
    headers = {name.lower(): value for name, value in response.getheaders()}
    return Answer(url, response.status, headers, body)


def _connection(parts: SplitResult) -> http.client.HTTPConnection:
    """Not connected: `open_way` does that."""
    kind = _Secured if parts.scheme == "https" else http.client.HTTPConnection
    return kind(parts.hostname or "", parts.port)


class _Secured(http.client.HTTPConnection):
    """Speaks over a socket that has TLS already; the library's own would load a trust store for nothing."""

    default_port = http.client.HTTPS_PORT


def _about(exc: ssl.SSLCertVerificationError, host: str, proxy: WebProxy | None) -> str:
    said = f"{host}: {exc.verify_message or exc.reason}"
    if proxy is None:
        return said
    return f"{said} (through the proxy {proxy.place}: one that opens encryption must be trusted here)"


def trusting(ca_file: str = "") -> ssl.SSLContext:
    """A client context that trusts what the system trusts, and `ca_file`; raise `ProvisioningRefused`."""
    import truststore  # only with the first https address

    context: ssl.SSLContext = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file:
        try:
            context.load_verify_locations(ca_file)
        except (OSError, ssl.SSLError) as exc:
            raise ProvisioningRefused(
                ProvisioningTrouble.CERTIFICATE, f"{ca_file} holds no certificates that can be read"
            ) from exc
    return context


def _shown(url: str) -> str:
    """The address without what may be a secret in it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname or ''}{parts.path}"


def _reason(exc: Exception) -> str:
    return getattr(exc, "strerror", "") or str(exc) or type(exc).__name__
