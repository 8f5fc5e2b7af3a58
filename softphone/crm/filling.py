"""From a request's plan and values to what goes over the network."""

from __future__ import annotations

import msgspec

from softphone.crm.exchange import Outgoing
from softphone.crm.packs.plans import RequestPlan
from softphone.crm.packs.template import Template, fill_json, path_segment, query_value
from softphone.crm.values import Values


def outgoing_of(plan: RequestPlan, values: Values) -> Outgoing:
    """The request with every value encoded for its place."""
    path = plan.path.text(values, path_segment)
    query = encoded(plan.query, values, omit_empty=plan.omit_empty)
    target = f"{path}?{query}" if query else path
    if plan.form is not None:
        form = encoded(plan.form, values, omit_empty=plan.omit_empty)
        return Outgoing(plan.method, target, form.encode(), "application/x-www-form-urlencoded")
    if plan.json is None:
        return Outgoing(plan.method, target)
    body = msgspec.json.encode(fill_json(plan.json, values, omit_empty=plan.omit_empty))
    return Outgoing(plan.method, target, body, "application/json")


def encoded(pairs: tuple[tuple[str, Template], ...], values: Values, *, omit_empty: bool = False) -> str:
    """Names and filled-in values as a query or a form."""
    filled = ((key, template.text(values)) for key, template in pairs)
    return "&".join(
        f"{query_value(key)}={query_value(text)}" for key, text in filled if text or not omit_empty
    )
