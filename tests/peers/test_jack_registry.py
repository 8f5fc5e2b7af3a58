"""Killed JACK servers give their places back."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from pathlib import Path

from tests.peers.jack_registry import forget_dead_servers


def test_a_killed_servers_place_is_freed_and_a_living_ones_is_not(tmp_path: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    registry = tmp_path / "registry"
    places = [struct.pack("<i260s", pid, b"jack-0:x") for pid in (dead.pid, os.getpid(), 0)]
    registry.write_bytes(b"KCAJ" + bytes(20) + b"".join(places) + bytes(5 * 264) + b"segments")
    assert forget_dead_servers(registry) == 1
    content = registry.read_bytes()
    assert content[24 : 24 + 264] == bytes(264)
    assert content[24 + 264 : 24 + 2 * 264] == places[1]
    assert content.endswith(b"segments")


def test_a_file_of_another_shape_and_a_missing_one_are_left_alone(tmp_path: Path) -> None:
    assert forget_dead_servers(tmp_path / "missing") == 0
    other = tmp_path / "other"
    other.write_bytes(b"x" * 5000)
    assert forget_dead_servers(other) == 0
    assert other.read_bytes() == b"x" * 5000
