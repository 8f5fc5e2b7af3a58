"""The desk's end of one pipe: commands are queued and written by a thread, events are read by the supervisor.

A stuck engine can therefore never block the window.
"""

from __future__ import annotations

import threading
from queue import SimpleQueue

from softphone.domain.events import Event
from softphone.engine.pipe import Pipe, peer_pid
from softphone.engine.protocol import Command
from softphone.engine.wire import MESSAGE_LIMIT, decode_event, encode


class EngineLink:
    """One connection to one engine."""

    def __init__(self, connection: Pipe) -> None:
        self._connection = connection
        self.pid = peer_pid(connection)
        """The engine's process, 0 if the system does not say."""
        self._outgoing: SimpleQueue[bytes | None] = SimpleQueue()
        threading.Thread(target=self._write, name="engine-write", daemon=True).start()

    def send(self, command: Command) -> None:
        """Queue `command`; any thread, never blocks."""
        self._outgoing.put(encode(command))

    def receive(self, timeout_s: float) -> Event | None:
        """Return the next event, None if none came in time; raises `EOFError`, `OSError` or `Broken`."""
        if not self._connection.poll(timeout_s):
            return None
        return decode_event(self._connection.recv_bytes(MESSAGE_LIMIT))

    def close(self) -> None:
        """End the link once what is queued was written."""
        self._outgoing.put(None)

    def _write(self) -> None:
        try:
            while (raw := self._outgoing.get()) is not None:
                self._connection.send_bytes(raw)
        except OSError:
            return  # the reader sees the same end and reports it
        finally:
            self._connection.close()
