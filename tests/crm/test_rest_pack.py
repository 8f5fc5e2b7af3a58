"""The template for plain REST, against a server of that shape."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from softphone.crm.http_crm import HttpCrm
from softphone.domain.customer import CrmTrouble, Customer, LookupState
from softphone.domain.customer_events import CustomerLookedUp
from softphone.domain.delivery import DeliveryKind
from softphone.domain.keeping_events import DeliveryAttempted
from softphone.domain.settings import CrmAuth, CrmConnection
from tests.contracts.crm_world import Inbox, delivery, question
from tests.crm.plain_server import PlainServer, plain_server

ANNA = {
    "id": 7,
    "first_name": "Anna",
    "last_name": "Ek",
    "phone": "020 7946 0018",
    "company": {"name": "Ek AB"},
}
Connect = Callable[..., HttpCrm]


@pytest.fixture
def server() -> Iterator[PlainServer]:
    with plain_server() as server:
        yield server


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def connect(server: PlainServer, inbox: Inbox) -> Iterator[Connect]:
    made: list[HttpCrm] = []

    def make(auth: CrmAuth = CrmAuth.BEARER) -> HttpCrm:
        connection = CrmConnection("demo", "rest", server.base_url, auth, user="agent")
        made.append(HttpCrm([connection], lambda _: "s3cret", inbox.post))
        return made[-1]

    yield make
    for crm in made:
        crm.close()


@pytest.mark.parametrize("answer", [[ANNA], {"items": [ANNA]}, {"contacts": [ANNA], "total": 1}])
def test_a_contact_is_found_in_the_usual_shapes(
    server: PlainServer, inbox: Inbox, connect: Connect, answer: Any
) -> None:
    server.answers["GET /contacts"] = 200, answer
    connect().find(question("+442079460018"))
    assert inbox.next(CustomerLookedUp).lookup.chosen == Customer(
        id="7",  # type: ignore[arg-type]  # a CustomerId
        name="Anna Ek",
        company="Ek AB",
        numbers=("020 7946 0018",),
        url=f"{server.base_url}/contacts/7",
    )


@pytest.mark.parametrize("answer", [[], {"items": []}, {"contacts": []}, None])
def test_nobody_is_found_in_the_usual_shapes(
    server: PlainServer, inbox: Inbox, connect: Connect, answer: Any
) -> None:
    server.answers["GET /contacts"] = 200, answer
    connect().find(question("+442079460018", national="020 7946 0018"))
    assert inbox.next(CustomerLookedUp).lookup.state is LookupState.NONE
    asked = [line for line, _, _ in server.asked if "/contacts" in line]
    assert asked == [
        "GET /contacts?phone=%2B442079460018",
        "GET /contacts?phone=02079460018",
        "GET /contacts?phone=079460018",
    ]


def test_a_record_with_another_number_is_not_the_caller(
    server: PlainServer, inbox: Inbox, connect: Connect
) -> None:
    server.answers["GET /contacts"] = (
        200,
        [ANNA | {"phone": "020 7946 0019"}, ANNA | {"id": 8, "mobile": "x"}],
    )
    connect().find(question("+442079460018"))
    assert [customer.id for customer in inbox.next(CustomerLookedUp).lookup.matches] == ["8"]


@pytest.mark.parametrize(
    ("auth", "header", "value"),
    [
        (CrmAuth.BEARER, "authorization", "Bearer s3cret"),
        (CrmAuth.API_KEY, "x-api-key", "s3cret"),
        (CrmAuth.BASIC, "authorization", "Basic " + base64.b64encode(b"agent:s3cret").decode()),
    ],
)
def test_the_secret_is_sent_as_the_connection_says(
    server: PlainServer, inbox: Inbox, connect: Connect, auth: CrmAuth, header: str, value: str
) -> None:
    server.answers["GET /contacts"] = 200, [ANNA]
    connect(auth).find(question("+442079460018"))
    assert inbox.next(CustomerLookedUp).lookup.state is LookupState.ONE
    sent = [headers for line, headers, _ in server.asked if "/contacts" in line]
    assert [headers.get(header) for headers in sent] == [value]


def test_without_authentication_no_secret_is_sent(
    server: PlainServer, inbox: Inbox, connect: Connect
) -> None:
    server.answers["GET /contacts"] = 200, [ANNA]
    connect(CrmAuth.NONE).find(question("+442079460018"))
    inbox.next(CustomerLookedUp)
    assert "s3cret" not in str(server.asked)


def test_a_call_is_logged_without_its_empty_fields(
    server: PlainServer, inbox: Inbox, connect: Connect
) -> None:
    server.answers["POST /calls"] = 201, {"id": 99}
    connect().deliver(delivery("d1", customer_id="7"))
    assert inbox.next(DeliveryAttempted).result.remote_id == "99"
    (headers, body) = next((h, b) for line, h, b in server.asked if line == "POST /calls")
    assert headers["idempotency-key"] == "d1"
    assert body == {
        "external_id": "d1",
        "contact_id": "7",
        "direction": "inbound",
        "phone": "+442079460018",
        "started_at": "2026-03-02T09:30:00Z",
        "duration_seconds": 73,
        "campaign": "meridian",
        "outcome": "claim_opened",
        "answers": {"damage": "water"},
    }


def test_a_call_that_is_there_already_is_not_sent_again(
    server: PlainServer, inbox: Inbox, connect: Connect
) -> None:
    server.answers["GET /calls"] = 200, {"items": [{"id": "L1"}]}
    connect().deliver(delivery("d1", attempts=3))
    assert inbox.next(DeliveryAttempted).result.remote_id == "L1"
    assert not [line for line, _, _ in server.asked if line.startswith("POST")]


def test_a_call_is_corrected_in_its_own_record(server: PlainServer, inbox: Inbox, connect: Connect) -> None:
    server.answers["PATCH /calls/99"] = 200, {"id": 99}
    logged = delivery("d1", customer_id="7")
    log = replace(logged.log, disposition="settled", notes="Paid out", recording_url="https://r.test/1")
    change = replace(logged, kind=DeliveryKind.UPDATE_CALL, remote_id="99", revision=1, log=log)
    connect().deliver(change)
    assert inbox.next(DeliveryAttempted).result.delivered
    (body,) = (body for line, _headers, body in server.asked if line == "PATCH /calls/99")
    assert (body["outcome"], body["notes"]) == ("settled", "Paid out")
    assert (body["answers"], body["recording_url"]) == ({"damage": "water"}, "https://r.test/1")


def test_without_the_crms_id_nothing_is_corrected(
    server: PlainServer, inbox: Inbox, connect: Connect
) -> None:
    connect().deliver(replace(delivery("d1"), kind=DeliveryKind.UPDATE_CALL, revision=1))
    assert inbox.next(DeliveryAttempted).result.trouble is CrmTrouble.REFUSED
    assert not [line for line, _, _ in server.asked if line.startswith("PATCH")]


def test_a_refusal_is_told_in_the_crms_own_words(server: PlainServer, inbox: Inbox, connect: Connect) -> None:
    server.answers["POST /calls"] = 422, {"error": {"message": "outcome: <b>unknown</b>\u202e"}}
    connect().deliver(delivery("d1"))
    result = inbox.next(DeliveryAttempted).result
    assert result.trouble is CrmTrouble.REFUSED
    assert result.detail == "422 Unprocessable Entity: outcome: <b>unknown</b>"
