"""Softphones for the tests, each with an engine of its own that must end in order."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.peers.asterisk import Asterisk
from tests.phone.handset import Handset

NewHandset = Callable[[str], Handset]


@pytest.fixture
def new_handset(asterisk: Asterisk) -> Iterator[NewHandset]:
    """Makes a running softphone that is registered as the given user."""
    made: list[Handset] = []
    with tempfile.TemporaryDirectory(prefix="softphone-") as folder:

        def make(user: str) -> Handset:
            handset = Handset(Path(folder) / f"{user}-{len(made)}")
            made.append(handset)
            handset.start()
            handset.sign_in(asterisk, user)
            handset.expect_registered()
            return handset

        yield make
        for handset in made:
            handset.close()


@pytest.fixture
def handset(new_handset: NewHandset) -> Handset:
    """A softphone registered as 7001."""
    return new_handset("7001")


@pytest.fixture
def idle_handset(tmp_path: Path) -> Iterator[Handset]:
    """A softphone whose engine runs, without an account."""
    handset = Handset(tmp_path / "state")
    handset.start()
    yield handset
    handset.close()
