"""What is in the repository, and what must never come into it."""

from __future__ import annotations

import subprocess
from pathlib import Path

TOP = Path(__file__).parents[1]
LARGEST_FILE = 500_000
"""Bytes. Sources, texts and pictures are smaller; what is larger was made by a program and forgotten."""


def test_no_file_is_larger_than_what_people_write_and_draw() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=TOP, check=True, capture_output=True)
    tracked = [TOP / name for name in listed.stdout.decode().split("\0") if name]

    assert tracked
    assert not [path.name for path in tracked if path.is_file() and path.stat().st_size > LARGEST_FILE]
