"""Questions to a CRM that are about customers: by number, by id, by text. None of them creates anything."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx

from softphone.crm import numbers
from softphone.crm.connecting import Line
from softphone.crm.fault import CrmFault
from softphone.crm.mapping import KIND_MARK, CustomerMapping, records
from softphone.crm.packs.plans import FindPlan
from softphone.crm.packs.schema import NumberForm
from softphone.crm.packs.template import path_segment
from softphone.crm.paging import all_records
from softphone.crm.values import Value, Values
from softphone.domain.address import PhoneNumber
from softphone.domain.crm_work import DoNotCallQuery, Permission, TextQuery
from softphone.domain.customer import CrmTrouble, Customer, CustomerQuery
from softphone.domain.ids import CampaignId, CustomerId
from softphone.domain.text import FIELD_LIMIT, HEADER_LIMIT, clean_line

MATCH_LIMIT = 20
"""Records that an agent can choose among; more say that the search was too wide."""

_COMPLETED = 5
"""Records that are read one by one; who is found more often is chosen by name first."""

_RECORD_ID_LIMIT = 200
_NOT_THIS_ONE = (CrmTrouble.NOT_FOUND, CrmTrouble.REFUSED, CrmTrouble.FORBIDDEN)
"""How a CRM answers about one record that is gone, none, or not for this agent."""

_Found = list[tuple[dict[str, Any], str]]
"""Records, each with the kind that its request was for."""


class Finder:
    """Asks over one line. Methods raise `CrmFault` and `BadShapeError`."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._pack = line.pack

    async def find(self, query: CustomerQuery) -> tuple[Customer, ...]:
        """The customers with this id or number, at most `MATCH_LIMIT`."""
        if self._pack.record and query.record_hint:
            hinted = await self.by_id(query.record_hint)
            if hinted:
                return hinted
        for form in numbers.attempts(query.number, self._pack.search.attempts):
            values = number_values(query.number, form, query.campaign_id)
            if found := await self._by_number(values, query.number):
                return found
        return ()

    async def by_id(self, record_id: str) -> tuple[Customer, ...]:
        """The customer with this id, with or without its kind in front; nobody if there is none."""
        plan = self._pack.record
        if plan is None or len(record_id) > _RECORD_ID_LIMIT or not record_id.strip("."):
            return ()
        kind, key = split_id(record_id, self._pack.customer)
        try:
            answer = await self._line.asker.question(plan.request, {"id": key, "kind": kind})
        except CrmFault as fault:
            if fault.trouble in _NOT_THIS_ONE:
                return ()  # the telephone system's id may be stale: the number still says who it is
            raise
        return self.customers([(record, kind) for record in records(plan.matches.search(answer))[:1]])

    async def search(self, query: TextQuery) -> tuple[Customer, ...]:
        """The customers that fit a name or any text; raises `CrmFault` if this CRM cannot search."""
        plan = self._pack.text_search
        if plan is None:
            raise CrmFault(CrmTrouble.NOT_CONFIGURED, f"the pack {self._pack.name} has no [search]")
        text = clean_line(query.text, HEADER_LIMIT)
        if sum(c.isalnum() for c in text) < plan.min_length:
            return ()  # signs alone would, without their quotes, find everybody in some CRMs
        return self.customers(
            await self._all(plan.requests, {"text": text, "campaign": query.campaign_id or ""})
        )

    async def permission(self, query: DoNotCallQuery) -> Permission:
        """Whether the number may be called, as far as the CRM knows."""
        plan = self._pack.do_not_call
        if plan is None:
            return await self._permission_of_customers(query)
        for form in numbers.attempts(query.number, plan.attempts):
            values = number_values(query.number, form, query.campaign_id)
            try:
                answer = await self._line.asker.question(plan.request, values)
            except CrmFault as fault:
                if fault.trouble is CrmTrouble.NOT_FOUND:
                    continue
                raise
            if plan.barred.search(answer):
                return Permission.BARRED
        return Permission.ALLOWED

    async def _permission_of_customers(self, query: DoNotCallQuery) -> Permission:
        if self._pack.customer.do_not_call is None:
            return Permission.UNKNOWN
        # All forms, not only up to the first that finds somebody: who said no may be written otherwise.
        for form in numbers.attempts(query.number, self._pack.search.attempts):
            found = await self._by_number(number_values(query.number, form, query.campaign_id), query.number)
            if any(customer.do_not_call for customer in found):
                return Permission.BARRED
        return Permission.ALLOWED

    def customers(self, found: _Found) -> tuple[Customer, ...]:
        """What the card can show of the records, each once."""
        mapped = (self._pack.customer.of(record, self._link, kind) for record, kind in found[:MATCH_LIMIT])
        return tuple({customer.id: customer for customer in mapped}.values())

    async def _by_number(self, values: Values, number: PhoneNumber) -> tuple[Customer, ...]:
        customers = self.customers(await self._all(self._pack.search.requests, values))
        if not self._pack.search.check_number:
            return customers
        return tuple(
            customer
            for customer in customers
            if not customer.numbers or any(numbers.is_callers(stored, number) for stored in customer.numbers)
        )

    async def _all(self, plans: tuple[FindPlan, ...], values: Values) -> _Found:
        """What all requests found, side by side. A kind of record that this agent may not see is left out, as
        long as there is one that they may."""
        wanted = [plan for plan in plans if not plan.when or values.get(plan.when)]
        answers = await asyncio.gather(*(self._permitted(plan, values) for plan in wanted))
        barred = [answer for answer in answers if isinstance(answer, CrmFault)]
        if barred and len(barred) == len(answers):
            raise barred[0]
        return [record for answer in answers if not isinstance(answer, CrmFault) for record in answer]

    async def _permitted(self, plan: FindPlan, values: Values) -> _Found | CrmFault:
        """What was found, or that this agent may not search there."""
        try:
            return await self._search(plan, values)
        except CrmFault as fault:
            if fault.trouble is CrmTrouble.FORBIDDEN:
                return fault
            raise

    async def _search(self, plan: FindPlan, values: Values) -> _Found:
        try:
            found = await all_records(self._line, plan, values, MATCH_LIMIT)
        except CrmFault as fault:
            if fault.status == 404 and fault.body is not None:
                return []  # some CRMs answer an empty search with 404; a wrong address answers with a page
            raise
        if not plan.complete:
            return [(record, plan.kind) for record in found]
        whole = await asyncio.gather(*(self._whole(record, plan.kind) for record in found[:_COMPLETED]))
        return [*whole, *((record, plan.kind) for record in found[_COMPLETED:])]

    async def _whole(self, record: dict[str, Any], kind: str) -> tuple[dict[str, Any], str]:
        """The record with all its fields; as it was found, if it cannot be read."""
        sketch = self._pack.customer.of(record, self._link, kind)
        kind, key = split_id(sketch.id, self._pack.customer)
        plan = self._pack.record
        if plan is None:
            return record, kind
        try:
            answer = await self._line.asker.question(plan.request, {"id": key, "kind": kind})
        except CrmFault as fault:
            if fault.trouble in _NOT_THIS_ONE:
                return record, kind
            raise
        found = records(plan.matches.search(answer))
        return (found[0], kind) if found else (record, kind)

    def _link(self, customer_id: CustomerId, found: str) -> str:
        """The record's address for the browser: http or https, on the CRM's own host or a permitted one."""
        text = found
        if not text and self._pack.open_url is not None:
            kind, key = split_id(customer_id, self._pack.customer)
            text = self._pack.open_url.text(
                {**self._line.values, "id": path_segment(key), "kind": path_segment(kind) if kind else ""}
            )
        try:
            url = httpx.URL(text)
        except httpx.InvalidURL:
            return ""
        if url.scheme not in ("http", "https") or url.userinfo or len(text) > FIELD_LIMIT:
            return ""
        permitted = {self._line.exchange.base_url.host, *self._pack.open_hosts}
        return str(url) if url.host in permitted else ""


def number_values(number: PhoneNumber, form: str, campaign_id: CampaignId | None) -> Values:
    """What a question by number can use."""
    values: dict[str, Value] = {
        "number": form,
        "region": number.region,
        "calling_code": numbers.calling_code(number),
        "campaign": campaign_id or "",
    }
    found: dict[NumberForm, str] = numbers.forms(number)
    return values | {str(name): text for name, text in found.items()}


def split_id(customer_id: str, mapping: CustomerMapping) -> tuple[str, str]:
    """The kind and the CRM's own id in the id of a customer; without kinds the whole is the id."""
    kind, mark, key = customer_id.partition(KIND_MARK)
    return (kind, key) if mapping.has_kinds and mark and key else (mapping.default_kind, customer_id)
