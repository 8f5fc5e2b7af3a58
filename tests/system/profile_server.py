"""A company's provisioning server for tests: ETags, one-time tokens, and every way to misbehave."""

from __future__ import annotations

import hashlib
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum, auto
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.peers.certificates import KeyPair


class Mood(Enum):
    """How the server treats who asks for the profile."""

    FINE = auto()
    ENDLESS = auto()
    """More bytes than anybody wants, without saying how many."""
    SLOW = auto()
    """One byte now and then, for ever."""
    SILENT = auto()
    CUT = auto()
    """Half of what it has promised."""
    DOWNGRADE = auto()
    """A redirection to http."""
    LOOP = auto()
    MOVED = auto()
    """One redirection to the right place."""
    BROKEN = auto()
    """500."""
    GONE = auto()
    """404."""


@dataclass
class ProfileServer:
    """`tokens` maps a token that is good once to the answer that it earns."""

    profile: bytes = b""
    mood: Mood = Mood.FINE
    tokens: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    base_url: str = ""
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"{self.base_url}/profile.toml"


@contextmanager
def profile_server(keys: KeyPair | None = None) -> Iterator[ProfileServer]:
    """Serve on 127.0.0.1, over TLS with `keys`."""
    told = ProfileServer()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"told": told}))
    server.daemon_threads = True
    if keys is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(keys.certificate, keys.key)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    host = "localhost" if keys is not None else "127.0.0.1"
    told.base_url = f"{'https' if keys is not None else 'http'}://{host}:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield told
    finally:
        told.over.set()
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    told: ProfileServer

    def do_GET(self) -> None:
        self.told.asked.append((f"GET {self.path}", {k.lower(): v for k, v in self.headers.items()}))
        mood = self.told.mood
        if mood in (Mood.DOWNGRADE, Mood.LOOP, Mood.MOVED) and self.path != "/moved.toml":
            target = {
                Mood.DOWNGRADE: "http://localhost/profile.toml",
                Mood.LOOP: self.path,
                Mood.MOVED: "/moved.toml",
            }[mood]
            self._send(302, b"", {"Location": target})
        elif mood in (Mood.BROKEN, Mood.GONE):
            self._send(500 if mood is Mood.BROKEN else 404, b"no")
        elif mood in (Mood.SLOW, Mood.ENDLESS, Mood.SILENT, Mood.CUT):
            self._misbehave(mood)
        else:
            self._profile()

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.told.asked.append((f"POST {self.path}", {k.lower(): v for k, v in self.headers.items()}))
        answer = self.told.tokens.pop(body["token"], None)
        if answer is None:
            self._send(410, b'{"error": "used"}')
        else:
            self._send(200, json.dumps(answer).encode())

    def _profile(self) -> None:
        tag = f'"{hashlib.sha256(self.told.profile).hexdigest()[:16]}"'
        if self.headers.get("If-None-Match") == tag:
            self._send(304, b"", {"ETag": tag})
        else:
            self._send(200, self.told.profile, {"ETag": tag})

    def _misbehave(self, mood: Mood) -> None:
        self.close_connection = True
        try:
            if mood is Mood.SILENT:
                self.told.over.wait(10)
                return
            length = b"Content-Length: 1000\r\n" if mood is Mood.CUT else b""
            self.wfile.write(b"HTTP/1.1 200 OK\r\n" + length + b"Connection: close\r\n\r\n[prof")
            while mood is not Mood.CUT and not self.told.over.wait(0.05 if mood is Mood.SLOW else 0):
                self.wfile.write(b"#" if mood is Mood.SLOW else b"#" * 65_536)
        except OSError:
            return  # the other side has had enough, as it should

    def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        return
