"""Forged calls by the thousand against a real phone, and legitimate ones among them."""

from __future__ import annotations

import random
import statistics
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.bench.processes import cpu_seconds, memory_mb
from tests.engine.edge.acknowledging import acknowledge
from tests.engine.edge.far_peers import UdpPeer
from tests.engine.edge.mutations import good_message
from tests.engine.edge.pjsip_phone import PjsipPhone


class BarePbx:
    """A registered phone (PJSIP behind the edge, or directly) and the server's socket."""

    def __init__(self, folder: Path, *, direct: bool = False) -> None:
        self.server = UdpPeer()
        route = {
            "account_id": "desk",
            "user": "7001",
            "domain": "pbx.example",
            "server": "127.0.0.1",
            "port": self.server.port,
            "transport": "udp",
            "keep_alive_s": 600.0,
        }
        config: dict[str, Any] = {"password": "x", "route": route, "refuse": 486, "direct": direct}
        self.phone = PjsipPhone({**config, "edge": {"invites_per_s": 25}}, folder / "phone.log")
        request = self.server.request("REGISTER")
        self.contact = (request.headers.get("Contact") or "").strip("<>").split(">")[0].replace(";ob", "")
        response = request.response(200, to_tag="r")
        response.headers.add("Contact", f"{request.headers.get('Contact')};expires=300")
        self.server.send(response)
        self.phone.wait("registration", code=200)
        self.address = self.server.other
        self._calls = 0

    def call(self) -> float:
        """Seconds from a good INVITE to its 180; the call is refused by the phone right after."""
        self._calls += 1
        name = f"legitimate-{self._calls}"
        started = time.perf_counter()
        self.server.send(good_message(random.Random(0), self.contact, "INVITE", name, self._calls))
        rang = 0.0
        with suppress(TimeoutError):
            while True:
                data = self.server.receive_bytes(2.0)
                if name.encode() not in data:
                    continue
                if data.startswith(b"SIP/2.0 180 ") and not rang:
                    rang = time.perf_counter() - started
                if data.startswith(b"SIP/2.0 486 "):
                    acknowledge(self.server, self.contact, data)
                    break
        if not rang:
            raise AssertionError(f"{name} did not ring")
        return rang

    def close(self) -> int:
        """Exit code of the phone."""
        code = self.phone.quit()
        self.server.close()
        return code


def _flood(pbx: BarePbx, per_s: int, stop: threading.Event) -> None:
    """Forged INVITEs, half from a stranger's socket, half with the server's own address."""
    stranger = UdpPeer()
    stranger.other = pbx.address
    forged = good_message(random.Random(0), "sip:7001@127.0.0.1:5060", "INVITE", "ghost", 0)
    numbers = iter(range(10**9))
    while not stop.is_set():
        began = time.monotonic()
        for number in (next(numbers) for _ in range(per_s // 50)):
            data = forged.replace(b"ghost", b"ghost%d" % number)
            pbx.server.socket.sendto(data, pbx.address) if number % 2 else stranger.send(data)
        stop.wait(max(0.0, 0.02 - (time.monotonic() - began)))
    stranger.close()


def run(seconds: float, per_s: int = 1_000) -> dict[str, float]:
    """Figures of calls without and with a flood, in milliseconds, and what the flood cost."""
    with tempfile.TemporaryDirectory() as folder:
        pbx = BarePbx(Path(folder))
        quiet = [_paced(pbx) for _ in range(15)]
        memory, cpu = memory_mb(pbx.phone.pid), cpu_seconds(pbx.phone.pid)
        stop = threading.Event()
        thread = threading.Thread(target=_flood, args=(pbx, per_s, stop))
        thread.start()
        began, busy = time.monotonic(), list[float]()
        while time.monotonic() - began < seconds:
            busy.append(_paced(pbx))
        took = time.monotonic() - began
        stop.set()
        thread.join()
        spent = cpu_seconds(pbx.phone.pid) - cpu
        grown = memory_mb(pbx.phone.pid) - memory
        pbx.phone.do("counters")
        counters = pbx.phone.wait("counters")
        assert pbx.close() == 0
    return {
        "seconds": took,
        "forged_seen": counters["foreign"],
        "faults": counters["faults"],
        "calls": len(busy),
        "quiet_median_ms": statistics.median(quiet) * 1e3,
        "flood_median_ms": statistics.median(busy) * 1e3,
        "added_median_ms": (statistics.median(busy) - statistics.median(quiet)) * 1e3,
        "memory_growth_mb": grown,
        "cpu_percent": spent / took * 100,
    }


def _paced(pbx: BarePbx) -> float:
    time.sleep(0.1)
    return pbx.call()
