"""BottleCRM starts, answers its agent, and keeps its data over a crash."""

from __future__ import annotations

import pytest

from tests.peers.bottlecrm import BottleCrm

pytestmark = pytest.mark.peer("bottlecrm")


def test_what_was_written_is_there_after_a_crash(bottlecrm: BottleCrm) -> None:
    person = {"first_name": "Anna", "last_name": "Crash", "phone": "+442079460950"}
    made = bottlecrm.ask("POST", "/api/contacts/", person)
    bottlecrm.kill()
    bottlecrm.start()
    found = bottlecrm.ask("POST", "/api/contacts/duplicates/", {"phone": "020 7946 0950"})
    assert [hit["id"] for hit in found["duplicates"]] == [made["id"]]
