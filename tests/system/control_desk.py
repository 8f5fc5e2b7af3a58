"""A desk behind a real control socket, without the rest of the program."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path

from softphone.system.control_wire import Message
from softphone.system.local_socket import Answer, ControlServer
from softphone.usecases.remote.request import Request
from softphone.usecases.remote.requests import Events, PlaceCall, Quit, Status


class MainThread:
    """Stands in for the pump: runs what was posted, one after the other, on one thread."""

    def __init__(self) -> None:
        self._work: deque[Callable[[], None]] = deque()
        self._there = threading.Semaphore(0)
        self._ending = False
        self.faults: list[Exception] = []
        self.thread = threading.Thread(target=self._run, name="main-thread", daemon=True)
        self.thread.start()

    def call_soon(self, action: Callable[[], None]) -> None:
        self._work.append(action)
        self._there.release()

    def call_and_wait(self, action: Callable[[], None]) -> None:
        done = threading.Event()
        self.call_soon(action)
        self.call_soon(done.set)
        assert done.wait(20)

    def end(self) -> None:
        self._ending = True
        self._there.release()
        self.thread.join(5)

    def _run(self) -> None:
        while True:
            self._there.acquire()
            if self._ending:
                return
            try:
                self._work.popleft()()
            except RuntimeError as exc:
                self.faults.append(exc)


class Desk:
    """Answers what the tests ask, on the main thread only."""

    def __init__(self, folder: Path) -> None:
        self.main = MainThread()
        self.threads: set[str] = set()
        self.held_back: list[Answer] = []
        self.server = ControlServer(folder, self.handle, self.main.call_soon)
        self.server.start()

    def handle(self, request: Request, answer: Answer) -> None:
        self.threads.add(threading.current_thread().name)
        if isinstance(request, Quit):
            raise RuntimeError("a bug")
        if isinstance(request, PlaceCall):
            self.held_back.append(answer)
            return
        name = {Status: "status", Events: "listening"}.get(type(request), type(request).__name__)
        answer({"ok": True, "event": name})

    def tell(self, message: Message) -> None:
        self.main.call_and_wait(lambda: self.server.broadcast(message))
