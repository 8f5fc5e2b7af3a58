"""One HTTP request to a CRM and its answer, within limits; every fault becomes a `CrmFault`.

The secret goes to the configured origin only: redirects to another are refused, and so is plain HTTP to
anything but this computer.
"""

from __future__ import annotations

import ipaddress
import ssl
import time
import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpx
import msgspec
import truststore

from softphone.crm.fault import CrmFault
from softphone.domain.customer import CrmTrouble
from softphone.domain.text import clean_line

ANSWER_LIMIT = 2 * 1024 * 1024
"""Bytes of an answer after decompression. A record is a few kilobytes; more is a mistake or an attack."""

_ERROR_LIMIT = 64 * 1024
_REDIRECTS = 3
_KEPT_ALIVE_S = 300.0
"""Calls come minutes apart, and a new TLS connection costs several round trips of a ringing caller's time."""

_TROUBLES = {
    400: CrmTrouble.REFUSED,
    401: CrmTrouble.CREDENTIALS,
    403: CrmTrouble.CREDENTIALS,
    404: CrmTrouble.NOT_FOUND,
    408: CrmTrouble.TIMEOUT,
    409: CrmTrouble.REFUSED,
    410: CrmTrouble.NOT_FOUND,
    413: CrmTrouble.REFUSED,
    422: CrmTrouble.REFUSED,
    425: CrmTrouble.BUSY,
    429: CrmTrouble.BUSY,
    504: CrmTrouble.TIMEOUT,
}


_NO_WAY = (CrmTrouble.UNREACHABLE, CrmTrouble.TIMEOUT, CrmTrouble.INSECURE, CrmTrouble.NOT_CONFIGURED)
"""Troubles that are not the answer of anybody at this address."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A filled-in request. `target` is below the base URL, or an absolute address on the same host."""

    method: str
    target: str
    body: bytes | None = None
    content_type: str = ""
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """A 2xx: the decoded JSON (None for an empty body) and the cookies that were set."""

    json: Any
    cookies: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """One request and what came back, for the eyes of whoever checks a pack. Secrets are still in it."""

    outgoing: Outgoing
    url: str
    status: int
    answer_type: str
    answer: bytes
    took_ms: float


