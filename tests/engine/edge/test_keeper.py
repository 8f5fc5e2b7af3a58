"""Keeping the server: dead flows, fail-over, return to the primary, a changed address."""

from __future__ import annotations

import queue
import socket
import time
from dataclasses import replace
from typing import Any

import pytest

from softphone.domain.account import Transport
from softphone.engine.edge.flows import keeper, sleep
from softphone.engine.edge.types import FlowFailed, FlowLost, FlowOpened, FlowTrouble
from tests.engine.edge.far_peers import Peer, StreamPeer, UdpPeer
from tests.engine.edge.rig import Rig, rig

QUICK: dict[str, Any] = {"keep_alive_s": 0.3, "answer_within_s": 0.6, "primary_check_s": 0.2}


def closed_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answer_pings(server: Peer, for_s: float) -> int:
    """Answer OPTIONS for a while; returns how many came."""
    count, until = 0, time.monotonic() + for_s
    while time.monotonic() < until:
        try:
            request = server.receive()
        except TimeoutError:
            continue
        assert request.start_line.startswith("OPTIONS ")
        server.send(request.response(405, to_tag="ka"))  # type: ignore[union-attr]  # the line before
        count += 1
    return count


def test_an_idle_flow_is_asked_and_any_answer_keeps_it() -> None:
    with rig() as it:
        it.open(**QUICK)
        assert answer_pings(it.server, 1.5) >= 3
        assert it.events.empty()


def test_a_server_that_falls_silent_is_noticed_within_ten_seconds() -> None:
    with rig() as it:
        it.open(keep_alive_s=5.0, answer_within_s=4.0)
        it.register()
        started = time.monotonic()
        assert it.event(FlowLost).trouble is FlowTrouble.NO_ANSWER
        assert time.monotonic() - started < 10
        assert it.event(FlowOpened).again


@pytest.mark.parametrize("transport", [Transport.TCP])
def test_a_silent_server_is_noticed_on_streams_too(transport: Transport) -> None:
    with rig(server=StreamPeer(), transport=transport) as it:
        it.open(**QUICK)
        assert it.event(FlowLost).trouble is FlowTrouble.NO_ANSWER


def test_a_closed_udp_port_is_noticed_at_once() -> None:
    with rig() as it:
        it.open(port=closed_port(), keep_alive_s=60.0, answer_within_s=60.0)
        it.phone.send(it.from_phone("REGISTER"))
        started = time.monotonic()
        assert it.event(FlowLost).trouble is FlowTrouble.CONNECTION_REFUSED
        assert time.monotonic() - started < 2


def test_a_request_moves_to_the_backup_when_the_primary_is_silent_over_udp() -> None:
    backup = UdpPeer()
    with rig() as it:
        opened = it.open(**QUICK, backups=(f"127.0.0.1:{backup.port}",))
        assert not opened.backup
        request = it.from_phone("REGISTER")
        it.phone.send(request)
        assert it.event(FlowOpened).backup
        seen = backup.request("REGISTER")
        assert seen.call_id == request.call_id
        backup.send(seen.response(200, to_tag="x"))
        it.phone.response(200)
    backup.close()


def test_dead_servers_are_tried_in_turn_without_flooding() -> None:
    with rig() as it:
        it.open(port=closed_port(), backups=(f"127.0.0.1:{closed_port()}",), **QUICK)
        opened = []
        until = time.monotonic() + 3.0
        while time.monotonic() < until:
            try:
                event = it.events.get(timeout=0.1)
            except queue.Empty:
                continue
            if isinstance(event, FlowOpened):
                opened.append(event.remote_port)
        assert len(set(opened)) == 2
        assert len(opened) <= 6


def on_backup(it: Rig, backup: StreamPeer) -> StreamPeer:
    """Open an account whose primary is down; returns the primary, now up."""
    port = it.server.port
    it.server.close()
    it.open(backups=(f"127.0.0.1:{backup.port}",), **{**QUICK, "keep_alive_s": 60.0})
    it.server = StreamPeer(port=port)
    return it.server


