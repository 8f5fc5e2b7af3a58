"""The server behind `softphone ctl`: requests of the same user reach the main thread, answers go back.

Threads: one accepts, each connection has one that reads and one that writes. `post_call` hands every request
to the main thread; answers and broadcasts are only queued there, so no reader can ever make it wait.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from queue import Empty, SimpleQueue

import structlog

from softphone.system.control_wire import Asked, BadRequest, Message, decode_request, encode, no
from softphone.system.local_channel import BadLine, Channel, Listener, listen
from softphone.usecases.remote.request import Request
from softphone.usecases.remote.requests import Events

Answer = Callable[[Message], None]
Handle = Callable[[Request, Answer], None]
PostCall = Callable[[Callable[[], None]], None]

CONNECTIONS = 16
BACKLOG_LINES = 2_000
"""Lines that may wait for one reader. Then it is dropped with an error line."""

ANSWER_WITHIN_S = 75.0
"""A request that waits for a confirmation gives up by itself before; this is for a desk that hangs."""

_log = structlog.get_logger(__name__)


class ControlServer:
    """`handle(request, answer)` is called on the main thread; it answers once, now or later.

    The command `events` makes its connection a stream: it gets the answer and then every `broadcast`.
    """

    def __init__(self, folder: Path, handle: Handle, post_call: PostCall) -> None:
        self._folder = folder
        self._handle = handle
        self._post_call = post_call
        self._connections: set[_Connection] = set()
        self._streams: set[_Connection] = set()
        self._closing = False
        self._listener: Listener | None = None

    def start(self) -> None:
        """Listen from now on; raises `Broken`. The caller holds the instance lock of the profile."""
        listener = self._listener = listen(self._folder)
        _start_thread("control-accept", lambda: self._accept(listener))

    def broadcast(self, message: Message) -> None:
        """Send `message` to every stream. Main thread; never blocks."""
        if not self._streams:
            return
        line = encode(message)
        for stream in tuple(self._streams):
            stream.send(line)
            if stream.closing:
                self._streams.discard(stream)

    def close(self) -> None:
        """Stop listening and end all connections after what is queued was written (1 s at most)."""
        self._closing = True
        if self._listener is not None:
            self._listener.close()
        for connection in tuple(self._connections):
            connection.finish()
        for connection in tuple(self._connections):
            connection.finished.wait(1.0)

    def _accept(self, listener: Listener) -> None:
        while not self._closing:
            try:
                channel = listener.accept()
            except OSError as exc:
                if not self._closing:
                    _log.error("control_accept_failed", reason=str(exc))
                return
            if channel is None:
                _log.warning("control_foreign_user_refused")
                continue
            self._welcome(channel)

    def _welcome(self, channel: Channel) -> None:
        connection = _Connection(channel)
        if len(self._connections) >= CONNECTIONS:
            connection.send(encode(no("too_many_connections")))
            connection.finish()
            _start_thread("control-write", connection.write_until_finished)
            return
        self._connections.add(connection)
        _start_thread("control-write", lambda: self._write(connection))
        _start_thread("control-read", lambda: self._read(connection))

    def _write(self, connection: _Connection) -> None:
        connection.write_until_finished()
        self._connections.discard(connection)
        self._streams.discard(connection)

    def _read(self, connection: _Connection) -> None:
        try:
            while not connection.closing and (line := connection.read_line()) is not None:
                if line.strip():
                    self._take(connection, line)
        except BadLine:
            connection.send(encode(no("bad_request", "the line is too long")))
            connection.finish()
        except OSError as exc:
            _log.info("control_connection_lost", reason=type(exc).__name__)
            connection.finish()
        if connection not in self._streams:  # who only listens may close its writing half
            connection.finish()

    def _take(self, connection: _Connection, line: bytes) -> None:
        """Carry out one request and wait for its answer, so that answers come in the order of requests."""
        try:
            asked = decode_request(line)
        except BadRequest as exc:
            connection.send(encode(no("bad_request", str(exc))))
            return
        answered = threading.Event()
        self._post_call(lambda: self._carry_out(connection, asked, answered))
        if not answered.wait(ANSWER_WITHIN_S):
            connection.send(encode(no("timeout", "the softphone does not respond")))
            connection.finish()

    def _carry_out(self, connection: _Connection, asked: Asked, answered: threading.Event) -> None:
        """On the main thread."""

        def answer(message: Message) -> None:
            if answered.is_set():
                return
            connection.send(encode({**message, **asked.echo}))
            if isinstance(asked.request, Events):
                self._streams.add(connection)
            answered.set()

        try:
            self._handle(asked.request, answer)
        except BaseException:  # a bug: the client must not wait for it, the pump's guard reports it
            answer(no("internal"))
            raise


class _Connection:
    """What waits to be written to one client. Main thread: `send`; its reader and writer: the rest."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._outgoing: SimpleQueue[bytes | None] = SimpleQueue()
        self._closing = threading.Event()
        self.finished = threading.Event()

    @property
    def closing(self) -> bool:
        return self._closing.is_set()

    def send(self, line: bytes) -> None:
        """Queue one line; a client that does not read is dropped instead of waited for."""
        if self.closing:
            return
        if self._outgoing.qsize() >= BACKLOG_LINES:
            _log.warning("control_slow_reader_dropped", waiting=BACKLOG_LINES)
            self._empty()
            self._outgoing.put(encode(no("slow_reader", "lines were lost; connect anew")))
            self.finish()
            return
        self._outgoing.put(line)

    def finish(self) -> None:
        """End the connection after what is queued."""
        self._closing.set()
        self._outgoing.put(None)

    def read_line(self) -> bytes | None:
        return self._channel.read_line()

    def write_until_finished(self) -> None:
        """The writer's thread. A write that takes longer than the channel's patience ends it."""
        try:
            while (line := self._outgoing.get()) is not None:
                self._channel.write_line(line)
        except OSError as exc:
            _log.info("control_client_gone", reason=type(exc).__name__)
        finally:
            self._closing.set()
            self._channel.close()
            self.finished.set()

    def _empty(self) -> None:
        try:
            while True:
                self._outgoing.get_nowait()
        except Empty:
            return


def _start_thread(name: str, work: Callable[[], None]) -> None:
    threading.Thread(target=work, name=name, daemon=True).start()
