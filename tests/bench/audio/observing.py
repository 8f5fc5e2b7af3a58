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
def observed(card: JackCard, result: Path, speech: Path | None = None) -> Iterator[None]:
    """While it lasts, an observer hears the card and speaks bursts, or `speech`, into it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.audio.card_observer", str(result), *_text(speech)],
        cwd=ROOT, env={**os.environ, **card.environment}, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    process.stdout.readline()
    yield
    process.communicate()


def _text(path: Path | None) -> list[str]:
    return [] if path is None else [str(path)]
