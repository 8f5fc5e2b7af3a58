"""A tiny CRM in the shape of the `rest` template: keeps what it was asked and answers what the test says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.crm.serving import serving


@dataclass
class PlainServer:
    """`answers` maps "METHOD path" (without the query) to a status and a JSON value."""

    answers: dict[str, tuple[int, Any]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)
    base_url: str = ""


@contextmanager
def plain_server() -> Iterator[PlainServer]:
    told = PlainServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            headers = {name.lower(): value for name, value in self.headers.items()}
            told.asked.append((f"{self.command} {self.path}", headers, body))
            status, value = told.answers.get(
                f"{self.command} {self.path.split('?')[0]}", (404, {"error": "no"})
            )
            raw = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        do_GET = do_POST = do_PATCH = _answer  # noqa: N815 - the library's names

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            return

    with serving(Handler) as told.base_url:
        yield told
