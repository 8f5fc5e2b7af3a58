"""The adapter against the embedded CRM, and what becomes of every way in which a CRM can fail."""

from __future__ import annotations

import gzip
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from softphone.crm.http_crm import HttpCrm
from softphone.demo.crm_faults import Asked, Fault, html_page, huge_answer
from softphone.domain.address import PhoneNumber
from softphone.domain.customer import CrmTrouble, CustomerQuery, Lookup, LookupState
from softphone.domain.delivery import DeliveryResult
from softphone.domain.events import CustomerLookedUp, DeliveryAttempted
from softphone.domain.ids import CallId, QueryId
from softphone.domain.settings import CrmAuth, CrmConnection
from tests.contracts.crm_world import HttpWorld, Inbox, delivery, http_world, question
from tests.peers.waiting import wait_for


@pytest.fixture
def world() -> Iterator[HttpWorld]:
    with http_world() as world:
        yield world


@pytest.fixture
def hasty_world() -> Iterator[HttpWorld]:
    with http_world(timeout_s=0.3) as world:
        yield world


def looked_up(world: HttpWorld, number: str = "+442079460018") -> Lookup:
    world.crm.find(question(number))
    return world.inbox.next(CustomerLookedUp).lookup


def delivered(world: HttpWorld, name: str = "d1", *, attempts: int = 0) -> DeliveryResult:
    world.crm.deliver(delivery(name, attempts=attempts))
    return world.inbox.next(DeliveryAttempted).result


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
        (403, CrmTrouble.CREDENTIALS),
        (422, CrmTrouble.REFUSED),
        (429, CrmTrouble.BUSY),
        (500, CrmTrouble.SERVER_ERROR),
        (503, CrmTrouble.SERVER_ERROR),
        (418, CrmTrouble.BAD_ANSWER),
    ],
)
def test_a_failing_crm_is_told_by_its_status(world: HttpWorld, status: int, trouble: CrmTrouble) -> None:
    world.script(Fault(Asked.FIND, status=status))
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


# --- credentials -----------------------------------------------------------------------------------------


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


# --- questions -------------------------------------------------------------------------------------------


def test_an_anonymous_caller_is_nobody(world: HttpWorld) -> None:
    world.crm.find(CustomerQuery(QueryId("q"), CallId("c"), None, "demo", PhoneNumber("")))
    assert world.inbox.next(CustomerLookedUp).lookup.state is LookupState.NONE


@pytest.mark.parametrize("hint", ["../calls", "..", "C001?x=1", "C001/../C002", "é", "x" * 500])
def test_a_strange_record_id_cannot_lead_the_question_astray(world: HttpWorld, hint: str) -> None:
    world.crm.find(question("+442079460018", hint=hint))
    lookup = world.inbox.next(CustomerLookedUp).lookup
    assert [customer.id for customer in lookup.matches] == ["C001"]


def test_closing_ends_the_thread_while_a_question_is_open() -> None:
    with http_world() as world:
        world.script(Fault(Asked.FIND, delay_s=30.0))
        world.crm.find(question("+442079460018"))
        began = time.monotonic()
        world.http.close()
        assert time.monotonic() - began < 2.0
        assert world.inbox.empty


# --- deliveries ------------------------------------------------------------------------------------------


def test_the_call_arrives_with_all_its_facts_and_its_key(world: HttpWorld) -> None:
    world.crm.deliver(delivery("d1", notes="שלום – «wet»\nsecond line"))
    assert world.inbox.next(DeliveryAttempted).result.delivered
    logged = world.thread.call(lambda: world.server.records.calls[0])
    assert logged.idempotency_key == "d1"
    assert logged.body == {
        "call_id": "c1",
        "direction": "inbound",
        "number": "+442079460018",
        "started_at": "2026-03-02T09:30:00Z",
        "talk_s": 73,
        "campaign": "meridian",
        "queue": "meridian-claims",
        "disposition": "claim_opened",
        "disposition_label": "Claim opened",
        "notes": "שלום – «wet»\nsecond line",
        "customer_id": "C001",
        "callback_at": None,
        "callback_number": "",
        "answers": {"damage": "water"},
    }


def test_what_the_crm_cannot_take_is_final_and_in_its_words(world: HttpWorld) -> None:
    world.crm.deliver(delivery("d1", customer_id="C999"))
    result = world.inbox.next(DeliveryAttempted).result
    assert result.trouble is CrmTrouble.REFUSED
    assert result.final
    assert "no such customer" in result.detail


def test_a_busy_crm_says_when_to_come_back(world: HttpWorld) -> None:
    world.script(Fault(Asked.LOG, status=429, headers=(("Retry-After", "37"),)))
    result = delivered(world)
    assert result.trouble is CrmTrouble.BUSY
    assert result.retry_after_s == 37.0
    assert not result.final


def test_the_time_to_come_back_may_be_a_date(world: HttpWorld) -> None:
    when = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    world.script(Fault(Asked.LOG, status=503, headers=(("Retry-After", when),)))
    assert delivered(world).retry_after_s == pytest.approx(90.0, abs=5.0)


def test_a_conflict_means_that_the_record_may_be_there(world: HttpWorld) -> None:
    first = delivered(world)
    world.script(Fault(Asked.LOG, status=409))
    again = delivered(world)
    assert again.delivered
    assert again.remote_id == first.remote_id
    world.script(Fault(Asked.LOG, status=409))
    assert delivered(world, "d2").trouble is CrmTrouble.REFUSED


def test_asking_for_an_earlier_record_may_fail_too(world: HttpWorld) -> None:
    world.script(Fault(Asked.EXISTING, status=500))
    assert delivered(world, attempts=1).trouble is CrmTrouble.SERVER_ERROR
    assert world.recorded() == []
    assert delivered(world, attempts=2).delivered
    assert world.recorded() == ["d1"]


def test_a_delivery_under_way_is_finished_before_closing(world: HttpWorld) -> None:
    world.script(Fault(Asked.LOG, delay_s=0.5))
    world.crm.deliver(delivery("d1"))
    world.http.close()
    assert world.inbox.next(DeliveryAttempted).result.delivered
    assert world.recorded() == ["d1"]
