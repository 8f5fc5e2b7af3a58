"""What changes something in a CRM: logging calls, tasks, customers, fields. Once and only once in effect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

from softphone.crm.call_values import call_values, customer_values, new_customer_values
from softphone.crm.connecting import Line
from softphone.crm.fault import BadShapeError, CrmFault
from softphone.crm.finding import Finder, split_id
from softphone.crm.mapping import customer_id_of, records, text_of
from softphone.crm.packs.plans import LookupPlan, Saves, StepsPlan, UpdatePlan, WritePlan
from softphone.crm.packs.template import fill_json
from softphone.crm.values import Json, Structure, Value, Values
from softphone.domain.crm_work import CustomerChange, NewCustomer, ReportedState
from softphone.domain.customer import CrmTrouble, Customer
from softphone.domain.delivery import Delivery, DeliveryKind
from softphone.domain.facts import dataclass
from softphone.domain.text import NOTE_LIMIT

_NEEDED = {"customer_id": "this CRM keeps calls and tasks on a customer's record: choose or create one first"}
_AS_IT_WAS = (
    "the CRM has this call already, perhaps as it was before the correction; the pack {} has no [log.update]"
)
_SAVED_LIMIT = 4_000
_Plan = TypeVar("_Plan")


@dataclass(frozen=True, slots=True)
class _Written:
    """What a write left: the CRM's id of it, saved values, and its answer (None when it was there before)."""

    remote_id: str
    saved: Mapping[str, Value]
    answer: Any = None


class Writer:
    """Writes over one line. Methods raise `CrmFault` and `BadShapeError`."""

    def __init__(self, line: Line, finder: Finder) -> None:
        self._line = line
        self._pack = line.pack
        self._finder = finder

    async def deliver(self, delivery: Delivery) -> str:
        """Bring it into the CRM; the CRM's id of the record, which may have been there before."""
        values = call_values(delivery, self._pack.customer)
        if delivery.kind is DeliveryKind.LOG_CALL:
            return await self._log(delivery, values)
        if delivery.kind is DeliveryKind.SCHEDULE:
            plan = _offered(self._pack.task, "task", self._pack.name)
            return (await self._steps(plan, values, delivery.attempts)).remote_id
        if delivery.kind is DeliveryKind.UPDATE_CALL:
            return await self._update(delivery, values)
        if delivery.change is None:
            raise CrmFault(CrmTrouble.REFUSED, "a change of a customer without the change")
        return await self._change(delivery.change, values)

    async def create(self, new: NewCustomer) -> Customer:
        """A new customer, or the one that an earlier attempt has made already."""
        plan = self._pack.create
        if plan is None:
            raise CrmFault(CrmTrouble.NOT_CONFIGURED, f"the pack {self._pack.name} has no [create]")
        written = await self._steps(plan.steps, new_customer_values(new), new.attempts)
        if plan.record is not None and written.answer is not None:
            found = [(record, plan.kind) for record in records(plan.record.search(written.answer))[:1]]
            customers = self._finder.customers(found)
        else:
            customers = await self._finder.by_id(customer_id_of(plan.kind, written.remote_id))
        if not customers:
            raise CrmFault(CrmTrouble.BAD_ANSWER, "the CRM did not tell the new customer's record")
        return customers[0]

    async def report_state(self, state: ReportedState) -> None:
        """Tell the agent's state, where the CRM wants to know it."""
        if self._pack.team_state is not None:
            values: Values = {
                "state": state.state,
                "reason": state.reason,
                "paid": state.paid,
                "since": state.since,
            }
            await self._line.asker.write(self._pack.team_state.request, values)

    async def _log(self, delivery: Delivery, values: Values) -> str:
        """Write the call's record. One that is there, perhaps as it was before a correction, is changed."""
        plan = self._pack.log.create
        first = await self._once(plan.first, values, delivery.attempts)
        if first.answer is None and delivery.revision:
            if self._pack.log.update is None:
                raise CrmFault(CrmTrouble.REFUSED, _AS_IT_WAS.format(self._pack.name))
            await self._update(replace(delivery, remote_id=first.remote_id), {**values, **first.saved})
        await self._complete(plan.then, first, values, delivery.attempts)
        return first.remote_id

    async def _update(self, delivery: Delivery, values: Values) -> str:
        """Change the call's record; one whose id was never told is looked for by ours."""
        plan = _offered(self._pack.log.update, "log.update", self._pack.name)
        remote_id = delivery.remote_id
        if not remote_id:
            there = await self._existing(self._pack.log.create.first.existing, values)
            remote_id = there.remote_id if there else ""
        if not remote_id:
            raise CrmFault(CrmTrouble.REFUSED, "the CRM has not told the id of the record to be changed")
        of_update = {"remote_id": remote_id, "update_id": f"{delivery.id}.{delivery.revision}"}
        known = {**values, **of_update}
        first = await self._once(plan.first, known, delivery.attempts)
        await self._complete(plan.then, replace(first, remote_id=remote_id), known, delivery.attempts)
        return remote_id

    async def _change(self, change: CustomerChange, values: Values) -> str:
        plan = _offered(self._pack.update, "update", self._pack.name)
        kind, key = split_id(change.customer_id, self._pack.customer)
        facts = {**values, **customer_values(kind, key), "id": key, "kind": kind}
        changes = Structure(_changes(plan, change))
        await self._line.asker.write(plan.request, {**facts, "changes": changes})
        return key

    async def _steps(self, plan: StepsPlan, values: Values, attempts: int) -> _Written:
        """The first request and those that complete it."""
        first = await self._once(plan.first, values, attempts)
        await self._complete(plan.then, first, values, attempts)
        return first

    async def _complete(
        self, then: tuple[WritePlan, ...], first: _Written, values: Values, attempts: int
    ) -> None:
        """What completes `first`; it is repeated until all of it is there."""
        known: dict[str, Value] = {**values, **first.saved, "remote_id": first.remote_id}
        again = attempts if first.answer is not None else max(attempts, 1)
        for step in then:
            if step.when and known.get(step.when) in (None, "", (), {}):
                continue
            known |= (await self._once(step, known, again)).saved

    async def _once(self, plan: WritePlan, values: Values, attempts: int) -> _Written:
        """Write, unless an earlier attempt whose answer was lost has done it."""
        if plan.needs and values.get(plan.needs) in (None, "", (), {}):
            raise CrmFault(CrmTrouble.REFUSED, _NEEDED.get(plan.needs, f"it needs {plan.needs}"))
        if attempts and (there := await self._existing(plan.existing, values)):
            return there
        key = _own_id(values)
        headers = ((plan.idempotency_header, key),) if plan.idempotency_header else ()
        try:
            answer = await self._line.asker.write(plan.request, values, headers)
        except CrmFault as fault:
            if self._means_duplicate(fault) and (there := await self._existing(plan.existing, values)):
                return there
            raise
        remote_id = text_of(plan.remote_id.search(answer)) if plan.remote_id else ""
        return _Written(remote_id, _saved(plan.save, answer), answer if answer is not None else "")

    async def _existing(self, plan: LookupPlan | None, values: Values) -> _Written | None:
        if plan is None:
            return None
        try:
            answer = await self._line.asker.question(plan.request, values)
        except CrmFault as fault:
            if fault.trouble is CrmTrouble.NOT_FOUND:
                return None
            raise
        there = answer if plan.among is None else _marked(plan, answer, _own_id(values))
        remote_id = text_of(plan.remote_id.search(there)) if there is not None else ""
        return _Written(remote_id, _saved(plan.save, there)) if remote_id else None

    def _means_duplicate(self, fault: CrmFault) -> bool:
        if fault.status == 409:
            return True
        query = self._pack.error.duplicate
        try:
            return query is not None and fault.body is not None and bool(query.search(fault.body))
        except BadShapeError:
            return False


