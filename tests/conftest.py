"""What every test can ask for: real peers, and one rule for a peer that is not there."""

from __future__ import annotations

import os

import pytest

# Windows under test are drawn off screen unless a test brings its own display.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

pytest_plugins = [
    "tests.peers.fixtures",
    "tests.peers.sharing",
    "tests.peers.solitude",
    "tests.peers.aftermath",
]


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--require-peers`` (implied by CI=true): a missing peer fails its tests instead of skipping them."""
    parser.addoption("--require-peers", action="store_true", help="a missing peer is a failure, not a skip")
