"""A fresh embedded world for each test, and telephones that share no code with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from softphone.demo.world import AGENT, DemoWorld
from tests.peers.sip_phone import SipPhone

MakePhone = Callable[..., SipPhone]


@pytest.fixture
def world() -> Iterator[DemoWorld]:
    with DemoWorld() as world:
        yield world


@pytest.fixture
def make_phone(world: DemoWorld) -> Iterator[MakePhone]:
    """Makes a telephone of an agent; `password` only where it is to be wrong."""
    phones: list[SipPhone] = []

    def make(user: str = AGENT, password: str | None = None) -> SipPhone:
        server = (world.addresses.sip_host, world.addresses.sip_port)
        secret = world.passwords.get(user, "") if password is None else password
        phone = SipPhone(server, user, secret)
        phones.append(phone)
        return phone

    yield make
    for phone in phones:
        phone.close()


@pytest.fixture
def phone(make_phone: MakePhone) -> SipPhone:
    """The agent's telephone, registered."""
    phone = make_phone()
    assert phone.register() == 200
    return phone
