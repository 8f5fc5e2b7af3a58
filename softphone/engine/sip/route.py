"""The way of an account's signalling from PJSIP to the server, as the user agent sees it.

Thread: the sip thread; `FlowNews` may be made elsewhere.
"""

from __future__ import annotations

from typing import Protocol

from softphone.domain.account import Account, RegistrationTrouble, Signalling
from softphone.domain.call import Party
from softphone.domain.certificates import CertificateTrouble
from softphone.domain.events import TraceExported
from softphone.domain.facts import dataclass
from softphone.domain.ids import AccountId
from softphone.domain.sip_trace import TraceFormat
from softphone.domain.team import AgentPresence
from softphone.engine.edge.events.event_bodies import DialogInfo, MessageSummary
from softphone.engine.edge.local_leg import Arrival
from softphone.engine.edge.messages.message import Request


@dataclass(frozen=True, slots=True)
class FlowNews:
    """There is a way to the server now (`up`), or there is none and why.

    `again` tells that there was one before: live dialogs need a refresh. `retry_in_s` is 0 when another
    attempt is made at once. `signalling` describes the way that there is, `certificate` why there is none.
    """

    account_id: AccountId
    up: bool
    local_address: str = ""
    again: bool = False
    trouble: RegistrationTrouble = RegistrationTrouble.NONE
    detail: str = ""
    retry_in_s: float = 0.0
    signalling: Signalling | None = None
    certificate: CertificateTrouble = CertificateTrouble.NONE


@dataclass(frozen=True, slots=True)
class MailboxNews:
    """The account's voice mailbox as it is now (RFC 3842)."""

    account_id: AccountId
    summary: MessageSummary


@dataclass(frozen=True, slots=True)
class LineNews:
    """The calls of a watched line as they are now; None: nothing is known, for ever if `refused`."""

    account_id: AccountId
    subscription_id: str
    dialogs: tuple[DialogInfo, ...] | None
    refused: bool = False


@dataclass(frozen=True, slots=True)
class PresenceNews:
    """What a watched agent publishes now; None: nothing is known."""

    account_id: AccountId
    subscription_id: str
    presence: AgentPresence | None


@dataclass(frozen=True, slots=True)
class HelpNews:
    """Somebody asks for help, or (`over`) takes it back."""

    account_id: AccountId
    sender: Party
    reason: str
    over: bool


@dataclass(frozen=True, slots=True)
class RecordNews:
    """Somebody says `text` about a stuck record."""

    account_id: AccountId
    sender: Party
    text: str


@dataclass(frozen=True, slots=True)
class MessageNews:
    """How a MESSAGE of ours ended."""

    message_id: str
    sip_code: int


News = FlowNews | MailboxNews | LineNews | TraceExported | PresenceNews | HelpNews | MessageNews | RecordNews


class Route(Protocol):
    """What the user agent needs of the edge."""

    def start(self) -> None:
        """Begin; raises `Broken`."""

    def pjsip_listens_on(self, port: int) -> None:
        """Tell the loopback port of PJSIP: nobody else is trusted on the local side."""

    def open(self, account: Account, password: str) -> str:
        """Begin to connect; return the URI of the outbound proxy for PJSIP."""

    def news(self) -> list[News]:
        """What has changed since last asked, in order."""

    def arrival(self, request: Request) -> Arrival | None:
        """What the edge noted on a request to PJSIP; None if it did not come through the edge."""

    def watch(self, account_id: AccountId, uri: str) -> str:
        """Subscribe to the calls of a line for as long as the account is open; return the id for
        `LineNews`."""

    def unwatch(self, subscription_id: str) -> None: ...
    def export_trace(self, path: str, form: TraceFormat) -> None:
        """Write the trace into a file; `TraceExported` is among the news then."""

    def watch_presence(self, account_id: AccountId, uri: str) -> str:
        """Subscribe to what `uri` publishes; return the id for `PresenceNews`."""

    def publish(self, account_id: AccountId, aor: str, presence: AgentPresence) -> None:
        """Keep this published for `aor`, the account's own, while it is registered."""

    def lead_tag(self, account_id: AccountId, call_id: str) -> str:
        """Our own tag in the dialog with a lead, empty when it is not known."""

    def withdraw(self, account_id: AccountId) -> None:
        """Publish nothing any more."""

    def ask_for_help(self, message_id: str, account_id: AccountId, uri: str, reason: str, over: bool) -> None:
        """Send MESSAGE; `MessageNews` follows."""

    def tell_of_record(self, message_id: str, account_id: AccountId, uri: str, text: str) -> None:
        """Send MESSAGE; `MessageNews` follows."""

    def close(self, account_id: AccountId) -> None: ...
    def reconnect(self, account_id: AccountId) -> None: ...
    def stop(self) -> None: ...
