"""A small HTTP server on loopback whose answers are functions of the request."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.crm.serving import serving


@dataclass(frozen=True)
class Asked:
    """One request as it arrived."""

    method: str
    target: str
    headers: dict[str, str]
    raw: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.raw.decode(), keep_blank_values=True))

    @property
    def json(self) -> Any:
        return json.loads(self.raw) if self.raw else None


@dataclass(frozen=True)
class Reply:
    """What to answer. `body` is sent as JSON unless it is bytes."""

    status: int = 200
    body: Any = None
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def raw(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return b"" if self.body is None else json.dumps(self.body).encode()


Respond = Callable[[Asked], Reply]


@dataclass
class ScriptedServer:
    """`routes` maps "METHOD /path" to what answers there; everything asked is in `asked`."""

    routes: dict[str, Respond] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    base_url: str = ""

    def on(self, route: str, *replies: Reply | Respond) -> None:
        """Answer a route with these, one after the other; the last one stays."""
        waiting = list(replies)

        def answer(asked: Asked) -> Reply:
            reply = waiting.pop(0) if len(waiting) > 1 else waiting[0]
            return reply if isinstance(reply, Reply) else reply(asked)

        self.routes[route] = answer

    def requests(self, route: str) -> list[Asked]:
        """What was asked of one route."""
        return [asked for asked in self.asked if f"{asked.method} {asked.path}" == route]


@contextmanager
def scripted_server() -> Iterator[ScriptedServer]:
    told = ScriptedServer()
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(self.command, self.path, headers, raw)
            with lock:
                told.asked.append(asked)
                respond = told.routes.get(f"{self.command} {asked.path}")
                reply = respond(asked) if respond else Reply(404, {"error": "no such route"})
            self.send_response(reply.status)
            for name, value in reply.headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.raw)))
            self.end_headers()
            self.wfile.write(reply.raw)

        do_GET = do_POST = do_PUT = do_PATCH = _answer  # noqa: N815 - the library's names

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            return

    with serving(Handler) as told.base_url:
        yield told
