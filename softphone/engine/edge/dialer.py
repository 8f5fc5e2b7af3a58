"""Which transport opens a flow how."""

from __future__ import annotations

from softphone.domain.account import Transport
from softphone.engine.edge.account import Flow
from softphone.engine.edge.dialing import DialError, FlowSink
from softphone.engine.edge.finding import Target
from softphone.engine.edge.types import AccountRoute, FlowTrouble
from softphone.engine.edge.udp_flow import UdpFlow


async def dial(route: AccountRoute, target: Target, sink: FlowSink) -> Flow:
    """Open a flow to `target` over the account's transport; raises DialError."""
    if route.transport is Transport.UDP:
        return await UdpFlow.dial(target.address, target.port, sink)
    raise DialError(FlowTrouble.BAD_CONFIGURATION, f"no {route.transport} here")
