"""What errors mean, as far as the pack knows it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from softphone.domain.customer import CrmTrouble
from softphone.domain.events import DeliveryAttempted
from tests.contracts.crm_world import delivery
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
"""


@pytest.mark.parametrize("status", [200, 400, 403, 500])
@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        ("expired", CrmTrouble.CREDENTIALS),
        ("limit", CrmTrouble.BUSY),
        ("invalid", CrmTrouble.REFUSED),
        ("gone", CrmTrouble.NOT_FOUND),
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
