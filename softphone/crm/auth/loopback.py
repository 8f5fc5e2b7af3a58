"""Where the browser comes back to: one request on this computer's loopback address (RFC 8252 section 7.3)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from html import escape
from urllib.parse import urlsplit

from softphone.crm.fault import CrmFault
from softphone.domain.crm_work import BrowserWords
from softphone.domain.customer import CrmTrouble

_HEAD_LIMIT = 16_384
_PATIENCE_S = 10.0
_PAGE = (
    "<!doctype html><html lang='{language}'><meta charset=utf-8>"
    "<meta name=viewport content='width=device-width'>"
    "<title>softphone</title><style>body{{font:1.2rem/1.5 system-ui,sans-serif;margin:15vh auto;"
    "max-width:32rem;padding:0 1rem;text-align:center;color-scheme:light dark}}</style>"
    "<p dir=auto style='font-size:3rem;margin:0'>{mark}</p><p dir=auto>{words}</p>"
)
Check = Callable[[str], str]
"""What the query of the redirect means; raises `CrmFault` for what is not the answer waited for."""


class Redirect:
    """The answer that the browser brings; strangers' requests are refused and waiting goes on."""

    def __init__(self, path: str, check: Check, words: BrowserWords) -> None:
        self._path = path
        self._check = check
        self._words = words
        self.code: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_PATIENCE_S):
                head = await reader.readuntil(b"\r\n\r\n")
                writer.write(self._answer(head.split(b"\r\n", 1)[0].decode("latin-1")))
                await writer.drain()
        except (TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            return  # not a browser, or one that went away: the next one may be ours
        finally:
            writer.close()

    def _answer(self, request_line: str) -> bytes:
        method, _, rest = request_line.partition(" ")
        parts = urlsplit(rest.partition(" ")[0])
        if method != "GET" or parts.path != self._path or self.code.done():
            return self._page("404 Not Found", "", "")
        try:
            code = self._check(parts.query)
        except CrmFault as fault:
            if fault.trouble is not CrmTrouble.INSECURE:  # another state is not our browser: wait on
                self.code.set_exception(fault)
            return self._page("400 Bad Request", "✗", self._words.failed)
        self.code.set_result(code)
        return self._page("200 OK", "✓", self._words.done)

    def _page(self, status: str, mark: str, words: str) -> bytes:
        return _page(status, mark, words, self._words.language)


@asynccontextmanager
async def waiting_for_browser(
    host: str, port: int, path: str, check: Check, words: BrowserWords
) -> AsyncIterator[tuple[str, asyncio.Future[str]]]:
    """Listen; gives the redirect address and what the code will be.

    Raises `CrmFault` if the port is taken.
    """
    redirect = Redirect(path, check, words)
    try:
        # The address itself, not a name: "localhost" must not listen on anything that a name may mean.
        server = await asyncio.start_server(redirect.serve, "127.0.0.1", port, limit=_HEAD_LIMIT)
    except OSError as exc:
        raise CrmFault(
            CrmTrouble.NOT_CONFIGURED, f"port {port} of this computer is taken: {exc.strerror}"
        ) from exc
    actual = server.sockets[0].getsockname()[1]
    try:
        yield f"http://{host}:{actual}{path}", redirect.code
    finally:
        server.close()
        redirect.code.cancel()


def _page(status: str, mark: str, words: str, language: str) -> bytes:
    body = _PAGE.format(mark=mark, words=escape(words), language=escape(language)).encode()
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(body)}\r\n"
        "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\n"
        "Referrer-Policy: no-referrer\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n"
    )
    return head.encode("ascii") + body