def test_the_phone_returns_to_the_primary_when_it_has_recovered() -> None:
    backup = StreamPeer()
    with rig(server=StreamPeer(), transport=Transport.TCP) as it:
        primary = on_backup(it, backup)
        for _ in range(2):
            primary.send(primary.request("OPTIONS").response(200, to_tag="x"))
        assert it.event(FlowLost).trouble is FlowTrouble.PRIMARY_IS_BACK
        assert not it.event(FlowOpened).backup
    backup.close()


def test_a_call_on_the_backup_is_not_disturbed_by_the_primarys_return() -> None:
    backup = StreamPeer()
    with rig(server=StreamPeer(), transport=Transport.TCP) as it:
        primary = on_backup(it, backup)
        it.phone.send(it.from_phone("INVITE", call_id="live"))
        backup.send(backup.request("INVITE").response(200, to_tag="far"))
        it.phone.response(200)
        answer_pings(primary, 1.5)
        assert it.events.empty()
        it.phone.send(it.from_phone("BYE", call_id="live", to_tag="far"))
        backup.send(backup.request("BYE").response(200))
        it.phone.response(200)
        answer_pings(primary, 0.8)
        assert it.event(FlowLost).trouble is FlowTrouble.PRIMARY_IS_BACK
    backup.close()


class Clocks:
    """The clocks of `sleep`, which a test may set forward."""

    def __init__(self) -> None:
        self.wall_s = self.monotonic_s = 0.0

    def time(self) -> float:
        return time.time() + self.wall_s + self.monotonic_s

    def monotonic(self) -> float:
        return time.monotonic() + self.monotonic_s


@pytest.mark.parametrize("stops", [True, False], ids=["monotonic clock stops", "monotonic clock goes on"])
def test_after_sleep_there_is_a_new_flow_although_the_server_answers(
    monkeypatch: pytest.MonkeyPatch, stops: bool
) -> None:
    clocks = Clocks()
    monkeypatch.setattr(sleep, "time", clocks)
    with rig() as it:
        it.open()
        it.register()
        if stops:
            clocks.wall_s += 3_600
        else:
            clocks.monotonic_s += 3_600
        assert it.event(FlowLost).trouble is FlowTrouble.WOKE_UP
        assert it.event(FlowOpened).again


def test_a_clock_that_is_set_a_little_disturbs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    clocks = Clocks()
    monkeypatch.setattr(sleep, "time", clocks)
    with rig() as it:
        it.open()
        clocks.wall_s += 3
        assert answer_pings(it.server, 1.0) == 0
        assert it.events.empty()


def test_a_changed_local_address_opens_a_new_flow(monkeypatch: pytest.MonkeyPatch) -> None:
    with rig() as it:
        opened = it.open()
        monkeypatch.setattr(keeper, "route_address", lambda *_: "192.0.2.77")
        lost = it.event(FlowLost)
        assert lost.trouble is FlowTrouble.ADDRESS_CHANGED
        assert lost.detail == f"{opened.local_address} became 192.0.2.77"
        monkeypatch.undo()
        assert it.event(FlowOpened).again


def test_a_pulled_cable_is_told_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    with rig() as it:
        it.open()
        monkeypatch.setattr(keeper, "route_address", lambda *_: None)
        assert it.event(FlowLost).trouble is FlowTrouble.NETWORK_DOWN


def test_an_unknown_host_is_told_and_tried_again() -> None:
    with rig() as it:
        it.edge.open_account(replace(it.route(), server="nobody.invalid"))
        first = it.event(FlowFailed)
        assert first.trouble is FlowTrouble.UNKNOWN_HOST
        assert it.event(FlowFailed).retry_in_s > first.retry_in_s


def test_a_mistake_in_the_settings_is_told_as_such() -> None:
    with rig() as it:
        it.edge.open_account(replace(it.route(), backups=("x:y",)))
        assert it.event(FlowFailed).trouble is FlowTrouble.BAD_CONFIGURATION


def test_a_closed_account_says_and_sends_nothing_more() -> None:
    with rig() as it:
        opened = it.open(**QUICK)
        it.edge.close_account(opened.account_id)
        it.phone.send(it.from_phone("REGISTER"))
        it.phone.response(403)
        while not it.server.hears_nothing(0.8):
            pass
        assert it.events.empty()
