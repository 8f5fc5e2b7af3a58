"""What is said on the control socket: real sockets, real threads."""

from __future__ import annotations

import contextlib
import json
import os
import socket
from pathlib import Path

import pytest

from softphone.domain.errors import TryLater
from softphone.system import local_channel, local_socket
from softphone.system.control_client import ControlClient
from tests.peers.waiting import wait_for
from tests.system.control_desk import Desk

pytestmark = pytest.mark.skipif(os.name == "nt", reason="UNIX sockets")


def raw(folder: Path) -> socket.socket:
    end = socket.socket(socket.AF_UNIX)
    end.settimeout(20)
    end.connect(str(folder / "control" / "socket"))
    return end


def lines_of(end: socket.socket) -> list[dict[str, object]]:
    """Everything up to the end of the connection."""
    data = b""
    with contextlib.suppress(ConnectionResetError):
        while chunk := end.recv(65_536):
            data += chunk
    return [json.loads(line) for line in data.splitlines()]


def test_a_request_is_handled_on_the_main_thread_and_answered(desk: Desk, client: ControlClient) -> None:
    assert client.ask({"command": "status", "id": 17}) == {"ok": True, "event": "status", "id": 17}
    assert client.ask({"command": "status"}) == {"ok": True, "event": "status"}
    assert desk.threads == {"main-thread"}


def test_a_program_with_more_than_a_thousand_open_files_can_ask_too() -> None:
    ours, theirs = socket.socketpair()
    high = os.dup2(ours.fileno(), 1_100)  # what select() cannot wait for
    ours.close()
    channel = local_channel.SocketChannel(socket.socket(fileno=high))
    with theirs:
        assert not channel.wait(0.0)
        theirs.sendall(b"line\n")
        assert channel.wait(5.0)
        assert channel.read_line() == b"line"
    channel.close()


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"hello", "one JSON object"),
        (b"[]", "one JSON object"),
        (b"[" * 100_000, "one JSON object"),
        (b'"\xff"', "one JSON object"),
        (b"{}", "unknown command"),
        (b'{"command": ["status"]}', "unknown command"),
        (b'{"command": "format-disk"}', "unknown command"),
        (b'{"command": "call"}', "number"),
        (b'{"command": "call", "number": 5}', "Expected str"),
        (b'{"command": "call", "number": "5", "nmuber": "6"}', "no field nmuber"),
        (b'{"command": "status", "version": 2}', "only version 1"),
    ],
)
def test_nonsense_is_answered_with_what_is_wrong_and_the_connection_goes_on(
    desk: Desk, tmp_path: Path, line: bytes, why: str
) -> None:
    with raw(tmp_path) as end:
        end.sendall(line + b'\n\n{"command":"status"}\n')
        end.shutdown(socket.SHUT_WR)
        refused, fine = lines_of(end)
    error = refused["error"]
    assert isinstance(error, dict)
    assert error["kind"] == "bad_request"
    assert why in str(error["detail"])
    assert fine["ok"] is True


def test_an_endless_line_ends_the_connection_and_nothing_else(
    desk: Desk, client: ControlClient, tmp_path: Path
) -> None:
    with raw(tmp_path) as end:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            for _ in range(40):
                end.sendall(b"x" * 65_536)
        (refused,) = lines_of(end)
    assert "too long" in str(refused["error"])
    assert client.ask({"command": "status"})["ok"] is True


def test_requests_may_come_in_pieces_and_in_bunches(desk: Desk, tmp_path: Path) -> None:
    with raw(tmp_path) as end:
        for byte in b'{"command":"status","id":1}\n':
            end.sendall(bytes([byte]))
        end.sendall(b'{"command":"status","id":2}\r\n{"command":"status","id":3}\n')
        end.shutdown(socket.SHUT_WR)
        assert [line["id"] for line in lines_of(end)] == [1, 2, 3]


