"""Starts the observer beside the card and collects what it saw."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.peers.jack_card import ROOT, JackCard


@contextmanager
def observed(card: JackCard, result: Path) -> Iterator[None]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.audio.card_observer", str(result)],
        cwd=ROOT, env={**os.environ, **card.environment}, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    process.stdout.readline()
    yield
    process.communicate()
