"""The port `Crm` over HTTP: one worker thread with an event loop, one task per question."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable, Iterable
from contextlib import suppress
from dataclasses import field
from typing import TYPE_CHECKING

import structlog

from softphone.crm.fault import CrmFault
from softphone.crm.worker import Worker
from softphone.domain.address import PhoneNumber
from softphone.domain.crm_events import CrmDescribed, CrmSignInNeeded
from softphone.domain.crm_work import (
    BrowserWords,
    CrmDescription,
    DoNotCallQuery,
    NewCustomer,
    ReportedState,
    TextQuery,
)
from softphone.domain.customer import CrmTrouble, CustomerQuery
from softphone.domain.delivery import Delivery
from softphone.domain.errors import BadInput
from softphone.domain.events import Event
from softphone.domain.facts import dataclass
from softphone.domain.ids import CampaignId, QueryId
from softphone.domain.settings import CrmConnection

if TYPE_CHECKING:
    from softphone.crm.answering import Answering
    from softphone.crm.auth.secrets import Vault
    from softphone.crm.checking import Checker
    from softphone.crm.session import CrmSession

_log = structlog.get_logger(__name__)
_FRESHENING_S = 60.0
_WARMING_S = 10.0


def _nowhere(_name: str, _secret: str | None) -> None:
    raise CrmFault(CrmTrouble.CREDENTIALS, "no key store to keep the secret in")


@dataclass
class _Open:
    """The sessions of the connections as they are configured now."""

    connections: dict[str, CrmConnection]
    sessions: dict[str, CrmSession] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)


class HttpCrm:
    """Implements `usecases.ports.Crm` for all configured CRMs.

    `secret` reads a secret by its name in the key store (`crm/<connection>`) and may block, `keep` writes or
    (None) deletes one; `post` takes an event from any thread (the pump). Commands may come from any one
    thread; everything else happens on the thread "crm". A slow question never delays another: each is a
    task of its own.
    """

    def __init__(
        self,
        connections: Iterable[CrmConnection],
        secret: Callable[[str], str | None],
        post: Callable[[Event], None],
        keep: Callable[[str, str | None], None] = _nowhere,
    ) -> None:
        self._open = _Open({connection.name: connection for connection in connections})
        self._secret = secret
        self._keep = keep
        self._post = post
        self._worker = Worker(self._begin)
        self._answers: Answering | None = None

    def start(self) -> None:
        """Start the thread and prepare every connection; the first command does it too."""
        self._worker.call(lambda: None)

    def configure(self, connections: Iterable[CrmConnection]) -> None:
        """Use these connections from now on; questions under way finish on the old ones."""
        fresh = {connection.name: connection for connection in connections}
        self._worker.call(lambda: self._replace(fresh))

    def find(self, query: CustomerQuery) -> None:
        self._worker.call(lambda: self._worker.ask(query.id, self._answering.find(query)))

    def search(self, query: TextQuery) -> None:
        self._worker.call(lambda: self._worker.ask(query.id, self._answering.search(query)))

    def cancel(self, query_id: QueryId) -> None:
        self._worker.call(lambda: self._cancel(query_id))

    def deliver(self, delivery: Delivery) -> None:
        self._worker.call(lambda: self._worker.write(self._answering.deliver(delivery)))

    def create_customer(self, new: NewCustomer) -> None:
        self._worker.call(lambda: self._worker.write(self._answering.create(new)))

    def fetch_codes(self, crm: str, campaign_id: CampaignId) -> None:
        name = ("codes", crm, campaign_id)
        self._worker.call(lambda: self._worker.ask(name, self._answering.codes(crm, campaign_id)))

    def check_do_not_call(self, query: DoNotCallQuery) -> None:
        self._worker.call(lambda: self._worker.ask(query.id, self._answering.permission(query)))

    def report_state(self, crm: str, state: ReportedState) -> None:
        self._worker.call(lambda: self._report_state(crm, state))

    def sign_in(self, crm: str, words: BrowserWords = BrowserWords()) -> None:  # noqa: B008 - frozen
        self._worker.call(lambda: self._sign_in(crm, words))

    def cancel_sign_in(self, crm: str) -> None:
        self._worker.call(lambda: self._cancel(("sign-in", crm)))

    def sign_out(self, crm: str) -> None:
        self._worker.call(lambda: self._worker.write(self._answering.sign_out(crm)))

    def check(self, crm: str, number: PhoneNumber, text: str = "") -> None:
        name = ("check", crm)
        self._worker.call(lambda: self._worker.ask(name, self._answering.check(crm, number, text)))

    def cancel_check(self, crm: str) -> None:
        self._worker.call(lambda: self._cancel(("check", crm)))

    def close(self) -> None:
        """Stop asking, let deliveries under way finish for a bounded time, end the thread."""
        self._worker.close(self._close_sessions)

    # --- on the thread "crm" ----------------------------------------------------------------------------

    @property
    def _answering(self) -> Answering:
        # Loaded here, on this thread: 0.1 s of HTTP that the window does not wait for.
        from softphone.crm.answering import Answering

        if self._answers is None:
            self._answers = Answering(self.session, self._checker, self._post, self._accepted)
        return self._answers

    def _begin(self) -> None:
        self._prepare()
        self._worker.watch(self._keep_fresh())

    def _prepare(self) -> None:
        for name, connection in self._open.connections.items():
            try:
                session = self.session(name)
            except CrmFault as fault:
                _log.warning("crm_not_usable", crm=name, trouble=fault.trouble.value, detail=fault.detail)
                told = CrmDescription(name, auth=connection.auth, trouble=fault.trouble, detail=fault.detail)
                self._post(CrmDescribed(told))
                continue
            self._post(CrmDescribed(session.description()))
            self._worker.aside(self._warm_up(session))

    async def _warm_up(self, session: CrmSession) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(_WARMING_S):
                await session.warm_up()

    async def _keep_fresh(self) -> None:
        """Renew tokens between calls, so that no ringing caller waits for it."""
        while True:
            await asyncio.sleep(_FRESHENING_S)
            for session in list(self._open.sessions.values()):
                self._worker.aside(session.keep_fresh())

    def _replace(self, connections: dict[str, CrmConnection]) -> None:
        old, self._open = self._open.sessions, _Open(connections)
        for session in old.values():
            self._worker.when_idle(session.close)
        self._prepare()

    def session(self, name: str) -> CrmSession:
        """The session of a configured connection; raises `CrmFault` if it cannot be used."""
        from softphone.crm.connecting import Line  # as in _answering
        from softphone.crm.packs.reading import load_pack
        from softphone.crm.session import CrmSession

        if name not in self._open.sessions:
            connection = self._open.connections.get(name)
            if connection is None:
                raise CrmFault(CrmTrouble.NOT_CONFIGURED, f"no CRM is called {name!r}")
            try:
                pack = load_pack(connection.pack)
            except BadInput as exc:
                raise CrmFault(CrmTrouble.NOT_CONFIGURED, exc.detail) from exc
            line = Line(connection, pack, self._vault(name), lambda detail: self._refused(name, detail))
            self._open.sessions[name] = CrmSession(line)
        return self._open.sessions[name]

    def _checker(self, name: str) -> Checker:
        from softphone.crm.checking import Checker  # as in _answering

        connection = self._open.connections.get(name)
        if connection is None:
            raise CrmFault(CrmTrouble.NOT_CONFIGURED, f"no CRM is called {name!r}")
        return Checker(connection, self._vault(name))

    def _vault(self, name: str) -> Vault:
        from softphone.crm.auth.secrets import Vault  # as in _answering

        return Vault(name, self._secret, self._keep)

    def _refused(self, name: str, detail: str) -> None:
        """The CRM takes the credentials no more: say it once."""
        if name not in self._open.refused:
            self._open.refused.add(name)
            self._post(CrmSignInNeeded(name, detail))

    def _accepted(self, name: str) -> bool:
        """The connection has answered; whether it had refused the credentials before."""
        refused = name in self._open.refused
        self._open.refused.discard(name)
        return refused

    def _report_state(self, crm: str, state: ReportedState) -> None:
        self._worker.ask(("state", crm), self._answering.report_state(crm, state))

    def _sign_in(self, crm: str, words: BrowserWords) -> None:
        self._worker.ask(("sign-in", crm), self._answering.sign_in(crm, words))

    def _cancel(self, name: Hashable) -> None:
        self._worker.cancel(name)

    async def _close_sessions(self) -> None:
        for session in self._open.sessions.values():
            await session.close()
