"""The demo's CRM over HTTP: a bearer-protected API and a page that shows customers and outcomes live.

Listens on 127.0.0.1 only, on a free port, with a token made anew for each run.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import secrets
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from uvicorn.protocols.http.h11_impl import H11Protocol

from softphone.demo.crm_faults import Asked, Fault, FaultScript
from softphone.demo.crm_records import CrmRecords, UnfitCallError
from softphone.demo.crm_write_api import BODY_LIMIT, WriteApi
from softphone.demo.crm_writes import CrmWrites

PAGE = Path(__file__).resolve().parents[2] / "resources" / "demo_crm"
_STARTING_S = 5.0
_HEARTBEAT_S = 10.0
_SAFE = {
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_Answer = Callable[[Request], Awaitable[Response]]


class EmbeddedCrm:
    """Start and stop it on one loop; `records` and `faults` are for that loop's thread, or for reading."""

    def __init__(self) -> None:
        self.token = secrets.token_urlsafe(24)
        self.records = CrmRecords()
        self.writes = CrmWrites(self.records)
        self.faults = FaultScript()
        self.further_routes: list[Route] = []
        """What else is served at this address; set before the start."""
        self._socket: socket.socket | None = None
        self._connections: dict[tuple[str, int], asyncio.Transport] = {}
        self._server: uvicorn.Server | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def base_url(self) -> str:
        """Known once it is started."""
        if self._socket is None:
            raise LookupError("the CRM is not started")
        host, port = self._socket.getsockname()[:2]
        return f"http://{host}:{port}"

    @property
    def connections(self) -> int:
        """Open connections."""
        return len(self._connections)

    async def start(self) -> None:
        """Serve until `stop`; returns when connections are accepted."""
        config = uvicorn.Config(
            self._app(),
            http=self._protocol(),
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="critical",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=1,
        )
        self._socket = _listening_socket()
        server = self._server = uvicorn.Server(config)
        self._task = asyncio.create_task(server.serve(sockets=[self._socket]))
        async with asyncio.timeout(_STARTING_S):
            while not server.started:
                await asyncio.sleep(0.001)

    async def stop(self) -> None:
        """Close every connection and the socket."""
        if self._server is None or self._task is None or self._socket is None:
            return
        self.records.dismiss_listeners()
        self._server.should_exit = True
        await self._task
        for transport in list(self._connections.values()):
            transport.abort()
        self._socket.close()

    def _protocol(self) -> type[asyncio.Protocol]:
        connections = self._connections

        class RememberedConnection(H11Protocol):
            """Lets a scripted fault break the connection that a request came on."""

            def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
                connections[transport.get_extra_info("peername")[:2]] = transport
                super().connection_made(transport)

            def connection_lost(self, exc: Exception | None) -> None:
                connections.pop(self.transport.get_extra_info("peername")[:2], None)
                super().connection_lost(exc)

        return RememberedConnection

    def _app(self) -> Starlette:
        return Starlette(
            routes=[
                *WriteApi(self.writes, self._guarded).routes(),
                Route("/api/customers", self._guarded(Asked.FIND, self._customers)),
                Route("/api/customers/{id}", self._guarded(Asked.FIND, self._customer)),
                Route("/api/calls", self._guarded(Asked.LOG, self._log_call), methods=["POST"]),
                Route("/api/calls", self._guarded(Asked.EXISTING, self._calls)),
                Route("/api/callbacks", self._guarded(Asked.ANY, self._callbacks)),
                Route("/", self._page),
                Route("/customers/{id}", self._page),
                Route("/page/state.json", self._state),
                Route("/page/events", self._events),
                Route("/page/{file}", self._file),
                *self.further_routes,
            ]
        )

    # --- the API ----------------------------------------------------------------------------------------

    def _guarded(self, asked: Asked, answer: _Answer) -> _Answer:
        async def guarded(request: Request) -> Response:
            fault = self.faults.next(asked)
            if fault is not None and fault.delay_s:
                await asyncio.sleep(fault.delay_s)
            if fault is not None and fault.status and not fault.written:
                return _scripted(fault)
            given = request.headers.get("authorization", "")
            if not hmac.compare_digest(given.encode(), f"Bearer {self.token}".encode()):
                return _error(401, "missing or wrong bearer token", {"WWW-Authenticate": "Bearer"})
            response = await answer(request)
            if fault is not None and fault.written:
                return _scripted(fault)
            if fault is not None and fault.reset:
                self._break(request)
            return response

        return guarded

    def _break(self, request: Request) -> None:
        if request.client is not None:
            with suppress(KeyError):
                self._connections[(request.client.host, request.client.port)].abort()

    async def _customers(self, request: Request) -> Response:
        phone, text = request.query_params.get("phone"), request.query_params.get("q")
        limit = _limit(request.query_params.get("limit", "20"))
        if limit is None or (phone is None and text is None):
            return _error(422, "needs phone or q, and a limit of 1 to 100")
        found = self.records.by_number(phone, limit) if phone else self.records.by_text(text or "", limit)
        return JSONResponse({"customers": [self.records.customer_json(customer) for customer in found]})

    async def _customer(self, request: Request) -> Response:
        customer = self.records.by_id(request.path_params["id"])
        if customer is None:
            return _error(404, "no such customer")
        return JSONResponse(self.records.customer_json(customer))

    async def _log_call(self, request: Request) -> Response:
        if int(request.headers.get("content-length") or BODY_LIMIT + 1) > BODY_LIMIT:
            return _error(413, "too large")
        try:
            body = json.loads(await request.body())
            call, new = self.records.log(body, request.headers.get("idempotency-key", ""))
        except (ValueError, RecursionError) as exc:
            return _error(422 if isinstance(exc, UnfitCallError) else 400, str(exc))
        return JSONResponse(call.as_json(), status_code=201 if new else 200)

    async def _calls(self, request: Request) -> Response:
        external_id = request.query_params.get("external_id")
        calls = [c for c in self.records.calls if external_id in (None, c.external_id)]
        return JSONResponse({"calls": [call.as_json() for call in calls]})

    async def _callbacks(self, _: Request) -> Response:
        return JSONResponse({"callbacks": [call.as_json() for call in self.records.callbacks]})

    # --- the page: for a browser on this computer, invented people only ----------------------------------

    async def _page(self, request: Request) -> Response:
        return self._only_here(request) or FileResponse(PAGE / "index.html", headers=_SAFE)

    async def _file(self, request: Request) -> Response:
        name = request.path_params["file"]
        if name not in ("style.css", "page.js"):
            return _error(404, "no such file")
        return self._only_here(request) or FileResponse(PAGE / name, headers=_SAFE)

    async def _state(self, request: Request) -> Response:
        return self._only_here(request) or JSONResponse(
            {
                "customers": [self.records.customer_json(customer) for customer in self.records.customers],
                "calls": [call.as_json() for call in self.records.calls],
            },
            headers=_SAFE,
        )

    async def _events(self, request: Request) -> Response:
        return self._only_here(request) or StreamingResponse(
            self._stream(), media_type="text/event-stream", headers=_SAFE
        )

    async def _stream(self) -> AsyncIterator[str]:
        with self.records.listen() as fresh:
            yield "retry: 1000\n\n"
            while True:
                try:
                    call = await asyncio.wait_for(fresh.get(), _HEARTBEAT_S)
                except TimeoutError:
                    yield ": still here\n\n"
                    continue
                if call is None:
                    return
                yield f"event: call\ndata: {json.dumps(call.as_json())}\n\n"

    def _only_here(self, request: Request) -> Response | None:
        """Refuse a foreign name for this address: DNS rebinding would let any web page read along."""
        if request.headers.get("host") == self.base_url.removeprefix("http://"):
            return None
        return _error(421, "ask for this page by its address")


def _listening_socket() -> socket.socket:
    # With the protocol named, asyncio turns Nagle's algorithm off; without, every answer waits 40 ms.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    return listening


def _scripted(fault: Fault) -> Response:
    return Response(
        fault.body, status_code=fault.status, media_type=fault.content_type, headers=dict(fault.headers)
    )


def _error(status: int, message: str, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse({"error": message}, status_code=status, headers=headers)


def _limit(text: str) -> int | None:
    return int(text) if text.isdecimal() and 1 <= int(text[:6]) <= 100 else None
