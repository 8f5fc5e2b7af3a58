"""A fresh embedded world for each test, and telephones that share no code with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from softphone.demo.pbx.news import NewsKind
from softphone.demo.pbx.sound import Tone
from softphone.demo.world import AGENT, DemoWorld, RemoteCall
from tests.peers.sip_phone import PhoneCall, SipPhone

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


def answered_call(
    world: DemoWorld, phone: SipPhone, *, source: Tone | None = None, hum_hz: float = 0.0
) -> tuple[RemoteCall, PhoneCall]:
    """A customer's call that the agent has answered, from both sides."""
    customer = world.ring("+442079460018", source=source)
    call = phone.wait_incoming()
    call.ring()
    call.answer(hum_hz=hum_hz)
    customer.wait_for(NewsKind.ANSWERED)
    return customer, call