def _offered(plan: _Plan | None, table: str, pack: str) -> _Plan:
    """The plan; a pack that cannot do it refuses for good, so that the agent sees it."""
    if plan is None:
        raise CrmFault(CrmTrouble.REFUSED, f"the pack {pack} has no [{table}]")
    return plan


def _own_id(values: Values) -> str:
    """Our id of what is written: of this very update, or of the record."""
    return str(values.get("update_id") or values.get("external_id", ""))


def _marked(plan: LookupPlan, answer: Any, own_id: str) -> Any:
    """The record that bears our id; None if there is none."""
    if plan.among is None or plan.marked is None or not own_id:
        return None
    for record in records(plan.among.search(answer)):
        if own_id in text_of(plan.marked.search(record), NOTE_LIMIT):
            return record
    return None


def _saved(saves: Saves, answer: Any) -> dict[str, Value]:
    return {name: _plain(query.search(answer)) for name, query in saves}


def _plain(found: Any) -> Value:
    return found if isinstance(found, int | float) else text_of(found, _SAVED_LIMIT)


def _changes(plan: UpdatePlan, change: CustomerChange) -> Json:
    """The new texts where the CRM wants them; raises `CrmFault` for a field that the pack does not permit."""
    fields = {field.name: field for field in plan.fields}
    changes: dict[str, Json] = {}
    for name, text in change.fields:
        field = fields.get(name)
        if field is None or len(text) > NOTE_LIMIT:
            raise CrmFault(CrmTrouble.REFUSED, f"the field {name!r} may not be changed")
        inner = changes
        for key in field.keys[:-1]:
            deeper = inner.setdefault(key, {})
            inner = deeper if isinstance(deeper, dict) else {}
        inner[field.keys[-1]] = fill_json(field.json, {"value": text})
    return changes