class Exchange:
    """A pool of connections to one CRM. Use it on one event loop only.

    `watch` is shown every request and its answer.
    """

    def __init__(
        self,
        base_url: str,
        *,
        tls: ssl.SSLContext | None = None,
        watch: Callable[[Seen], None] | None = None,
    ) -> None:
        """Raises `CrmFault` (not configured, insecure) for a base URL that cannot be used."""
        self._watch = watch
        self.base_url = checked_base(base_url)
        self._origin = _origin(self.base_url)
        jar = CookieJar(policy=DefaultCookiePolicy(allowed_domains=[]))
        self._client = httpx.AsyncClient(
            verify=tls or _trust(self.base_url),
            cookies=jar,
            timeout=httpx.Timeout(None),  # one limit for the whole question, set by the caller
            limits=httpx.Limits(max_connections=64, keepalive_expiry=_KEPT_ALIVE_S),
            trust_env=not is_loopback(self.base_url.host),  # the company's proxy is not for this computer
            headers={"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": "softphone"},
        )

    async def close(self) -> None:
        await self._client.aclose()

    def absolute(self, target: str) -> str:
        """An address that the CRM gave, made whole; `ask` refuses it if it leads elsewhere."""
        try:
            return str(self.base_url.join(target))
        except httpx.InvalidURL as exc:
            raise CrmFault(CrmTrouble.BAD_ANSWER, "the next page's address is none") from exc

    async def warm_up(self) -> None:
        """Open a connection before it is needed, by a question without credentials, however it ends."""
        with suppress(CrmFault):
            await self.send(Outgoing("GET", "/"))

    async def reach(self) -> None:
        """As `warm_up`, but raises `CrmFault` when there is no way to the host or it cannot be trusted."""
        try:
            await self.send(Outgoing("GET", "/"))
        except CrmFault as fault:
            if not fault.status and fault.trouble in _NO_WAY:
                raise

    async def send(self, outgoing: Outgoing) -> Any:
        """The decoded answer of a 2xx; raises `CrmFault` for everything else."""
        return (await self.ask(outgoing)).json

    async def ask(self, outgoing: Outgoing) -> Answer:
        """As `send`, with the cookies."""
        try:
            return await self._follow(outgoing)
        except httpx.HTTPError as exc:
            raise _fault_of(exc) from exc
        except (httpx.InvalidURL, UnicodeEncodeError) as exc:
            raise CrmFault(CrmTrouble.NOT_CONFIGURED, str(exc)) from exc

    async def _follow(self, outgoing: Outgoing) -> Answer:
        url = self._url(outgoing.target)
        headers = list(outgoing.headers)
        if outgoing.body is not None and all(name.lower() != "content-type" for name, _ in headers):
            headers.append(("Content-Type", outgoing.content_type))
        for _ in range(_REDIRECTS + 1):
            began = time.perf_counter()
            async with self._client.stream(
                outgoing.method, url, content=outgoing.body, headers=headers
            ) as response:
                if not response.has_redirect_location:
                    return await self._answer(outgoing, response, began)
                self._show(outgoing, response, b"", began)
                url = self._redirected(outgoing.method, url, response)
        raise CrmFault(CrmTrouble.BAD_ANSWER, "too many redirects")

    def _url(self, target: str) -> httpx.URL:
        if not target.startswith(("http://", "https://")):
            return httpx.URL(str(self.base_url).rstrip("/") + target)
        url = httpx.URL(target)
        if _origin(url) != self._origin:
            raise CrmFault(CrmTrouble.INSECURE, f"an address on another host: {url.scheme}://{url.host}")
        return url

    def _redirected(self, method: str, url: httpx.URL, response: httpx.Response) -> httpx.URL:
        try:
            target = url.join(response.headers["location"])
        except httpx.InvalidURL as exc:
            raise CrmFault(CrmTrouble.BAD_ANSWER, "redirect to something that is no address") from exc
        if _origin(target) != self._origin:
            where = f"{target.scheme}://{target.host}"
            raise CrmFault(
                CrmTrouble.INSECURE, f"redirect to another host: {where}", status=response.status_code
            )
        if method != "GET" and response.status_code not in (307, 308):
            raise CrmFault(CrmTrouble.BAD_ANSWER, f"{response.status_code}: redirect of a {method}")
        return target

    async def _answer(self, outgoing: Outgoing, response: httpx.Response, began: float) -> Answer:
        status = response.status_code
        good = 200 <= status < 300
        try:
            raw = await _body(response, ANSWER_LIMIT if good else _ERROR_LIMIT)
        except (CrmFault, httpx.HTTPError):
            if good:
                self._show(outgoing, response, b"", began)
                raise
            raw = b""  # an error's page may be huge or damaged: the status alone says enough
        self._show(outgoing, response, raw, began)
        if good:
            return Answer(_decoded(raw, response) if raw.strip() else None, tuple(_cookies(response)))
        raise _failure(status, response, raw)

    def _show(self, outgoing: Outgoing, response: httpx.Response, raw: bytes, began: float) -> None:
        if self._watch is not None:
            took_ms = (time.perf_counter() - began) * 1000
            kind = response.headers.get("content-type", "")
            self._watch(Seen(outgoing, str(response.url), response.status_code, kind, raw, took_ms))


def _trust(base_url: httpx.URL) -> ssl.SSLContext:
    """The operating system's certificate store; without TLS nothing is loaded and nothing trusted."""
    kind = truststore.SSLContext if base_url.scheme == "https" else ssl.SSLContext
    return kind(ssl.PROTOCOL_TLS_CLIENT)


def checked_base(base_url: str) -> httpx.URL:
    """The base URL if it is http or https with a host and nothing else that could surprise."""
    try:
        url = httpx.URL(base_url.strip())
    except httpx.InvalidURL as exc:
        raise CrmFault(CrmTrouble.NOT_CONFIGURED, f"the address of the CRM is none: {exc}") from exc
    if url.scheme not in ("http", "https") or not url.host:
        raise CrmFault(CrmTrouble.NOT_CONFIGURED, "the address of the CRM must begin with https://")
    if url.userinfo or url.query or url.fragment:
        raise CrmFault(CrmTrouble.NOT_CONFIGURED, "the address of the CRM has a user name, query or fragment")
    if url.scheme == "http" and not is_loopback(url.host):
        raise CrmFault(
            CrmTrouble.INSECURE, "http without TLS would show the secret to the network: use https"
        )
    return url


