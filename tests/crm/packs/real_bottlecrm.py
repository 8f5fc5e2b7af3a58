"""The real BottleCRM as the other end of its pack, behind a relay that can lose answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from softphone.domain.settings import CrmAuth, CrmConnection
from tests.crm.shapes.shape import Logged, Person
from tests.peers.bottlecrm import BottleCrm
from tests.peers.relay import Relay
from tests.peers.waiting import wait_for


class RealBottleCrm:
    """What the tests want to know of it, read through its own API."""

    pack = "bottlecrm"
    finds = ("+442079460018", "020 7946 0018", "(020) 7946-0018", "+44 20 7946 0018")

    def __init__(self, server: BottleCrm, relay: Relay) -> None:
        self.server = server
        self.relay = relay
        self.base_url = relay.base_url
        self.problems: list[str] = []

    def connection(self) -> CrmConnection:
        return CrmConnection("bottle", "bottlecrm", self.base_url, CrmAuth.BEARER)

    def secrets(self) -> dict[str, str]:
        return {"crm/bottle": self.server.token}

    def add(self, person: Person) -> str:
        fields = {
            "first_name": person.first_name,
            "last_name": person.last_name,
            "phone": person.number,
            "organization": person.company,
            "do_not_call": person.do_not_call,
        }
        if person.email:
            fields["email"] = person.email
        return str(self.server.ask("POST", "/api/contacts/", fields)["id"])

    def people(self) -> list[Person]:
        return [
            Person(
                c["first_name"], c["last_name"], c["phone"] or "", c["organization"] or "",
                c["email"] or "", c["do_not_call"],
            )
            for c in self._contacts()
        ]  # fmt: skip

    def _contacts(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.server.ask("GET", "/api/contacts/?limit=200")["results"]
        return found[::-1]

    def calls(self) -> list[Logged]:
        columns = "contact_id, subject, body, direction, duration_seconds"
        return [
            Logged(str(UUID(contact)), f"{subject}\n{body}", direction, seconds)
            for contact, subject, body, direction, seconds in self.server.rows(
                f"SELECT {columns} FROM interaction ORDER BY created_at"
            )
        ]

    def tasks(self) -> list[Logged]:
        listed = self.server.ask("GET", "/api/tasks/?limit=200&slim=true")["tasks"]
        whole = [self.server.ask("GET", f"/api/tasks/{task['id']}/")["task_obj"] for task in listed]
        return [
            Logged(
                task["contacts"][0]["id"] if task["contacts"] else "",
                f"{task['title']}\n{task['description']}",
                due=task["due_date"] or "",
            )
            for task in whole
        ]

    def expire(self) -> None:
        self.server.revoke()

    def busy_once(self, retry_after_s: float) -> None:
        self.relay.busy_once(retry_after_s)

    def lose_next_answer(self, skip: int = 0) -> None:
        assert skip == 0, "every write of this pack is one request"
        self.relay.lose_next_answer()

    def forget_calls(self) -> None:
        """Somebody deletes them in the CRM."""
        for (call,) in self.server.rows("SELECT id FROM interaction"):
            self.server.ask("DELETE", f"/api/interactions/{UUID(call)}/")

    def die_before_the_answer(self, table: str) -> None:
        """The next change ends the server the moment that its row in `table` is committed."""
        before = self.server.count(table)
        self._die_when(lambda: self.server.count(table) > before, f"a row in {table}")

    def die_once_a_call_says(self, words: str) -> None:
        """The next change ends the server the moment that a call with `words` in it is committed."""
        self._die_when(lambda: any(words in call.text for call in self.calls()), f"a call with {words!r}")

    def _die_when(self, written: Callable[[], bool], what: str) -> None:
        def watch() -> None:
            wait_for(written, what)
            self.server.kill()

        self.relay.lose_next_answer(watch)


@contextmanager
def behind_a_relay(server: BottleCrm) -> Iterator[RealBottleCrm]:
    relay = Relay(server.port)
    try:
        yield RealBottleCrm(server, relay)
    finally:
        relay.stop()
