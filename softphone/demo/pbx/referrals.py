"""A phone has asked us to take its call elsewhere: doing it, and telling how it goes."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, Protocol

from softphone.demo.pbx.call import Call
from softphone.demo.pbx.endpoint import Address, ServerTransaction
from softphone.demo.pbx.extensions import extension_for
from softphone.demo.pbx.journal import Journal
from softphone.demo.pbx.news import News, NewsKind
from softphone.demo.pbx.party import Party
from softphone.demo.pbx.registrar import Binding
from softphone.demo.pbx.transfers import Referral, read_referral
from softphone.domain.facts import dataclass
from softphone.engine.edge.messages.syntax import SipSyntaxError
from softphone.engine.edge.messages.uri import SipUri


class Lines(Protocol):
    """What is needed of the telephone system."""

    journal: Journal
    accounts: dict[str, str]
    parties: dict[Call, Party]

    @property
    def address(self) -> Address: ...
    def where(self, user: str) -> Binding | None: ...
    def line(self, party: Party, user: str) -> Call: ...
    def call_with(self, call_id: str, local_tag: str) -> Call | None: ...
    def hear(self, call: Call, news: News) -> None: ...
    def spawn(self, work: Coroutine[Any, Any, None]) -> None: ...


class Referrals:
    """Carries out transfers for the telephone system."""

    def __init__(self, system: Lines) -> None:
        self._system = system

    def take(self, call: Call, party: Party, transaction: ServerTransaction) -> None:
        """Accept or refuse a REFER within `call`, and do what it asks."""
        try:
            referral = read_referral(transaction.request)
        except SipSyntaxError as exc:
            transaction.refuse(400, str(exc))
            return
        call.accept_referral(transaction)
        call.notify_transfer("100 Trying", final=False)
        replaced = referral.replaced and self._system.call_with(
            referral.replaced.call_id, referral.replaced.to_tag
        )
        if replaced:
            self._join(call, party, replaced)
        else:
            self._system.spawn(self._lead_to(call, party, referral))

    def _join(self, call: Call, party: Party, consultation: Call) -> None:
        """Attended transfer between two lines of ours: both leave the phone and talk to each other."""
        other = self._system.parties[consultation]
        self._system.journal.note("transferred", number=party.number, to=other.number, attended=True)
        call.notify_transfer("200 OK", final=True)
        consultation.give_up()

    async def _lead_to(self, call: Call, party: Party, referral: Referral) -> None:
        user = referral.user
        binding = self._system.where(user)
        if referral.replaced is None and user not in self._system.accounts:
            extension = extension_for(user)
            refusal = 404 if extension is None else extension.refusal
            if not refusal:
                self._system.journal.note("transferred", number=party.number, to=user, attended=False)
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
        onwards = self._system.line(party, party.number)
        onwards.on_news = _TransferNews(self._system, call, onwards, referral).hear
        target = SipUri.parse(referral.uri)
        host = self._system.address[0]
        by_address = not referral.replaced or (target.host, target.port or 5060) == self._system.address
        flow = binding.flow if binding and by_address else (target.host, target.port or 5060)
        contact = binding.contact if binding and by_address else referral.uri
        await onwards.place(
            contact,
            flow,
            caller=party.caller_header(host),
            called=f"<sip:{referral.user}@{host}>",
            headers=(("Replaces", referral.replaced.raw),) if referral.replaced else (),
        )


@dataclass(eq=False, slots=True)
class _TransferNews:
    """Follows the onward call of a transfer and tells the phone that asked for it."""

    system: Lines
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
        self.system.hear(call, news)
