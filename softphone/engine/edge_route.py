"""The edge as the user agent's route. Thread: the sip thread; the edge's events cross through a queue."""

from __future__ import annotations

from collections import deque

import structlog

from softphone.domain.account import Account, RegistrationTrouble, Signalling
from softphone.domain.errors import Broken
from softphone.domain.ids import AccountId
from softphone.domain.sip_trace import TraceFormat
from softphone.domain.team import AgentPresence
from softphone.engine.edge.edge import Edge
from softphone.engine.edge.events.presence_body import write_presence
from softphone.engine.edge.local_leg import ARRIVAL_HEADER, Arrival
from softphone.engine.edge.messages.message import Request
from softphone.engine.edge.messages.syntax import SipSyntaxError
from softphone.engine.edge.types import (
    AccountRoute,
    BindingsChanged,
    ChallengeRefused,
    Credentials,
    DialogsChanged,
    EdgeConfig,
    EdgeEvent,
    FlowFailed,
    FlowLost,
    FlowOpened,
    FlowTrouble,
    HelpArrived,
    MessageEnded,
    MessagesWaiting,
    Package,
    PresenceArrived,
    RecordMessageCame,
    SubscriptionChanged,
    SubscriptionState,
    TlsPolicy,
)
from softphone.engine.former_contacts import FormerContacts
from softphone.engine.instance import Instance
from softphone.engine.sip.caller import party_of
from softphone.engine.sip.dialling import authority, quote_user
from softphone.engine.sip.route import (
    FlowNews,
    HelpNews,
    LineNews,
    MailboxNews,
    MessageNews,
    News,
    PresenceNews,
    RecordNews,
)
from softphone.engine.trace_file import write_later

_log = structlog.get_logger(__name__)

_TROUBLE: dict[FlowTrouble, RegistrationTrouble] = {
    FlowTrouble.UNKNOWN_HOST: RegistrationTrouble.UNKNOWN_HOST,
    FlowTrouble.NO_ANSWER: RegistrationTrouble.NO_ANSWER,
    FlowTrouble.CONNECTION_REFUSED: RegistrationTrouble.CONNECTION_REFUSED,
    FlowTrouble.CONNECTION_CLOSED: RegistrationTrouble.NO_ANSWER,
    FlowTrouble.CERTIFICATE: RegistrationTrouble.CERTIFICATE,
    FlowTrouble.TLS: RegistrationTrouble.CERTIFICATE,
    FlowTrouble.WEB_SOCKET: RegistrationTrouble.CONNECTION_REFUSED,
    FlowTrouble.NETWORK_DOWN: RegistrationTrouble.NETWORK_DOWN,
    FlowTrouble.ADDRESS_CHANGED: RegistrationTrouble.NETWORK_DOWN,
    FlowTrouble.PROTOCOL: RegistrationTrouble.SERVER_ERROR,
    FlowTrouble.PRIMARY_IS_BACK: RegistrationTrouble.NONE,
    FlowTrouble.WOKE_UP: RegistrationTrouble.NONE,
    FlowTrouble.BAD_CONFIGURATION: RegistrationTrouble.BAD_SETTINGS,
}


