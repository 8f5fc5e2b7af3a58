"""One account as the edge sees it: its names, its flow, what it has been allowed. Edge thread only."""

from __future__ import annotations

import hmac
from collections import deque
from dataclasses import field
from typing import Protocol

from softphone.domain.account import Transport
from softphone.domain.facts import dataclass
from softphone.engine.edge.bindings import Bindings
from softphone.engine.edge.types import AccountRoute, FlowSecurity

TOKEN = "x-ek"  # noqa: S105 - the name of a URI parameter
_GRACE_S = 32.0
_EARLY_S = 2.0
_DIALOG_S = 86_400.0
_AFTER_END_S = 64.0  # retransmissions of the last request of a dialog
_MOST_DIALOGS = 1_200
_MOST_LEADS = 16
_MOST_WAITING = 16

_VIA_TRANSPORT = {
    Transport.UDP: "UDP",
    Transport.TCP: "TCP",
    Transport.TLS: "TLS",
    Transport.WS: "WS",
    Transport.WSS: "WSS",
}
# RFC 7118 knows `transport=ws` only, secure or not; UDP is the default and stays unsaid.
_URI_TRANSPORT = {
    Transport.UDP: "",
    Transport.TCP: ";transport=tcp",
    Transport.TLS: ";transport=tls",
    Transport.WS: ";transport=ws",
    Transport.WSS: ";transport=ws",
}


class Flow(Protocol):
    """One way to a server: a connected socket of any transport."""

    @property
    def transport(self) -> Transport: ...
    @property
    def reliable(self) -> bool: ...
    @property
    def local(self) -> tuple[str, int]: ...
    @property
    def remote(self) -> tuple[str, int]: ...
    @property
    def sent_by(self) -> str:
        """`host:port` for our Via and Contact, or a random `.invalid` name for web sockets."""
        ...

    @property
    def security(self) -> FlowSecurity: ...
    def send(self, data: bytes) -> None:
        """Never blocks, never raises; a dead flow reports itself."""
        ...

    def close(self) -> None: ...


def host_in_uri(address: str) -> str:
    """An address for Via and Contact: IPv6 in brackets."""
    return f"[{address}]" if ":" in address else address


def derive(key: bytes, purpose: str, text: str) -> str:
    """An unguessable name that is the same for the same key."""
    return hmac.digest(key, f"{purpose}\0{text}".encode("utf-8", "surrogateescape"), "sha256").hex()[:32]


@dataclass(slots=True)
class EdgeAccount:
    """Life of an account between open and close."""

    route: AccountRoute
    token: str
    """In the contact that only the registrar is told: lets anything in while registered."""
    dialog_token: str
    """In the contact that the other side of a dialog is told: lets that dialog's requests in, no others."""
    name: str
    """User part of our Route and Record-Route URIs on the local leg: tells the account of a request."""
    flow: Flow | None = None
    realms: set[str] = field(default_factory=set)
    registered_until: float = 0.0
    public: tuple[str, int] | None = None
    calls: set[str] = field(default_factory=set)
    """Call-IDs of established calls."""
    dialogs: dict[str, float] = field(default_factory=dict)
    """Call-IDs of dialogs that began on either side, with the time when they are forgotten."""
    leads: dict[str, str] = field(default_factory=dict)
    """Our tags in the dialogs with leads, by Call-ID; PJSIP tells them to nobody."""
    waiting: deque[bytes] = field(default_factory=lambda: deque(maxlen=_MOST_WAITING))
    """What PJSIP sent while there was no flow."""
    bindings: Bindings = field(default_factory=Bindings)
    early: deque[tuple[float, bytes]] = field(default_factory=lambda: deque(maxlen=_MOST_WAITING))
    """What came with our token while our REGISTER was on its way: some servers notify before they answer."""

    @classmethod
    def open(cls, route: AccountRoute, key: bytes) -> EdgeAccount:
        """A fresh account whose names follow from the key and its id."""
        token, dialog, name = (derive(key, what, route.account_id) for what in ("token", "dialog", "name"))
        bindings = Bindings(route.former_contacts)
        return cls(route, token, dialog, name[:16], realms=set(route.realms), bindings=bindings)

    def via(self, flow: Flow, branch: str) -> str:
        """Our Via on the far leg."""
        return f"SIP/2.0/{_VIA_TRANSPORT[flow.transport]} {flow.sent_by};rport;branch={branch}"

    def contact(self, flow: Flow, user: str | None, *, registrar: bool = False) -> str:
        """Our contact URI on the far leg, which alone lets requests in."""
        token = self.token if registrar else self.dialog_token
        at = "" if user is None else f"{user}@"
        place = flow.sent_by
        if self.public and flow.transport is Transport.UDP:
            place = f"{host_in_uri(self.public[0])}:{self.public[1]}"
        return f"sip:{at}{place}{_URI_TRANSPORT[flow.transport]};{TOKEN}={token}"

    def may_be_called(self, now: float) -> bool:
        """Whether the registrar has accepted our contact on this flow."""
        return now < self.registered_until

    def registered(self, expires_s: int, now: float) -> list[bytes]:
        """The registrar accepted (or, with 0, removed) our contact; returns what came a moment before."""
        self.registered_until = now + expires_s + _GRACE_S if expires_s > 0 else 0.0
        early = [data for at, data in self.early if now - at < _EARLY_S and expires_s > 0]
        self.early.clear()
        return early

    def dialog_began(self, call_id: str, now: float) -> None:
        """A request that makes a dialog passed; the oldest of too many dialogs is forgotten."""
        if call_id not in self.dialogs and len(self.dialogs) >= _MOST_DIALOGS:
            self.dialogs.pop(next(iter(self.dialogs)))
        self.dialogs[call_id] = now + _DIALOG_S

    def call_established(self, call_id: str, now: float) -> None:
        """An INVITE was answered."""
        self.dialog_began(call_id, now)
        self.calls.add(call_id)

    def let_in(self, call_id: str, tag: str) -> None:
        """A lead was let in under this Call-ID; `tag` is our own in that dialog."""
        while len(self.leads) >= _MOST_LEADS:
            self.leads.pop(next(iter(self.leads)))
        self.leads[call_id] = tag

    def call_ended(self, call_id: str, now: float) -> None:
        """A BYE passed."""
        self.calls.discard(call_id)
        if call_id in self.dialogs:
            self.dialogs[call_id] = now + _AFTER_END_S

    def knows_dialog(self, call_id: str, now: float) -> bool:
        """Whether a dialog of ours with this Call-ID lives."""
        return now < self.dialogs.get(call_id, 0.0)

    def sweep(self, now: float) -> None:
        """Forget dialogs that are over."""
        self.dialogs = {call_id: until for call_id, until in self.dialogs.items() if now < until}
        self.calls &= self.dialogs.keys()

    def flow_changed(self, flow: Flow | None) -> None:
        """A new flow knows nothing of us yet: no binding, no realm, no public address."""
        self.flow = flow
        self.early.clear()
        self.registered_until = 0.0
        self.public = None
        self.realms = set(self.route.realms)