def is_loopback(host: str) -> bool:
    """Whether `host` names this computer itself."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port  # httpx writes a scheme's default port as None


def _failure(status: int, response: httpx.Response, raw: bytes) -> CrmFault:
    try:
        body = _decoded(raw, response) if raw.strip() else None
    except CrmFault:
        body = None  # an error's body may be HTML
    return CrmFault(
        _TROUBLES.get(status) or (CrmTrouble.SERVER_ERROR if status >= 500 else CrmTrouble.BAD_ANSWER),
        _status_line(status),
        retry_after_s=_retry_after_s(response),
        status=status,
        body=body,
    )


def _cookies(response: httpx.Response) -> Iterator[tuple[str, str]]:
    """Name and value of every cookie set; their attributes do not matter, they go back to this host only."""
    for line in response.headers.get_list("set-cookie"):
        name, equals, value = line.split(";", 1)[0].partition("=")
        if equals and name.strip():
            yield name.strip(), value.strip()


def _status_line(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


async def _body(response: httpx.Response, limit: int) -> bytes:
    """The body, never more than `limit` bytes of it in memory, also when it is a compressed bomb."""
    announced = response.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limit:
        raise CrmFault(CrmTrouble.TOO_LARGE, f"{announced} bytes")
    chunks = bytearray()
    async for chunk in _unpacked(response, limit + 1):
        chunks += chunk
        if len(chunks) > limit:
            raise CrmFault(CrmTrouble.TOO_LARGE, f"more than {limit} bytes")
    return bytes(chunks)


async def _unpacked(response: httpx.Response, most: int) -> AsyncIterator[bytes]:
    coding = response.headers.get("content-encoding", "identity").lower()
    if coding == "identity":
        async for chunk in response.aiter_raw():
            yield chunk
        return
    if coding not in ("gzip", "deflate"):
        raise CrmFault(CrmTrouble.BAD_ANSWER, f"answer in an encoding that was not asked for: {coding}")
    inflate = zlib.decompressobj(wbits=47)
    try:
        async for chunk in response.aiter_raw():
            yield inflate.decompress(chunk, most)
    except zlib.error as exc:
        raise CrmFault(CrmTrouble.BAD_ANSWER, "the compressed answer is damaged") from exc


def _decoded(raw: bytes, response: httpx.Response) -> Any:
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as exc:
        kind = clean_line(response.headers.get("content-type", "no content type"))
        raise CrmFault(CrmTrouble.BAD_ANSWER, f"the answer is not JSON ({kind})") from exc


def _retry_after_s(response: httpx.Response) -> float:
    """Retry-After in seconds or as a date (RFC 9110 section 10.2.3), 0 when there is none."""
    value = response.headers.get("retry-after", "").strip()
    if value.isdecimal():
        return float(value[:9])
    try:
        when = parsedate_to_datetime(value)
        sent = parsedate_to_datetime(response.headers.get("date", ""))
    except ValueError:
        return 0.0
    return max(0.0, (when - sent).total_seconds())


def _fault_of(exc: httpx.HTTPError) -> CrmFault:
    if isinstance(exc, httpx.TimeoutException):
        return CrmFault(CrmTrouble.TIMEOUT, str(exc))
    if tls := _tls_error(exc):
        return CrmFault(CrmTrouble.INSECURE, getattr(tls, "verify_message", "") or str(tls))
    if isinstance(exc, httpx.LocalProtocolError):
        return CrmFault(CrmTrouble.NOT_CONFIGURED, str(exc))
    return CrmFault(CrmTrouble.UNREACHABLE, str(exc) or type(exc).__name__)


def _tls_error(exc: BaseException) -> ssl.SSLError | None:
    """The certificate or handshake error that httpx has wrapped, if that is what happened."""
    seen: BaseException | None = exc
    while seen is not None:
        if isinstance(seen, ssl.SSLError):
            return seen
        seen = seen.__cause__ or seen.__context__
    return None
