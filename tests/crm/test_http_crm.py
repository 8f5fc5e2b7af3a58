"""Questions to the embedded CRM, and what becomes of every way in which a CRM can fail."""

from __future__ import annotations

import asyncio
import gzip
import time

import pytest

from softphone.crm.exchange import Exchange, Outgoing
from softphone.crm.fault import CrmFault
from softphone.demo.crm_faults import Asked, Fault, html_page, huge_answer
from softphone.domain.address import PhoneNumber
from softphone.domain.customer import CrmTrouble, CustomerQuery, LookupState
from softphone.domain.customer_events import CustomerLookedUp
from softphone.domain.ids import CallId, QueryId
from softphone.domain.settings import CrmConnection
from tests.contracts.crm_world import HttpWorld, http_world, question
from tests.crm.asking import delivered, looked_up
from tests.peers.waiting import wait_for


def test_the_card_has_everything_that_the_pack_maps(world: HttpWorld) -> None:
    customer = looked_up(world).chosen
    assert customer is not None
    assert customer.company == "Whitcombe & Daughters Ltd"
    assert customer.numbers == ("+44 20 7946 0018",)
    assert customer.tags == ("Gold", "Home owner")
    assert customer.open_cases == ("Water damage in the kitchen: claim 88-2041",)
    assert customer.last_contacts[0].summary == "Reported water under the sink, photos promised"
    assert ("Language", "English") in customer.fields
    assert customer.url == f"{world.server.base_url}/customers/C001"


def test_numbers_are_found_however_they_are_stored(world: HttpWorld) -> None:
    for e164, name in (
        ("+498999998017", {"Anneliese Brandt", "Karl Brandt"}),
        ("+493023125042", {"Jürgen Großmann"}),
        ("+12125550142", {"Robert Adeyemi"}),
        ("+302117700100", {"Ελένη Παπαδοπούλου"}),
        ("+97237550100", {"נועה בן־דוד"}),
        ("+431234500100", {"Maximilian Gruber"}),
    ):
        assert {customer.name for customer in looked_up(world, e164).matches} == name


def test_markup_in_a_record_stays_plain_text(world: HttpWorld) -> None:
    customer = looked_up(world, "+492214710011").chosen
    assert customer is not None
    assert customer.name == "Dieter <b>Kranz</b>"


def test_direction_overrides_and_control_characters_do_not_get_through(world: HttpWorld) -> None:
    body = b'{"customers": [{"id": "X", "name": "A\\u202eB\\u0007\\nC", "phones": ["+442079460018"]}]}'
    world.script(Fault(Asked.FIND, status=200, body=body))
    customer = looked_up(world).chosen
    assert customer is not None
    assert customer.name == "AB C"


@pytest.mark.parametrize(
    ("status", "trouble"),
    [
        (400, CrmTrouble.REFUSED),
        (401, CrmTrouble.CREDENTIALS),
        (403, CrmTrouble.FORBIDDEN),
        (422, CrmTrouble.REFUSED),
        (429, CrmTrouble.BUSY),
        (500, CrmTrouble.SERVER_ERROR),
        (503, CrmTrouble.SERVER_ERROR),
        (418, CrmTrouble.BAD_ANSWER),
    ],
)
def test_a_failing_crm_is_told_by_its_status(world: HttpWorld, status: int, trouble: CrmTrouble) -> None:
    world.script(Fault(Asked.FIND, status=status, times=2))  # some are asked once more
    lookup = looked_up(world)
    assert lookup.state is LookupState.FAILED
    assert lookup.trouble is trouble
    assert str(status) in lookup.detail
    assert "scripted" in lookup.detail


def test_an_empty_search_answered_with_404_finds_nobody(world: HttpWorld) -> None:
    world.script(Fault(Asked.FIND, status=404, times=4))
    assert looked_up(world).state is LookupState.NONE


def test_a_404_that_is_a_page_means_a_wrong_address(world: HttpWorld) -> None:
    world.script(html_page(404))
    assert looked_up(world).trouble is CrmTrouble.NOT_FOUND


def test_a_page_instead_of_json_is_a_bad_answer(world: HttpWorld) -> None:
    world.script(html_page(200))
    lookup = looked_up(world)
    assert lookup.trouble is CrmTrouble.BAD_ANSWER
    assert "text/html" in lookup.detail


@pytest.mark.parametrize(
    "body",
    [b'{"customers": "none"}', b'{"customers": [1]}', b'{"customers": [{"name": "no id"}]}', b"[" * 100_000],
)
def test_an_answer_of_the_wrong_shape_is_a_bad_answer(world: HttpWorld, body: bytes) -> None:
    world.script(Fault(Asked.FIND, status=200, body=body))
    assert looked_up(world).trouble is CrmTrouble.BAD_ANSWER


def test_a_huge_answer_is_cut_off(world: HttpWorld) -> None:
    world.script(huge_answer(3_000_000))
    assert looked_up(world).trouble is CrmTrouble.TOO_LARGE


