"""Fixtures that hand out running peers; a missing one skips its tests, or fails them where required."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from tests.peers.asterisk import Asterisk
from tests.peers.availability import PeerMissingError
from tests.peers.bottlecrm import BottleCrm
from tests.peers.jack_card import JackCard
from tests.peers.kamailio import DOMAIN, Kamailio
from tests.peers.network import Cable
from tests.peers.secret_service import SecretService
from tests.peers.sip_phone import SipPhone
from tests.peers.xvfb import VirtualDisplay

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
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture
def asterisk(asterisk_server: Asterisk) -> Iterator[Asterisk]:
    """The running telephone system without calls and registrations, before and after the test."""
    asterisk_server.ensure_started()
    yield asterisk_server
    asterisk_server.ensure_started()
    asterisk_server.reset()


@pytest.fixture
def display(pytestconfig: pytest.Config, tmp_path: Path) -> Iterator[VirtualDisplay]:
    """An empty screen; give its ``environment`` to the program under test."""
    screen = peer_or_skip(pytestconfig, "xvfb", lambda: VirtualDisplay(tmp_path / "display"))
    yield screen
    screen.stop()


@pytest.fixture
def secret_service(pytestconfig: pytest.Config, tmp_path: Path) -> Iterator[SecretService]:
    """An unlocked key ring on its own session bus; give its ``environment`` to the program under test."""
    service = SecretService(tmp_path / "secret-service")
    try:
        peer_or_skip(pytestconfig, "secret_service", service.start)
        yield service
    finally:
        service.stop()


@pytest.fixture
def jack_card(pytestconfig: pytest.Config, tmp_path: Path) -> Iterator[JackCard]:
    """A sound card; give its ``environment`` to the program under test."""
    card = peer_or_skip(pytestconfig, "jack", lambda: JackCard(tmp_path / "jack"))
    yield card
    card.stop()


@pytest.fixture(scope="session")
def bottlecrm_server(
    pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BottleCrm]:
    """One BottleCRM per test worker. Use ``bottlecrm``."""
    folder = tmp_path_factory.mktemp("bottlecrm")
    server = peer_or_skip(pytestconfig, "bottlecrm", lambda: BottleCrm(folder))
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture
def bottlecrm(bottlecrm_server: BottleCrm) -> Iterator[BottleCrm]:
    """The running CRM with one agent and nothing else; it runs again after a test that killed it."""
    bottlecrm_server.ensure_started()
    bottlecrm_server.empty()
    yield bottlecrm_server
    bottlecrm_server.ensure_started()


@pytest.fixture(scope="session")
def kamailio_server(
    pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Kamailio]:
    """One Kamailio per test worker. Use ``kamailio``."""
    server = peer_or_skip(pytestconfig, "kamailio", lambda: Kamailio(tmp_path_factory.mktemp("kamailio")))
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture
def kamailio(kamailio_server: Kamailio) -> Kamailio:
    """The running proxy, on which nobody is registered: phones that earlier tests have killed or left would
    make calls fork to where nobody answers."""
    forget_everybody(kamailio_server)
    return kamailio_server


@pytest.fixture
def dropping_kamailio(pytestconfig: pytest.Config, tmp_path: Path) -> Iterator[Kamailio]:
    """A proxy that takes the wish to supervise out of calls."""
    drops = ("X-Softphone-Supervise",)
    server = peer_or_skip(
        pytestconfig, "kamailio", lambda: Kamailio(tmp_path / "dropping-kamailio", drops=drops)
    )
    try:
        server.start()
        yield server
    finally:
        server.stop()


def forget_everybody(server: Kamailio) -> None:
    """Empty the location table."""
    for user, password in server.passwords.items():
        phone = SipPhone((server.host, server.sip_port), user, password, domain=DOMAIN)
        try:
            assert phone.forget_contacts() == 200
        finally:
            phone.close()


@pytest.fixture
def cable(pytestconfig: pytest.Config) -> Iterator[Cable]:
    """A network namespace at the end of a cable."""
    laid = peer_or_skip(pytestconfig, "network", Cable)
    yield laid
    laid.remove()
