"""Which tests stay on one worker: those that share a peer whose start is dear.

xdist's own groups travel inside the test's name, where pytest has no place for them since 9.2: the mark is
ignored without a word (pytest-xdist issue 1386). The scheduler itself is told instead.
"""

from __future__ import annotations

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling, Scheduling

TOGETHER = ("bottlecrm", "edge/test_digest_leak", "edge/test_on_kamailio", "edge/test_on_asterisk")
"""The first of these that a test's full name contains is its group; every other test goes where there is
room."""


class SharedPeers(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no annotations to read
    """Hands out single tests, and the groups as wholes."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid) or nodeid


def group_of(nodeid: str) -> str:
    return next((group for group in TOGETHER if group in nodeid), "")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling:
    return SharedPeers(config, log)
