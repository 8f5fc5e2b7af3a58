"""One HTTP request to a CRM and its answer, within limits; every fault becomes a `CrmFault`.

The secret goes to the configured origin only: redirects to another are refused, and so is plain HTTP to
anything but this computer.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpx
import truststore

from softphone.crm.answers import (
    ANSWER_LIMIT,
    ERROR_LIMIT,
    body_of,
    cookies_of,
    decoded,
    failure,
    fault_of,
)
from softphone.crm.fault import CrmFault
from softphone.domain.customer import CrmTrouble
from softphone.domain.errors import BadInput
from softphone.domain.facts import dataclass
from softphone.domain.web_proxy import WebProxy, is_this_computer, web_proxy

_REDIRECTS = 3
_KEPT_ALIVE_S = 300.0
"""Calls come minutes apart, and a new TLS connection costs several round trips of a ringing caller's time."""

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
    """One request and what came back, for the eyes of whoever checks a pack. Secrets are still in it.

    `status` is 0 when nothing came back.
    """

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
        self._proxy = _proxy_for(self.base_url.host)
        jar = CookieJar(policy=DefaultCookiePolicy(allowed_domains=[]))
        self._client = httpx.AsyncClient(
            verify=tls or _trust(self.base_url),
            cookies=jar,
            timeout=httpx.Timeout(None),  # one limit for the whole question, set by the caller
            limits=httpx.Limits(max_connections=64, keepalive_expiry=_KEPT_ALIVE_S),
            proxy=_through(self._proxy),
            trust_env=False,  # httpx forgets the exceptions that Windows and macOS have from a proxy
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
            raise fault_of(exc, self._proxy.place if self._proxy else "") from exc
        except (httpx.InvalidURL, UnicodeEncodeError) as exc:
            raise CrmFault(CrmTrouble.NOT_CONFIGURED, str(exc)) from exc

    async def _follow(self, outgoing: Outgoing) -> Answer:
        url = self._url(outgoing.target)
        headers = list(outgoing.headers)
        if outgoing.body is not None and all(name.lower() != "content-type" for name, _ in headers):
            headers.append(("Content-Type", outgoing.content_type))
        for _ in range(_REDIRECTS + 1):
            request = self._client.build_request(outgoing.method, url, content=outgoing.body, headers=headers)
            began = time.perf_counter()
            response = await self._sent(outgoing, request, began)
            try:
                if not response.has_redirect_location:
                    return await self._answer(outgoing, response, began)
                self._show(outgoing, response, b"", began)
                url = self._redirected(outgoing.method, url, response)
            finally:
                await response.aclose()
        raise CrmFault(CrmTrouble.BAD_ANSWER, "too many redirects")

    async def _sent(self, outgoing: Outgoing, request: httpx.Request, began: float) -> httpx.Response:
        if self._client.is_closed:  # the settings have changed meanwhile: nobody waits for this answer
            raise CrmFault(CrmTrouble.UNREACHABLE, "this connection was closed")
        answered = False
        try:
            response = await self._client.send(request, stream=True)
            answered = True
        finally:
            if not answered and self._watch is not None:
                took_ms = (time.perf_counter() - began) * 1000
                self._watch(Seen(outgoing, str(request.url), 0, "", b"", took_ms))
        return response

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
            raw = await body_of(response, ANSWER_LIMIT if good else ERROR_LIMIT)
        except (CrmFault, httpx.HTTPError):
            if good:
                self._show(outgoing, response, b"", began)
                raise
            raw = b""  # an error's page may be huge or damaged: the status alone says enough
        self._show(outgoing, response, raw, began)
        if good:
            return Answer(decoded(raw, response) if raw.strip() else None, tuple(cookies_of(response)))
        raise failure(status, response, raw)

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
    if url.scheme == "http" and not is_this_computer(url.host):
        raise CrmFault(
            CrmTrouble.INSECURE, "http without TLS would show the secret to the network: use https"
        )
    return url


def _proxy_for(host: str) -> WebProxy | None:
    """What the environment says, or the settings of Windows and macOS where it is silent."""
    if is_this_computer(host):
        return None
    from urllib.request import getproxies, proxy_bypass  # not for a CRM on this computer

    try:
        return None if proxy_bypass(host) else web_proxy(getproxies())
    except BadInput as exc:
        raise CrmFault(CrmTrouble.NOT_CONFIGURED, exc.detail) from exc


def _through(proxy: WebProxy | None) -> httpx.Proxy | None:
    if proxy is None:
        return None
    return httpx.Proxy(f"http://{proxy.place}", auth=(proxy.user, proxy.password) if proxy.user else None)


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port  # httpx writes a scheme's default port as None
