"""The pipe: who may speak on it, and what nonsense does to it."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from softphone.domain.errors import Broken, TryLater
from softphone.domain.events import EngineFaulted
from softphone.engine import pipe, protocol, wire
from softphone.engine.links import BACKLOG_LIMIT, LINK_LIMIT, PipeServer
from tests.peers.waiting import wait_for

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has named pipes")


@pytest.fixture
def address(tmp_path: Path) -> str:
    return pipe.pipe_address(tmp_path)


@pytest.fixture
def server(address: str) -> Iterator[PipeServer]:
    server = PipeServer(address)
    server.start()
    yield server
    server.close()


def speak(connection: pipe.Pipe, command: protocol.Command) -> None:
    connection.send_bytes(wire.encode(command))


def test_a_command_arrives_and_an_event_goes_back(server: PipeServer, address: str) -> None:
    with pipe.connect(address) as desk:
        speak(desk, protocol.Ping(7))
        wait_for(lambda: server.inbox, "the command")
        link, command = server.inbox.popleft()
        assert command == protocol.Ping(7)
        link.send(protocol.Pong(7))
        assert wire.decode_event(desk.recv_bytes()) == protocol.Pong(7)


def test_only_this_user_can_enter_the_folder(server: PipeServer, address: str) -> None:
    mode = stat.S_IMODE(os.stat(Path(address).parent).st_mode)
    assert mode == 0o700


def test_a_folder_that_others_could_enter_is_closed(address: str) -> None:
    folder = Path(address).parent
    folder.mkdir(parents=True)
    folder.chmod(0o777)
    server = PipeServer(address)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    server.start()
    server.close()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root to be somebody else")
def test_a_folder_of_somebody_else_is_not_used(address: str) -> None:
    folder = Path(address).parent
    folder.mkdir(parents=True)
    os.chown(folder, 12345, 12345)
    with pytest.raises(Broken):
        PipeServer(address)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root to be somebody else")
def test_another_user_is_turned_away_even_if_the_folder_lets_him_in(server: PipeServer, address: str) -> None:
    for folder in (Path(address), *Path(address).parents):
        if folder != Path("/"):
            folder.chmod(0o777)
    stranger = (
        "import os,socket,sys; os.setgid(12345); os.setuid(12345); s=socket.socket(socket.AF_UNIX);"
        "s.connect(sys.argv[1]); s.settimeout(5); print(s.recv(10))"
    )
    said = subprocess.run(
        [sys.executable, "-c", stranger, address], capture_output=True, timeout=20, check=False, text=True
    )
    assert said.stdout.strip() == "b''", said
    assert not server.inbox


def test_nonsense_ends_the_link_and_nothing_else(server: PipeServer, address: str) -> None:
    with pipe.connect(address) as stranger:
        stranger.send_bytes(b"\x81nonsense")
        with pytest.raises(EOFError):
            stranger.recv_bytes()
    with pipe.connect(address) as desk:
        speak(desk, protocol.Ping(1))
        wait_for(lambda: any(c == protocol.Ping(1) for _, c in server.inbox), "the next desk's command")


def test_a_message_that_claims_to_be_huge_ends_the_link(server: PipeServer, address: str) -> None:
    with pipe.connect(address) as stranger:
        os.write(stranger.fileno(), (0x7FFFFFF0).to_bytes(4, "big"))
        with pytest.raises(EOFError):
            stranger.recv_bytes()


def test_the_end_of_a_link_is_told(server: PipeServer, address: str) -> None:
    pipe.connect(address).close()
    wait_for(lambda: any(c is None for _, c in server.inbox), "the end")


def test_a_desk_that_never_reads_does_not_fill_the_memory(server: PipeServer, address: str) -> None:
    with pipe.connect(address) as desk:
        speak(desk, protocol.Ping(1))
        wait_for(lambda: server.inbox, "the link")
        link, _ = server.inbox.popleft()
        event = EngineFaulted("test", "x" * 1000)
        for _ in range(BACKLOG_LIMIT * 2):
            link.send(event)
        assert link.closed


def test_more_links_than_allowed_are_turned_away(server: PipeServer, address: str) -> None:
    kept = [pipe.connect(address) for _ in range(LINK_LIMIT)]
    for desk in kept:
        speak(desk, protocol.Ping(1))
    wait_for(lambda: len(server.inbox) == LINK_LIMIT, "all of them")
    with pipe.connect(address) as extra, pytest.raises(EOFError):
        extra.recv_bytes()
    for desk in kept:
        desk.close()


def test_nobody_listening_is_a_matter_of_time(address: str) -> None:
    with pytest.raises(TryLater):
        pipe.connect(address)


def test_a_long_folder_name_still_gives_an_address_that_works(tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 120)
    deep.mkdir()
    address = pipe.pipe_address(deep)
    assert len(address) <= 100
    server = PipeServer(address)
    server.start()
    pipe.connect(address).close()
    server.close()


def test_the_address_does_not_depend_on_the_sessions_temporary_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = tmp_path / ("x" * 120)
    address = pipe.pipe_address(deep)
    monkeypatch.setattr(tempfile, "tempdir", str(deep))
    assert pipe.pipe_address(deep) == address
    assert len(address) <= 100


def test_two_profiles_have_two_addresses(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert pipe.pipe_address(tmp_path / "a") != pipe.pipe_address(tmp_path / "b")


def test_a_second_engine_does_not_push_the_first_aside(server: PipeServer, address: str) -> None:
    with pytest.raises(Broken):
        PipeServer(address)
    with pipe.connect(address) as desk:
        speak(desk, protocol.Ping(1))
        wait_for(lambda: server.inbox, "the command at the first")


def test_after_an_engine_has_ended_another_can_serve(address: str) -> None:
    for _ in range(2):
        server = PipeServer(address)
        server.start()
        pipe.connect(address).close()
        server.close()


def test_both_ends_know_the_process_at_the_other(server: PipeServer, address: str) -> None:
    with pipe.connect(address) as desk:
        assert pipe.peer_pid(desk) == os.getpid()
