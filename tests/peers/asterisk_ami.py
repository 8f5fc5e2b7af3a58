"""Asterisk's manager interface: actions with their answers, and events kept for the tests to look through."""

from __future__ import annotations

import contextlib
import itertools
import socket
import threading
from collections.abc import Iterator

from tests.peers.waiting import wait_for

Message = dict[str, str]


class ManagerError(AssertionError):
    """Asterisk refused an action."""


class Manager:
    """One logged-in connection. A reader thread files answers by ActionID and keeps all events."""

    def __init__(self, port: int, secret: str) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=5)
        self._socket.settimeout(None)
        self._ids = itertools.count(1)
        self._answers: dict[str, Message] = {}
        self._events: list[Message] = []
        self._changed = threading.Condition()
        self._reader = threading.Thread(target=self._read, name="ami-reader", daemon=True)
        self._reader.start()
        self.act("Login", Username="tests", Secret=secret)

    def close(self) -> None:
        """Leave; the reader thread ends with the connection."""
        with contextlib.suppress(OSError):  # the server may have closed it first
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._reader.join(5)

    def act(self, action: str, variables: dict[str, str] | None = None, /, **fields: str) -> Message:
        """Perform an action and return its answer; raises ManagerError when Asterisk refuses it."""
        action_id = str(next(self._ids))
        lines = [f"Action: {action}", f"ActionID: {action_id}"]
        lines += [f"{name}: {value}" for name, value in fields.items()]
        lines += [f"Variable: {name}={value}" for name, value in (variables or {}).items()]
        self._socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        with self._changed:
            if not self._changed.wait_for(lambda: action_id in self._answers, timeout=15):
                raise ManagerError(f"no answer to {action}")
            answer = self._answers.pop(action_id)
        if answer.get("Response") not in ("Success", "Follows", "Goodbye"):
            raise ManagerError(f"{action}: {answer.get('Message', answer)}")
        return answer

    def listing(self, action: str, **fields: str) -> list[Message]:
        """Perform an action that answers with a list of events, and return those."""
        mark = self.mark()
        action_id = self.act(action, **fields)["ActionID"]
        wait_for(
            lambda: self.events_since(mark, ActionID=action_id, EventList="Complete"),
            f"the end of {action}'s list",
        )
        listed = self.events_since(mark, ActionID=action_id)
        return [event for event in listed if event.get("EventList") != "Complete"]

    def mark(self) -> int:
        """A point in the stream of events, to look only at later ones."""
        with self._changed:
            return len(self._events)

    def events_since(self, mark: int, name: str | None = None, **fields: str) -> list[Message]:
        """Events after ``mark`` with this name and these values."""
        with self._changed:
            later = self._events[mark:]
        return [event for event in later if _matches(event, name, fields)]

    def wait_event(self, mark: int, name: str, *, timeout_s: float = 10.0, **fields: str) -> Message:
        """The first such event after ``mark``, waited for."""
        found = wait_for(
            lambda: self.events_since(mark, name, **fields), f"event {name} {fields}", timeout_s=timeout_s
        )
        return found[0]

    def _read(self) -> None:
        for message in _messages(self._socket):
            with self._changed:
                if "Event" in message:
                    self._events.append(message)
                elif "ActionID" in message:
                    self._answers[message["ActionID"]] = message
                self._changed.notify_all()


def _matches(event: Message, name: str | None, fields: dict[str, str]) -> bool:
    if name is not None and event.get("Event") != name:
        return False
    return all(event.get(field) == value for field, value in fields.items())


def _messages(connection: socket.socket) -> Iterator[Message]:
    """Blocks of 'Name: value' lines; a repeated name (a command's output) is joined by newlines."""
    message: Message = {}
    with connection.makefile("r", encoding="utf-8", errors="replace", newline="\r\n") as lines:
        try:
            for line in lines:
                text = line.rstrip("\r\n")
                if text:
                    name, _, value = text.partition(": ")
                    message[name] = f"{message[name]}\n{value}" if name in message else value
                elif message:
                    yield message
                    message = {}
        except (OSError, ValueError):
            return  # closed under our hands: the end of the stream
