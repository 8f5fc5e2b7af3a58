"""Mutated messages do no harm: the same ones in every run. A million: `tests.engine.edge.long_mutations`."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from softphone.engine.edge.framing import StreamError, StreamFramer
from tests.engine.edge.acknowledging import acknowledge
from tests.engine.edge.far_peers import UdpPeer
from tests.engine.edge.long_mutations import feed_block
from tests.engine.edge.mutations import Bench, good_message, mutants
from tests.engine.edge.pjsip_phone import PjsipPhone


@pytest.mark.parametrize("seed", [1, 2])
def test_ten_thousand_mutants_never_harm_the_border(seed: int) -> None:
    figures = feed_block(seed)
    assert figures.through > 500  # the mutants are not all turned away at the first character
    assert figures.slowest_ms < 250


def test_mutated_streams_are_cut_or_refused() -> None:
    dice = random.Random(3)
    bench = Bench()
    for data in mutants(3, 2_000, bench.contact):
        framer, rest = StreamFramer(), data
        try:
            while rest:
                cut = dice.randint(1, 500)
                framer.feed(rest[:cut])
                rest = rest[cut:]
        except StreamError:
            continue


def wait_idle(server: UdpPeer, contact: str, number: int) -> None:
    """Until everything sent so far has been dealt with: the answer to one OPTIONS more."""
    name = f"probe-{number}"
    probe = good_message(random.Random(0), contact, "OPTIONS", name, number)
    for _ in range(5):
        server.send(probe)
        try:
            while name.encode() not in (data := server.receive_bytes(1.0)):
                acknowledge(server, contact, data)
        except TimeoutError:
            continue
        return
    raise AssertionError(f"no answer after {number} mutants")


def answers(server: UdpPeer, call: str) -> set[int]:
    """Statuses of the answers to one call, until it rings, is refused, or nothing more comes."""
    statuses: set[int] = set()
    with suppress(TimeoutError):
        while not statuses & {180, 486}:
            data = server.receive_bytes(0.2)
            if call.encode() in data:
                statuses.add(int(data[8:11]))
    return statuses


def wait_call(server: UdpPeer, phone: PjsipPhone, contact: str) -> float:
    """Seconds until a good call rings; one that meets the limit on new calls is made again, as people do."""
    phone.do("ring")
    phone.wait("willing")
    started = time.perf_counter()
    for attempt in range(20):
        name = f"legitimate-{attempt}"
        server.send(good_message(random.Random(0), contact, "INVITE", name, 0))
        if 180 in answers(server, name):
            return time.perf_counter() - started
        time.sleep(0.05)  # the limit on new calls gives way 25 times a second
    raise AssertionError("no call rings")


@pytest.fixture
def server() -> Iterator[UdpPeer]:
    made = UdpPeer()
    yield made
    made.close()


@pytest.fixture
def phone(server: UdpPeer, tmp_path: Path) -> Iterator[PjsipPhone]:
    """A real PJSIP behind a real edge; it refuses every call by itself, so that no slot stays taken."""
    route = {
        "account_id": "desk",
        "user": "7001",
        "domain": "pbx.example",
        "server": "127.0.0.1",
        "port": server.port,
        "transport": "udp",
        "keep_alive_s": 600.0,
    }
    edge = {"requests_per_s": 10**9, "invites_per_s": 25, "pending_invites": 64}
    made = PjsipPhone({"password": "x", "route": route, "edge": edge, "refuse": 486}, tmp_path / "phone.log")
    yield made
    made.kill()


def test_after_twenty_thousand_mutants_pjsip_lives_and_a_call_rings_within_a_second(
    server: UdpPeer, phone: PjsipPhone
) -> None:
    request = server.request("REGISTER")
    contact = (request.headers.get("Contact") or "").strip("<>")
    server.send(request.response(200, to_tag="r"))
    phone.wait("registration", code=200)
    for number, data in enumerate(mutants(20, 20_000, contact)):
        server.send(data[:65_000])
        if number % 20 == 19:
            wait_idle(server, contact, number)
    assert wait_call(server, phone, contact) < 1.0
    phone.do("counters")
    assert phone.wait("counters")["faults"] == 0
    assert phone.quit() == 0