def test_an_answer_may_come_later_and_others_are_not_kept_waiting(
    desk: Desk, client: ControlClient, tmp_path: Path
) -> None:
    with raw(tmp_path) as slow:
        slow.sendall(b'{"command":"call","number":"1","id":"slow"}\n{"command":"status"}\n')
        wait_for(lambda: desk.held_back, "the request to arrive")
        assert client.ask({"command": "status"})["ok"] is True
        desk.main.call_soon(lambda: desk.held_back[0]({"ok": True}))
        slow.shutdown(socket.SHUT_WR)
        assert [line.get("id") for line in lines_of(slow)] == ["slow", None]


def test_a_bug_in_the_handler_is_answered_and_reported(desk: Desk, client: ControlClient) -> None:
    answer = client.ask({"command": "quit"})
    assert answer["error"] == {"kind": "internal", "thing": "request", "detail": ""}
    assert [str(fault) for fault in desk.main.faults] == ["a bug"]


def test_a_desk_that_hangs_is_told(
    desk: Desk, client: ControlClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local_socket, "ANSWER_WITHIN_S", 0.05)
    answer = client.ask({"command": "call", "number": "1"})
    assert "does not respond" in str(answer["error"])


def test_events_stream_to_everybody_who_listens_and_to_nobody_else(
    desk: Desk, client: ControlClient, tmp_path: Path
) -> None:
    listeners = [ControlClient(tmp_path) for _ in range(3)]
    assert [each.ask({"command": "events"})["event"] for each in listeners] == ["listening"] * 3
    for number in range(100):
        desk.tell({"event": "change", "number": number})
    for each in listeners:
        stream = each.stream()
        assert [next(stream)["number"] for _ in range(100)] == list(range(100))
        each.close()
    assert client.ask({"command": "status"})["event"] == "status"


def test_a_listener_that_closed_its_writing_half_still_hears(desk: Desk, tmp_path: Path) -> None:
    with raw(tmp_path) as end:
        end.sendall(b'{"command":"events"}\n')
        end.shutdown(socket.SHUT_WR)
        assert end.recv(1_000).startswith(b'{"ok":true')
        desk.tell({"event": "change"})
        assert b"change" in end.recv(1_000)


def test_a_listener_that_does_not_read_is_dropped_and_never_blocks(
    desk: Desk, client: ControlClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local_channel, "PATIENCE_S", 0.5)
    news = {"event": "change", "text": "x" * 1_000}
    with raw(tmp_path) as deaf:
        deaf.sendall(b'{"command":"events"}\n')
        wait_for(lambda: desk.server._streams, "the stream")
        for _ in range(local_socket.BACKLOG_LINES * 3):
            desk.server.broadcast(news)
        assert client.ask({"command": "status"})["ok"] is True
        wait_for(lambda: not desk.server._streams, "the deaf listener to be dropped")
    with raw(tmp_path) as late:
        late.sendall(b'{"command":"events"}\n')
        wait_for(lambda: desk.server._streams, "the stream")
        for _ in range(local_socket.BACKLOG_LINES * 3):
            desk.server.broadcast(news)
        last = lines_of(late)[-1]
    assert "slow_reader" in str(last["error"])


def test_too_many_connections_are_turned_away_politely(desk: Desk, tmp_path: Path) -> None:
    kept = [ControlClient(tmp_path) for _ in range(local_socket.CONNECTIONS)]
    wait_for(lambda: len(desk.server._connections) == local_socket.CONNECTIONS, "all connections")
    with raw(tmp_path) as surplus:
        assert "too_many_connections" in str(lines_of(surplus))
    kept.pop().close()
    wait_for(lambda: len(desk.server._connections) < local_socket.CONNECTIONS, "room again")
    fresh = ControlClient(tmp_path)
    assert fresh.ask({"command": "status"})["ok"] is True
    for each in (*kept, fresh):
        each.close()


def test_closing_ends_every_connection(desk: Desk, client: ControlClient, tmp_path: Path) -> None:
    client.ask({"command": "events"})
    desk.server.close()
    assert list(client.stream()) == []
    with pytest.raises(TryLater):
        ControlClient(tmp_path)
