"""Keeps a ring's level constant between two clocks that never agree: a control loop without I/O.

The level is observed as "slack": the milliseconds between where PJSIP's clock is in the ring and where the
device really is, with the part of the device's current block that has already passed taken into account, so
that it moves smoothly instead of in steps of a block (the idea of zita-ajbridge's delay-locked loop).
A slope of 1000 ppm is two cents of pitch: nobody hears the correction.
"""

from __future__ import annotations

from softphone.domain.facts import dataclass

_SMOOTHING = 0.04
"""Weight of one 20 ms observation: half a second of memory."""
_PROPORTIONAL_PPM = 300.0
"""Per millisecond of error: an offset alone dies away with a time constant of 3.3 s."""
_INTEGRAL_PPM = 0.5
"""Per millisecond of error and tick."""
_DRIFT_LIMIT_PPM = 1000.0
_CORRECTION_LIMIT_PPM = 3000.0
_LEAST_STEP_MS = 5.0
_MOST_STEP_MS = 15.0
_MARGIN_LIMIT_MS = 80.0
_CALM_TICKS = 250
"""Five seconds without coming near an underrun, then the margin shrinks."""
_INTEGRATED_MS = 3.0
"""Larger errors are not taken for drift. A stall's excess is none: integrated, it would pull the level
below the aim for ten seconds after it is gone."""
_EXCESS_TICKS = 15
_TICKS_BETWEEN_CUTS = 5
_FRAME_MS = 20.0
_EASY_MS = 15.0
"""Above the aim by this much, audio is cut out where there is hardly any."""
_SHRINK_MS = 1.0
_COMFORT_MS = 4.0


@dataclass(frozen=True, slots=True)
class Margins:
    """How much slack to aim at, in milliseconds: the device's block and `least` above it."""

    block_ms: float
    least_ms: float = 4.0
    initial_ms: float = 5.0
    excess_ms: float = 40.0
    """Above the aim by this much, audio is cut out instead of being played a little faster."""


class DriftControl:
    """One per direction; `observe` once per 20 ms tick, `underran` when the ring was empty."""

    def __init__(self, margins: Margins) -> None:
        self._margins = margins
        self._margin_ms = margins.initial_ms
        self._smooth: float | None = None
        self._integral_ppm = 0.0
        self._excess_ticks = 0
        self._calm_ticks = 0
        self._lowest_ms = float("inf")
        self.correction_ppm = 0.0
        """Speed-up of the reader (or slow-down of the writer) that brings the slack to the aim."""

    @property
    def aim_ms(self) -> float:
        return self._margins.block_ms + self._margin_ms

    @property
    def slack_ms(self) -> float:
        """Smoothed slack, the aim before the first observation."""
        return self.aim_ms if self._smooth is None else self._smooth

    def observe(self, slack_ms: float, fill_ms: float) -> None:
        """Note this tick's slack and the least the ring held; updates `correction_ppm`."""
        if self._smooth is None:
            self._smooth = slack_ms
        self._smooth += _SMOOTHING * (slack_ms - self._smooth)
        error = self._smooth - self.aim_ms
        taken = _INTEGRAL_PPM * error if abs(error) <= _INTEGRATED_MS else 0.0
        self._integral_ppm = _bounded(self._integral_ppm + taken, _DRIFT_LIMIT_PPM)
        self.correction_ppm = _bounded(self._integral_ppm + _PROPORTIONAL_PPM * error, _CORRECTION_LIMIT_PPM)
        self._relax(fill_ms)

    def surplus_ms(self, slack_ms: float, quiet: bool = False) -> float:
        """How much should be left out now, of this frame at most, 0 for nothing; ask once per tick.

        Much that has waited for a third of a second goes at once, a little as soon as it is `quiet`, so that
        a card that stalled at its start does not leave a delay that takes ten seconds to play away. A stalled
        clock of ours catches up by ticks in quick succession: what waits for these is no excess.
        """
        above = slack_ms - self.aim_ms
        self._excess_ticks = self._excess_ticks + 1 if above > _EASY_MS else 0
        if self._excess_ticks < _EXCESS_TICKS:
            return 0.0
        if above > self._margins.excess_ms:
            return _FRAME_MS
        return min(above, _FRAME_MS) if quiet else 0.0

    def left_out(self, ms: float) -> None:
        """`ms` of audio were cut out of the ring."""
        self._excess_ticks = _EXCESS_TICKS - _TICKS_BETWEEN_CUTS
        if self._smooth is not None:
            self._smooth -= ms

    def underran(self, late_ms: float = 0.0) -> None:
        """The ring ran empty, because our clock was `late_ms` late or the other was: aim higher now."""
        step = max(_LEAST_STEP_MS, min(late_ms, _MOST_STEP_MS))
        self._margin_ms = min(self._margin_ms + step, _MARGIN_LIMIT_MS)
        self._calm_ticks = 0
        self._lowest_ms = float("inf")
        self._smooth = None

    def _relax(self, fill_ms: float) -> None:
        self._lowest_ms = min(self._lowest_ms, fill_ms)
        self._calm_ticks += 1
        if self._calm_ticks < _CALM_TICKS:
            return
        if self._lowest_ms > _COMFORT_MS:
            self._margin_ms = max(self._margins.least_ms, self._margin_ms - _SHRINK_MS)
        self._calm_ticks = 0
        self._lowest_ms = float("inf")


def _bounded(value: float, limit: float) -> float:
    return max(-limit, min(limit, value))
