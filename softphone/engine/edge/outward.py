"""What comes from PJSIP: judged, rewritten, sent to the account's server. Edge thread only."""

from __future__ import annotations

import secrets
import time

from softphone.engine.edge import outbound
from softphone.engine.edge.account import EdgeAccount, Flow
from softphone.engine.edge.farewells import Farewells, Later
from softphone.engine.edge.ground import Ground
from softphone.engine.edge.messages.message import Request, Response
from softphone.engine.edge.passages import SUPERVISE_HEADER, Passage
from softphone.engine.edge.types import LOOPBACK


class Outward:
    """The direction from PJSIP to the network."""

    def __init__(self, ground: Ground, later: Later) -> None:
        self._ground = ground
        self._farewells = Farewells(
            ground.counters, self._still_silent, lambda bye: self.answer(bye, 408), self._repeat, later
        )

    def from_local(self, data: bytes, source: tuple[str, int]) -> None:
        """A datagram on the loopback socket."""
        ground = self._ground
        if source != (LOOPBACK, ground.local.peer_port):
            ground.counters.foreign += 1
            return
        if not data.strip(b"\r\n\0"):
            return  # PJSIP's keep-alive; ours keep the flow alive
        message = ground.parse(data)
        if isinstance(message, Request):
            self._request(message, data)
        elif message is not None:
            self._response(message)

    def answer(self, request: Request, status: int) -> None:
        """Answer PJSIP in place of the server."""
        # Without PJSIP's own Via list, PJSIP would ignore the answer; the request still carries it here.
        if request.method == "ACK":
            return
        if request.method != "BYE" or self._farewells.tell(request.top_via.branch):
            self._ground.to_local(request.response(status, to_tag=secrets.token_hex(5)).to_bytes())

    def _request(self, request: Request, data: bytes) -> None:
        ground = self._ground
        account = ground.account_named(ground.local.take_route(request))
        if account is None:
            self.answer(request, 403)
            return
        if request.method == "BYE":
            self._farewells.begin(request.top_via.branch, data)
        if account.flow is None:
            if request.method != "ACK":
                account.waiting.append(data)
            return
        if not outbound.count_hop(request):
            self.answer(request, 483)
            return
        ground.counters.credentials_stripped += outbound.strip_credentials(request, account)
        self._send_on(request, data, account, account.flow)

    def _send_on(self, request: Request, data: bytes, account: EdgeAccount, flow: Flow) -> None:
        ground = self._ground
        branch = ground.far_branch(account, request)
        seen = ground.outgoing.find(branch, request.method)
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
        passage.given_up = self._farewells.given_up(request.top_via.branch)
        passage.shows_credentials = outbound.shows_credentials(request)
        passage.contacts = outbound.rewrite_contacts(request, account, flow, ground.local)
        if request.method == "REGISTER":
            passage.removes_binding = outbound.removes_binding(request)
            outbound.support_outbound(request, account)
            if not account.route.instance:  # RFC 5626 wants one contact, which replaces the former
                passage.takes_away = account.bindings.take_away(request, passage.contacts)
        if request.method != "ACK":
            ground.outgoing.remember(branch, passage)
        ground.note_dialog(request, account)
        outbound.request_to_far(request, account, flow, branch)
        ground.send_far(flow, account, request)

    def _still_silent(self, data: bytes) -> Request | None:
        """The request in what PJSIP sent, if its account is there and it has met no final answer."""
        request = self._ground.parse(data)
        if not isinstance(request, Request):
            return None
        account = self._ground.account_named(self._ground.local.take_route(request))
        if account is None:
            return None
        passage = self._ground.outgoing.find(self._ground.far_branch(account, request), request.method)
        return request if passage is None or passage.final_at is None else None

    def _repeat(self, data: bytes) -> None:
        """As PJSIP would; what waits for a flow waits already."""
        if not any(data in account.waiting for account in self._ground.accounts.values()):
            self.from_local(data, (LOOPBACK, self._ground.local.peer_port))

    def _response(self, response: Response) -> None:
        ground = self._ground
        passage = ground.incoming.find(response.top_via.branch, response.cseq[1])
        account = ground.account_of(passage.account_id) if passage else None
        if passage is None or account is None or account.flow is None:
            ground.counters.stray += 1
            return
        now = time.monotonic()
        ground.incoming.answered(passage, response.status, now)
        if passage.method == "INVITE" and 200 <= response.status < 300:
            account.call_established(passage.call_id, now)
            if passage.asks_to_listen:
                account.let_in(passage.call_id, response.to.tag or "")
        if passage.wished_mode and passage.method == "INVITE" and 200 <= response.status < 300:
            # a server that answers re-INVITEs by itself does not know this: the lead's phone sees who did
            response.headers.replace(SUPERVISE_HEADER, [passage.wished_mode])
        if passage.asks_for_mode and response.status == 488:
            # PJSIP refuses any re-INVITE with 488, whatever it is told; this one is forbidden, not unfit
            response.status, response.reason = 403, "Forbidden"
        outbound.rewrite_contacts(response, account, account.flow, ground.local)
        outbound.response_to_far(response, passage.vias, ground.local)
        ground.send_far(account.flow, account, response)
