"""The embedded telephone system: takes requests from phones and brings calls to them."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from softphone.demo.pbx.access import Access, Verdict
from softphone.demo.pbx.call import ALLOW, Call, News, NewsKind
from softphone.demo.pbx.endpoint import Address, Endpoint, Handlers, ServerTransaction
from softphone.demo.pbx.extensions import extension_for, serve
from softphone.demo.pbx.g711 import Samples
from softphone.demo.pbx.journal import Journal
from softphone.demo.pbx.proxy import Proxy
from softphone.demo.pbx.registrar import Binding, Registrar
from softphone.demo.pbx.sound import Source
from softphone.demo.pbx.transfers import Referral, read_referral
from softphone.engine.edge.message import Request
from softphone.engine.edge.syntax import SipSyntaxError, quote
from softphone.engine.edge.uri import SipUri

REALM = "demo"


@dataclass(eq=False, slots=True)
class Party:
    """Somebody on our side of calls: a customer or an extension. A transfer gives them another leg."""

    number: str
    name: str = ""
    source: Source | None = None
    anonymous: bool = False
    legs: list[Call] = field(default_factory=list)

    @property
    def leg(self) -> Call | None:
        return self.legs[-1] if self.legs else None

    def caller_header(self, host: str) -> str:
        """The From value by which they introduce themselves."""
        if self.anonymous:
            return '"Anonymous" <sip:anonymous@anonymous.invalid>'
        display = f"{quote(self.name)} " if self.name else ""
        return f"{display}<sip:{self.number}@{host}>"


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
        self._endpoint = Endpoint()
        self._proxy = Proxy(self._endpoint)
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen on loopback; port 0 takes a free one, another is for a restart at the same place."""
        self._endpoint.handlers = Handlers(self._request, self._ack, self._proxy.back)
        await self._endpoint.listen(host, port)

    async def stop(self) -> None:
        """Hang up every call and close."""
        for call in list(self.parties):
            call.give_up("SIP ;cause=503")
            call.stream.close()
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
        call = self._line(party, dnis or user)
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
        elif request.method in ("SUBSCRIBE", "PUBLISH"):
            self._endpoint.open(request, source).refuse(489)
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
                self._proxy.to_phone(request, binding)
            return
        transaction = self._endpoint.open(request, source)
        if request.method == "MESSAGE":
            self.journal.note(
                "message", caller=caller, user=user, text=request.body.decode("utf-8", "replace")
            )
            transaction.refuse(200)
        else:
            self._spawn(self._take(transaction, user, caller))

    async def _take(self, transaction: ServerTransaction, user: str, caller: str) -> None:
        extension = extension_for(user)
        if extension is None:
            transaction.refuse(404)
            return
        transaction.respond(transaction.request.response(100))
        party = Party(user, extension.title)
        call = self._line(party, user)
        self.journal.note("dialled", user=caller, number=user, leg=call.serial)
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
        return self._call_with(request.call_id, tag)

    def _call_with(self, call_id: str, local_tag: str) -> Call | None:
        for call in self.parties:
            dialog = call.dialog
            if dialog is not None and dialog.call_id == call_id and dialog.local_tag == local_tag:
                return call
        return None

    # --- lines ------------------------------------------------------------------------------------------

    def _line(self, party: Party, user: str) -> Call:
        call = Call(self._endpoint, user, self._news)
        if party.source is not None:
            call.say(party.source)
        party.legs.append(call)
        self.parties[call] = party
        return call

    def _news(self, call: Call, news: News) -> None:
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
            self._recordings[party.number] = call.recording
        elif news.kind is NewsKind.REFERRED and news.transaction is not None:
            self._refer(call, party, news.transaction)

    def _registered(self, user: str, present: bool) -> None:
        self.journal.note("registered" if present else "unregistered", user=user)

    # --- transfers --------------------------------------------------------------------------------------

    def _refer(self, call: Call, party: Party, transaction: ServerTransaction) -> None:
        try:
            referral = read_referral(transaction.request)
        except SipSyntaxError as exc:
            transaction.refuse(400, str(exc))
            return
        call.accept_referral(transaction)
        call.notify_transfer("100 Trying", final=False)
        replaced = referral.replaced and self._call_with(referral.replaced.call_id, referral.replaced.to_tag)
        if replaced:
            self._join(call, party, replaced)
        else:
            self._spawn(self._lead_to(call, party, referral))

    def _join(self, call: Call, party: Party, consultation: Call) -> None:
        """Attended transfer between two lines of ours: both leave the phone and talk to each other."""
        other = self.parties[consultation]
        self.journal.note("transferred", number=party.number, to=other.number, attended=True)
        call.notify_transfer("200 OK", final=True)
        consultation.give_up()

    async def _lead_to(self, call: Call, party: Party, referral: Referral) -> None:
        user = referral.user
        binding = self.where(user)
        if referral.replaced is None and user not in self.accounts:
            extension = extension_for(user)
            refusal = 404 if extension is None else extension.refusal
            if not refusal:
                self.journal.note("transferred", number=party.number, to=user, attended=False)
            call.notify_transfer(f"{refusal or 200} {'OK' if not refusal else 'Refused'}", final=True)
            return
        if referral.replaced is None and binding is None:
            call.notify_transfer("480 Temporarily Unavailable", final=True)
            return
        await self._call_onwards(call, party, referral, binding)

    async def _call_onwards(
        self, call: Call, party: Party, referral: Referral, binding: Binding | None
    ) -> None:
        """The customer calls another agent's phone; how that goes is told to the one who transferred."""
        onwards = self._line(party, party.number)
        onwards.on_news = _TransferNews(self, call, onwards, referral).hear
        target = SipUri.parse(referral.uri)
        flow = binding.flow if binding and not referral.replaced else (target.host, target.port or 5060)
        contact = binding.contact if binding and not referral.replaced else referral.uri
        host = self.address[0]
        await onwards.place(
            contact,
            flow,
            caller=party.caller_header(host),
            called=f"<sip:{referral.user}@{host}>",
            headers=(("Replaces", referral.replaced.raw),) if referral.replaced else (),
        )

    def tell(self, call: Call, news: News) -> None:
        """News of a call that somebody else has listened to first."""
        self._news(call, news)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


@dataclass(eq=False, slots=True)
class _TransferNews:
    """Follows the onward call of a transfer and tells the phone that asked for it."""

    system: TelephoneSystem
    transferred: Call
    onwards: Call
    referral: Referral
    done: bool = False

    def hear(self, call: Call, news: News) -> None:
        if not self.done and news.kind is NewsKind.RINGING:
            self.transferred.notify_transfer("180 Ringing", final=False)
        elif not self.done and news.kind is NewsKind.ANSWERED:
            self.done = True
            self.transferred.notify_transfer("200 OK", final=True)
            party = self.system.parties[call]
            attended = self.referral.replaced is not None
            self.system.journal.note(
                "transferred", number=party.number, to=self.referral.user, attended=attended
            )
        elif not self.done and news.kind is NewsKind.ENDED:
            self.done = True
            self.transferred.notify_transfer(f"{news.status or 503} {news.detail or 'Failed'}", final=True)
        self.system.tell(call, news)


def dialled(request: Request) -> str:
    """The user part of the Request-URI, decoded; empty when it has none."""
    try:
        return unquote(SipUri.parse(request.uri).user or "")
    except SipSyntaxError:
        return ""


def new_password() -> str:
    return secrets.token_urlsafe(18)
