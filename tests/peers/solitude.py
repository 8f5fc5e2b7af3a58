"""Which tests need the machine to themselves without saying so: those that listen to a sound card."""

from __future__ import annotations

import pytest

LISTENING = frozenset({"jack_card"})
"""Fixtures that run in real time: what comes too late is lost, and would be heard as a gap."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """First, so that `-m alone` finds them."""
    for item in items:
        if LISTENING.intersection(getattr(item, "fixturenames", ())):
            item.add_marker("alone")
