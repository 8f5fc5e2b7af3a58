"""Reading an HTTP answer within limits, and what a failed one means."""

from __future__ import annotations

import ssl
import zlib
from collections.abc import AsyncIterator, Iterator
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

import httpx
import msgspec

from softphone.crm.fault import CrmFault
from softphone.domain.customer import CrmTrouble
from softphone.domain.text import clean_line

ANSWER_LIMIT = 2 * 1024 * 1024
"""Bytes of an answer after decompression. A record is a few kilobytes; more is a mistake or an attack."""

ERROR_LIMIT = 64 * 1024

_TROUBLES = {
    400: CrmTrouble.REFUSED,
    401: CrmTrouble.CREDENTIALS,
    403: CrmTrouble.FORBIDDEN,
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


def failure(status: int, response: httpx.Response, raw: bytes) -> CrmFault:
    """What an answer that is no 2xx means; its body goes along if it is JSON."""
    try:
        body = decoded(raw, response) if raw.strip() else None
    except CrmFault:
        body = None  # an error's body may be HTML
    return CrmFault(
        _TROUBLES.get(status) or (CrmTrouble.SERVER_ERROR if status >= 500 else CrmTrouble.BAD_ANSWER),
        _status_line(status),
        retry_after_s=_retry_after_s(response),
        status=status,
        body=body,
    )


def cookies_of(response: httpx.Response) -> Iterator[tuple[str, str]]:
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


async def body_of(response: httpx.Response, limit: int) -> bytes:
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


def decoded(raw: bytes, response: httpx.Response) -> Any:
    """The JSON of an answer; raises `CrmFault` (bad answer) that names its content type."""
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


def fault_of(exc: httpx.HTTPError, proxy: str = "") -> CrmFault:
    """Why there was no answer; `proxy` is the one that stands between, if there is one."""
    fault = _fault_of(exc)
    if not proxy:
        return fault
    if isinstance(exc, httpx.ProxyError):
        return CrmFault(CrmTrouble.UNREACHABLE, f"the proxy {proxy} lets nobody through: {exc}")
    return CrmFault(fault.trouble, f"{fault.detail} (through the proxy {proxy})")


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
