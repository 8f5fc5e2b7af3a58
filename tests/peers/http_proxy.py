"""A company's small HTTP proxy on loopback: CONNECT to names that only it knows, and ways to refuse."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from socketserver import StreamRequestHandler, ThreadingTCPServer


@dataclass
class HttpProxy:
    """`names` maps host names to the ports of this computer that stand for them.

    `wanted` is the Proxy-Authorization that must come, `answer` a whole head that is sent instead of a
    connection; `silent` says nothing at all, `dripping` one byte now and then.
    """

    port: int = 0
    names: dict[str, int] = field(default_factory=dict)
    wanted: str = ""
    answer: bytes = b""
    silent: bool = False
    dripping: bool = False
    asked: list[str] = field(default_factory=list)
    signed_in: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def http_proxy() -> Iterator[HttpProxy]:
    """Serve on 127.0.0.1."""
    told = HttpProxy()
    handler = type("Handler", (_Handler,), {"told": told})
    with ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        told.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield told
        finally:
            told.over.set()
            server.shutdown()
            thread.join()


class _Handler(StreamRequestHandler):
    told: HttpProxy

    def handle(self) -> None:
        target, authorization = self._read()
        told = self.told
        told.asked.append(target)
        told.signed_in.append(authorization)
        if told.silent:
            told.over.wait(30)
        elif told.dripping:
            self._drip()
        elif told.answer:
            self._say(told.answer)
        elif authorization != told.wanted:
            self._say(
                b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Negotiate\r\n"
                b'Proxy-Authenticate: NTLM\r\nProxy-Authenticate: Basic realm="x"\r\n\r\n'
            )
        elif target.rpartition(":")[0] not in told.names:
            self._say(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
        else:
            self._through(told.names[target.rpartition(":")[0]])

    def _read(self) -> tuple[str, str]:
        first = self.rfile.readline().decode("ascii").split()
        authorization = ""
        while (line := self.rfile.readline().decode("latin-1").strip()) != "":
            name, _, value = line.partition(":")
            if name.lower() == "proxy-authorization":
                authorization = value.strip()
        return (first[1] if first[:1] == ["CONNECT"] else " ".join(first)), authorization

    def _say(self, head: bytes) -> None:
        with suppress(OSError):  # whoever was refused may be gone
            self.wfile.write(head)

    def _drip(self) -> None:
        with suppress(OSError):
            self.wfile.write(b"HTTP/1.1 200 Fine\r\nX: ")
            while not self.told.over.wait(0.05):
                self.wfile.write(b"x")

    def _through(self, port: int) -> None:
        with socket.create_connection(("127.0.0.1", port), 10) as server:
            self._say(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=_copy, args=(server, self.connection), daemon=True)
            back.start()
            _copy(self.connection, server)
            back.join(10)


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):  # either end may break off
        while chunk := source.recv(65_536):
            target.sendall(chunk)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)
