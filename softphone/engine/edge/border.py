"""The border: what passes between PJSIP on the loopback leg and the servers on the far legs.

Edge thread only. Every message comes in through `from_local` or `from_far`, is parsed by the gate, judged,
rewritten as text and sent on; what fails at any step is answered correctly or dropped, and counted.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable

import structlog

from softphone.domain.ids import AccountId
from softphone.engine.edge import inbound, outbound
from softphone.engine.edge.account import EdgeAccount, Flow, derive
from softphone.engine.edge.challenges import admit_challenge
from softphone.engine.edge.client import BRANCH_PREFIX, ClientTransactions
from softphone.engine.edge.local_leg import LocalLeg
from softphone.engine.edge.message import (
    MessageRefusedError,
    Request,
    Response,
    answer_refused,
    parse,
)
from softphone.engine.edge.passages import Passage, Passages
from softphone.engine.edge.rate import RequestRate
from softphone.engine.edge.subscriber import Subscriber
from softphone.engine.edge.syntax import SipSyntaxError
from softphone.engine.edge.trace import Direction, Trace
from softphone.engine.edge.types import (
    LOCAL_LIMIT,
    LOOPBACK,
    BindingsChanged,
    ChallengeRefused,
    Counters,
    EdgeConfig,
    EdgeEvent,
)

_log = structlog.get_logger(__name__)
_MAKES_DIALOG = frozenset({"INVITE", "SUBSCRIBE", "REFER"})
BRANCH = f"{BRANCH_PREFIX}p"


class Border:
    """Judges and rewrites every message. `to_local` sends bytes to PJSIP, `post` reports events."""

    def __init__(
        self,
        config: EdgeConfig,
        counters: Counters,
        trace: Trace,
        to_local: Callable[[bytes], None],
        post: Callable[[EdgeEvent], None],
    ) -> None:
        self.local = LocalLeg()
        self.seal = secrets.token_hex(16)
        self.accounts: dict[str, EdgeAccount] = {}
        """By the name in our Route URIs."""
        self._config = config
        self._counters = counters
        self._trace = trace
        self._to_local = to_local
        self._post = post
        self._outgoing = Passages()
        self._incoming = Passages()
        self._rate = RequestRate(config.requests_per_s, 2 * config.requests_per_s)
        self._calls_rate = RequestRate(config.invites_per_s, config.invites_per_s)
        self.client = ClientTransactions(self._send_far)
        self.subscriber = Subscriber(self.client, post, counters, config.algorithms)

    # --- accounts and flows ------------------------------------------------------------------------------

    def flow_opened(self, account: EdgeAccount, flow: Flow) -> None:
        """Send what has waited for a way out, and again what has not been answered on the old one."""
        account.flow_changed(flow)
        waiting = list(account.waiting)
        account.waiting.clear()
        unanswered = [p.raw for p in self._outgoing.outstanding(account.route.account_id) if p.raw]
        for raw in dict.fromkeys([*unanswered, *waiting]):
            self.from_local(raw, (LOOPBACK, self.local.peer_port))

    def flow_lost(self, account: EdgeAccount) -> None:
        """There is no way to a server any more."""
        account.flow_changed(None)
        self.subscriber.flow_lost(account.route.account_id)

    def no_way_out(self, account: EdgeAccount) -> None:
        """All servers failed: answer what waits, so that nobody waits for a timeout."""
        waiting = list(account.waiting)
        account.waiting.clear()
        for raw in waiting:
            request = parse(raw)
            if isinstance(request, Request):
                self._answer_local(request, 503)

    def forget(self, account: EdgeAccount) -> None:
        """The account is closed."""
        self.subscriber.forget(account.route.account_id)
        self.accounts.pop(account.name, None)
        self._outgoing.forget(account.route.account_id)
        self._incoming.forget(account.route.account_id)

    def sweep(self) -> None:
        """Forget what is over; every few seconds."""
        now = time.monotonic()
        self._outgoing.sweep(now)
        self._incoming.sweep(now)
        for account in self.accounts.values():
            account.sweep(now)

    def awaits_answer(self, account_id: AccountId) -> float | None:
        """When the oldest request was sent that met no response at all (monotonic), None without one."""
        return min((p.born for p in self._outgoing.outstanding(account_id) if not p.answered), default=None)

    def is_idle(self, account: EdgeAccount) -> bool:
        """Whether another flow would disturb neither a call nor a request that waits for its answer."""
        owner = account.route.account_id
        return not (account.calls or self._outgoing.outstanding(owner) or self._incoming.outstanding(owner))

    # --- from PJSIP --------------------------------------------------------------------------------------

    def from_local(self, data: bytes, source: tuple[str, int]) -> None:
        """A datagram on the loopback socket."""
        if source != (LOOPBACK, self.local.peer_port):
            self._counters.foreign += 1
            return
        if not data.strip(b"\r\n\0"):
            return  # PJSIP's keep-alive; ours keep the flow alive
        message = self._parse(data)
        if isinstance(message, Request):
            self._request_from_local(message, data)
        elif message is not None:
            self._response_from_local(message)

    def _request_from_local(self, request: Request, data: bytes) -> None:
        account = self._account_of(self.local.take_route(request))
        if account is None:
            self._answer_local(request, 403)
            return
        if account.flow is None:
            if request.method != "ACK":
                account.waiting.append(data)
            return
        if not outbound.count_hop(request):
            self._answer_local(request, 483)
            return
        self._counters.credentials_stripped += outbound.strip_credentials(request, account)
        self._send_on(request, data, account, account.flow)

    def _send_on(self, request: Request, data: bytes, account: EdgeAccount, flow: Flow) -> None:
        branch = self._far_branch(account, request)
        seen = self._outgoing.find(branch, request.method)
        lost = seen is not None and seen.was_swallowed(time.monotonic())
        if seen is not None and seen.flow is flow and flow.reliable and not lost:
            return  # PJSIP's retransmission for its UDP leg: the far leg loses nothing (RFC 3261 17.1.1.1)
        passage = Passage(
            account.route.account_id,
            request.method,
            request.call_id,
            request.headers.split("Via"),
            time.monotonic() if seen is None or seen.flow is not flow else seen.born,
            in_dialog=request.in_dialog,
            flow=flow,
            raw=b"" if seen is not None and seen.answered else data,
        )
        passage.contacts = outbound.rewrite_contacts(request, account, flow, self.local)
        if request.method == "REGISTER":
            passage.removes_binding = outbound.removes_binding(request)
            passage.takes_away = account.bindings.take_away(request, passage.contacts)
        if request.method != "ACK":
            self._outgoing.remember(branch, passage)
        self._note_dialog(request, account)
        outbound.request_to_far(request, account, flow, branch)
        self._send_far(flow, account, request)

    def _response_from_local(self, response: Response) -> None:
        passage = self._incoming.find(response.top_via.branch, response.cseq[1])
        account = self._by_id(passage.account_id) if passage else None
        if passage is None or account is None or account.flow is None:
            self._counters.stray += 1
            return
        now = time.monotonic()
        self._incoming.answered(passage, response.status, now)
        if passage.method == "INVITE" and 200 <= response.status < 300:
            account.call_established(passage.call_id, now)
        outbound.rewrite_contacts(response, account, account.flow, self.local)
        outbound.response_to_far(response, passage.vias, self.local)
        self._send_far(account.flow, account, response)

    # --- from a server -----------------------------------------------------------------------------------

    def from_far(self, account: EdgeAccount, flow: Flow, data: bytes) -> bool:
        """A message on an account's flow; returns whether it can only come from the server."""
        read_ns = time.monotonic_ns()
        if data.lstrip(b"\r\n")[:4].upper() == b"SIP/":
            if BRANCH_PREFIX.encode() not in data:
                self._counters.stray += 1
                return False
        elif not inbound.carries_token(data, account):
            self._counters.foreign += 1
            return False
        self._trace.record(Direction.RECEIVED, account.route.account_id, flow, data)
        message = self._parse(data, account, flow)
        if isinstance(message, Request):
            self._request_from_far(message, data, account, flow, read_ns)
            return True
        return message is not None and self._response_from_far(message, account, flow)

    def _request_from_far(
        self, request: Request, data: bytes, account: EdgeAccount, flow: Flow, read_ns: int
    ) -> None:
        now = time.monotonic()
        if flow is not account.flow or not inbound.names_our_contact(request, account):
            self._counters.foreign += 1
            return
        if not inbound.may_enter(request, account, now):
            self._counters.foreign += 1
            if self._registering(account):
                account.early.append((now, data))
            return
        if not self._rate.admit(now):
            self._counters.limited += 1
            return
        vias = inbound.far_vias(request, flow)
        request.headers.replace("Via", vias)
        status = self.subscriber.take(request, account.route.account_id)
        if status is not None:
            self._send_far(flow, account, request.response(status))
            return
        branch = self._local_branch(account, request)
        if request.method == "INVITE" and not request.in_dialog and self._too_many(account, branch, now):
            self._counters.limited += 1
            self._send_far(flow, account, request.response(486, to_tag=secrets.token_hex(5)))
            return
        passage = Passage(account.route.account_id, request.method, request.call_id, vias, now)
        too_large = request.response(513, to_tag=secrets.token_hex(5))
        inbound.request_to_local(request, account, self.local, branch, self.seal, read_ns)
        inner = inbound.shrink(request, LOCAL_LIMIT)
        if inner is None:
            self._counters.oversized += 1
            if request.method != "ACK":
                self._send_far(flow, account, too_large)
            return
        if request.method != "ACK":
            self._incoming.remember(branch, passage)
        self._note_dialog(request, account)
        self._counters.passed += 1
        self._to_local(inner)

    def _response_from_far(self, response: Response, account: EdgeAccount, flow: Flow) -> bool:
        if self.client.take(response):
            return True
        passage = self._outgoing.find(response.top_via.branch, response.cseq[1])
        if passage is None or passage.account_id != account.route.account_id:
            self._counters.stray += 1
            return False
        now, early = time.monotonic(), list[bytes]()
        inbound.learn_public_address(response, account, flow)
        self._outgoing.answered(passage, response.status, now)
        refused = admit_challenge(response, passage, account, self._config.algorithms)
        if refused is not None:
            self._counters.challenges_refused += 1
            self._post(
                ChallengeRefused(account.route.account_id, passage.method, refused.realm, refused.algorithm)
            )
        if passage.method == "REGISTER" and 200 <= response.status < 300:
            granted = inbound.own_bindings_only(response, passage)
            early = account.registered(0 if passage.removes_binding else granted or 0, now)
            if account.bindings.accepted(passage.contacts, removed=passage.removes_binding):
                self._post(BindingsChanged(account.route.account_id, account.bindings.bound))
            if account.may_be_called(now):
                self.subscriber.registered(account.route.account_id)
        elif passage.method == "INVITE" and 200 <= response.status < 300:
            account.call_established(passage.call_id, now)
        elif passage.takes_away and response.status >= 300 and response.status not in (401, 407):
            account.bindings.refused()
        inbound.response_to_local(response, passage, account, self.local)
        self._deliver_response(response)
        for data in early:
            self.from_far(account, flow, data)
        return True

    def _deliver_response(self, response: Response) -> None:
        data = inbound.shrink(response, LOCAL_LIMIT)
        if data is None:
            self._counters.oversized += 1
            response.status, response.reason, response.body = 500, "Response Too Large", b""
            response.headers.remove("Content-Type", "Contact")
            data = inbound.shrink(response, LOCAL_LIMIT)
        if data is not None:
            self._counters.passed += 1
            self._to_local(data)

    # --- both ways ---------------------------------------------------------------------------------------

    def _parse(
        self, data: bytes, account: EdgeAccount | None = None, flow: Flow | None = None
    ) -> Request | Response | None:
        try:
            return parse(data, self._config.limits)
        except MessageRefusedError as refused:
            self._counters.malformed += 1
            answer = answer_refused(refused, secrets.token_hex(5))
            if answer is not None and account is not None and flow is not None:
                self._send_far(flow, account, answer)
            return None
        except SipSyntaxError:
            self._counters.malformed += 1
            return None

    def _send_far(self, flow: Flow, account: EdgeAccount, message: Request | Response) -> None:
        data = message.to_bytes()
        self._counters.passed += 1
        self._trace.record(Direction.SENT, account.route.account_id, flow, data)
        flow.send(data)

    def _note_dialog(self, request: Request, account: EdgeAccount) -> None:
        if request.method == "BYE":
            account.call_ended(request.call_id, time.monotonic())
        elif request.method in _MAKES_DIALOG:
            account.dialog_began(request.call_id, time.monotonic())

    def _answer_local(self, request: Request, status: int) -> None:
        # Without PJSIP's own Via list, PJSIP would ignore the answer; the request still carries it here.
        if request.method != "ACK":
            self._to_local(request.response(status, to_tag=secrets.token_hex(5)).to_bytes())

    def _account_of(self, name: str) -> EdgeAccount | None:
        if not name and len(self.accounts) == 1:
            return next(iter(self.accounts.values()))
        return self.accounts.get(name)

    def _by_id(self, account_id: AccountId) -> EdgeAccount | None:
        return next((a for a in self.accounts.values() if a.route.account_id == account_id), None)

    def _far_branch(self, account: EdgeAccount, request: Request) -> str:
        # Derived, so that CANCEL, ACK for a refusal and retransmissions match without a table.
        return BRANCH + derive(self._config.key, "far", f"{account.name} {request.top_via.branch}")

    def _local_branch(self, account: EdgeAccount, request: Request) -> str:
        via = request.top_via
        number, _ = request.cseq
        text = f"{account.name} {via.host} {via.port} {via.branch} {request.call_id} {number}"
        return BRANCH + derive(self._config.key, "local", text)

    def _registering(self, account: EdgeAccount) -> bool:
        outstanding = self._outgoing.outstanding(account.route.account_id)
        return any(passage.method == "REGISTER" for passage in outstanding)

    def _too_many(self, account: EdgeAccount, branch: str, now: float) -> bool:
        if self._incoming.find(branch, "INVITE") is not None:
            return False
        if self._incoming.ringing(account.route.account_id, now) >= self._config.pending_invites:
            return True
        return not self._calls_rate.admit(now)
