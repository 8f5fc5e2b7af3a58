"""A pack of a test's own, connected to a scripted server through the real adapter."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from softphone.crm.http_crm import HttpCrm
from softphone.domain.crm_events import CrmSignInChanged
from softphone.domain.crm_work import SignInStep
from softphone.domain.customer import Lookup
from softphone.domain.customer_events import CustomerLookedUp
from softphone.domain.settings import CrmAuth, CrmConnection
from tests.contracts.crm_world import Inbox, question
from tests.crm.scripted_server import ScriptedServer
from tests.peers.waiting import wait_for

PACK = """\
format = 1
name = "own"
title = "Own"

[find]
attempts = ["e164"]
check_number = false
[[find.requests]]
path = "/contacts"
query = { phone = "{number}" }

[customer]
id = "id"
name = "name"

[log]
path = "/calls"
json = { external_id = "{external_id}" }
remote_id = "id"
"""


@dataclass
class Connected:
    """The adapter with one connection named demo; `keyring` is its key store."""

    crm: HttpCrm
    inbox: Inbox
    keyring: dict[str, str] = field(default_factory=dict)

    def look_up(self, number: str = "+442079460018", name: str = "q1") -> Lookup:
        self.crm.find(question(number, name=name))
        return self.inbox.next(CustomerLookedUp).lookup

    def sign_in_news(self, step: SignInStep) -> CrmSignInChanged:
        """Wait for that step of signing in."""
        wait_for(lambda: self._news(step) is not None, f"signing in to come to {step.value}")
        found = self._news(step)
        assert found is not None
        return found

    def _news(self, step: SignInStep) -> CrmSignInChanged | None:
        told = self.inbox.told(CrmSignInChanged)
        return next((event for event in reversed(told) if event.news.step is step), None)


@contextmanager
def connected(
    folder: Path,
    server: ScriptedServer,
    auth: CrmAuth = CrmAuth.NONE,
    *,
    more: str = "",
    pack: str = PACK,
    keyring: dict[str, str] | None = None,
    connection: CrmConnection | None = None,
) -> Iterator[Connected]:
    """Connect with `more` tables added to `pack`."""
    file = folder / "own.toml"
    file.write_text(pack + more, encoding="utf-8")
    store = {} if keyring is None else keyring

    def keep(name: str, secret: str | None) -> None:
        if secret is None:
            store.pop(name, None)
        else:
            store[name] = secret

    inbox = Inbox()
    wanted = connection or CrmConnection(
        "demo", str(file), server.base_url, auth, user="agent", client_id="softphone-test"
    )
    crm = HttpCrm([wanted], store.get, inbox.post, keep)
    try:
        yield Connected(crm, inbox, store)
    finally:
        crm.close()
