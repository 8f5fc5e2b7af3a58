"""Who watches whom: dialog events of agents' lines (RFC 4235) and what agents publish (RFC 3856, 3903)."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import field
from urllib.parse import unquote
from xml.sax.saxutils import quoteattr

from softphone.demo.pbx.access import Access, Verdict
from softphone.demo.pbx.dialog import Dialog
from softphone.demo.pbx.endpoint import Endpoint, ServerTransaction, new_tag
from softphone.domain.facts import dataclass
from softphone.engine.edge.messages.message import Request
from softphone.engine.edge.messages.syntax import SipSyntaxError, bounded_int
from softphone.engine.edge.messages.uri import SipUri

DIALOG, PRESENCE = "dialog", "presence"
_TYPES = {DIALOG: "application/dialog-info+xml", PRESENCE: "application/pidf+xml"}
_LONGEST_S = 3_600


@dataclass(frozen=True, slots=True)
class LineCall:
    """One call of an agent's line; `state` is RFC 4235's."""

    id: str
    state: str
    incoming: bool
    number: str


@dataclass(slots=True)
class _Watcher:
    dialog: Dialog
    package: str
    user: str
    until: float
    version: int = 0


@dataclass
class Watching:
    """Lives on the demo's loop. `calls_of` tells the calls of an agent's line."""

    endpoint: Endpoint
    access: Access
    calls_of: Callable[[str], list[LineCall]]
    _watchers: dict[str, _Watcher] = field(default_factory=dict)
    _published: dict[str, tuple[str, bytes, float]] = field(default_factory=dict)

    def knows(self, request: Request) -> bool:
        """Whether a request belongs to a subscription that lives."""
        watcher = self._watchers.get(request.call_id)
        return watcher is not None and watcher.dialog.local_tag == request.to.tag

    def subscribe(self, transaction: ServerTransaction) -> None:
        """A new subscription, a refresh, or its end."""
        request, now = transaction.request, self._now()
        package = (request.headers.get("Event") or "").split(";")[0].strip().lower()
        user = _user_of(request.uri)
        if not self.knows(request):
            if package not in _TYPES:
                transaction.refuse(489)
                return
            if self._asked_for_password(transaction) is None:
                return
            if user not in self.access.passwords:
                transaction.refuse(404)
                return
            dialog = Dialog.of_invite(request, new_tag(), transaction.source)
            self._watchers[request.call_id] = _Watcher(dialog, package, user, now)
        watcher = self._watchers[request.call_id]
        wanted_s = bounded_int(request.headers.get("Expires") or "", 2**31)
        granted_s = min(_LONGEST_S if wanted_s is None else wanted_s, _LONGEST_S)
        watcher.until = now + granted_s
        response = request.response(200, to_tag=watcher.dialog.local_tag, record_route=True)
        response.headers.add("Contact", self._contact(watcher.user))
        response.headers.add("Expires", str(granted_s))
        transaction.respond(response)
        self._notify(watcher)

    def publish(self, transaction: ServerTransaction) -> None:
        """An agent's own state; nobody publishes for somebody else."""
        request = transaction.request
        publisher = self._asked_for_password(transaction)
        if publisher is None:
            return
        if publisher != _user_of(request.uri):
            transaction.refuse(403)
            return
        etag, body, _ = self._published.get(publisher, ("", b"", 0.0))
        given = request.headers.get("SIP-If-Match")
        if given is not None and given != etag:
            transaction.refuse(412)
            return
        expires_s = min(bounded_int(request.headers.get("Expires") or "", 2**31) or 0, _LONGEST_S)
        fresh = secrets.token_hex(6)
        if expires_s:
            self._published[publisher] = (fresh, request.body or body, self._now() + expires_s)
        else:
            self._published.pop(publisher, None)
        response = request.response(200, to_tag=new_tag())
        response.headers.add("SIP-ETag", fresh)
        response.headers.add("Expires", str(expires_s))
        transaction.respond(response)
        self._tell(PRESENCE, publisher)

    def calls_changed(self, user: str) -> None:
        """A call of this agent's line came, changed or went."""
        self._tell(DIALOG, user)

    # --- inside ------------------------------------------------------------------------------------------

    def _asked_for_password(self, transaction: ServerTransaction) -> str | None:
        verdict, user = self.access.judge(transaction.request, "Authorization")
        if verdict is Verdict.GRANTED:
            return user
        if verdict is Verdict.CHALLENGE:
            transaction.refuse(401, headers=(("WWW-Authenticate", self.access.challenge()),))
        else:
            transaction.refuse(403)
        return None

    def _tell(self, package: str, user: str) -> None:
        for watcher in list(self._watchers.values()):
            if watcher.package == package and watcher.user == user:
                self._notify(watcher)

    def _notify(self, watcher: _Watcher) -> None:
        left_s = round(watcher.until - self._now())
        if left_s <= 0:
            self._watchers.pop(watcher.dialog.call_id, None)
        body = self._dialogs(watcher) if watcher.package == DIALOG else self._presence(watcher.user)
        notify = watcher.dialog.request("NOTIFY", self.endpoint)
        notify.headers.add("Contact", self._contact(watcher.user))
        notify.headers.add("Event", watcher.package)
        state = f"active;expires={left_s}" if left_s > 0 else "terminated;reason=timeout"
        notify.headers.add("Subscription-State", state)
        if body:
            notify.headers.add("Content-Type", _TYPES[watcher.package])
        notify.body = body
        self.endpoint.request(notify, watcher.dialog.flow, lambda _response: None)

    def _dialogs(self, watcher: _Watcher) -> bytes:
        entity = quoteattr(f"sip:{watcher.user}@{self.endpoint.address[0]}")
        version, watcher.version = watcher.version, watcher.version + 1
        calls = "".join(self._dialog(call) for call in self.calls_of(watcher.user))
        return (
            '<?xml version="1.0"?><dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" '
            f'version="{version}" state="full" entity={entity}>{calls}</dialog-info>'
        ).encode()

    def _dialog(self, call: LineCall) -> str:
        direction = "recipient" if call.incoming else "initiator"
        remote = quoteattr(f"sip:{call.number or 'anonymous'}@{self.endpoint.address[0]}")
        return (
            f'<dialog id={quoteattr(call.id)} direction="{direction}"><state>{call.state}</state>'
            f"<remote><target uri={remote}/></remote></dialog>"
        )

    def _presence(self, user: str) -> bytes:
        _, body, until = self._published.get(user, ("", b"", 0.0))
        return body if until > self._now() else b""

    def _contact(self, user: str) -> str:
        host, port = self.endpoint.address
        return f"<sip:{user}@{host}:{port}>"

    def _now(self) -> float:
        return asyncio.get_running_loop().time()


def _user_of(uri: str) -> str:
    try:
        return unquote(SipUri.parse(uri).user or "")
    except SipSyntaxError:
        return ""
