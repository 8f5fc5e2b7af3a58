"""A bad line is told in time, taken back when it is well, and kept with the call."""

from __future__ import annotations

import pytest

from softphone.domain.audio import MediaQuality
from softphone.domain.events import LineWarned, MediaQualityMeasured
from softphone.domain.ids import CallId
from softphone.domain.line_quality import LineFault, fault_of
from softphone.usecases.bus import Bus
from softphone.usecases.calls.minding_the_line import MindingTheLine
from tests.fakes.world import World

CALL = CallId("c")
GOOD = MediaQuality(CALL, mos=4.3, codec="PCMA")
LOSSY = MediaQuality(CALL, rx_loss_percent=8.0, mos=2.9, codec="PCMA")


@pytest.fixture
def bus() -> Bus:
    return Bus(lambda _event, _fault: None)


@pytest.fixture
def told(bus: Bus) -> list[LineWarned]:
    heard: list[LineWarned] = []
    bus.subscribe(LineWarned, heard.append)
    return heard


@pytest.fixture
def line(bus: Bus) -> MindingTheLine:
    return MindingTheLine(bus)


def measure(bus: Bus, *qualities: MediaQuality) -> None:
    for quality in qualities:
        bus.publish(MediaQualityMeasured(quality))


@pytest.mark.parametrize(
    ("quality", "fault"),
    [
        (GOOD, LineFault.NONE),
        (LOSSY, LineFault.NETWORK_IN),
        (MediaQuality(CALL, tx_loss_percent=3.0), LineFault.NETWORK_OUT),
        (MediaQuality(CALL, rx_loss_percent=4.0, tx_loss_percent=5.0), LineFault.NETWORK),
        (MediaQuality(CALL, round_trip_ms=450.0), LineFault.SLOW),
        (MediaQuality(CALL, sound_gaps=5), LineFault.COMPUTER),
        (MediaQuality(CALL, never_sent_percent=12.0), LineFault.OTHER_SIDE),
        (MediaQuality(CALL, never_sent_percent=55.0), LineFault.NONE),
        (MediaQuality(CALL, never_sent_percent=100.0, nothing_arrives=True), LineFault.NOTHING_ARRIVES),
    ],
)
def test_the_side_at_fault_is_named(quality: MediaQuality, fault: LineFault) -> None:
    assert fault_of(quality) is fault


def test_one_bad_interval_is_not_told_two_in_a_row_are(
    bus: Bus, line: MindingTheLine, told: list[LineWarned]
) -> None:
    measure(bus, GOOD, LOSSY, GOOD, LOSSY)
    assert told == []
    measure(bus, LOSSY)
    assert told == [LineWarned(CALL, LineFault.NETWORK_IN, 8.0)]
    assert line.warning(CALL) == told[0]


def test_a_warning_is_taken_back_once_the_line_was_well_for_two_intervals(
    bus: Bus, line: MindingTheLine, told: list[LineWarned]
) -> None:
    measure(bus, LOSSY, LOSSY, GOOD)
    assert line.warning(CALL) is not None
    measure(bus, GOOD, GOOD)
    assert line.warning(CALL) is None
    assert [w.fault for w in told] == [LineFault.NETWORK_IN, LineFault.NONE]


def test_the_summary_is_the_mean_of_all_intervals_with_the_worst_and_the_longest_fault(
    bus: Bus, line: MindingTheLine
) -> None:
    measure(bus, GOOD, LOSSY, LOSSY, GOOD)
    summary = line.summary(CALL)
    assert summary is not None
    assert (summary.intervals, summary.mos, summary.worst_mos) == (4, 3.6, 2.9)
    assert (summary.rx_loss_percent, summary.fault, summary.fault_intervals) == (4.0, LineFault.NETWORK_IN, 2)


def test_a_call_never_measured_has_no_summary(line: MindingTheLine) -> None:
    assert line.summary(CALL) is None


def test_the_line_of_a_call_is_stored_with_it_when_it_is_over() -> None:
    world = World()
    world.start()
    call_id = world.phone.ring("loss", headers=(("X-Queue", "claims"),))
    world.run()
    world.desk.calling.answer(call_id)
    world.run()
    for _ in range(3):
        world.post(MediaQualityMeasured(MediaQuality(call_id, rx_loss_percent=8.0, mos=2.9, codec="PCMA")))
    world.phone.end(call_id)
    world.run()
    record = world.desk.wrapping_up.record(call_id)
    assert record is not None
    assert record.line is not None
    assert (record.line.codec, record.line.fault) == ("PCMA", LineFault.NETWORK_IN)
    world.desk.looking_back.reload()
    world.run()
    stored = next(e for e in world.desk.looking_back.loaded.entries if e.record.call.id == call_id)
    assert stored.record.line == record.line
