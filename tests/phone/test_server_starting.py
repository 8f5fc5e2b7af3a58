"""A telephone system that is just starting refuses everybody: agents come back by themselves.

Only what may be about the password is never repeated.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from softphone.domain.account import Registration, RegistrationState, RegistrationTrouble
from softphone.domain.events import RegistrationChanged
from tests.peers.asterisk import Asterisk
from tests.peers.fixtures import peer_or_skip
from tests.peers.kamailio import Kamailio
from tests.phone.handset import Handset

STARTING = {"8001": 404, "8002": 403, "8003": 480, "8004": 503}
BACK_WITHIN_S = 25.0
"""One attempt may meet the restart itself."""


@pytest.fixture
def starting_kamailio(pytestconfig: pytest.Config, tmp_path: Path) -> Iterator[Kamailio]:
    server = peer_or_skip(pytestconfig, "kamailio", lambda: Kamailio(tmp_path / "kamailio", refuses=STARTING))
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture
def handsets(tmp_path: Path) -> Iterator[dict[str, Handset]]:
    phones = {user: Handset(tmp_path / user) for user in STARTING}
    for phone in phones.values():
        phone.start()
    yield phones
    for phone in phones.values():
        phone.close()


def waiting(phone: Handset) -> Registration:
    return phone.expect(
        RegistrationChanged, lambda e: e.registration.state is RegistrationState.WAITING
    ).registration


def test_whatever_a_starting_kamailio_says_everybody_is_registered_once_it_is_up(
    starting_kamailio: Kamailio, handsets: dict[str, Handset]
) -> None:
    for user, phone in handsets.items():
        phone.sign_in(starting_kamailio, user)
    told = {user: waiting(phone) for user, phone in handsets.items()}
    assert {user: registration.sip_code for user, registration in told.items()} == STARTING
    assert all(5.0 <= registration.retry_in_s <= 6.0 for registration in told.values())
    starting_kamailio.let_in()
    for phone in handsets.values():
        phone.expect_registered(timeout_s=BACK_WITHIN_S)


def test_an_account_that_asterisk_has_not_loaded_yet_registers_by_itself_later(
    asterisk: Asterisk, idle_handset: Handset
) -> None:
    accounts = asterisk.folder / "etc/pjsip.conf"
    loaded = accounts.read_text(encoding="utf-8")
    without_place = re.sub(r"\[7001\]\(place\)[^[]*", "", loaded)
    assert without_place != loaded
    accounts.write_text(without_place, encoding="utf-8")
    asterisk.cli("module reload res_pjsip.so")
    try:
        idle_handset.sign_in(asterisk)
        told = waiting(idle_handset)
        assert (told.trouble, told.sip_code) == (RegistrationTrouble.UNKNOWN_USER, 404)
    finally:
        accounts.write_text(loaded, encoding="utf-8")
        asterisk.cli("module reload res_pjsip.so")
    idle_handset.expect_registered(timeout_s=BACK_WITHIN_S)
    idle_handset.call_and_talk("600")
