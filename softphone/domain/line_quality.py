"""How a call's line was: which side is at fault while it is bad, and what is kept of it for ever."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from softphone.domain.audio import MediaQuality
from softphone.domain.facts import dataclass

AUDIBLE_LOSS_PERCENT = 3.0
"""From here on concealment is heard (ITU-T G.113 appendix I: about 0.3 MOS for G.711 with concealment)."""
LONG_ROUND_TRIP_MS = 400.0
"""Above it people begin to interrupt each other (ITU-T G.114: 150 to 200 ms one way is the limit)."""
AUDIBLE_GAPS = 3
"""Times in one interval that our own sound card had nothing to play or nowhere to put what it heard."""
FAR_GAPS_PERCENT = (5.0, 30.0)
"""Share of frames that were never sent to us. More than the second: the other side leaves out silence."""
PATIENCE = 2
"""Intervals in a row that a fault must last to be told, and be gone to be taken back."""


class LineFault(StrEnum):
    """What is wrong with the line, and so on which side."""

    NONE = "none"
    NETWORK_IN = "network_in"
    """Our network loses what the other side says."""
    NETWORK_OUT = "network_out"
    """Our network loses what we say."""
    NETWORK = "network"
    """It loses both."""
    SLOW = "slow"
    """It takes too long both ways."""
    COMPUTER = "computer"
    """This computer is too busy to keep up with the sound card."""
    OTHER_SIDE = "other_side"
    """The gaps were there before the sound reached our network."""
    NOTHING_ARRIVES = "nothing_arrives"
    """No sound at all comes from the telephone system: one-way audio, a firewall as a rule."""


def fault_of(quality: MediaQuality) -> LineFault:
    """The gravest fault of one interval."""
    arriving = quality.rx_loss_percent >= AUDIBLE_LOSS_PERCENT
    leaving = quality.tx_loss_percent >= AUDIBLE_LOSS_PERCENT
    least, most = FAR_GAPS_PERCENT
    found = (
        (quality.nothing_arrives, LineFault.NOTHING_ARRIVES),
        (arriving and leaving, LineFault.NETWORK),
        (arriving, LineFault.NETWORK_IN),
        (leaving, LineFault.NETWORK_OUT),
        (quality.sound_gaps >= AUDIBLE_GAPS, LineFault.COMPUTER),
        (quality.round_trip_ms >= LONG_ROUND_TRIP_MS, LineFault.SLOW),
        (least <= quality.never_sent_percent <= most, LineFault.OTHER_SIDE),
    )
    return next((fault for holds, fault in found if holds), LineFault.NONE)


@dataclass(frozen=True, slots=True)
class LineSummary:
    """The line of a whole call: means over its intervals, the worst MOS, and what was wrong for longest.

    Units as in `MediaQuality`. `fault_intervals` of `intervals` had `fault`.
    """

    intervals: int = 0
    codec: str = ""
    mos: float = 0.0
    worst_mos: float = 0.0
    rx_loss_percent: float = 0.0
    tx_loss_percent: float = 0.0
    rx_jitter_ms: float = 0.0
    tx_jitter_ms: float = 0.0
    round_trip_ms: float = 0.0
    fault: LineFault = LineFault.NONE
    fault_intervals: int = 0


_MEANS = ("mos", "rx_loss_percent", "tx_loss_percent", "rx_jitter_ms", "tx_jitter_ms", "round_trip_ms")


def with_interval(summary: LineSummary, quality: MediaQuality) -> LineSummary:
    """`summary` with one more interval."""
    count = summary.intervals + 1
    means = {
        name: getattr(summary, name) + (getattr(quality, name) - getattr(summary, name)) / count
        for name in _MEANS
    }
    worst = min(summary.worst_mos, quality.mos) if summary.intervals else quality.mos
    return replace(summary, intervals=count, codec=quality.codec or summary.codec, worst_mos=worst, **means)


def rounded(summary: LineSummary) -> LineSummary:
    """`summary` as it is kept: two decimals are more than was measured."""
    means: dict[str, float] = {name: round(getattr(summary, name), 2) for name in _MEANS}
    return replace(summary, worst_mos=round(summary.worst_mos, 2), **means)  # type: ignore[arg-type]
