"""Disposition codes as a CRM has them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from softphone.crm.connecting import Line
from softphone.crm.fault import CrmFault
from softphone.crm.mapping import Query, records, text_of
from softphone.crm.packs.plans import CodesPlan, FindPlan
from softphone.crm.paging import all_records
from softphone.domain.campaign import CodeAction, Disposition
from softphone.domain.customer import CrmTrouble
from softphone.domain.ids import CampaignId

CODE_LIMIT = 500
_DEPTH = 5


async def fetch_codes(line: Line, campaign_id: CampaignId) -> tuple[Disposition, ...]:
    """The campaign's codes; raises `CrmFault` (not configured) if this CRM has none, `BadShapeError`."""
    plan = line.pack.codes
    if plan is None:
        raise CrmFault(CrmTrouble.NOT_CONFIGURED, f"the pack {line.pack.name} has no [codes]")
    pages = FindPlan(plan.request, plan.entries, paging=plan.paging)
    found = await all_records(line, pages, {"campaign": campaign_id}, CODE_LIMIT)
    return tuple(_codes(plan, found[:CODE_LIMIT], _DEPTH))


def _codes(plan: CodesPlan, entries: list[dict[str, Any]], depth: int) -> Iterator[Disposition]:
    """Each code once; what has neither code nor children cannot be chosen and is left out."""
    seen: set[str] = set()
    for entry in entries:
        code = text_of(plan.code.search(entry))
        inner = records(plan.children.search(entry)) if plan.children and depth else []
        children = tuple(_codes(plan, inner[:CODE_LIMIT], depth - 1))
        label = text_of(plan.label.search(entry)) or code
        if (not code and not children) or code in seen:
            continue
        seen.add(code)
        yield Disposition(
            code,
            label,
            needs_note=_true(plan.needs_note, entry),
            needs_callback=_true(plan.needs_callback, entry),
            actions=tuple(_actions(plan.actions, entry)),
            children=children,
        )


def _true(query: Query | None, entry: dict[str, Any]) -> bool:
    return query is not None and bool(query.search(entry))


def _actions(query: Query | None, entry: dict[str, Any]) -> Iterator[CodeAction]:
    """Those actions that we know; a CRM may have others of its own."""
    found = query.search(entry) if query else None
    known = {action.value: action for action in CodeAction}
    for name in found if isinstance(found, list) else [found]:
        if isinstance(name, str) and name in known:
            yield known[name]