def test_a_compressed_bomb_is_cut_off(world: HttpWorld) -> None:
    bomb = gzip.compress(b'{"customers": [], "padding": "' + b"x" * 50_000_000 + b'"}')
    assert len(bomb) < 100_000
    headers = (("Content-Encoding", "gzip"),)
    world.script(Fault(Asked.FIND, status=200, body=bomb, headers=headers))
    assert looked_up(world).trouble is CrmTrouble.TOO_LARGE


def test_a_compressed_answer_is_understood(world: HttpWorld) -> None:
    body = gzip.compress(b'{"customers": []}')
    world.script(Fault(Asked.FIND, status=200, body=body, headers=(("Content-Encoding", "gzip"),), times=4))
    assert looked_up(world).state is LookupState.NONE


def test_a_slow_crm_times_out(hasty_world: HttpWorld) -> None:
    hasty_world.script(Fault(Asked.FIND, delay_s=5.0))
    lookup = looked_up(hasty_world)
    assert lookup.trouble is CrmTrouble.TIMEOUT
    assert 250 < lookup.took_ms < 2_000


def test_a_slow_question_does_not_delay_another(world: HttpWorld) -> None:
    world.script(Fault(Asked.FIND, delay_s=2.0))
    world.crm.find(question("+442079460018", name="slow"))
    world.crm.find(question("+498999998017", name="quick"))
    assert world.inbox.next(CustomerLookedUp, 1.5).query_id == "quick"
    world.crm.cancel(QueryId("slow"))


def test_a_dead_crm_is_unreachable(world: HttpWorld) -> None:
    world.thread.run(world.server.stop())
    assert looked_up(world).trouble is CrmTrouble.UNREACHABLE
    assert delivered(world).trouble is CrmTrouble.UNREACHABLE


def test_an_unknown_host_is_unreachable(world: HttpWorld) -> None:
    world.http.configure([CrmConnection("demo", "embedded", "https://crm.invalid")])
    assert looked_up(world).trouble is CrmTrouble.UNREACHABLE


def test_a_crm_that_nobody_configured_is_named(world: HttpWorld) -> None:
    world.http.configure([])
    lookup = looked_up(world)
    assert lookup.trouble is CrmTrouble.NOT_CONFIGURED
    assert "demo" in lookup.detail


def test_an_unreadable_pack_is_named(world: HttpWorld) -> None:
    world.http.configure([CrmConnection("demo", "nowhere", world.server.base_url)])
    lookup = looked_up(world)
    assert lookup.trouble is CrmTrouble.NOT_CONFIGURED
    assert "nowhere.toml" in lookup.detail


def test_an_anonymous_caller_is_nobody(world: HttpWorld) -> None:
    world.crm.find(CustomerQuery(QueryId("q"), CallId("c"), None, "demo", PhoneNumber("")))
    assert world.inbox.next(CustomerLookedUp).lookup.state is LookupState.NONE


@pytest.mark.parametrize("hint", ["../calls", "..", "C001?x=1", "C001/../C002", "é", "x" * 500])
def test_a_strange_record_id_cannot_lead_the_question_astray(world: HttpWorld, hint: str) -> None:
    world.crm.find(question("+442079460018", hint=hint))
    lookup = world.inbox.next(CustomerLookedUp).lookup
    assert [customer.id for customer in lookup.matches] == ["C001"]


def test_closing_right_after_giving_up_leaves_no_connection_open() -> None:
    with http_world() as world:
        world.script(Fault(Asked.FIND, delay_s=30.0, times=20))
        for number in range(20):
            world.crm.find(question("+442079460018", name=f"q{number}"))
        wait_for(lambda: world.thread.call(lambda: world.server.connections) >= 20, "the connections")
        for number in range(20):
            world.crm.cancel(QueryId(f"q{number}"))
        world.http.close()
        wait_for(lambda: world.thread.call(lambda: world.server.connections) == 0, "all to be closed")
        assert world.inbox.empty


def test_closing_ends_the_thread_while_a_question_is_open() -> None:
    with http_world() as world:
        world.script(Fault(Asked.FIND, delay_s=30.0))
        world.crm.find(question("+442079460018"))
        began = time.monotonic()
        world.http.close()
        assert time.monotonic() - began < 2.0
        assert world.inbox.empty


async def _asked_after_closing() -> CrmFault:
    exchange = Exchange("http://127.0.0.1:9")
    await exchange.close()
    await exchange.warm_up()  # says nothing
    with pytest.raises(CrmFault) as caught:
        await exchange.send(Outgoing("GET", "/"))
    return caught.value


def test_a_question_on_a_connection_that_the_settings_have_closed_is_a_fault_and_no_crash() -> None:
    assert asyncio.run(_asked_after_closing()).trouble is CrmTrouble.UNREACHABLE
