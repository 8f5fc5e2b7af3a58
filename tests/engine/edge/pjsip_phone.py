"""The test's side of `pjsip_child`: start it, command it, wait for what it says."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
Said = dict[str, Any]


class PjsipPhone:
    """A telephone: PJSIP behind the edge, in its own process."""

    def __init__(self, config: dict[str, Any], log: Path) -> None:
        self.said: list[Said] = []
        self._fresh: queue.Queue[Said] = queue.Queue()
        self._log = log.open("ab")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.engine.edge.pjsip_child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            cwd=ROOT,
            text=True,
        )
        threading.Thread(target=self._listen, daemon=True).start()
        self._write(config)

    @property
    def pid(self) -> int:
        """Process id, for figures."""
        return self._process.pid

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if not line.startswith("{"):
                self._log.write(line.encode())  # the structured log
                continue
            self._fresh.put(json.loads(line))

    def _write(self, command: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()

    def do(self, command: str, **arguments: object) -> None:
        """Give a command, see `do_…` of the child."""
        self._write({"do": command, **arguments})

    def wait(self, event: str, within_s: float = 10.0, **facts: object) -> Said:
        """The next event with these facts; everything before it is dropped."""
        while True:
            try:
                said = self._fresh.get(timeout=within_s)
            except queue.Empty:
                tail = "\n".join(str(one)[:300] for one in self.said[-12:])
                raise AssertionError(
                    f"not within {within_s} s: {event} {facts}; last said:\n{tail}"
                ) from None
            self.said.append(said)
            assert said["event"] not in {"fault", "refused"}, said["text"]
            if said["event"] == event and all(said.get(name) == value for name, value in facts.items()):
                return said

    def call(self, uri: str, state: str = "CONFIRMED", **more: object) -> int:
        """Make a call and wait for a state; returns its number."""
        self.do("call", uri=uri, **more)
        number = int(self.wait("call", state="CALLING")["number"])
        self.wait("call", number=number, state=state)
        return number

    def hears(self, number: int, within_s: float = 10.0) -> int:
        """RTP packets received, once there are some."""
        for _ in range(int(within_s / 0.1)):
            self.do("statistics", number=number)
            received = int(self.wait("statistics", number=number)["received"])
            if received > 5:
                return received
            time.sleep(0.1)
        raise AssertionError("no RTP")

    def quit(self) -> int:
        """End it; returns its exit code, which is 0 when PJSIP did not abort."""
        with suppress(OSError):
            self.do("quit")
        try:
            return self._process.wait(15)
        except subprocess.TimeoutExpired:
            self.kill()
            return -1
        finally:
            self._close()

    def kill(self) -> None:
        """End it at once, if it has not ended."""
        self._process.kill()
        self._process.wait()
        self._close()

    def _close(self) -> None:
        for stream in (self._process.stdin, self._process.stdout, self._log):
            if stream is not None:
                with suppress(OSError):
                    stream.close()
