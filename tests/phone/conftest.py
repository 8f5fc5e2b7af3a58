"""Softphones for the tests, each with an engine of its own that must end in order."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path

import pytest

from tests.peers.asterisk import Asterisk
from tests.peers.kamailio import DOMAIN, Kamailio
from tests.peers.sip_phone import SipPhone
from tests.phone.handset import Handset

NewHandset = Callable[[str], Handset]


@pytest.fixture
def new_handset(asterisk: Asterisk) -> Iterator[NewHandset]:
    """Makes a running softphone that is registered as the given user at Asterisk."""
    with _handsets(asterisk) as make:
        yield make


@pytest.fixture
def new_proxied_handset(kamailio: Kamailio) -> Iterator[NewHandset]:
    """Makes a running softphone registered at Kamailio, which lets the two ends speak to each other."""
    with _handsets(kamailio) as make:
        yield make


@pytest.fixture
def new_handset_without_header(dropping_kamailio: Kamailio) -> Iterator[NewHandset]:
    """Makes a running softphone registered at a proxy that drops the wish to supervise."""
    with _handsets(dropping_kamailio) as make:
        yield make


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


@pytest.fixture
def proxied_colleague(kamailio: Kamailio) -> Iterator[SipPhone]:
    """A scripted telephone registered as 8002 at Kamailio."""
    server = (kamailio.host, kamailio.sip_port)
    phone = SipPhone(server, "8002", kamailio.passwords["8002"], domain=DOMAIN)
    assert phone.register() == 200
    yield phone
    phone.register(expires_s=0)
    phone.close()


@pytest.fixture
def colleague(asterisk: Asterisk) -> Iterator[SipPhone]:
    """A scripted telephone registered as 7004."""
    phone = SipPhone((asterisk.host, asterisk.sip_port), "7004", asterisk.accounts["7004"].password)
    assert phone.register() == 200
    yield phone
    phone.close()


@contextmanager
def _handsets(server: Asterisk | Kamailio) -> Iterator[NewHandset]:
    with ExitStack() as ends:  # each is closed, whatever another says at its end
        folder = ends.enter_context(tempfile.TemporaryDirectory(prefix="softphone-"))
        numbers = count()

        def make(user: str) -> Handset:
            handset = Handset(Path(folder) / f"{user}-{next(numbers)}")
            ends.callback(handset.close)
            handset.start()
            handset.sign_in(server, user)
            handset.expect_registered()
            return handset

        yield make
