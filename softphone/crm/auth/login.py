"""Sessions: a login request first, then what it gave goes along with every request."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from softphone.crm.auth.credentials import StoredSecret
from softphone.crm.auth.secrets import Vault
from softphone.crm.exchange import Exchange, Outgoing
from softphone.crm.fault import BadShapeError, CrmFault, when_signing_in
from softphone.crm.filling import outgoing_of
from softphone.crm.mapping import text_of
from softphone.crm.packs.auth_plans import SessionPlan
from softphone.crm.values import Value
from softphone.domain.customer import CrmTrouble

_VALUE_LIMIT = 4_000


class SessionCredentials:
    """Logs in as the pack's `[auth.session]` says, once for all requests that wait for it."""

    def __init__(
        self,
        vault: Vault,
        plan: SessionPlan,
        values: Mapping[str, Value],
        exchange: Exchange,
        headers: tuple[tuple[str, str], ...] = (),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._vault = vault
        self._stored = StoredSecret(vault)
        self._plan = plan
        self._base = values
        self._exchange = exchange
        self._fixed_headers = headers
        self._monotonic = monotonic
        self._found: dict[str, Value] | None = None
        self._cookie = ""
        self._since = 0.0
        self._logging_in = asyncio.Lock()

    @property
    def values(self) -> Mapping[str, Value]:
        found = self._found or {}
        return {**found, "secret": self._stored.known} if self._plan.secret_in_body else found

    @property
    def secrets(self) -> tuple[str, ...]:
        tokens = [str(value) for value in (self._found or {}).values() if len(str(value)) >= 12]
        return tuple(filter(None, (self._stored.known, self._cookie, *tokens)))

    async def ready(self) -> None:
        secret = await self._stored.get()
        async with self._logging_in:
            if self._found is None or self._too_old:
                await self._log_in(secret)

    @property
    def _too_old(self) -> bool:
        lifetime_s = self._plan.lifetime_s
        return bool(lifetime_s) and self._monotonic() - self._since > lifetime_s

    async def _log_in(self, secret: str) -> None:
        found: dict[str, Value] = {}
        if self._plan.request is not None:
            values = {
                **self._base,
                "secret": secret,
                "client_secret": await self._vault.client_secret() or "",
            }
            outgoing = replace(outgoing_of(self._plan.request, values), headers=self._fixed_headers)
            try:
                answer = await self._exchange.ask(outgoing)
            except CrmFault as fault:
                raise when_signing_in(fault) from fault
            found = {name: _saved(name, query.search(answer.json)) for name, query in self._plan.save}
            self._cookie = dict(answer.cookies).get(self._plan.cookie, "") if self._plan.cookie else ""
            if self._plan.cookie and not self._cookie:
                self._stored.forget()
                raise CrmFault(CrmTrouble.CREDENTIALS, "the CRM did not take the login")
        self._found, self._since = found, self._monotonic()

    def sign(self, outgoing: Outgoing) -> Outgoing:
        values = {**self._base, **self.values}
        headers = [(name, template.text(values)) for name, template in self._plan.headers]
        if self._cookie:
            headers.append(("Cookie", f"{self._plan.cookie}={self._cookie}"))
        return replace(outgoing, headers=(*outgoing.headers, *headers))

    def lapsed(self, answer: Any) -> bool:
        """Whether an answer says that the session is over."""
        try:
            return self._plan.expired is not None and bool(self._plan.expired.search(answer))
        except BadShapeError:
            return False

    async def renew(self, shown: Outgoing | None) -> bool:  # noqa: ARG002 - Credentials
        if self._plan.request is None or self._found is None:
            self.forget()
            return False
        self._found = None
        return True

    async def keep_fresh(self) -> None:
        if self._found is not None and self._too_old:
            await self.ready()

    def forget(self) -> None:
        self._stored.forget()
        self._found = None


def _saved(name: str, found: Any) -> Value:
    if isinstance(found, bool) or found in (None, ""):
        # What refuses a login with a 200 (Odoo's false) leaves nothing to go on with.
        raise CrmFault(CrmTrouble.CREDENTIALS, f"the CRM did not take the login: no {name}")
    return found if isinstance(found, int) else text_of(found, _VALUE_LIMIT)
