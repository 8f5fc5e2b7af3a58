"""How each call's line does: warned about while it is bad, kept with the call when it is over."""

from __future__ import annotations

from collections import Counter
from dataclasses import field, replace

from softphone.domain.audio import MediaQuality
from softphone.domain.events import LineWarned, MediaQualityMeasured
from softphone.domain.facts import dataclass
from softphone.domain.ids import CallId
from softphone.domain.line_quality import (
    PATIENCE,
    LineFault,
    LineSummary,
    fault_of,
    rounded,
    with_interval,
)
from softphone.usecases.bus import Bus


@dataclass(slots=True)
class _Line:
    summary: LineSummary = field(default_factory=LineSummary)
    faults: Counter[LineFault] = field(default_factory=Counter)
    told: LineWarned | None = None
    bad: int = 0
    good: int = 0


class MindingTheLine:
    """Publishes `LineWarned` when a fault has lasted, again when it changes, and once when it is over."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._lines: dict[CallId, _Line] = {}
        bus.subscribe(MediaQualityMeasured, self._on_quality)

    def warning(self, call_id: CallId) -> LineWarned | None:
        """What is wrong with the line of this call now, if anything."""
        line = self._lines.get(call_id)
        return line.told if line else None

    def summary(self, call_id: CallId) -> LineSummary | None:
        """The whole call so far; None while nothing was measured."""
        line = self._lines.get(call_id)
        if line is None:
            return None
        worst = line.faults.most_common(1)
        fault, count = worst[0] if worst else (LineFault.NONE, 0)
        if count < PATIENCE:
            fault, count = LineFault.NONE, 0
        return replace(rounded(line.summary), fault=fault, fault_intervals=count)

    def forget(self, call_id: CallId) -> None:
        """The call is over and stored."""
        self._lines.pop(call_id, None)

    def _on_quality(self, event: MediaQualityMeasured) -> None:
        quality = event.quality
        line = self._lines.setdefault(quality.call_id, _Line())
        line.summary = with_interval(line.summary, quality)
        fault = fault_of(quality)
        if fault is not LineFault.NONE:
            line.faults[fault] += 1
        self._judge(line, quality, fault)

    def _judge(self, line: _Line, quality: MediaQuality, fault: LineFault) -> None:
        line.bad = line.bad + 1 if fault is not LineFault.NONE else 0
        line.good = line.good + 1 if fault is LineFault.NONE else 0
        if line.bad >= PATIENCE:
            self._tell(line, _warning(quality, fault))
        elif line.told and line.good >= PATIENCE:
            self._tell(line, None)
            self._bus.publish(LineWarned(quality.call_id, LineFault.NONE))

    def _tell(self, line: _Line, warning: LineWarned | None) -> None:
        changed = line.told != warning
        line.told = warning
        if warning and changed:
            self._bus.publish(warning)


def _warning(quality: MediaQuality, fault: LineFault) -> LineWarned:
    lost = {
        LineFault.NETWORK_IN: quality.rx_loss_percent,
        LineFault.NETWORK_OUT: quality.tx_loss_percent,
        LineFault.NETWORK: max(quality.rx_loss_percent, quality.tx_loss_percent),
        LineFault.OTHER_SIDE: quality.never_sent_percent,
    }
    return LineWarned(quality.call_id, fault, lost.get(fault, 0.0), quality.round_trip_ms)
