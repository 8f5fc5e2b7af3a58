"""Fixtures that hand out running peers; a missing one skips its tests, or fails them where required."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest

from tests.peers.asterisk import Asterisk
from tests.peers.availability import PeerMissingError

T = TypeVar("T")


def peer_or_skip(config: pytest.Config, name: str, get: Callable[[], T]) -> T:
    """The result of ``get``; when the peer is missing, fail under --require-peers or CI=true, else skip."""
    try:
        return get()
    except PeerMissingError as missing:
        reason = f"peer {name}: {missing}"
        if config.getoption("--require-peers") or os.environ.get("CI") == "true":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)


@pytest.fixture(scope="session")
def asterisk_server(
    pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Asterisk]:
    """One Asterisk per test worker. Use ``asterisk``, which cleans up after each test."""
    folder = tmp_path_factory.mktemp("asterisk")
    server = peer_or_skip(pytestconfig, "asterisk", lambda: Asterisk(folder))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def asterisk(asterisk_server: Asterisk) -> Iterator[Asterisk]:
    """The running telephone system without calls and registrations, before and after the test."""
    asterisk_server.ensure_started()
    yield asterisk_server
    asterisk_server.ensure_started()
    asterisk_server.reset()
