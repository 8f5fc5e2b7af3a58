"""Servers at the far end of a flow that a test controls byte by byte, over every transport."""

from __future__ import annotations

import queue
import socket
import ssl
import threading
from contextlib import suppress

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve
from websockets.typing import Subprotocol

from softphone.engine.edge.flows.framing import KeepAlive, StreamFramer
from softphone.engine.edge.messages.message import Request, Response, parse

WITHIN_S = 5.0


class Peer:
    """Speaks whole messages; keep-alive OPTIONS are answered while a test waits for something else."""

    port: int

    def send_bytes(self, data: bytes) -> None:
        raise NotImplementedError

    def receive_bytes(self, within_s: float = WITHIN_S) -> bytes:
        """The next message; TimeoutError when none comes."""
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError

    def send(self, data: bytes | Request | Response) -> None:
        self.send_bytes(data if isinstance(data, bytes) else data.to_bytes())

    def receive(self) -> Request | Response:
        return parse(self.receive_bytes())

    def request(self, method: str = "") -> Request:
        """The next request other than keep-alives."""
        while True:
            message = self.receive()
            assert isinstance(message, Request), message.start_line
            if message.method == "OPTIONS" and method != "OPTIONS":
                self.send(message.response(200, to_tag="ka"))
                continue
            assert not method or message.method == method, message.start_line
            return message

    def response(self, status: int = 0) -> Response:
        message = self.receive()
        assert isinstance(message, Response), message.start_line
        assert not status or message.status == status, message.start_line
        return message

    def hears_nothing(self, for_s: float = 0.15) -> bool:
        try:
            self.receive_bytes(for_s)
        except TimeoutError:
            return True
        return False


class UdpPeer(Peer):
    """A UDP socket; answers whoever spoke last."""

    def __init__(self, port: int = 0) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", port))
        self.port = self.socket.getsockname()[1]
        self.other: tuple[str, int] = ("", 0)

    def send_bytes(self, data: bytes) -> None:
        self.socket.sendto(data, self.other)

    def receive_bytes(self, within_s: float = WITHIN_S) -> bytes:
        self.socket.settimeout(within_s)
        data, self.other = self.socket.recvfrom(70_000)
        return data

    def close(self) -> None:
        self.socket.close()


class StreamPeer(Peer):
    """A TCP or TLS server; talks on the connection that was made last."""

    def __init__(self, context: ssl.SSLContext | None = None, port: int = 0) -> None:
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port = self._listener.getsockname()[1]
        self._messages: queue.Queue[bytes] = queue.Queue()
        self.keep_alives: queue.Queue[KeepAlive] = queue.Queue()
        self._connected = threading.Event()
        self.connection: socket.socket | None = None
        self.accepted = 0
        self.pongs = True
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                plain, _ = self._listener.accept()
            except OSError:
                return
            self.accepted += 1
            threading.Thread(target=self._read, args=(plain,), daemon=True).start()

    def _read(self, plain: socket.socket) -> None:
        with suppress(OSError):
            connection = (
                self._context.wrap_socket(plain, server_side=True) if self._context is not None else plain
            )
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connection = connection
            self._connected.set()
            framer = StreamFramer()
            while data := connection.recv(65_536):
                for item in framer.feed(data):
                    if isinstance(item, bytes):
                        self._messages.put(item)
                        continue
                    self.keep_alives.put(item)
                    if item is KeepAlive.PING and self.pongs:
                        connection.sendall(KeepAlive.PONG.value)
            connection.close()

    def send_bytes(self, data: bytes) -> None:
        assert self._connected.wait(WITHIN_S)
        assert self.connection is not None
        self.connection.sendall(data)

    def receive_bytes(self, within_s: float = WITHIN_S) -> bytes:
        try:
            return self._messages.get(timeout=within_s)
        except queue.Empty:
            raise TimeoutError from None

    def hang_up(self) -> None:
        """Drop the connection, go on listening."""
        assert self.connection is not None
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        if self.connection is not None:
            self.hang_up()
            self.connection.close()
        self._thread.join(WITHIN_S)


class WebPeer(Peer):
    """A WebSocket server, secure with a context."""

    def __init__(
        self, context: ssl.SSLContext | None = None, subprotocol: str = "sip", port: int = 0
    ) -> None:
        self._messages: queue.Queue[bytes] = queue.Queue()
        self._connection: ServerConnection | None = None
        self._server: Server = serve(
            self._talk,
            "127.0.0.1",
            port,
            ssl=context,
            subprotocols=[Subprotocol(subprotocol)],
            select_subprotocol=lambda _, offered: Subprotocol(subprotocol) if offered else None,
        )
        self.port = self._server.socket.getsockname()[1]
        self.path = ""
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def _talk(self, connection: ServerConnection) -> None:
        self._connection = connection
        self.path = connection.request.path if connection.request else ""
        with suppress(ConnectionClosed):
            for frame in connection:
                self._messages.put(frame.encode() if isinstance(frame, str) else frame)

    def send_bytes(self, data: bytes) -> None:
        assert self._connection is not None
        try:
            self._connection.send(data.decode())
        except UnicodeDecodeError:
            self._connection.send(data)

    def receive_bytes(self, within_s: float = WITHIN_S) -> bytes:
        try:
            return self._messages.get(timeout=within_s)
        except queue.Empty:
            raise TimeoutError from None

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._server.shutdown()
        self._thread.join(WITHIN_S)
