"""Whether a campaign's calls are recorded, and how the agent asks the telephone system to pause.

Recording is the telephone system's work: this program announces it, shows it, and sends the feature codes
that it was given. Nothing comes back, so what is known is what was asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum

from softphone.domain.facts import dataclass

_CODE = re.compile(r"[0-9A-D*#]{1,16}")
"""Digits that a keypad can send (RFC 4733 section 3.2)."""


class RecordingPolicy(StrEnum):
    """What the company does with its calls; the agent must be able to say it."""

    UNSTATED = "unstated"
    """Nothing is known, so nothing is shown."""
    NOT_RECORDED = "not_recorded"
    RECORDED = "recorded"
    """From the first second; it can be paused while card data is spoken."""
    ON_REQUEST = "on_request"
    """Only between the agent's Start and Stop."""


class RecordingState(StrEnum):
    """What the telephone system does with one call, as far as it does what was asked."""

    OFF = "off"
    RUNNING = "running"
    PAUSED = "paused"


class RecordingOrder(StrEnum):
    PAUSE = "pause"
    RESUME = "resume"
    START = "start"
    STOP = "stop"


_NEXT = {
    (RecordingPolicy.RECORDED, RecordingState.RUNNING): (RecordingOrder.PAUSE, RecordingState.PAUSED),
    (RecordingPolicy.RECORDED, RecordingState.PAUSED): (RecordingOrder.RESUME, RecordingState.RUNNING),
    (RecordingPolicy.ON_REQUEST, RecordingState.OFF): (RecordingOrder.START, RecordingState.RUNNING),
    (RecordingPolicy.ON_REQUEST, RecordingState.RUNNING): (RecordingOrder.STOP, RecordingState.OFF),
}


@dataclass(frozen=True, slots=True)
class RecordingRules:
    """Of one campaign. The codes are keypad digits that the telephone system understands during a call;
    an empty one means that it cannot be asked for that. `say` is what the agent must announce."""

    policy: RecordingPolicy = RecordingPolicy.UNSTATED
    pause_code: str = ""
    resume_code: str = ""
    start_code: str = ""
    stop_code: str = ""
    say: str = ""

    @property
    def at_first(self) -> RecordingState:
        """How a call begins."""
        recorded = self.policy is RecordingPolicy.RECORDED
        return RecordingState.RUNNING if recorded else RecordingState.OFF

    def code(self, order: RecordingOrder) -> str:
        return {
            RecordingOrder.PAUSE: self.pause_code,
            RecordingOrder.RESUME: self.resume_code,
            RecordingOrder.START: self.start_code,
            RecordingOrder.STOP: self.stop_code,
        }[order]

    def possible(self, state: RecordingState) -> RecordingOrder | None:
        """The one thing that can be asked for in `state`, or None."""
        order, _ = _NEXT.get((self.policy, state), (None, state))
        return order if order is not None and self.code(order) else None

    def after(self, state: RecordingState) -> RecordingState:
        """The state once the possible order was carried out."""
        _, then = _NEXT.get((self.policy, state), (None, state))
        return then


def flaws_in(rules: RecordingRules) -> Iterator[tuple[str, str]]:
    """Each field that cannot be used, and why."""
    for order in RecordingOrder:
        code = rules.code(order)
        if code and not _CODE.fullmatch(code):
            yield f"{order.value}_code", "one to sixteen of the keypad's digits: 0-9 A-D * #"
    if bool(rules.pause_code) != bool(rules.resume_code):
        missing, given = ("resume", "pause") if rules.pause_code else ("pause", "resume")
        yield f"{given}_code", f"belongs to a {missing}_code, which is missing"
    if rules.stop_code and not rules.start_code:
        yield "stop_code", "belongs to a start_code, which is missing"
    if rules.policy is RecordingPolicy.ON_REQUEST and not rules.start_code:
        yield "policy", "on_request needs a start_code"
