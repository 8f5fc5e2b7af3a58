"""Fixtures of the edge's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.engine.edge.rig import Rig, rig


@pytest.fixture
def border() -> Iterator[Rig]:
    """A rig whose account has a flow but no registration."""
    with rig() as made:
        made.open()
        yield made
        assert made.edge.counters().faults == 0


@pytest.fixture
def registered(border: Rig) -> tuple[Rig, str]:
    """A registered rig and the contact that the registrar was told."""
    return border, border.register()
