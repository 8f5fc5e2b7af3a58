"""The embedded world and a desk in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from softphone.demo.world import DemoWorld
from tests.e2e.headless import HeadlessDesk, profile_in


@pytest.fixture
def world() -> Iterator[DemoWorld]:
    with DemoWorld() as made:
        yield made


@pytest.fixture
def at_the_desk(world: DemoWorld, tmp_path: Path) -> Iterator[HeadlessDesk]:
    with HeadlessDesk(profile_in(world), tmp_path) as made:
        made.registered()
        yield made
