"""The secret: where it comes from, where it goes, and where it never goes."""

from __future__ import annotations

import pytest

from softphone.crm.http_crm import HttpCrm
from softphone.demo.crm_faults import Asked, Fault
from softphone.domain.customer import CrmTrouble, LookupState
from softphone.domain.customer_events import CustomerLookedUp
from softphone.domain.settings import CrmAuth, CrmConnection
from tests.contracts.crm_world import HttpWorld, Inbox, http_world, question
from tests.crm.asking import looked_up
from tests.peers.waiting import wait_for


def test_the_secret_is_read_once_and_anew_after_it_was_refused(world: HttpWorld) -> None:
    world.secret = "old"
    assert looked_up(world).trouble is CrmTrouble.CREDENTIALS
    world.secret = world.server.token
    assert looked_up(world).state is LookupState.ONE
    assert looked_up(world).state is LookupState.ONE
    assert world.secret_reads == ["crm/demo", "crm/demo"]


@pytest.mark.parametrize("secret", [None, "", "line\r\nX-Evil: 1", "schlüssel"])
def test_a_missing_or_impossible_secret_is_a_matter_of_credentials(
    world: HttpWorld, secret: str | None
) -> None:
    world.secret = secret
    assert looked_up(world).trouble is CrmTrouble.CREDENTIALS


def test_the_secret_stays_here_when_the_crm_redirects_elsewhere(world: HttpWorld) -> None:
    with http_world() as other:
        elsewhere = (("Location", f"{other.server.base_url}/api/customers?phone=1"),)
        world.script(Fault(Asked.FIND, status=302, headers=elsewhere))
        lookup = looked_up(world)
        assert lookup.trouble is CrmTrouble.INSECURE
        other.script(Fault(Asked.FIND, status=500))
        assert looked_up(other).trouble is CrmTrouble.SERVER_ERROR, "the other CRM was asked after all"


def test_a_redirect_on_the_same_host_is_followed(world: HttpWorld) -> None:
    target = f"{world.server.base_url}/api/customers?phone=%2B442079460018"
    world.script(Fault(Asked.FIND, status=307, headers=(("Location", target),)))
    assert looked_up(world).state is LookupState.ONE


def test_redirects_in_a_circle_end(world: HttpWorld) -> None:
    world.script(Fault(Asked.FIND, status=302, headers=(("Location", "/api/customers?phone=1"),), times=20))
    assert looked_up(world).trouble is CrmTrouble.BAD_ANSWER


@pytest.mark.parametrize("base_url", ["http://crm.example.com", "http://192.0.2.7:8080"])
def test_no_secret_goes_over_plain_http_to_another_computer(base_url: str) -> None:
    reads: list[str] = []

    def secret(name: str) -> str:
        reads.append(name)
        return "token"

    inbox = Inbox()
    crm = HttpCrm([CrmConnection("demo", "embedded", base_url)], secret, inbox.post)
    crm.find(question("+442079460018"))
    lookup = inbox.next(CustomerLookedUp).lookup
    crm.close()
    assert lookup.trouble is CrmTrouble.INSECURE
    assert reads == []


def test_the_first_caller_waits_neither_for_the_key_store_nor_for_a_connection(world: HttpWorld) -> None:
    world.http.start()
    wait_for(lambda: world.secret_reads == ["crm/demo"], "the secret being read")
    wait_for(lambda: world.thread.call(lambda: world.server.connections) == 1, "the connection")
    assert looked_up(world).state is LookupState.ONE
    assert world.secret_reads == ["crm/demo"]


@pytest.mark.parametrize(
    "base_url", ["ftp://crm.example.com", "crm.example.com", "https://a:b@crm.example", ""]
)
def test_an_impossible_address_is_a_matter_of_configuration(world: HttpWorld, base_url: str) -> None:
    world.http.configure([CrmConnection("demo", "embedded", base_url)])
    assert looked_up(world).trouble is CrmTrouble.NOT_CONFIGURED


def test_basic_and_key_authentication_are_sent_as_the_connection_says(world: HttpWorld) -> None:
    for auth in (CrmAuth.BASIC, CrmAuth.API_KEY, CrmAuth.NONE):
        world.http.configure([CrmConnection("demo", "embedded", world.server.base_url, auth, user="agent")])
        assert looked_up(world).trouble is CrmTrouble.CREDENTIALS  # this CRM wants a bearer token
    world.http.configure([world.connection])
    assert looked_up(world).state is LookupState.ONE
