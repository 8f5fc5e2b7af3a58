"""The part of the demo's CRM over HTTP that takes customers, changes and tasks, and tells codes."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from softphone.demo.crm_faults import Asked
from softphone.demo.crm_records import UnfitCallError
from softphone.demo.crm_writes import BARRED, CODES, CrmWrites

BODY_LIMIT = 1 << 20
_Answer = Callable[[Request], Awaitable[Response]]


class WriteApi:
    """Routes whose answers go through `guarded`: its token check and its scripted faults."""

    def __init__(self, writes: CrmWrites, guarded: Callable[[Asked, _Answer], _Answer]) -> None:
        self._writes = writes
        self._guarded = guarded

    def routes(self) -> list[Route]:
        """To stand before those that only read."""
        return [
            Route("/api/customers", self._guarded(Asked.CREATE, self._create), methods=["POST"]),
            Route("/api/customers/{id}", self._guarded(Asked.UPDATE, self._change), methods=["PATCH"]),
            Route("/api/created", self._guarded(Asked.EXISTING, self._created)),
            Route("/api/tasks", self._guarded(Asked.TASK, self._schedule), methods=["POST"]),
            Route("/api/tasks", self._guarded(Asked.EXISTING, self._tasks)),
            Route("/api/calls/{id}", self._guarded(Asked.UPDATE, self._complete), methods=["PATCH"]),
            Route("/api/codes", self._guarded(Asked.ANY, self._codes)),
            Route("/api/do-not-call", self._guarded(Asked.ANY, self._do_not_call)),
        ]

    async def _create(self, request: Request) -> Response:
        try:
            customer, new = self._writes.create(await _body(request))
        except ValueError as exc:
            return _refusal(exc)
        return JSONResponse(self._writes.records.customer_json(customer), status_code=201 if new else 200)

    async def _created(self, request: Request) -> Response:
        customer = self._writes.by_external_id(request.query_params.get("external_id", ""))
        return JSONResponse({"id": customer.id if customer else None})

    async def _change(self, request: Request) -> Response:
        try:
            customer = self._writes.change(request.path_params["id"], await _body(request))
        except ValueError as exc:
            return _refusal(exc)
        if customer is None:
            return JSONResponse({"error": "no such customer"}, status_code=404)
        return JSONResponse(self._writes.records.customer_json(customer))

    async def _schedule(self, request: Request) -> Response:
        try:
            task, new = self._writes.schedule(await _body(request))
        except ValueError as exc:
            return _refusal(exc)
        return JSONResponse(task, status_code=201 if new else 200)

    async def _tasks(self, request: Request) -> Response:
        wanted = request.query_params.get("external_id")
        tasks = [t for t in self._writes.tasks.values() if wanted in (None, t["external_id"])]
        return JSONResponse({"tasks": tasks})

    async def _complete(self, request: Request) -> Response:
        try:
            call = self._writes.records.complete(request.path_params["id"], await _body(request))
        except ValueError as exc:
            return _refusal(exc)
        if call is None:
            return JSONResponse({"error": "no such call"}, status_code=404)
        return JSONResponse(call.as_json())

    async def _codes(self, _: Request) -> Response:
        return JSONResponse({"codes": CODES})

    async def _do_not_call(self, request: Request) -> Response:
        return JSONResponse({"barred": request.query_params.get("phone") in BARRED})


async def _body(request: Request) -> Any:
    if int(request.headers.get("content-length") or BODY_LIMIT + 1) > BODY_LIMIT:
        raise UnfitCallError("too large")
    try:
        return json.loads(await request.body())
    except RecursionError as exc:
        raise ValueError("too deep") from exc


def _refusal(exc: ValueError) -> Response:
    return JSONResponse({"error": str(exc)}, status_code=422 if isinstance(exc, UnfitCallError) else 400)
