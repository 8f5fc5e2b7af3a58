"""The control socket of a desk, and a client of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from softphone.system.control_client import ControlClient
from tests.system.control_desk import Desk


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
