"""The location service: where each agent's phone can be reached (RFC 3261 section 10.3)."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import field

from softphone.demo.pbx.access import Access, Verdict
from softphone.demo.pbx.endpoint import Address, ServerTransaction, new_tag
from softphone.domain.facts import dataclass
from softphone.engine.edge.messages.message import Request
from softphone.engine.edge.messages.syntax import SipSyntaxError, bounded_int
from softphone.engine.edge.messages.uri import NameAddr, SipUri

MIN_EXPIRES_S = 10
MAX_EXPIRES_S = 3_600
_DEFAULT_EXPIRES_S = 300


@dataclass(frozen=True, slots=True)
class Binding:
    """A phone: its contact, and the address from which it registered, to which requests go."""

    contact: str
    flow: Address
    expires_at: float
    call_id: str
    cseq: int

    @property
    def left_s(self) -> int:
        return max(0, round(self.expires_at - time.monotonic()))


@dataclass(slots=True)
class Registrar:
    """Lives on the demo's loop. `on_change` hears a user's name when the user comes or goes."""

    access: Access
    on_change: Callable[[str, bool], None]
    _bindings: dict[str, list[Binding]] = field(default_factory=dict)
    failing_with: int = 0
    """A status that every REGISTER gets instead of being handled, for tests; 0 for none."""

    def where(self, user: str) -> Binding | None:
        """The phone that registered last and is still there."""
        return max(self._living(user), key=lambda b: b.expires_at, default=None)

    def take(self, transaction: ServerTransaction) -> None:
        """Answer a REGISTER."""
        request = transaction.request
        if self.failing_with:
            transaction.refuse(self.failing_with)
            return
        verdict, user = self.access.judge(request, "Authorization")
        aor_user = _user(request.to.uri)
        if verdict is Verdict.CHALLENGE:
            challenge = self.access.challenge(stale=bool(user))
            transaction.refuse(401, headers=(("WWW-Authenticate", challenge),))
        elif verdict is Verdict.WRONG or user != aor_user:
            transaction.refuse(403)
        else:
            self._register(transaction, user)

    def _register(self, transaction: ServerTransaction, user: str) -> None:
        request = transaction.request
        before = bool(self._living(user))
        try:
            self._apply(request, transaction.source, user)
        except _TooBriefError:
            transaction.refuse(423, headers=(("Min-Expires", str(MIN_EXPIRES_S)),))
            return
        except SipSyntaxError as exc:
            transaction.refuse(400, str(exc))
            return
        response = request.response(200, to_tag=new_tag())
        living = self._living(user)
        for binding in living:
            response.headers.add("Contact", f"<{binding.contact}>;expires={binding.left_s}")
        transaction.respond(response)
        if before != bool(living):
            self.on_change(user, bool(living))

    def _apply(self, request: Request, flow: Address, user: str) -> None:
        values = request.headers.split("Contact")
        default = bounded_int(request.headers.get("Expires") or "", 2**31)
        if values == ["*"]:
            if default != 0:
                raise SipSyntaxError("Contact: * needs Expires: 0")
            self._bindings.pop(user, None)
            return
        for value in values:
            self._bind(NameAddr.parse(value), default, request, flow, user)

    def _bind(
        self, contact: NameAddr, default: int | None, request: Request, flow: Address, user: str
    ) -> None:
        own = bounded_int(contact.param("expires") or "", 2**31)
        wanted = own if own is not None else default
        expires_s = _DEFAULT_EXPIRES_S if wanted is None else wanted
        others = [b for b in self._living(user) if b.contact != contact.uri]
        if expires_s == 0:
            self._bindings[user] = others
            return
        if expires_s < MIN_EXPIRES_S:
            raise _TooBriefError
        expires_at = time.monotonic() + min(expires_s, MAX_EXPIRES_S)
        binding = Binding(contact.uri, flow, expires_at, request.call_id, request.cseq[0])
        self._bindings[user] = [*others, binding]

    def _living(self, user: str) -> list[Binding]:
        now = time.monotonic()
        return [b for b in self._bindings.get(user, []) if b.expires_at > now]


class _TooBriefError(Exception):
    """The expiry asked for is shorter than allowed."""


def _user(uri: str) -> str:
    try:
        return SipUri.parse(uri).user or ""
    except SipSyntaxError:
        return ""
