"""The SIP trace on its way into a file."""

from __future__ import annotations

import pytest

from softphone.domain.errors import BadInput
from softphone.domain.events import TraceExported
from softphone.domain.sip_trace import TraceFormat
from tests.fakes.world import World


def test_a_trace_is_asked_for_and_how_it_went_is_known_afterwards() -> None:
    world = World()
    world.start()
    tracing = world.desk.tracing
    tracing.export("/tmp/trace.pcap", TraceFormat.PCAP)
    before = tracing.written
    world.run()
    assert world.phone.sent("export_trace") == [("/tmp/trace.pcap", TraceFormat.PCAP)]
    assert (before, tracing.written) == (None, TraceExported("/tmp/trace.pcap", 7))


@pytest.mark.parametrize("file", ["", "trace.txt", "../trace.txt", "/" + "x" * 2_000])
def test_only_a_whole_path_will_do(file: str) -> None:
    world = World()
    world.start()
    with pytest.raises(BadInput):
        world.desk.tracing.export(file, TraceFormat.TEXT)
    assert world.phone.sent("export_trace") == []
