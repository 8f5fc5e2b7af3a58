"""The control socket as the operating system sees it: real sockets, real processes, another user."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import stat
import subprocess
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from softphone.domain.errors import Broken, TryLater
from softphone.system import instance_lock, local_channel, local_socket, windows_channel
from softphone.system.control_client import ControlClient
from softphone.system.control_wire import Message
from softphone.system.local_socket import Answer, ControlServer
from softphone.usecases.remote_requests import Events, PlaceCall, Quit, Request, Status
from tests.peers.waiting import wait_for

pytestmark = pytest.mark.skipif(os.name == "nt", reason="UNIX sockets")


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


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.server.close()
    made.main.end()


@pytest.fixture
def client(desk: Desk, tmp_path: Path) -> Iterator[ControlClient]:
    made = ControlClient(tmp_path)
    yield made
    made.close()


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


def test_without_a_running_instance_the_client_says_so(tmp_path: Path) -> None:
    with pytest.raises(TryLater, match="no softphone of this profile is running"):
        ControlClient(tmp_path)


def test_a_socket_left_by_a_killed_instance_is_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "control"
    folder.mkdir(mode=0o700)
    dead = socket.socket(socket.AF_UNIX)
    dead.bind(str(folder / "socket"))
    dead.close()
    with pytest.raises(TryLater):
        ControlClient(tmp_path)
    made = Desk(tmp_path)
    asking = ControlClient(tmp_path)
    assert asking.ask({"command": "status"})["ok"] is True
    asking.close()
    made.server.close()
    made.main.end()


def test_a_very_long_folder_name_works_too(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 100) / ("e" * 100)
    made = Desk(deep)
    asking = ControlClient(deep)
    assert asking.ask({"command": "status"})["ok"] is True
    assert not (deep / "control").exists()
    asking.close()
    made.server.close()
    made.main.end()


def test_a_very_long_temporary_folder_besides_is_no_obstacle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = tmp_path / ("d" * 100)
    monkeypatch.setattr(tempfile, "tempdir", str(deep))
    listener = local_channel.listen(deep)
    monkeypatch.setattr(tempfile, "tempdir", None)  # `ctl` in another session
    local_channel.connect(deep).close()
    listener.close()


def test_where_nothing_can_listen_every_place_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "control").write_text("in the way")
    monkeypatch.setattr(local_channel, "_SHORT_FOLDER", tmp_path / "control")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "control"))
    with pytest.raises(Broken, match=r"cannot listen: .*control/socket: .*exists"):
        local_channel.listen(tmp_path)


def test_only_this_user_can_enter_the_folder_and_open_the_socket(desk: Desk, tmp_path: Path) -> None:
    assert stat.S_IMODE((tmp_path / "control").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "control" / "socket").stat().st_mode) == 0o600


def test_a_folder_that_others_may_enter_is_closed_first(tmp_path: Path) -> None:
    (tmp_path / "control").mkdir(mode=0o777)
    (tmp_path / "control").chmod(0o777)
    local_channel.own_folder(tmp_path / "control")
    assert stat.S_IMODE((tmp_path / "control").stat().st_mode) == 0o700


def test_a_folder_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "control").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(PermissionError):
        local_channel.own_folder(tmp_path / "control")


STRANGER = """
import os, socket, sys
folder, uid = sys.argv[1], int(sys.argv[2])
end = socket.socket(socket.AF_UNIX)
os.chdir(folder)
os.setgroups([]); os.setgid(uid); os.setuid(uid)
try:
    end.connect("socket")
    end.settimeout(10)
    end.sendall(b'{"command":"status"}\\n')
    print("answered" if end.recv(1000) else "turned away")
except PermissionError:
    print("cannot even connect")
except (BrokenPipeError, ConnectionResetError):
    print("turned away")
"""


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="becoming another user needs root"
)
def test_another_user_cannot_connect_and_is_turned_away_even_where_the_folder_is_open(
    desk: Desk, client: ControlClient, tmp_path: Path
) -> None:
    def stranger() -> str:
        done = subprocess.run(
            [sys.executable, "-c", STRANGER, str(tmp_path / "control"), "65534"],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        return done.stdout.strip()

    assert stranger() == "cannot even connect"
    (tmp_path / "control").chmod(0o777)
    (tmp_path / "control" / "socket").chmod(0o777)
    assert stranger() == "turned away"
    assert client.ask({"command": "status"})["ok"] is True
    assert desk.threads == {"main-thread"}


def test_the_second_instance_of_a_profile_finds_it_taken_until_the_first_is_dead(tmp_path: Path) -> None:
    hold = (
        "import sys, pathlib\nfrom softphone.system import instance_lock\n"
        "lock = instance_lock.take(pathlib.Path(sys.argv[1]))\n"
        "print(lock is not None, flush=True)\nsys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", hold, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "True\n"
        assert instance_lock.take(tmp_path) is None
        other = instance_lock.take(tmp_path / "other")
        assert other is not None
        other.release()
        first.kill()
    lock = instance_lock.take(tmp_path)
    assert lock is not None
    assert instance_lock.take(tmp_path) is None
    lock.release()
    again = instance_lock.take(tmp_path)
    assert again is not None
    again.release()


def test_a_lock_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Broken):
        instance_lock.take(tmp_path / "file")


def write_too_much(channel: local_channel.Channel) -> None:
    with contextlib.suppress(OSError):
        channel.write_line(b"x" * (local_channel.LINE_LIMIT + 1))


def test_the_channel_of_windows_speaks_the_same_language_and_wants_its_key(tmp_path: Path) -> None:
    """The named pipe needs Windows; everything above it is the same code on a socket here."""
    listener = windows_channel.listen(tmp_path)
    accepted: deque[local_channel.Channel | None] = deque()
    thread = threading.Thread(target=lambda: accepted.append(listener.accept()))
    thread.start()
    near = windows_channel.connect(tmp_path)
    thread.join(10)
    far = accepted.pop()
    assert far is not None
    near.write_line(b'{"command":"status"}')
    assert far.read_line() == b'{"command":"status"}'
    thread = threading.Thread(target=lambda: write_too_much(near))
    thread.start()
    with pytest.raises(local_channel.BadLine):
        far.read_line()
    far.close()
    thread.join(10)
    near.close()
    thread = threading.Thread(target=lambda: accepted.append(listener.accept()))
    thread.start()
    (tmp_path / "control" / "key").write_bytes(b"a wrong key")
    with pytest.raises(TryLater):
        windows_channel.connect(tmp_path)
    thread.join(10)
    assert list(accepted) == [None]
    listener.close()


def test_who_connects_to_the_pipe_and_says_nothing_is_turned_away_soon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(windows_channel, "_PROOF_WITHIN_S", 0.05)
    listener = windows_channel.listen(tmp_path)
    with socket.socket(socket.AF_UNIX) as silent:
        silent.connect(str(tmp_path / "control" / "pipe"))
        assert listener.accept() is None
    listener.close()
