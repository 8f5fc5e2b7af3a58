"""What both directions of the border share: the accounts, what is under way, the counters, the way out.

Edge thread only.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable

from softphone.domain.ids import AccountId
from softphone.engine.edge.account import EdgeAccount, Flow, derive
from softphone.engine.edge.events.client import BRANCH_PREFIX, ClientTransactions
from softphone.engine.edge.events.help_messages import HelpMessages
from softphone.engine.edge.events.own_messages import OwnMessages
from softphone.engine.edge.events.publisher import Publisher
from softphone.engine.edge.events.record_messages import RecordMessages
from softphone.engine.edge.events.subscriber import Subscriber
from softphone.engine.edge.local_leg import LocalLeg
from softphone.engine.edge.messages.message import (
    MessageRefusedError,
    Request,
    Response,
    answer_refused,
    parse,
)
from softphone.engine.edge.messages.syntax import SipSyntaxError
from softphone.engine.edge.passages import Passages
from softphone.engine.edge.trace import Direction, Trace
from softphone.engine.edge.types import Counters, EdgeConfig, EdgeEvent

_MAKES_DIALOG = frozenset({"INVITE", "SUBSCRIBE", "REFER"})
_BRANCH = f"{BRANCH_PREFIX}p"


class Ground:
    """`to_local` sends bytes to PJSIP, `post` reports events."""

    def __init__(
        self,
        config: EdgeConfig,
        counters: Counters,
        trace: Trace,
        to_local: Callable[[bytes], None],
        post: Callable[[EdgeEvent], None],
    ) -> None:
        self.config = config
        self.counters = counters
        self.trace = trace
        self.to_local = to_local
        self.post = post
        self.local = LocalLeg()
        self.seal = secrets.token_hex(16)
        self.accounts: dict[str, EdgeAccount] = {}
        """By the name in our Route URIs."""
        self.outgoing = Passages()
        self.incoming = Passages()
        self.client = ClientTransactions(self.send_far)
        self.subscriber = Subscriber(self.client, post, counters, config.algorithms)
        self.publisher = Publisher(self.client, counters, config.algorithms, time.monotonic)
        messages = OwnMessages(self.client, post, counters, config.algorithms)
        self.help = HelpMessages(messages, post, time.monotonic)
        self.records = RecordMessages(messages, post, time.monotonic)

    def parse(
        self, data: bytes, account: EdgeAccount | None = None, flow: Flow | None = None
    ) -> Request | Response | None:
        """The message, or None when the gate refused it; a refusal that deserves an answer gets it."""
        try:
            return parse(data, self.config.limits)
        except MessageRefusedError as refused:
            self.counters.malformed += 1
            answer = answer_refused(refused, secrets.token_hex(5))
            if answer is not None and account is not None and flow is not None:
                self.send_far(flow, account, answer)
            return None
        except SipSyntaxError:
            self.counters.malformed += 1
            return None

    def send_far(self, flow: Flow, account: EdgeAccount, message: Request | Response) -> None:
        """Put a message on the network and into the trace."""
        data = message.to_bytes()
        self.counters.passed += 1
        self.trace.record(Direction.SENT, account.route.account_id, flow, data)
        flow.send(data)

    def note_dialog(self, request: Request, account: EdgeAccount) -> None:
        """Remember what a request begins or ends; either direction."""
        if request.method == "BYE":
            account.call_ended(request.call_id, time.monotonic())
        elif request.method in _MAKES_DIALOG:
            account.dialog_began(request.call_id, time.monotonic())

    def account_named(self, name: str) -> EdgeAccount | None:
        """The account of a Route URI; without a name the only one there is."""
        if not name and len(self.accounts) == 1:
            return next(iter(self.accounts.values()))
        return self.accounts.get(name)

    def account_of(self, account_id: AccountId) -> EdgeAccount | None:
        """The account with this id."""
        return next((a for a in self.accounts.values() if a.route.account_id == account_id), None)

    def far_branch(self, account: EdgeAccount, request: Request) -> str:
        """Derived, so that CANCEL, ACK for a refusal and retransmissions match without a table."""
        return _BRANCH + derive(self.config.key, "far", f"{account.name} {request.top_via.branch}")

    def local_branch(self, account: EdgeAccount, request: Request) -> str:
        """The same for the local leg; the far branch alone may be no unique one (RFC 2543)."""
        via = request.top_via
        number, _ = request.cseq
        text = f"{account.name} {via.host} {via.port} {via.branch} {request.call_id} {number}"
        return _BRANCH + derive(self.config.key, "local", text)
