"""An HTTP relay in front of a real server that loses the answer to a change, or says that it is busy."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "te", "upgrade", "host"})


class Relay:
    """Listens on a free port and asks `port` on this computer. Close it with `stop`."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._instead: list[Callable[[], None]] = []
        self._busy: list[float] = []
        relay = self

        class Handler(_Handler):
            ours = relay

        self._server = _Quiet(("127.0.0.1", 0), Handler)
        self.base_url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), name="relay")
        self._thread.start()

    def lose_next_answer(self, meanwhile: Callable[[], None] = lambda: None) -> None:
        """The next change reaches the server; `meanwhile` runs after it was sent; its answer goes nowhere."""
        self._instead.append(meanwhile)

    def busy_once(self, retry_after_s: float) -> None:
        """The next request is told to come back later, as the server's own throttling does."""
        self._busy.append(retry_after_s)

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def serve(self, handler: BaseHTTPRequestHandler) -> None:
        """One request, on the server's thread."""
        length = int(handler.headers.get("Content-Length") or 0)
        body = handler.rfile.read(length) if length else None
        if self._busy:
            _say(handler, 429, {"Retry-After": f"{self._busy.pop():g}"}, b'{"detail": "throttled"}')
            return
        lost = self._instead.pop() if handler.command != "GET" and self._instead else None
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30.0)
        try:
            headers = {n: v for n, v in handler.headers.items() if n.lower() not in _HOP}
            connection.request(handler.command, handler.path, body, headers)
            if lost is not None:
                lost()
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException):
            handler.close_connection = True  # the server is gone: so are we
            return
        finally:
            connection.close()
        if lost is not None:
            handler.close_connection = True
            return
        _say(handler, answer.status, {"Content-Type": answer.headers["Content-Type"] or ""}, content)


def _say(handler: BaseHTTPRequestHandler, status: int, headers: dict[str, str], body: bytes) -> None:
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    ours: Relay

    def _serve(self) -> None:
        self.ours.serve(self)

    do_GET = do_POST = do_PUT = do_PATCH = _serve  # noqa: N815 - the library's names

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        return


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is nothing to report."""
