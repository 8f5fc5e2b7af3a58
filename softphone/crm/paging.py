"""Following a CRM's pages."""

from __future__ import annotations

from typing import Any

from softphone.crm.connecting import Line
from softphone.crm.mapping import records
from softphone.crm.packs.plans import FindPlan
from softphone.crm.values import Value, Values


async def all_records(line: Line, plan: FindPlan, values: Values, limit: int) -> list[dict[str, Any]]:
    """The records of a search, page after page until the pack, the CRM or `limit` ends it."""
    found: list[dict[str, Any]] = []
    place: dict[str, Value] = {"cursor": "", "page": 1, "offset": 0}
    target = ""
    for page in range(1, (plan.paging.pages if plan.paging else 1) + 1):
        answer = await line.asker.question(plan.request, {**values, **place, "page": page}, target)
        fresh = records(plan.matches.search(answer))
        found += fresh
        if plan.paging is None or not fresh or len(found) >= limit:
            break
        following = plan.paging.next.search(answer)
        if not following:
            break
        place["offset"] = len(found)
        target = ""
        if isinstance(following, str) and following.startswith(("/", "http://", "https://")):
            target = line.exchange.absolute(following)
        elif isinstance(following, str | int) and not isinstance(following, bool):
            place["cursor"] = following
    return found
