"""The embedded telephone system: takes requests from phones and brings calls to them."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Coroutine
from typing import Any
from urllib.parse import unquote

from softphone.demo.pbx.access import Access, Verdict
from softphone.demo.pbx.call import ALLOW, Call
from softphone.demo.pbx.endpoint import Address, Endpoint, Handlers, ServerTransaction
from softphone.demo.pbx.extensions import extension_for, serve
from softphone.demo.pbx.g711 import Samples
from softphone.demo.pbx.journal import Journal
from softphone.demo.pbx.news import CallState, News, NewsKind
from softphone.demo.pbx.party import Party
from softphone.demo.pbx.proxy import Proxy
from softphone.demo.pbx.referrals import Referrals
from softphone.demo.pbx.registrar import Binding, Registrar
from softphone.demo.pbx.watching import LineCall, Watching
from softphone.engine.edge.messages.message import Request
from softphone.engine.edge.messages.syntax import SipSyntaxError
from softphone.engine.edge.messages.uri import SipUri

REALM = "demo"


class TelephoneSystem:
    """Lives on one loop. Accounts are users and passwords; everything that happens is in the journal."""

    def __init__(self, accounts: dict[str, str], journal: Journal) -> None:
        self.journal = journal
        self.accounts = accounts
        self.access = Access(REALM, accounts)
        self.registrar = Registrar(self.access, self._registered)
        self.parties: dict[Call, Party] = {}
        """Live calls and who is on our side of them."""
        self._recordings: dict[str, Samples] = {}
        self._lines: dict[Call, tuple[str, bool]] = {}
        """Whose line a live call is on, and whether the line is called."""
        self._endpoint = Endpoint()
        self._proxy = Proxy(self._endpoint)
        self._referrals = Referrals(self)
        self.watching = Watching(self._endpoint, self.access, self._calls_of)
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen on loopback; port 0 takes a free one, another is for a restart at the same place."""
        self._endpoint.handlers = Handlers(self._request, self._ack, self._proxy.back)
        await self._endpoint.listen(host, port)

    async def stop(self) -> None:
        """Hang up every call and close."""
        for call in list(self.parties):
            call.give_up("SIP ;cause=503")
            call.media.stream.close()
        for task in list(self._tasks):
            task.cancel()
        self._endpoint.close()
        await asyncio.sleep(0)  # closed transports let go of their sockets in the loop's next turn

    @property
    def address(self) -> Address:
        return self._endpoint.address

    def where(self, user: str) -> Binding | None:
        return self.registrar.where(user)

    async def ring(
        self, user: str, party: Party, *, dnis: str = "", headers: tuple[tuple[str, str], ...] = ()
    ) -> Call | None:
        """Call an agent's phone on behalf of `party`; None when the agent is not registered."""
        binding = self.where(user)
        if binding is None:
            return None
        host = self.address[0]
        call = self.line(party, dnis or user)
        self._on_line(call, user, incoming=True)
        identity = () if party.anonymous else (("P-Asserted-Identity", party.caller_header(host)),)
        await call.place(
            binding.contact,
            binding.flow,
            caller=party.caller_header(host),
            called=f"<sip:{dnis or user}@{host}>",
            headers=(*identity, *headers),
        )
        self.journal.note("calling", user=user, number=party.number, leg=call.serial)
        return call

    def last_recording(self, number: str) -> Samples | None:
        """What this party heard in its last call that has ended."""
        return self._recordings.get(number)

    # --- requests ---------------------------------------------------------------------------------------

    def _request(self, request: Request, source: Address) -> None:
        call = self._call_of(request)
        if request.method == "CANCEL":
            self._cancel(request, source)
        elif request.in_dialog and call is None and self._proxy.is_for_us_to_route(request):
            self._proxy.along_route(request)
        elif request.method == "REGISTER":
            self.registrar.take(self._endpoint.open(request, source))
        elif request.in_dialog and request.method == "SUBSCRIBE" and self.watching.knows(request):
            self.watching.subscribe(self._endpoint.open(request, source))
        elif request.in_dialog:
            transaction = self._endpoint.open(request, source)
            if call is None:
                transaction.refuse(481)
            else:
                call.on_request(transaction)
        else:
            self._outside_dialog(request, source)

    def _outside_dialog(self, request: Request, source: Address) -> None:
        if request.method == "OPTIONS":
            self._endpoint.open(request, source).refuse(200, headers=(("Allow", ALLOW),))
        elif request.method == "SUBSCRIBE":
            self.watching.subscribe(self._endpoint.open(request, source))
        elif request.method == "PUBLISH":
            self.watching.publish(self._endpoint.open(request, source))
        elif request.method not in ("INVITE", "MESSAGE"):
            self._endpoint.open(request, source).refuse(405, headers=(("Allow", ALLOW),))
        else:
            self._route(request, source)

    def _route(self, request: Request, source: Address) -> None:
        """An INVITE or MESSAGE of an agent: to another agent's phone, or to a line of ours."""
        user = dialled(request)
        verdict, caller = self.access.judge(request, "Proxy-Authorization")
        if verdict is not Verdict.GRANTED or caller != SipUri.parse(request.from_.uri).user:
            transaction = self._endpoint.open(request, source)
            if verdict is Verdict.CHALLENGE:
                transaction.refuse(407, headers=(("Proxy-Authenticate", self.access.challenge()),))
            else:
                transaction.refuse(403)
            return
        if user in self.accounts:
            binding = self.where(user)
            if binding is None or not self._proxy.hops_left(request):
                self._endpoint.open(request, source).refuse(480 if binding is None else 483)
            else:
                self.journal.note("forwarded", method=request.method, caller=caller, user=user)
                self._proxy.to_phone(request, binding, caller)
            return
        transaction = self._endpoint.open(request, source)
        if request.method == "MESSAGE":
            self.journal.note(
                "message", caller=caller, user=user, text=request.body.decode("utf-8", "replace")
            )
            transaction.refuse(200)
        else:
            self.spawn(self._take(transaction, user, caller))

    async def _take(self, transaction: ServerTransaction, user: str, caller: str) -> None:
        extension = extension_for(user)
        if extension is None:
            transaction.refuse(404)
            return
        transaction.respond(transaction.request.response(100))
        party = Party(user, extension.title)
        call = self.line(party, user)
        self.journal.note("dialled", user=caller, number=user, leg=call.serial)
        self._on_line(call, caller, incoming=False)
        if await call.take(transaction):
            await serve(call, extension)
        else:
            self.parties.pop(call, None)

    def _cancel(self, request: Request, source: Address) -> None:
        invite = self._endpoint.invite_of(request)
        binding = self.where(dialled(request))
        if invite is None and binding is not None:
            self._proxy.to_phone(request, binding)
            return
        transaction = self._endpoint.open(request, source)
        if invite is None:
            transaction.refuse(481)
            return
        transaction.refuse(200)
        if call := next((c for c in self.parties if c.takes(invite)), None):
            call.cancelled()

    def _ack(self, request: Request, source: Address) -> None:  # noqa: ARG002
        if call := self._call_of(request):
            call.acknowledged(request)
        elif self._proxy.is_for_us_to_route(request):
            self._proxy.along_route(request)
        elif (binding := self.where(dialled(request))) is not None and not self._endpoint.invite_of(request):
            self._proxy.to_phone(request, binding)

    def _call_of(self, request: Request) -> Call | None:
        tag = request.to.tag
        if tag is None:
            return None
        return self.call_with(request.call_id, tag)

    def call_with(self, call_id: str, local_tag: str) -> Call | None:
        for call in self.parties:
            dialog = call.dialog
            if dialog is not None and dialog.call_id == call_id and dialog.local_tag == local_tag:
                return call
        return None

    # --- lines ------------------------------------------------------------------------------------------

    def line(self, party: Party, user: str) -> Call:
        call = Call(self._endpoint, user, self.hear)
        if party.source is not None:
            call.say(party.source)
        party.legs.append(call)
        self.parties[call] = party
        return call

    def hear(self, call: Call, news: News) -> None:
        party = self.parties.get(call)
        if party is None:
            return
        self.journal.note(
            news.kind.value,
            leg=call.serial,
            number=party.number,
            by_phone=news.by_phone,
            status=news.status,
            detail=news.detail,
        )
        if news.kind is NewsKind.ENDED:
            self.parties.pop(call, None)
            self._lines_changed(call, over=True)
            self._recordings[party.number] = call.recording
        elif news.kind is NewsKind.REFERRED and news.transaction is not None:
            self._referrals.take(call, party, news.transaction)
        else:
            self._lines_changed(call)

    def _on_line(self, call: Call, user: str, *, incoming: bool) -> None:
        self._lines[call] = (user, incoming)
        self._lines_changed(call)

    def _lines_changed(self, call: Call, *, over: bool = False) -> None:
        user, _ = self._lines.pop(call, ("", False)) if over else self._lines.get(call, ("", False))
        if user:
            self.watching.calls_changed(user)

    def _calls_of(self, user: str) -> list[LineCall]:
        """What dialog events tell of an agent's line; calls between two phones pass by unseen."""
        return [
            LineCall(
                f"line-{call.serial}",
                "confirmed" if call.state is CallState.ESTABLISHED else "early",
                incoming,
                "" if self.parties[call].anonymous else self.parties[call].number,
            )
            for call, (owner, incoming) in self._lines.items()
            if owner == user and call in self.parties and call.state is not CallState.ENDED
        ]

    def _registered(self, user: str, present: bool) -> None:
        self.journal.note("registered" if present else "unregistered", user=user)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def dialled(request: Request) -> str:
    """The user part of the Request-URI, decoded; empty when it has none."""
    try:
        return unquote(SipUri.parse(request.uri).user or "")
    except SipSyntaxError:
        return ""


def new_password() -> str:
    return secrets.token_urlsafe(18)
