"""What the demo's CRM takes beside logged calls: customers, changed fields, tasks; and what it forbids."""

from __future__ import annotations

from dataclasses import field, replace
from datetime import datetime
from typing import Any

from softphone.demo.crm_records import CrmRecords, UnfitCallError
from softphone.demo.customers import DemoCustomer
from softphone.domain.facts import dataclass

CODES: tuple[dict[str, Any], ...] = (
    {"code": "resolved", "label": "Resolved"},
    {"code": "callback", "label": "Call back", "needs_callback": True, "actions": ["callback"]},
    {
        "code": "",
        "label": "Not reached",
        "children": [
            {"code": "no_answer", "label": "No answer"},
            {"code": "wrong_number", "label": "Wrong number", "needs_note": True},
        ],
    },
)
"""Of every campaign."""

BARRED = ("+442079460099",)
"""A number that must not be called, of a range kept free for fiction."""

_CHANGEABLE = ("email", "company", "address", "note")
_NEW = ("name", "company", "email", "phone", "note", "external_id")


@dataclass(slots=True)
class CrmWrites:
    """Lives on the demo's loop. Everything raises `UnfitCallError` for what cannot be taken."""

    records: CrmRecords
    tasks: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By external id."""
    created: dict[str, str] = field(default_factory=dict)
    """Ids of customers by external id."""

    def create(self, body: Any) -> tuple[DemoCustomer, bool]:
        """A new customer, or the one that was created under the same external id."""
        given = _texts(body, _NEW)
        external_id = given.get("external_id", "")
        if not external_id or not given.get("name") or not given.get("phone"):
            raise UnfitCallError("external_id, name and phone: required")
        if there := self.by_external_id(external_id):
            return there, False
        customer = DemoCustomer(
            f"C{len(self.records.customers) + 1:03d}",
            given["name"],
            (given["phone"],),
            "",
            "",
            given.get("company", ""),
            given.get("email", ""),
            note=given.get("note", ""),
        )
        self.records.customers = (*self.records.customers, customer)
        self.created[external_id] = customer.id
        return customer, True

    def by_external_id(self, external_id: str) -> DemoCustomer | None:
        return self.records.by_id(self.created.get(external_id, ""))

    def change(self, customer_id: str, body: Any) -> DemoCustomer | None:
        """The changed customer, None if there is none."""
        given = _texts(body, _CHANGEABLE)
        before = self.records.by_id(customer_id)
        if before is None:
            return None
        if "email" in given and given["email"] and "@" not in given["email"]:
            raise UnfitCallError("email: not an address")
        after = replace(
            before,
            email=given.get("email", before.email),
            company=given.get("company", before.company),
            address=given.get("address", before.address),
            note=given.get("note", before.note),
        )
        self.records.customers = tuple(after if c.id == customer_id else c for c in self.records.customers)
        return after

    def schedule(self, body: Any) -> tuple[dict[str, Any], bool]:
        """A task, or the one that is there under the same external id."""
        given = _texts(body, ("external_id", "kind", "subject", "due_at", "customer_id", "note"))
        if not given.get("external_id") or not given.get("subject"):
            raise UnfitCallError("external_id and subject: required")
        if given.get("due_at"):
            _check_moment(given["due_at"])
        there = self.tasks.get(given["external_id"])
        if there is not None:
            return there, False
        task = {"id": f"T{len(self.tasks) + 1:04d}", **given}
        self.tasks[given["external_id"]] = task
        return task, True


def _check_moment(text: str) -> None:
    try:
        datetime.fromisoformat(text)
    except ValueError as exc:
        raise UnfitCallError("due_at: must be a time in ISO 8601") from exc


def _texts(body: Any, known: tuple[str, ...]) -> dict[str, str]:
    if not isinstance(body, dict):
        raise UnfitCallError("the body must be an object")
    for name, value in body.items():
        if name not in known:
            raise UnfitCallError(f"{name}: unknown field")
        if not isinstance(value, str):
            raise UnfitCallError(f"{name}: must be text")
    return dict(body)
