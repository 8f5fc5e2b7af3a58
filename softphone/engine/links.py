"""The engine's end of the pipe: accepts desks, reads their commands, writes events without ever waiting.

Threads: one accepts, and each link has one that reads and one that writes. The sip thread only calls
`DeskLink.send` and `PipeServer.inbox`, which never block.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from queue import SimpleQueue

import structlog

from softphone.domain.errors import Broken
from softphone.domain.events import Event
from softphone.engine import pipe
from softphone.engine.protocol import Command
from softphone.engine.wire import MESSAGE_LIMIT, decode_command, encode

_log = structlog.get_logger(__name__)

LINK_LIMIT = 4
BACKLOG_LIMIT = 5_000
"""Events that may wait for a desk that does not read; then the link is closed, the desk can attach anew."""


class DeskLink:
    """One desk at the other end."""

    def __init__(self, connection: pipe.Pipe) -> None:
        self._connection = connection
        self._outgoing: SimpleQueue[bytes | None] = SimpleQueue()
        self._closed = threading.Event()

    @property
    def closed(self) -> bool:
        return self._closed.is_set()

    def send(self, event: Event) -> None:
        """Queue `event` for the writer; any thread, never blocks."""
        if self.closed:
            return
        if self._outgoing.qsize() >= BACKLOG_LIMIT:
            _log.warning("desk_does_not_read", waiting=BACKLOG_LIMIT)
            self.close()
            return
        self._outgoing.put(encode(event))

    def close(self) -> None:
        """End the link after what is queued was written, or at once if the desk does not read."""
        self._closed.set()
        self._outgoing.put(None)

    def write_until_closed(self) -> None:
        """The writer's thread."""
        try:
            while (raw := self._outgoing.get()) is not None:
                self._connection.send_bytes(raw)
        except OSError:
            _log.info("desk_gone")
        finally:
            self._closed.set()
            self._connection.close()

    def read(self) -> Command:
        """The reader's thread: the next command; raises `EOFError`, `OSError` or `Broken`."""
        return decode_command(self._connection.recv_bytes(MESSAGE_LIMIT))


class PipeServer:
    """Accepts desks at one address and collects their commands in `inbox`.

    An item of the inbox is a link with its command, or with None when that link has ended.
    """

    def __init__(self, address: str) -> None:
        self.inbox: deque[tuple[DeskLink, Command | None]] = deque()
        self._address = address
        self._listener = pipe.ServerEnd(address)
        self._links: set[DeskLink] = set()
        self._closing = False

    def start(self) -> None:
        _thread("pipe-accept", self._accept)

    def close(self) -> None:
        """Stop accepting and end the links; queued events are still written. Takes at most 1 s."""
        self._closing = True
        for link in tuple(self._links):
            link.close()
        self._listener.close()
        for thread in threading.enumerate():
            if thread.name == "pipe-write" and thread.ident is not None:  # listed before it runs
                thread.join(timeout=1.0)

    def _accept(self) -> None:
        while not self._closing:
            try:
                connection = self._listener.accept()
            except (OSError, EOFError):
                if not self._closing:
                    _log.warning("pipe_accept_failed")
                    threading.Event().wait(0.1)
                continue
            if len(self._links) >= LINK_LIMIT or not pipe.same_user(connection):
                _log.warning("desk_refused", links=len(self._links))
                connection.close()
                continue
            self._welcome(DeskLink(connection))

    def _welcome(self, link: DeskLink) -> None:
        self._links.add(link)
        _thread("pipe-write", link.write_until_closed)
        _thread("pipe-read", lambda: self._read(link))
        if self._closing:
            link.close()

    def _read(self, link: DeskLink) -> None:
        try:
            while not link.closed:
                self.inbox.append((link, link.read()))
        except Broken as exc:
            _log.warning("desk_speaks_nonsense", detail=exc.detail)
        except (OSError, EOFError):
            _log.info("desk_left")
        link.close()
        self._links.discard(link)
        self.inbox.append((link, None))


def _thread(name: str, work: Callable[[], None]) -> None:
    threading.Thread(target=work, name=name, daemon=True).start()
