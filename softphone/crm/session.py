"""One configured CRM: its pack, its credentials, its connections; answers questions and takes deliveries."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import httpx

from softphone.crm import numbers
from softphone.crm.exchange import Exchange, Outgoing
from softphone.crm.fault import BadShapeError, CrmFault
from softphone.crm.mapping import records, text_of
from softphone.crm.plans import FindPlan, Pack, RequestPlan
from softphone.crm.template import fill_json, path_segment, query_value
from softphone.crm.values import Value, Values
from softphone.domain.address import PhoneNumber
from softphone.domain.customer import CrmTrouble, Customer, CustomerQuery
from softphone.domain.delivery import CallLog, Delivery
from softphone.domain.settings import CrmAuth, CrmConnection
from softphone.domain.text import FIELD_LIMIT, HEADER_LIMIT

MATCH_LIMIT = 20
"""Records that an agent can choose among; more say that the search was too wide."""

_RECORD_ID_LIMIT = 200


class CrmSession:
    """Lives on the CRM thread's loop. Methods raise `CrmFault`; none of them creates a customer."""

    def __init__(
        self, connection: CrmConnection, pack: Pack, exchange: Exchange, secret: Callable[[str], str | None]
    ) -> None:
        self._connection = connection
        self._pack = pack
        self._exchange = exchange
        self._read_secret = secret
        self._secret: str | None = None
        self._reading = asyncio.Lock()

    async def warm_up(self) -> None:
        """Read the secret and open a connection now, so that the first caller waits for neither."""
        with suppress(CrmFault):
            await self._credentials()
        await self._exchange.warm_up()

    async def close(self) -> None:
        await self._exchange.close()

    async def find(self, query: CustomerQuery) -> tuple[Customer, ...]:
        """The customers with this id or number, at most `MATCH_LIMIT`."""
        if self._pack.record and query.record_hint:
            hinted = await self._by_id(self._pack.record, query.record_hint)
            if hinted:
                return hinted
        for form in numbers.attempts(query.number, self._pack.search.attempts):
            if found := await self._by_number(form, query.number):
                return found
        return ()

    async def deliver(self, delivery: Delivery) -> str:
        """Log the call; the CRM's id of the record, which may have been there before."""
        values = _log_values(delivery)
        if delivery.attempts and (there := await self._existing(values)):
            return there
        plan = self._pack.log.create.first
        headers = ((plan.idempotency_header, str(delivery.id)),) if plan.idempotency_header else ()
        try:
            answer = await self._ask(plan.request, values, headers)
        except CrmFault as fault:
            if fault.status == 409 and (there := await self._existing(values)):
                return there
            raise
        return text_of(plan.remote_id.search(answer)) if plan.remote_id else ""

    async def _existing(self, values: Values) -> str:
        plan = self._pack.log.create.first.existing
        if plan is None:
            return ""
        try:
            return text_of(plan.remote_id.search(await self._ask(plan.request, values)))
        except CrmFault as fault:
            if fault.trouble is CrmTrouble.NOT_FOUND:
                return ""
            raise

    async def _by_id(self, plan: FindPlan, record_id: str) -> tuple[Customer, ...]:
        if len(record_id) > _RECORD_ID_LIMIT or not record_id.strip("."):
            return ()
        try:
            answer = await self._ask(plan.request, {"id": record_id})
        except CrmFault as fault:
            if fault.trouble in (CrmTrouble.NOT_FOUND, CrmTrouble.REFUSED):
                return ()  # the telephone system's id may be stale: the number still says who it is
            raise
        return self._customers(records(plan.matches.search(answer))[:1])

    async def _by_number(self, form: str, number: PhoneNumber) -> tuple[Customer, ...]:
        values: dict[str, Value] = {"number": form, "region": number.region}
        values |= {str(name): text for name, text in numbers.forms(number).items()}
        plans = self._pack.search.requests
        answers = await asyncio.gather(*(self._search(plan, values) for plan in plans))
        customers = self._customers([record for found in answers for record in found])
        if not self._pack.search.check_number:
            return customers
        return tuple(
            customer
            for customer in customers
            if not customer.numbers or any(numbers.is_callers(stored, number) for stored in customer.numbers)
        )

    async def _search(self, plan: FindPlan, values: Values) -> list[dict[str, Any]]:
        try:
            return records(plan.matches.search(await self._ask(plan.request, values)))
        except CrmFault as fault:
            if fault.status == 404 and fault.body is not None:
                return []  # some CRMs answer an empty search with 404; a wrong address answers with a page
            raise

    def _customers(self, found: list[dict[str, Any]]) -> tuple[Customer, ...]:
        customers = (self._pack.customer.of(record, self._link) for record in found[:MATCH_LIMIT])
        return tuple({customer.id: customer for customer in customers}.values())

    async def _ask(self, plan: RequestPlan, values: Values, headers: tuple[tuple[str, str], ...] = ()) -> Any:
        body = None if plan.json is None else fill_json(plan.json, values, omit_empty=plan.omit_empty)
        credentials = await self._credentials()
        all_headers = (*self._pack.headers, *headers, *credentials)
        outgoing = Outgoing(plan.method, _target(plan, values), body, all_headers)
        try:
            answer = await self._exchange.send(outgoing)
        except CrmFault as fault:
            raise self._explained(fault) from fault
        inside = self._pack.error.inside_success
        if inside is not None and inside.search(answer):
            raise CrmFault(CrmTrouble.BAD_ANSWER, self._words(answer))
        return answer

    def _explained(self, fault: CrmFault) -> CrmFault:
        """The fault with the CRM's own words; a refused secret is read anew the next time."""
        if fault.trouble is CrmTrouble.CREDENTIALS:
            self._secret = None
        words = self._words(fault.body)
        detail = f"{fault.detail}: {words}" if words else fault.detail
        return CrmFault(
            fault.trouble, detail, retry_after_s=fault.retry_after_s, status=fault.status, body=fault.body
        )

    def _words(self, body: Any) -> str:
        try:
            return text_of(self._pack.error.detail.search(body), HEADER_LIMIT)
        except BadShapeError:
            return ""

    async def _credentials(self) -> tuple[tuple[str, str], ...]:
        auth = self._connection.auth
        if auth is CrmAuth.NONE:
            return ()
        async with self._reading:
            if self._secret is None:
                # The key store may block while its owner unlocks it; the loop must not.
                self._secret = await asyncio.to_thread(self._read_secret, f"crm/{self._connection.name}")
            secret = self._secret
        if not secret or not secret.isascii() or not secret.isprintable():
            self._secret = None
            raise CrmFault(CrmTrouble.CREDENTIALS, "no usable secret is stored for this CRM")
        if auth is CrmAuth.API_KEY:
            return ((self._pack.auth.header, self._pack.auth.prefix + secret),)
        if auth is CrmAuth.BASIC:
            pair = f"{self._connection.user}:{secret}".encode()
            return (("Authorization", "Basic " + base64.b64encode(pair).decode("ascii")),)
        return (("Authorization", f"Bearer {secret}"),)

    def _link(self, customer_id: str, found: str) -> str:
        """The record's address for the browser: http or https, on the CRM's own host or a permitted one."""
        base = str(self._exchange.base_url).rstrip("/")
        template = self._pack.open_url
        text = found
        if not text and template is not None:
            text = template.text({"id": path_segment(customer_id), "base_url": base})
        try:
            url = httpx.URL(text)
        except httpx.InvalidURL:
            return ""
        if url.scheme not in ("http", "https") or url.userinfo or len(text) > FIELD_LIMIT:
            return ""
        permitted = {self._exchange.base_url.host, *self._pack.open_hosts}
        return str(url) if url.host in permitted else ""


def _target(plan: RequestPlan, values: Values) -> str:
    path = plan.path.text(values, path_segment)
    query = "&".join(f"{query_value(key)}={item.text(values, query_value)}" for key, item in plan.query)
    return f"{path}?{query}" if query else path


def _log_values(delivery: Delivery) -> Values:
    log = delivery.log
    return {
        "external_id": str(delivery.id),
        "call_id": str(log.call_id),
        "direction": log.direction,
        "number": log.number,
        "started_at": log.started_at,
        "ended_at": _ended_at(log),
        "talk_s": log.talk_s,
        "talk_ms": log.talk_s * 1000,
        "campaign": log.campaign,
        "queue": log.queue,
        "disposition": log.disposition,
        "disposition_label": log.disposition_label,
        "notes": log.notes,
        "customer_id": log.customer_id,
        "callback_at": log.callback_at,
        "callback_number": log.callback_number,
        "answers": dict(log.answers),
        "dispositions": (log.disposition, *log.more_dispositions) if log.disposition else (),
        "actions": log.actions,
    }


def _ended_at(log: CallLog) -> datetime:
    return log.started_at + timedelta(seconds=log.talk_s)
