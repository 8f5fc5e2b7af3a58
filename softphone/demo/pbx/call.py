"""One call between a line of the telephone system and a phone: signalling, media, holding, digits."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Callable

from softphone.demo.pbx import sdp
from softphone.demo.pbx.dialog import Dialog, contact_of
from softphone.demo.pbx.endpoint import Address, ClientTransaction, Endpoint, ServerTransaction, new_tag
from softphone.demo.pbx.g711 import Samples
from softphone.demo.pbx.media import Media
from softphone.demo.pbx.news import CallState, News, NewsKind
from softphone.demo.pbx.sound import Source
from softphone.engine.edge.messages.message import Request, Response

_SERIALS = itertools.count(1)
ALLOW = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, REFER, NOTIFY, MESSAGE"


class Call:
    """Both directions. `place` calls a phone, `take` answers a phone's INVITE; `on_news` hears the rest."""

    def __init__(self, endpoint: Endpoint, user: str, on_news: Callable[[Call, News], None]) -> None:
        self.serial = next(_SERIALS)
        """Names the call in the journal."""
        self._endpoint = endpoint
        self._user = user
        self.on_news = on_news
        self.state = CallState.NEW
        self.dialog: Dialog | None = None
        self.media = Media(self._digit, self._hold_changed)
        self.digits = ""
        self._invite: ClientTransaction | None = None
        self._incoming: ServerTransaction | None = None
        self._giving_up = ""

    @property
    def recording(self) -> Samples:
        return self.media.stream.recording

    @property
    def held(self) -> bool:
        """The phone has put us on hold."""
        return self.media.held

    def say(self, source: Source) -> None:
        """Speak this from now on."""
        self.media.stream.source = source

    # --- calling a phone --------------------------------------------------------------------------------

    async def place(
        self,
        contact: str,
        flow: Address,
        *,
        caller: str,
        called: str,
        headers: tuple[tuple[str, str], ...] = (),
    ) -> None:
        """Send an INVITE to `contact` through `flow`. `caller` and `called` are From and To values."""
        await self.media.stream.open(self._endpoint.address[0])
        request = Request(method="INVITE", uri=contact)
        request.headers.add("Via", self._endpoint.via())
        request.headers.add("Max-Forwards", "70")
        request.headers.add("From", f"{caller};tag={new_tag()}")
        request.headers.add("To", called)
        request.headers.add("Call-ID", secrets.token_hex(12))
        request.headers.add("CSeq", "1 INVITE")
        self._introduce(request)
        self.media.describe_offer(request)
        for name, value in headers:
            request.headers.add(name, value)
        self.state = CallState.TRYING
        self._invite = self._endpoint.request(request, flow, self._answered)

    def give_up(self, reason: str = "") -> None:
        """Hang up in whatever state: CANCEL, BYE or refusal. `reason` goes into a Reason header."""
        if self.state is CallState.ESTABLISHED:
            self._bye()
        elif self._incoming is not None and not self._incoming.answered:
            self.refuse(480)
        elif self._invite is not None and not self._invite.done:
            self._giving_up = reason or "SIP ;cause=487"
            if self._invite.answered:
                self._cancel(self._invite)
        elif self.state is CallState.NEW:
            self._end(by_phone=False)

    def hold(self, on: bool) -> None:
        """Put the phone on hold, or take it back (re-INVITE)."""
        if self.dialog is None or self.state is not CallState.ESTABLISHED:
            return
        self.media.direction = "sendonly" if on else "sendrecv"
        request = self.dialog.request("INVITE", self._endpoint)
        self._introduce(request)
        self.media.describe_offer(request)
        self._endpoint.request(request, self.dialog.flow, self._reinvited)

    def _answered(self, response: Response) -> None:
        invite = self._invite
        if invite is None:
            return
        if not response.is_final:
            if self._giving_up:
                self._cancel(invite)
            elif response.status in (180, 183) and self.state is CallState.TRYING:
                self.state = CallState.RINGING
                self.on_news(self, News(NewsKind.RINGING, status=response.status))
        elif response.status < 300:
            self._confirmed(invite, response)
        else:
            self._end(by_phone=not self._giving_up, status=response.status, detail=response.reason)

    def _confirmed(self, invite: ClientTransaction, response: Response) -> None:
        first = self.dialog is None
        if first:
            self.dialog = Dialog.of_answer(invite.request, response, invite.target)
        self._acknowledge(invite.request.cseq[0])
        if not first:
            return
        self.state = CallState.ESTABLISHED
        if self._giving_up or not self._hear(response.body):
            self._bye()
            return
        self.on_news(self, News(NewsKind.ANSWERED, by_phone=True))

    def _reinvited(self, response: Response) -> None:
        if self.dialog is None or not response.is_final:
            return
        if response.status < 300:
            self._acknowledge(response.cseq[0])
            self._hear(response.body)
        elif response.status in (408, 481):
            self._end(by_phone=True, status=response.status)

    def _acknowledge(self, cseq: int) -> None:
        if self.dialog is not None:
            self._endpoint.send(self.dialog.request("ACK", self._endpoint, cseq=cseq), self.dialog.flow)

    def _cancel(self, invite: ClientTransaction) -> None:
        request = Request(method="CANCEL", uri=invite.request.uri)
        request.headers.add("Via", invite.request.headers.get("Via") or "")
        request.headers.add("Max-Forwards", "70")
        for name in ("From", "To", "Call-ID"):
            request.headers.add(name, invite.request.headers.get(name) or "")
        request.headers.add("CSeq", f"{invite.request.cseq[0]} CANCEL")
        request.headers.add("Reason", self._giving_up)
        self._endpoint.request(request, invite.target, lambda _: None)

    # --- being called by a phone ------------------------------------------------------------------------

    async def take(self, transaction: ServerTransaction) -> bool:
        """Make the dialog for an INVITE; False if it was refused, because its offer does not fit."""
        invite = transaction.request
        try:
            self.media.note_offer(invite.body)
        except sdp.UnfitOfferError as exc:
            transaction.refuse(488, headers=(("Warning", f'304 demo "{exc}"'),))
            return False
        self._incoming = transaction
        self.dialog = Dialog.of_invite(invite, new_tag(), transaction.source)
        self.state = CallState.TRYING
        await self.media.stream.open(self._endpoint.address[0])
        return True

    def ring(self, status: int = 180, *, early_media: bool = False) -> None:
        """180, or 183 with media before the answer."""
        if self._incoming is None or self._incoming.answered:
            return
        self.state = CallState.RINGING
        response = self._response(self._incoming.request, 183 if early_media else status)
        if early_media:
            self.media.describe_reply(response)
            self.media.start()
        self._incoming.respond(response)

    def answer(self) -> None:
        if self._incoming is None or self._incoming.answered:
            return
        response = self._response(self._incoming.request, 200)
        self._introduce(response)
        self.media.describe_reply(response)
        self.state = CallState.ESTABLISHED
        self._incoming.respond(response)
        self.media.start()
        self.on_news(self, News(NewsKind.ANSWERED))

    def refuse(self, status: int) -> None:
        if self._incoming is not None and not self._incoming.answered:
            self._incoming.respond(self._response(self._incoming.request, status))
            self._end(by_phone=False, status=status)

    def takes(self, transaction: ServerTransaction) -> bool:
        """Whether this call began with that INVITE."""
        return self._incoming is transaction

    def cancelled(self) -> None:
        """The phone gave up (CANCEL)."""
        if self._incoming is not None and not self._incoming.answered:
            self._incoming.respond(self._response(self._incoming.request, 487))
            self._end(by_phone=True, status=487)

    # --- within the dialog ------------------------------------------------------------------------------

    def acknowledged(self, ack: Request) -> None:
        """The ACK of a 2xx; it may carry the answer to our offer."""
        if self._incoming is not None:
            self._incoming.acknowledged()
        if ack.body and self.state is CallState.ESTABLISHED:
            self._hear(ack.body)

    def on_request(self, transaction: ServerTransaction) -> None:
        """Answer a request of the phone within this call."""
        request = transaction.request
        if self.dialog is None or self.state is CallState.ENDED:
            transaction.refuse(481)
            return
        if request.cseq[0] <= self.dialog.remote_cseq:
            transaction.refuse(500, "CSeq out of order")
            return
        self.dialog.remote_cseq = request.cseq[0]
        if request.method in ("INVITE", "UPDATE"):
            self._renegotiate(transaction)
        elif request.method == "BYE":
            transaction.respond(self._response(request, 200))
            self._end(by_phone=True)
        elif request.method == "REFER":
            self.on_news(self, News(NewsKind.REFERRED, transaction=transaction))
        elif request.method in ("INFO", "NOTIFY", "MESSAGE", "OPTIONS"):
            transaction.respond(self._response(request, 200))
            self._info(request)
        else:
            transaction.refuse(405, headers=(("Allow", ALLOW),))

    def accept_referral(self, transaction: ServerTransaction) -> None:
        """202: we try to do what the phone's REFER asks."""
        transaction.respond(self._response(transaction.request, 202))

    def notify_transfer(self, status_line: str, *, final: bool) -> None:
        """Tell the phone how its transfer goes (RFC 3515 section 2.4.5)."""
        if self.dialog is None or self.state is CallState.ENDED:
            return
        notify = self.dialog.request("NOTIFY", self._endpoint)
        notify.headers.add("Contact", self._contact())
        notify.headers.add("Event", "refer")
        notify.headers.add(
            "Subscription-State", "terminated;reason=noresource" if final else "active;expires=60"
        )
        notify.headers.add("Content-Type", "message/sipfrag;version=2.0")
        notify.body = f"SIP/2.0 {status_line}\r\n".encode()
        self._endpoint.request(notify, self.dialog.flow, lambda _: None)

    def _renegotiate(self, transaction: ServerTransaction) -> None:
        request = transaction.request
        if target := contact_of(request):
            assert self.dialog is not None  # noqa: S101 - checked by the only caller
            self.dialog.target = target
        response = self._response(request, 200)
        if request.body or request.method == "INVITE":
            if request.body and not self._hear(request.body):
                transaction.refuse(488)
                return
            self.media.describe_reply(response)
        if request.method == "INVITE":
            self._incoming = transaction
        transaction.respond(response)

    def _info(self, request: Request) -> None:
        if request.method != "INFO":
            return
        for line in request.body.decode("ascii", "replace").splitlines():
            key, _, value = line.partition("=")
            if key.strip().lower() == "signal" and value.strip():
                self._digit(value.strip()[0])

    def _digit(self, digit: str) -> None:
        self.digits += digit
        self.on_news(self, News(NewsKind.DIGIT, digit))

    def _hold_changed(self, held: bool) -> None:
        self.on_news(self, News(NewsKind.HELD if held else NewsKind.RESUMED))

    def _hear(self, body: bytes) -> bool:
        try:
            self.media.hear(body)
        except sdp.UnfitOfferError:
            return False
        return True

    def _introduce(self, message: Request | Response) -> None:
        if "Contact" not in message.headers:
            message.headers.add("Contact", self._contact())
        message.headers.add("Allow", ALLOW)
        message.headers.add("Supported", "replaces")

    # --- ends -------------------------------------------------------------------------------------------

    def _response(self, request: Request, status: int) -> Response:
        tag = self.dialog.local_tag if self.dialog else new_tag()
        response = request.response(status, to_tag=tag, record_route=True)
        response.headers.add("Contact", self._contact())
        return response

    def _contact(self) -> str:
        host, port = self._endpoint.address
        return f"<sip:{self._user}@{host}:{port}>"

    def _bye(self) -> None:
        if self.dialog is not None:
            bye = self.dialog.request("BYE", self._endpoint)
            self._endpoint.request(bye, self.dialog.flow, lambda _: None)
        self._end(by_phone=False)

    def _end(self, *, by_phone: bool, status: int = 0, detail: str = "") -> None:
        if self.state is CallState.ENDED:
            return
        self.state = CallState.ENDED
        self.media.stream.close()
        self.on_news(self, News(NewsKind.ENDED, detail, by_phone=by_phone, status=status))
