"""What errors mean, as far as the pack knows it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from softphone.crm.http_crm import HttpCrm
from softphone.domain.crm_events import CrmSignInNeeded
from softphone.domain.customer import CrmTrouble
from softphone.domain.customer_events import CustomerLookedUp
from softphone.domain.keeping_events import DeliveryAttempted
from softphone.domain.settings import CrmAuth, CrmConnection
from tests.contracts.crm_world import Inbox, delivery, question
from tests.crm.connected import connected
from tests.crm.scripted_server import Reply, ScriptedServer, scripted_server


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server() as made:
        yield made


ERRORS = """
[error]
detail = "message || error"
inside_success = "error"
credentials = "error == 'expired'"
busy = "error == 'limit'"
refused = "error == 'invalid'"
not_found = "error == 'gone'"
forbidden = "error == 'role'"
"""


@pytest.mark.parametrize("status", [200, 400, 403, 500])
@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        ("expired", CrmTrouble.CREDENTIALS),
        ("limit", CrmTrouble.BUSY),
        ("invalid", CrmTrouble.REFUSED),
        ("gone", CrmTrouble.NOT_FOUND),
        ("role", CrmTrouble.FORBIDDEN),
    ],
)
def test_the_pack_says_what_an_error_means(
    tmp_path: Path, server: ScriptedServer, status: int, error: str, trouble: CrmTrouble
) -> None:
    server.on("POST /calls", Reply(status, {"error": error, "message": "in its own words"}))
    with connected(tmp_path, server, more=ERRORS) as desk:
        desk.crm.deliver(delivery("d1"))
        result = desk.inbox.next(DeliveryAttempted).result
        assert result.trouble is trouble
        assert "in its own words" in result.detail


def test_what_this_agent_may_not_do_asks_nobody_to_sign_in_again(
    tmp_path: Path, server: ScriptedServer
) -> None:
    server.on("POST /calls", Reply(403, {"message": "not your region"}))
    with connected(tmp_path, server, more=ERRORS) as desk:
        desk.crm.deliver(delivery("d1"))
        result = desk.inbox.next(DeliveryAttempted).result
        assert result.trouble is CrmTrouble.FORBIDDEN
        assert result.final
        assert "not your region" in result.detail
        assert not desk.inbox.told(CrmSignInNeeded)


def test_a_crm_that_answers_a_bad_secret_with_403_is_signed_in_to_again(
    tmp_path: Path, server: ScriptedServer
) -> None:
    server.on("POST /calls", Reply(403, {"error": "role"}), Reply(403, {"error": "bad token"}))
    with connected(tmp_path, server, more=f"{ERRORS}credentials_status = [401, 403]\n") as desk:
        for number, trouble in enumerate((CrmTrouble.FORBIDDEN, CrmTrouble.CREDENTIALS)):
            desk.crm.deliver(delivery(f"d{number}"))
            assert desk.inbox.next(DeliveryAttempted).result.trouble is trouble
        assert len(desk.inbox.told(CrmSignInNeeded)) == 1


@pytest.mark.parametrize(
    ("body", "trouble"),
    [
        ({"detail": "Invalid token."}, CrmTrouble.CREDENTIALS),
        ({"detail": "You do not have permission to perform this action."}, CrmTrouble.FORBIDDEN),
        ({"error": True, "errors": "You don't have permission to edit this"}, CrmTrouble.FORBIDDEN),
        ({"error": True, "errors": {"phone": ["taken"]}}, CrmTrouble.CREDENTIALS),
    ],
)
def test_bottlecrm_tells_a_bad_token_from_a_lack_of_rights_by_its_words(
    server: ScriptedServer, body: dict[str, object], trouble: CrmTrouble
) -> None:
    server.on("POST /api/contacts/duplicates/", Reply(403, body))
    inbox = Inbox()
    connection = CrmConnection("demo", "bottlecrm", server.base_url, CrmAuth.BEARER)
    crm = HttpCrm([connection], lambda _name: "token", inbox.post)
    try:
        crm.find(question("+442079460018"))
        assert inbox.next(CustomerLookedUp).lookup.trouble is trouble
    finally:
        crm.close()


TWO_KINDS = """
[[find.requests]]
path = "/leads"
query = { number = "{number}" }
"""


def test_a_kind_of_record_that_this_agent_may_not_see_hides_no_other(
    tmp_path: Path, server: ScriptedServer
) -> None:
    server.on("GET /contacts", Reply(200, [{"id": 1, "name": "Anna Ek", "phone": "+442079460018"}]))
    server.on("GET /leads", Reply(403, {"message": "no leads for you"}))
    with connected(tmp_path, server, more=TWO_KINDS) as desk:
        desk.crm.find(question("+442079460018"))
        assert [c.name for c in desk.inbox.next(CustomerLookedUp).lookup.matches] == ["Anna Ek"]
        server.on("GET /contacts", Reply(403, {"message": "no people either"}))
        desk.crm.find(question("+442079460018"))
        assert desk.inbox.next(CustomerLookedUp).lookup.trouble is CrmTrouble.FORBIDDEN


def test_an_error_that_the_pack_does_not_know_goes_by_its_status(
    tmp_path: Path, server: ScriptedServer
) -> None:
    with connected(tmp_path, server, more=ERRORS) as desk:
        for number, (status, trouble) in enumerate(
            [(200, CrmTrouble.BAD_ANSWER), (422, CrmTrouble.REFUSED), (500, CrmTrouble.SERVER_ERROR)]
        ):
            server.on("POST /calls", Reply(status, {"error": "other"}))
            desk.crm.deliver(delivery(f"d{number}"))
            assert desk.inbox.next(DeliveryAttempted).result.trouble is trouble
