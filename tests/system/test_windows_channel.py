"""The channel of Windows above its named pipe, on a socket here."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections import deque
from pathlib import Path

import pytest

from softphone.domain.errors import TryLater
from softphone.system import local_channel, windows_channel

pytestmark = pytest.mark.skipif(os.name == "nt", reason="UNIX sockets")


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
