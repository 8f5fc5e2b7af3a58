"""What the edge is told and what it tells: frozen facts that may cross threads."""

from __future__ import annotations

import secrets
from dataclasses import field
from enum import StrEnum

from softphone.domain.account import Transport
from softphone.domain.certificates import CertificateTrouble
from softphone.domain.facts import dataclass
from softphone.domain.ids import AccountId
from softphone.domain.team import AgentPresence
from softphone.engine.edge.digest import ALGORITHMS
from softphone.engine.edge.events.event_bodies import DialogInfo, MessageSummary
from softphone.engine.edge.messages.gate import Limits
from softphone.engine.edge.messages.message import Request

LOOPBACK = "127.0.0.1"
LOCAL_LIMIT = 3_900
"""Bytes. PJSIP reads at most 4,000 from a datagram."""


@dataclass(frozen=True, slots=True)
class TlsPolicy:
    """How the server's certificate is judged, on TLS and WSS.

    The operating system's trust store decides, or `ca_file` (PEM, the company's own CA) instead of it.
    `pinned_sha256`: hex digests of certificates (DER); when given, the server's must be one of them, in
    addition. `certificate_file` and `key_file` are what we show to a server that asks (mutual TLS).
    """

    ca_file: str = ""
    pinned_sha256: tuple[str, ...] = ()
    certificate_file: str = ""
    key_file: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Credentials:
    """For the edge's own subscriptions; PJSIP keeps its own copy for everything else."""

    username: str
    password: str

    def __repr__(self) -> str:
        return f"Credentials({self.username!r}, …)"


@dataclass(frozen=True, slots=True)
class AccountRoute:
    """Where an account's signalling goes and what may come back.

    `server`, `backups`: host names or addresses, backups may carry `:port`. `port` None: SRV records
    (RFC 3263), then the transport's default. `realms`: the only digest realms that are answered; empty: the
    realm of the first challenge to REGISTER on each flow. `md5_allowed` False refuses MD5 challenges.
    `ws_path` is the resource of WS and WSS. `former_contacts` are what `BindingsChanged` last told in an
    earlier life: the first REGISTER takes them away. `instance` is the URN of this phone for RFC 5626, empty:
    without; the registrar then replaces the former contact by itself. Times are seconds.
    """

    account_id: AccountId
    user: str
    domain: str
    server: str
    port: int | None = None
    transport: Transport = Transport.UDP
    backups: tuple[str, ...] = ()
    realms: frozenset[str] = frozenset()
    md5_allowed: bool = True
    tls: TlsPolicy = field(default_factory=TlsPolicy)
    ws_path: str = "/ws"
    credentials: Credentials | None = None
    former_contacts: tuple[str, ...] = ()
    instance: str = ""
    keep_alive_s: float = 5.0
    answer_within_s: float = 4.0
    primary_check_s: float = 30.0


@dataclass(frozen=True, slots=True)
class EdgeConfig:
    """Settings of the whole edge.

    Keep `key` when an edge is replaced while calls live: branches and tokens are derived from it.
    `algorithms` are the digest algorithms that PJSIP can answer on this platform, best first.

    `requests_per_s` bounds what reaches PJSIP, `invites_per_s` new calls (the rest is busy): PJSIP keeps the
    sockets of an ended call for 500 ms and aborts when its 64 are used up, which 30 calls in that time do.
    """

    key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    limits: Limits = field(default_factory=Limits)
    algorithms: tuple[str, ...] = ALGORITHMS
    user_agent: str = "softphone"
    trace_bytes: int = 2_000_000
    requests_per_s: int = 100
    invites_per_s: int = 10
    pending_invites: int = 8


class FlowTrouble(StrEnum):
    """Why there is no way to the server."""

    UNKNOWN_HOST = "unknown_host"
    NO_ANSWER = "no_answer"
    CONNECTION_REFUSED = "connection_refused"
    CONNECTION_CLOSED = "connection_closed"
    CERTIFICATE = "certificate"
    TLS = "tls"
    WEB_SOCKET = "web_socket"
    NETWORK_DOWN = "network_down"
    ADDRESS_CHANGED = "address_changed"
    PROTOCOL = "protocol"
    PRIMARY_IS_BACK = "primary_is_back"
    WOKE_UP = "woke_up"
    """The computer has slept: who knows what the server remembers."""
    BAD_CONFIGURATION = "bad_configuration"


@dataclass(frozen=True, slots=True)
class FlowSecurity:
    """How a flow is protected, as negotiated; `protocol` is empty for UDP, TCP and WS."""

    protocol: str = ""
    cipher: str = ""
    certificate_sha256: str = ""
    issuer: str = ""
    expires: str = ""

    @property
    def encrypted(self) -> bool:
        """Whether nobody on the way can read the signalling."""
        return bool(self.protocol)


