"""Where the control socket lies, and who may come near it: real files, another user."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from softphone.domain.errors import Broken, TryLater
from softphone.system import local_channel
from softphone.system.control_client import ControlClient
from tests.system.control_desk import Desk

pytestmark = pytest.mark.skipif(os.name == "nt", reason="UNIX sockets")


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
