"""When access tokens are renewed, by a clock that the test sets."""

from __future__ import annotations

import asyncio

import pytest

from softphone.crm.auth.oauth import Tokens
from softphone.crm.auth.token_credentials import TokenCredentials
from softphone.crm.exchange import Outgoing
from softphone.crm.fault import CrmFault
from softphone.domain.customer import CrmTrouble


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


class Issuer:
    """Gives tokens that live an hour, as long as `up`."""

    secrets: tuple[str, ...] = ()

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.issued = 0
        self.up = True

    async def first(self) -> Tokens:
        return Tokens(refresh="r")

    async def next(self, tokens: Tokens) -> Tokens:
        if not self.up:
            raise CrmFault(CrmTrouble.UNREACHABLE, "down")
        self.issued += 1
        return Tokens(f"a{self.issued}", "r", self._clock.now + 3_600)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def issuer(clock: Clock) -> Issuer:
    return Issuer(clock)


def shown(credentials: TokenCredentials) -> str:
    asyncio.run(credentials.ready())
    return dict(credentials.sign(Outgoing("GET", "/")).headers)["Authorization"]


def test_a_token_is_shown_until_a_minute_before_its_end(clock: Clock, issuer: Issuer) -> None:
    credentials = TokenCredentials(issuer, clock)
    assert shown(credentials) == "Bearer a1"
    clock.now += 3_539
    assert shown(credentials) == "Bearer a1"
    clock.now += 2
    assert shown(credentials) == "Bearer a2"


def test_between_calls_a_token_is_renewed_five_minutes_ahead(clock: Clock, issuer: Issuer) -> None:
    credentials = TokenCredentials(issuer, clock)
    asyncio.run(credentials.keep_fresh())
    assert issuer.issued == 0, "nobody has asked for anything yet"
    shown(credentials)
    clock.now += 3_200
    asyncio.run(credentials.keep_fresh())
    assert issuer.issued == 1
    clock.now += 101
    asyncio.run(credentials.keep_fresh())
    assert (issuer.issued, shown(credentials)) == (2, "Bearer a2")


def test_a_token_that_is_still_good_is_shown_while_the_issuer_is_down(clock: Clock, issuer: Issuer) -> None:
    credentials = TokenCredentials(issuer, clock)
    shown(credentials)
    issuer.up = False
    clock.now += 3_400
    with pytest.raises(CrmFault):
        asyncio.run(credentials.keep_fresh())
    assert shown(credentials) == "Bearer a1"


def test_a_refused_token_is_not_renewed_when_the_issuer_is_down(clock: Clock, issuer: Issuer) -> None:
    credentials = TokenCredentials(issuer, clock)
    shown(credentials)
    issuer.up = False
    refused = credentials.sign(Outgoing("GET", "/"))
    assert not asyncio.run(credentials.renew(refused))
    issuer.up = True
    assert asyncio.run(credentials.renew(refused))
    assert shown(credentials) == "Bearer a2"


def test_what_was_refused_with_an_older_token_is_only_to_be_sent_again(clock: Clock, issuer: Issuer) -> None:
    credentials = TokenCredentials(issuer, clock)
    shown(credentials)
    late = credentials.sign(Outgoing("GET", "/"))
    assert asyncio.run(credentials.renew(late))
    assert asyncio.run(credentials.renew(late))
    assert (issuer.issued, shown(credentials)) == (2, "Bearer a2")