class EdgeEvent:
    """Root of what the edge reports; delivered on the edge's thread."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class FlowOpened(EdgeEvent):
    """There is a way to a server: register (again) on it, refresh every live dialog when `again`.

    Bind media to `local_address`. `server` is the host as configured or found by SRV.
    """

    account_id: AccountId
    transport: Transport
    server: str
    remote_address: str
    remote_port: int
    local_address: str
    local_port: int
    security: FlowSecurity = field(default_factory=FlowSecurity)
    backup: bool = False
    again: bool = False


@dataclass(frozen=True, slots=True)
class FlowLost(EdgeEvent):
    """The way to the server broke; the edge is looking for another by itself."""

    account_id: AccountId
    trouble: FlowTrouble
    detail: str = ""
    certificate: CertificateTrouble = CertificateTrouble.NONE


@dataclass(frozen=True, slots=True)
class FlowFailed(EdgeEvent):
    """No server could be reached in one round over all of them; the next round is in `retry_in_s`.

    The trouble is that of the most telling attempt (a bad certificate beats a silent backup).
    """

    account_id: AccountId
    trouble: FlowTrouble
    certificate: CertificateTrouble = CertificateTrouble.NONE
    detail: str = ""
    retry_in_s: float = 0.0


@dataclass(frozen=True, slots=True)
class BindingsChanged(EdgeEvent):
    """The registrar holds these contacts of ours now; keep them for `AccountRoute.former_contacts`."""

    account_id: AccountId
    contacts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChallengeRefused(EdgeEvent):
    """A digest challenge was not passed on (other realm, in a dialog, weak algorithm); a 403 went instead."""

    account_id: AccountId
    method: str
    realm: str
    algorithm: str


class Package(StrEnum):
    """Event packages that the edge subscribes to."""

    DIALOG = "dialog"
    """RFC 4235: what an extension's phone is doing (BLF)."""
    MESSAGE_SUMMARY = "message-summary"
    """RFC 3842: waiting messages."""
    PRESENCE = "presence"
    """RFC 3856: what an agent publishes about itself."""


class SubscriptionState(StrEnum):
    """Life of a subscription of ours (RFC 6665)."""

    PENDING = "pending"
    ACTIVE = "active"
    WAITING = "waiting"
    """Not in force; tried again later or when the account is registered again."""
    REFUSED = "refused"
    """The server said no; not tried again."""
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class SubscriptionChanged(EdgeEvent):
    """`status` is the last final status (0: none), `reason` that of Subscription-State, cleaned."""

    account_id: AccountId
    subscription_id: str
    package: Package
    target: str
    state: SubscriptionState
    status: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class DialogsChanged(EdgeEvent):
    """The calls of a watched extension as they are now; terminated ones are not listed."""

    account_id: AccountId
    subscription_id: str
    target: str
    dialogs: tuple[DialogInfo, ...]


@dataclass(frozen=True, slots=True)
class MessagesWaiting(EdgeEvent):
    """The account's mailbox as it is now."""

    account_id: AccountId
    subscription_id: str
    summary: MessageSummary


@dataclass(frozen=True, slots=True)
class PresenceArrived(EdgeEvent):
    """What a watched agent publishes now; None: nothing, or nothing that can be read."""

    account_id: AccountId
    subscription_id: str
    presence: AgentPresence | None


@dataclass(frozen=True, slots=True)
class HelpArrived(EdgeEvent):
    """A MESSAGE that asks for help, or (`over`) takes it back; `reason` is cleaned."""

    account_id: AccountId
    request: Request
    reason: str
    over: bool


@dataclass(frozen=True, slots=True)
class RecordMessageCame(EdgeEvent):
    """A MESSAGE about a stuck record; `text` is cleaned."""

    account_id: AccountId
    request: Request
    text: str


@dataclass(frozen=True, slots=True)
class MessageEnded(EdgeEvent):
    """How a MESSAGE of ours ended; 408 when nobody answered."""

    message_id: str
    status: int


@dataclass(slots=True)
class Counters:
    """What was let through and what was not, since the start. Read copies through `Edge.counters()`."""

    passed: int = 0
    foreign: int = 0
    """Requests without our token, on an unregistered flow, or from strangers on the local port."""
    stray: int = 0
    """Responses to nothing that we asked."""
    malformed: int = 0
    limited: int = 0
    oversized: int = 0
    challenges_refused: int = 0
    credentials_stripped: int = 0
    faults: int = 0
