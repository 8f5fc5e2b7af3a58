"""What comes from a server: judged, rewritten, handed to PJSIP, or refused in its place. Edge thread only."""

from __future__ import annotations

import secrets
import time

from softphone.engine.edge import inbound
from softphone.engine.edge.account import EdgeAccount, Flow
from softphone.engine.edge.challenges import admit_challenge
from softphone.engine.edge.events.client import BRANCH_PREFIX
from softphone.engine.edge.ground import Ground
from softphone.engine.edge.messages.message import Request, Response
from softphone.engine.edge.passages import SUPERVISE_HEADER, Passage
from softphone.engine.edge.rate import RequestRate
from softphone.engine.edge.trace import Direction
from softphone.engine.edge.types import LOCAL_LIMIT, BindingsChanged, ChallengeRefused


class Inward:
    """The direction from the network to PJSIP."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        config = ground.config
        self._rate = RequestRate(config.requests_per_s, 2 * config.requests_per_s)
        self._calls_rate = RequestRate(config.invites_per_s, config.invites_per_s)

    def from_far(self, account: EdgeAccount, flow: Flow, data: bytes) -> bool:
        """A message on an account's flow; returns whether it can only come from the server."""
        read_ns = time.monotonic_ns()
        ground = self._ground
        if data.lstrip(b"\r\n")[:4].upper() == b"SIP/":
            if BRANCH_PREFIX.encode() not in data:
                ground.counters.stray += 1
                return False
        elif not inbound.carries_token(data, account):
            ground.counters.foreign += 1
            return False
        ground.trace.record(Direction.RECEIVED, account.route.account_id, flow, data)
        message = ground.parse(data, account, flow)
        if isinstance(message, Request):
            if self._may_enter(message, data, account, flow):
                self._request(message, account, flow, read_ns)
            return True
        return message is not None and self._response(message, account, flow)

    # --- requests ----------------------------------------------------------------------------------------

    def _may_enter(self, request: Request, data: bytes, account: EdgeAccount, flow: Flow) -> bool:
        ground, now = self._ground, time.monotonic()
        if flow is not account.flow or not inbound.names_our_contact(request, account):
            ground.counters.foreign += 1
            return False
        if not inbound.may_enter(request, account, now):
            ground.counters.foreign += 1
            if self._registering(account):
                account.early.append((now, data))
            return False
        if not self._rate.admit(now):
            ground.counters.limited += 1
            return False
        return True

    def _registering(self, account: EdgeAccount) -> bool:
        outstanding = self._ground.outgoing.outstanding(account.route.account_id)
        return any(passage.method == "REGISTER" for passage in outstanding)

    def _request(self, request: Request, account: EdgeAccount, flow: Flow, read_ns: int) -> None:
        request.headers.replace("Via", inbound.far_vias(request, flow))
        status = self._ground.subscriber.take(request, account.route.account_id)
        if status is None:
            status = self._ground.help.take(request, account)
        if status is None:
            status = self._ground.records.take(request, account)
        if status is not None:
            self._ground.send_far(flow, account, request.response(status))
            return
        branch = self._ground.local_branch(account, request)
        status = inbound.refusal(request)
        if not status and request.method == "INVITE" and self._too_many(request, account, branch):
            self._ground.counters.limited += 1
            status = 486
        if status:
            self._refuse(request, status, account, flow)
        else:
            self._deliver(request, branch, account, flow, read_ns)

    def _too_many(self, request: Request, account: EdgeAccount, branch: str) -> bool:
        ground, now = self._ground, time.monotonic()
        if request.in_dialog or ground.incoming.find(branch, "INVITE") is not None:
            return False
        if ground.incoming.ringing(account.route.account_id, now) >= ground.config.pending_invites:
            return True
        return not self._calls_rate.admit(now)

    def _refuse(self, request: Request, status: int, account: EdgeAccount, flow: Flow) -> None:
        if request.method == "ACK":
            return
        response = request.response(status, to_tag=secrets.token_hex(5))
        if status == 405:
            response.headers.add("Allow", inbound.ALLOW)
        self._ground.send_far(flow, account, response)

    def _deliver(self, request: Request, branch: str, account: EdgeAccount, flow: Flow, read_ns: int) -> None:
        ground, asked = self._ground, request.copy()
        inbound.request_to_local(request, account, ground.local, branch, ground.seal, read_ns)
        inner = inbound.shrink(request, LOCAL_LIMIT)
        if inner is None:
            ground.counters.oversized += 1
            self._refuse(asked, 513, account, flow)
            return
        if request.method != "ACK":
            vias = asked.headers.split("Via")
            passage = Passage(
                account.route.account_id, request.method, request.call_id, vias, time.monotonic()
            )
            asks = asked.headers.get(SUPERVISE_HEADER) is not None
            passage.asks_for_mode = asks and asked.in_dialog
            passage.asks_to_listen = asks and not asked.in_dialog
            passage.wished_mode = inbound.wished_mode(asked)
            ground.incoming.remember(branch, passage)
        ground.note_dialog(request, account)
        ground.counters.passed += 1
        ground.to_local(inner)

    # --- responses ---------------------------------------------------------------------------------------

    def _response(self, response: Response, account: EdgeAccount, flow: Flow) -> bool:
        ground = self._ground
        if ground.client.take(response):
            return True
        passage = ground.outgoing.find(response.top_via.branch, response.cseq[1])
        if passage is None or passage.account_id != account.route.account_id:
            ground.counters.stray += 1
            return False
        now = time.monotonic()
        inbound.learn_public_address(response, account, flow)
        ground.outgoing.answered(passage, response.status, now)
        self._admit_challenge(response, passage, account)
        early: list[bytes] = []
        if passage.method == "REGISTER" and 200 <= response.status < 300:
            early = self._registered(response, passage, account, now)
        elif passage.method == "INVITE" and 200 <= response.status < 300:
            account.call_established(passage.call_id, now)
        elif passage.takes_away and response.status >= 300 and response.status not in (401, 407):
            account.bindings.refused()
        if passage.given_up:
            return True
        inbound.response_to_local(response, passage, account, ground.local)
        self._deliver_response(response)
        for data in early:
            self.from_far(account, flow, data)
        return True

    def _admit_challenge(self, response: Response, passage: Passage, account: EdgeAccount) -> None:
        ground = self._ground
        refused = admit_challenge(response, passage, account, ground.config.algorithms)
        if refused is not None:
            passage.challenge_refused = True
            ground.counters.challenges_refused += 1
            account_id = account.route.account_id
            ground.post(ChallengeRefused(account_id, passage.method, refused.realm, refused.algorithm))

    def _registered(
        self, response: Response, passage: Passage, account: EdgeAccount, now: float
    ) -> list[bytes]:
        """Note what a 2xx to REGISTER grants; returns what came a moment too early."""
        granted = inbound.own_bindings_only(response, passage)
        early = account.registered(0 if passage.removes_binding else granted or 0, now)
        account_id = account.route.account_id
        if account.bindings.accepted(passage.contacts, removed=passage.removes_binding):
            self._ground.post(BindingsChanged(account_id, account.bindings.bound))
        if account.may_be_called(now):
            self._ground.subscriber.registered(account_id)
            self._ground.publisher.registered(account_id)
        return early

    def _deliver_response(self, response: Response) -> None:
        data = inbound.shrink(response, LOCAL_LIMIT)
        if data is None:
            self._ground.counters.oversized += 1
            response.status, response.reason, response.body = 500, "Response Too Large", b""
            response.headers.remove("Content-Type", "Contact")
            data = inbound.shrink(response, LOCAL_LIMIT)
        if data is not None:
            self._ground.counters.passed += 1
            self._ground.to_local(data)
