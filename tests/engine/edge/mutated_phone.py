"""Mutants against a whole phone: `nice python -m tests.engine.edge.mutated_phone [--count 1000000]`.

A real PJSIP behind a real edge, reached over a real socket. It refuses every call by itself, so that no slot
stays taken; after every 20,000 mutants a good call must ring within a second.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from softphone.engine.edge.messages.uri import SipUri
from tests.bench.processes import memory_mb
from tests.engine.edge.acknowledging import acknowledge
from tests.engine.edge.far_peers import UdpPeer
from tests.engine.edge.mutations import good_message, mutants
from tests.engine.edge.pjsip_phone import PjsipPhone

CHECK_EVERY = 20_000
_TOKEN, _PLACE = "c0ffee11" * 4, "127.0.0.1:40001"
_AIM = f"sip:7001@{_PLACE};x-ek={_TOKEN}"
"""Stands for the phone's contact while messages are mutated: port and token differ in every run."""
_BATCH = 20
_ANSWER_S = 0.2


class MutatedPhone:
    """A registered phone and the server's socket."""

    def __init__(self, folder: Path) -> None:
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
        edge = {"requests_per_s": 10**9, "invites_per_s": 25, "pending_invites": 64}
        config = {"password": "x", "route": route, "edge": edge, "refuse": 486}
        self.phone = PjsipPhone(config, folder / "phone.log")
        self.contact = ""
        self._calls = 0

    def register(self) -> None:
        request = self.server.request("REGISTER")
        self.contact = (request.headers.get("Contact") or "").strip("<>")
        response = request.response(200, to_tag="r")
        response.headers.add("Contact", f"{request.headers.get('Contact')};expires=86400")
        self.server.send(response)
        self.phone.wait("registration", code=200)

    def feed(self, seed: int, count: int) -> None:
        """Send mutants, never more than the socket holds."""
        contact = SipUri.parse(self.contact)
        place, token = f"{contact.host}:{contact.port}", contact.param("x-ek") or ""
        for number, data in enumerate(mutants(seed, count, _AIM)):
            aimed = data.replace(_PLACE.encode(), place.encode()).replace(_TOKEN.encode(), token.encode())
            self.server.send(aimed[:65_000])
            if number % _BATCH == _BATCH - 1:
                self._wait_idle(f"{seed}-{number}")

    def ring(self) -> float:
        """Seconds until a good call rings; one that meets the limit on new calls is made again, as people
        do."""
        started = time.perf_counter()
        for _ in range(20):
            self._calls += 1
            name = f"legitimate-{self._calls}"
            self.server.send(good_message(random.Random(0), self.contact, "INVITE", name, self._calls))
            if 180 in self._statuses(name):
                return time.perf_counter() - started
            time.sleep(0.05)  # the limit on new calls gives way 25 times a second
        raise AssertionError("no call rings")

    def faults(self) -> int:
        self.phone.do("counters")
        return int(self.phone.wait("counters")["faults"])

    def _statuses(self, call: str) -> set[int]:
        """Statuses of the answers to one call, until it is refused or nothing more comes."""
        statuses: set[int] = set()
        with suppress(TimeoutError):
            while 486 not in statuses:
                data = self.server.receive_bytes(_ANSWER_S)
                acknowledge(self.server, self.contact, data)
                if call.encode() in data and data.startswith(b"SIP/2.0 "):
                    statuses.add(int(data[8:11]))
        return statuses

    def _wait_idle(self, name: str) -> None:
        """Until everything sent so far has been dealt with: the answer to one OPTIONS more."""
        probe = good_message(random.Random(0), self.contact, "OPTIONS", f"probe-{name}", 1)
        for _ in range(5):
            self.server.send(probe)
            try:
                while f"probe-{name}".encode() not in (data := self.server.receive_bytes(1.0)):
                    acknowledge(self.server, self.contact, data)
            except TimeoutError:
                continue
            return
        raise AssertionError(f"no answer after mutant {name}")


@contextmanager
def mutated_phone(folder: Path) -> Iterator[MutatedPhone]:
    """Registered; killed at the end, whatever happened."""
    made = MutatedPhone(folder)
    try:
        made.register()
        yield made
    finally:
        made.phone.kill()
        made.server.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=20, help="of the first 20,000")
    arguments = parser.parse_args()
    slowest, memory = 0.0, list[float]()
    with tempfile.TemporaryDirectory() as folder, mutated_phone(Path(folder)) as it:
        for block in range(-(-arguments.count // CHECK_EVERY)):
            it.feed(arguments.seed + block, CHECK_EVERY)
            slowest = max(slowest, it.ring())
            memory.append(memory_mb(it.phone.pid))
            print(json.dumps({"messages": (block + 1) * CHECK_EVERY, "memory_mb": round(memory[-1], 1)}))
            sys.stdout.flush()
        faults = it.faults()
        code = it.phone.quit()
    print(
        json.dumps({
            "messages": len(memory) * CHECK_EVERY,
            "faults": faults,
            "exit_code": code,
            "slowest_ring_ms": round(slowest * 1e3, 1),
            "memory_mb_first": round(memory[0], 1),
            "memory_mb_last": round(memory[-1], 1),
        })
    )  # fmt: skip
    return 0 if faults == code == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
