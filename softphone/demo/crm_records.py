"""What the demo's CRM holds: customers, logged calls, callbacks. In memory, gone when the demo ends."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import field
from datetime import UTC, datetime, timedelta
from typing import Any

from softphone.demo.customers import CUSTOMERS, DemoCustomer
from softphone.domain.facts import dataclass

_COMPARED = 9
_ENOUGH = 6


class UnfitCallError(ValueError):
    """The call log is refused; the message names the field."""


@dataclass(frozen=True, slots=True)
class LoggedCall:
    """One call as recorded. `external_id` is unique: the same one again is the same call."""

    id: str
    external_id: str
    idempotency_key: str
    received_at: datetime
    monotonic: float
    body: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        return {
            **self.body,
            "id": self.id,
            "external_id": self.external_id,
            "received_at": self.received_at.isoformat(timespec="milliseconds"),
        }


_TEXTS = (
    "call_id", "direction", "number", "campaign", "queue", "disposition", "disposition_label", "notes",
    "customer_id", "callback_number", "recording_url",
)  # fmt: skip
_KNOWN = frozenset(
    {*_TEXTS, "external_id", "started_at", "talk_s", "callback_at", "answers", "dispositions", "actions"}
)


@dataclass(slots=True)
class CrmRecords:
    """Lives on the demo's loop. Every change is told to those who `listen`."""

    customers: tuple[DemoCustomer, ...] = CUSTOMERS
    calls: list[LoggedCall] = field(default_factory=list)
    _listeners: set[asyncio.Queue[LoggedCall | None]] = field(default_factory=set)

    def by_number(self, asked: str, limit: int) -> list[DemoCustomer]:
        """Customers with that number, however it is written on either side."""
        wanted = _digits(asked)
        return [
            customer
            for customer in self.customers
            if any(_same(wanted, _digits(phone)) for phone in customer.phones)
        ][:limit]

    def by_text(self, text: str, limit: int) -> list[DemoCustomer]:
        """Customers whose name, company, mail or reference contains `text`."""
        wanted = text.casefold()
        return [
            customer
            for customer in self.customers
            if any(
                wanted in found.casefold()
                for found in (customer.name, customer.company, customer.email, customer.reference)
            )
        ][:limit]

    def by_id(self, customer_id: str) -> DemoCustomer | None:
        return next((customer for customer in self.customers if customer.id == customer_id), None)

    def by_external_id(self, external_id: str) -> LoggedCall | None:
        return next((call for call in self.calls if call.external_id == external_id), None)

    def log(self, body: Any, idempotency_key: str) -> tuple[LoggedCall, bool]:
        """Record a call; the second value tells whether it is new. Raises `UnfitCallError`."""
        checked = _checked(body, {customer.id for customer in self.customers})
        external_id = checked.pop("external_id")
        if there := self.by_external_id(external_id):
            return there, False
        number = f"L{len(self.calls) + 1:05d}"
        call = LoggedCall(number, external_id, idempotency_key, datetime.now(UTC), time.monotonic(), checked)
        self.calls.append(call)
        for listener in self._listeners:
            listener.put_nowait(call)
        return call, True

    def complete(self, call_id: str, body: Any) -> LoggedCall | None:
        """The call with these fields changed, None if there is none. Raises `UnfitCallError`."""
        call = next((call for call in self.calls if call.id == call_id), None)
        if call is None or not isinstance(body, dict):
            return None
        changed = {**call.body, **body, "external_id": call.external_id}
        checked = _checked(changed, {customer.id for customer in self.customers})
        del checked["external_id"]
        call.body.update(checked)
        return call

    @property
    def callbacks(self) -> list[LoggedCall]:
        """Logged calls that ask for a callback, earliest first."""
        return sorted(
            (c for c in self.calls if c.body.get("callback_at")), key=lambda c: str(c.body["callback_at"])
        )

    @contextmanager
    def listen(self) -> Iterator[asyncio.Queue[LoggedCall | None]]:
        """New calls arrive in the queue, None when no more will come."""
        queue: asyncio.Queue[LoggedCall | None] = asyncio.Queue()
        self._listeners.add(queue)
        try:
            yield queue
        finally:
            self._listeners.discard(queue)

    def dismiss_listeners(self) -> None:
        """Tell everybody who listens that no more will come."""
        for listener in self._listeners:
            listener.put_nowait(None)

    def customer_json(self, customer: DemoCustomer) -> dict[str, Any]:
        """The record as the API shows it, earlier contacts including the calls of this run first."""
        today = datetime.now(UTC)
        fresh = [
            {
                "when": call.received_at.strftime("%Y-%m-%d %H:%M"),
                "summary": call.body.get("notes") or call.body.get("disposition_label", ""),
                "outcome": call.body.get("disposition_label", ""),
            }
            for call in reversed(self.calls)
            if call.body.get("customer_id") == customer.id
        ]
        past = [
            {
                "when": (today - timedelta(days=contact.days_ago)).strftime("%Y-%m-%d"),
                "summary": contact.summary,
                "outcome": contact.outcome,
            }
            for contact in customer.contacts
        ]
        return {
            "id": customer.id,
            "name": customer.name,
            "company": customer.company,
            "phones": list(customer.phones),
            "email": customer.email,
            "country": customer.country,
            "language": customer.language,
            "address": customer.address,
            "contract": customer.contract,
            "reference": customer.reference,
            "tags": list(customer.tags),
            "note": customer.note,
            "cases": [{"title": case.title, "open": case.open} for case in customer.cases],
            "contacts": fresh + past,
        }


def _checked(body: Any, customer_ids: Iterable[str]) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise UnfitCallError("the body must be an object")
    if unknown := sorted(set(body) - _KNOWN):
        raise UnfitCallError(f"{unknown[0]}: unknown field")
    for name in _TEXTS:
        if not isinstance(body.get(name, ""), str):
            raise UnfitCallError(f"{name}: must be text")
    if not isinstance(body.get("external_id"), str) or not body["external_id"]:
        raise UnfitCallError("external_id: required")
    if body.get("direction") not in ("inbound", "outbound"):
        raise UnfitCallError("direction: must be inbound or outbound")
    if not isinstance(body.get("talk_s"), int) or isinstance(body["talk_s"], bool) or body["talk_s"] < 0:
        raise UnfitCallError("talk_s: must be whole seconds")
    _check_time(body, "started_at", required=True)
    _check_time(body, "callback_at", required=False)
    if body.get("customer_id") and body["customer_id"] not in customer_ids:
        raise UnfitCallError("customer_id: no such customer")
    return dict(body)


def _check_time(body: dict[str, Any], name: str, *, required: bool) -> None:
    value = body.get(name)
    if value in (None, "") and not required:
        return
    try:
        datetime.fromisoformat(str(value))
    except ValueError as exc:
        raise UnfitCallError(f"{name}: must be a time in ISO 8601") from exc


def _digits(text: str) -> str:
    return "".join(str(int(c)) for c in text.replace("(0)", "") if c.isdecimal()).lstrip("0")


def _same(asked: str, stored: str) -> bool:
    compared = min(_COMPARED, len(asked), len(stored))
    return compared >= _ENOUGH and asked[-compared:] == stored[-compared:]
