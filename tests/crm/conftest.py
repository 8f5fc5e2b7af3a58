"""The embedded CRM over real HTTP, with the adapter under test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contracts.crm_world import HttpWorld, http_world


@pytest.fixture
def world() -> Iterator[HttpWorld]:
    with http_world() as world:
        yield world


@pytest.fixture
def hasty_world() -> Iterator[HttpWorld]:
    with http_world(timeout_s=0.3) as world:
        yield world
