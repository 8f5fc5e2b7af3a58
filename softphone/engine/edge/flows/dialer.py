"""Which transport opens a flow how."""

from __future__ import annotations

from softphone.domain.account import Transport
from softphone.engine.edge.account import Flow
from softphone.engine.edge.flows.dialing import FlowSink
from softphone.engine.edge.flows.finding import Target
from softphone.engine.edge.flows.stream_flow import StreamFlow
from softphone.engine.edge.flows.udp_flow import UdpFlow
from softphone.engine.edge.messages.gate import Limits
from softphone.engine.edge.types import AccountRoute


class Dialer:
    """Opens flows; `limits` bound what one message may be."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits

    async def __call__(self, route: AccountRoute, target: Target, sink: FlowSink) -> Flow:
        """Open a flow to `target` over the account's transport; raises DialError."""
        if route.transport is Transport.UDP:
            return await UdpFlow.dial(target.address, target.port, sink)
        if route.transport is Transport.TCP:
            return await StreamFlow.dial_tcp(target, sink, self._limits)
        if route.transport is Transport.TLS:
            return await StreamFlow.dial_tls(target, route.tls, sink, self._limits)
        # Imported here: websockets costs 60 ms that other accounts need not pay at start.
        from softphone.engine.edge.flows.ws_flow import WebSocketFlow

        return await WebSocketFlow.dial(route, target, sink, self._limits)