class EdgeRoute:
    """Implements `sip.route.Route`."""

    def __init__(self, former: FormerContacts, instance: Instance, config: EdgeConfig | None = None) -> None:
        self._former = former
        self._instance = instance
        self._news: deque[News] = deque()
        self._bound: deque[BindingsChanged] = deque()
        self.edge = Edge(config or EdgeConfig(), self._on_event)

    def start(self) -> None:
        try:
            self.edge.start()
        except OSError as exc:
            raise Broken("edge", f"cannot start: {exc}") from exc

    def pjsip_listens_on(self, port: int) -> None:
        self.edge.set_local_peer(port)

    def open(self, account: Account, password: str) -> str:
        former, instance = self._former.of(account.id), self._instance.of(account.id)
        proxy = self.edge.open_account(_route_of(account, password, former, instance))
        aor = f"sip:{quote_user(account.user)}@{authority(account)}"
        self.edge.subscribe(account.id, Package.MESSAGE_SUMMARY, aor)
        return proxy

    def news(self) -> list[News]:
        while self._bound:
            event = self._bound.popleft()
            self._former.remember(event.account_id, event.contacts)
        fresh: list[News] = []
        while self._news:
            fresh.append(self._news.popleft())
        return fresh

    def arrival(self, request: Request) -> Arrival | None:
        try:
            arrival = Arrival.parse(request.headers.get(ARRIVAL_HEADER) or "")
        except SipSyntaxError:
            return None
        return arrival if arrival.seal == self.edge.seal else None

    def watch(self, account_id: AccountId, uri: str) -> str:
        return self.edge.subscribe(account_id, Package.DIALOG, uri)

    def unwatch(self, subscription_id: str) -> None:
        self.edge.unsubscribe(subscription_id)

    def export_trace(self, path: str, form: TraceFormat) -> None:
        write_later(self.edge.trace, path, form, self._news.append)

    def watch_presence(self, account_id: AccountId, uri: str) -> str:
        return self.edge.subscribe(account_id, Package.PRESENCE, uri)

    def publish(self, account_id: AccountId, aor: str, presence: AgentPresence) -> None:
        self.edge.publish(account_id, aor, write_presence(aor, presence))

    def lead_tag(self, account_id: AccountId, call_id: str) -> str:
        return self.edge.lead_tag(account_id, call_id)

    def withdraw(self, account_id: AccountId) -> None:
        self.edge.withdraw(account_id)

    def ask_for_help(self, message_id: str, account_id: AccountId, uri: str, reason: str, over: bool) -> None:
        self.edge.ask_for_help(message_id, account_id, uri, reason, over)

    def tell_of_record(self, message_id: str, account_id: AccountId, uri: str, text: str) -> None:
        self.edge.tell_of_record(message_id, account_id, uri, text)

    def close(self, account_id: AccountId) -> None:
        self.edge.close_account(account_id)

    def reconnect(self, account_id: AccountId) -> None:
        self.edge.reconnect(account_id)

    def stop(self) -> None:
        self.edge.stop()
        self.news()  # the last removals of contacts

    def _on_event(self, event: EdgeEvent) -> None:
        """The edge's thread."""
        if isinstance(event, FlowOpened):
            signalling = _signalling(event)
            up = FlowNews(event.account_id, True, event.local_address, event.again, signalling=signalling)
            self._news.append(up)
        elif isinstance(event, FlowLost):
            self._down(event)
        elif isinstance(event, FlowFailed):
            self._down(event, event.retry_in_s)
        elif isinstance(event, MessagesWaiting):
            self._news.append(MailboxNews(event.account_id, event.summary))
        elif isinstance(event, DialogsChanged):
            self._news.append(LineNews(event.account_id, event.subscription_id, event.dialogs))
        elif isinstance(event, SubscriptionChanged):
            self._subscription(event)
        elif isinstance(event, BindingsChanged):
            self._bound.append(event)
        elif isinstance(event, ChallengeRefused):
            _log.warning("challenge_refused", account=event.account_id, method=event.method)
        else:
            self._on_team_event(event)

    def _on_team_event(self, event: EdgeEvent) -> None:
        if isinstance(event, PresenceArrived):
            self._news.append(PresenceNews(event.account_id, event.subscription_id, event.presence))
        elif isinstance(event, HelpArrived):
            sender = party_of(event.request)
            self._news.append(HelpNews(event.account_id, sender, event.reason, event.over))
        elif isinstance(event, RecordMessageCame):
            self._news.append(RecordNews(event.account_id, party_of(event.request), event.text))
        elif isinstance(event, MessageEnded):
            self._news.append(MessageNews(event.message_id, event.status))

    def _subscription(self, event: SubscriptionChanged) -> None:
        refused = event.state is SubscriptionState.REFUSED
        if refused or event.state is SubscriptionState.WAITING:
            _log.info("not_subscribed", package=event.package, status=event.status, reason=event.reason)
            if event.package is Package.DIALOG:
                self._news.append(LineNews(event.account_id, event.subscription_id, None, refused))
            elif event.package is Package.PRESENCE:
                self._news.append(PresenceNews(event.account_id, event.subscription_id, None))

    def _down(self, event: FlowLost | FlowFailed, retry_in_s: float = 0.0) -> None:
        known = _TROUBLE.get(event.trouble, RegistrationTrouble.OTHER)
        self._news.append(
            FlowNews(
                event.account_id,
                False,
                trouble=known,
                detail=event.detail,
                retry_in_s=retry_in_s,
                certificate=event.certificate,
            )
        )


def _signalling(event: FlowOpened) -> Signalling:
    security = event.security
    return Signalling(
        event.server,
        event.backup,
        security.protocol,
        security.cipher,
        security.certificate_sha256,
        security.issuer,
        security.expires,
    )


def _route_of(
    account: Account, password: str, former_contacts: tuple[str, ...], instance: str
) -> AccountRoute:
    return AccountRoute(
        account.id,
        account.user,
        account.sip_domain,
        account.server,
        account.port,
        account.transport,
        account.backup_servers,
        md5_allowed=not account.refuse_md5,
        tls=TlsPolicy(account.ca_file, account.pinned_sha256, account.client_certificate, account.client_key),
        ws_path=account.ws_path,
        credentials=Credentials(account.digest_user, password),
        former_contacts=former_contacts,
        instance=instance if account.outbound else "",
    )
