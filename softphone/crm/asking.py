"""One request to a CRM, with everything that stands around it: credentials, limits, retries, errors."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from softphone.crm.auth.credentials import Credentials
from softphone.crm.auth.login import SessionCredentials
from softphone.crm.exchange import Exchange, Outgoing
from softphone.crm.fault import BadShapeError, CrmFault
from softphone.crm.filling import outgoing_of
from softphone.crm.limiter import Limiter
from softphone.crm.mapping import text_of
from softphone.crm.masking import Mask
from softphone.crm.packs.plans import Pack, RequestPlan
from softphone.crm.values import Value, Values
from softphone.domain.customer import CrmTrouble
from softphone.domain.text import HEADER_LIMIT

Headers = tuple[tuple[str, str], ...]

_AGAIN_AFTER_S = 0.15
_PASSING = (502, 503, 504)
"""What a gateway answers for a moment; a question is put once more."""


class Asker:
    """Asks one CRM. `patience_s` is how long a request may wait for its turn or for the CRM's Retry-After."""

    def __init__(
        self,
        pack: Pack,
        exchange: Exchange,
        credentials: Credentials,
        values: Mapping[str, Value],
        headers: Headers,
        patience_s: float,
        refused: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._pack = pack
        self._exchange = exchange
        self._credentials = credentials
        self._values = values
        self._headers = headers
        self._patience_s = patience_s
        self._refused = refused
        self._limiter = Limiter(pack.limits.per_second, pack.limits.burst)
        self._agent: dict[str, Value] | None = None
        self._meeting = asyncio.Lock()

    async def question(self, plan: RequestPlan, values: Values, target: str = "") -> Any:
        """The answer to something that changes nothing: put once more when the network or the CRM stumbled.

        `target` replaces the plan's own address (the next page). Raises `CrmFault`.
        """
        try:
            return await self._ask(plan, values, (), target)
        except CrmFault as fault:
            again_s = self._worth_waiting(fault)
            if again_s is None:
                raise
        await asyncio.sleep(again_s)
        return await self._ask(plan, values, (), target)

    async def write(self, plan: RequestPlan, values: Values, headers: Headers = ()) -> Any:
        """The answer to something that writes: sent once, whatever happens. Raises `CrmFault`."""
        return await self._ask(plan, values, headers)

    async def agent(self) -> Mapping[str, Value]:
        """Who is signed in, where the pack can tell; asked once."""
        plan = self._pack.agent
        if plan is None:
            return {}
        async with self._meeting:
            if self._agent is None:
                answer = await self.question(plan.request, {})
                agent_id = text_of(plan.id.search(answer))
                if not agent_id:
                    raise CrmFault(CrmTrouble.BAD_ANSWER, "the CRM did not say who is signed in")
                name = text_of(plan.name.search(answer)) if plan.name else ""
                self._agent = {"agent_id": agent_id, "agent_name": name}
            return self._agent

    def forget_agent(self) -> None:
        self._agent = None

    def _worth_waiting(self, fault: CrmFault) -> float | None:
        """Seconds until a question may be put once more, None if that is of no use to a waiting caller."""
        if fault.trouble is CrmTrouble.BUSY or (fault.status == 503 and fault.retry_after_s):
            wait_s = fault.retry_after_s or 1.0
            return wait_s if wait_s <= self._patience_s else None
        if fault.trouble is CrmTrouble.UNREACHABLE or fault.status in _PASSING:
            return _AGAIN_AFTER_S
        return None

    async def _ask(self, plan: RequestPlan, values: Values, headers: Headers, target: str = "") -> Any:
        if plan.needs_agent:
            values = {**values, **await self.agent()}
        for last in (False, True):
            signed: Outgoing | None = None
            try:
                signed = await self._sign(plan, values, headers, target)
                return await self._sent(signed)
            except CrmFault as fault:
                refused = fault.trouble is CrmTrouble.CREDENTIALS and bool(fault.status)
                if last or not refused or not await self._credentials.renew(signed):
                    self._note(fault)
                    raise
        raise AssertionError("the last attempt returns or raises")

    def _note(self, fault: CrmFault) -> None:
        if fault.trouble is CrmTrouble.CREDENTIALS:
            self._refused(fault.detail)

    async def _sign(self, plan: RequestPlan, values: Values, headers: Headers, target: str) -> Outgoing:
        """The request with what the CRM wants to be shown; waits until it may be sent."""
        await self._credentials.ready()
        await self._limiter.turn(self._patience_s)
        outgoing = outgoing_of(plan, {**self._values, **self._credentials.values, **values})
        if target:
            outgoing = replace(outgoing, target=target)
        return self._credentials.sign(replace(outgoing, headers=(*self._headers, *headers)))

    async def _sent(self, signed: Outgoing) -> Any:
        try:
            answer = await self._exchange.send(signed)
        except CrmFault as fault:
            raise self._explained(fault) from fault
        if isinstance(self._credentials, SessionCredentials) and self._credentials.lapsed(answer):
            raise CrmFault(CrmTrouble.CREDENTIALS, self._words(answer), status=200, body=answer)
        inside = self._pack.error.inside_success
        if inside is not None and inside.search(answer):
            raise self._explained(CrmFault(CrmTrouble.BAD_ANSWER, "", status=200, body=answer))
        return answer

    def _explained(self, fault: CrmFault) -> CrmFault:
        """The fault in the CRM's own words, and as what the pack knows it."""
        words = self._words(fault.body)
        detail = ": ".join(filter(None, (fault.detail, words)))
        trouble = self._kind(fault.body) or self._by_status(fault)
        if trouble is CrmTrouble.BUSY and fault.retry_after_s:
            self._limiter.hold(fault.retry_after_s)
        return CrmFault(
            trouble, detail, retry_after_s=fault.retry_after_s, status=fault.status, body=fault.body
        )

    def _by_status(self, fault: CrmFault) -> CrmTrouble:
        refused = fault.status in self._pack.error.credentials_status
        return CrmTrouble.CREDENTIALS if refused else fault.trouble

    def _kind(self, body: Any) -> CrmTrouble | None:
        if body is None:
            return None
        for name, query in self._pack.error.kinds:
            try:
                if query.search(body):
                    return CrmTrouble(name)
            except BadShapeError:
                continue
        return None

    def _words(self, body: Any) -> str:
        """The CRM's own words; a CRM that repeats a secret in them is not repeated."""
        mask = Mask(self._credentials.secrets)
        try:
            return mask(text_of(self._pack.error.detail.search(body), HEADER_LIMIT))
        except BadShapeError:
            return ""
