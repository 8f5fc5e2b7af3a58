"""Why a call ended: from SIP status, Reason header (RFC 3326) and what we did ourselves to `EndCause`.

Pure rules. Thread: any.
"""

from __future__ import annotations

import re

from softphone.domain.call import CallState, Direction, EndCause
from softphone.domain.facts import dataclass

_BY_STATUS: dict[int, EndCause] = {
    401: EndCause.FORBIDDEN,
    403: EndCause.FORBIDDEN,
    404: EndCause.NOT_FOUND,
    406: EndCause.NO_COMMON_CODEC,
    407: EndCause.FORBIDDEN,
    408: EndCause.TIMEOUT,
    410: EndCause.NOT_FOUND,
    415: EndCause.NO_COMMON_CODEC,
    416: EndCause.NOT_FOUND,
    480: EndCause.NOT_REACHABLE,
    484: EndCause.NOT_FOUND,
    485: EndCause.NOT_FOUND,
    486: EndCause.BUSY,
    487: EndCause.NO_ANSWER,
    488: EndCause.NO_COMMON_CODEC,
    502: EndCause.NOT_REACHABLE,
    504: EndCause.TIMEOUT,
    600: EndCause.BUSY,
    603: EndCause.DECLINED,
    604: EndCause.NOT_FOUND,
    606: EndCause.NO_COMMON_CODEC,
    607: EndCause.DECLINED,
}
_GIVEN_UP = frozenset({408, 480, 487})
"""After it rang there, these mean that nobody answered."""
_LOST = frozenset({408, 481, 500, 502, 503, 504})
"""An established call that ends with one of these ended because the other side could not be reached."""
_REASON = re.compile(r"\s*(SIP|Q\.850)\s*;(?:[^,]{0,200}?;)?\s*cause\s*=\s*(\d{1,4})", re.IGNORECASE)
_REASON_TEXT = re.compile(r'text\s*=\s*"([^"]{0,200})"', re.IGNORECASE)
_Q850_ANSWERED_ELSEWHERE = 26


@dataclass(frozen=True, slots=True)
class StatedReason:
    """The Reason header of a CANCEL or BYE: SIP status or Q.850 cause, 0 where none was stated."""

    sip: int = 0
    q850: int = 0
    text: str = ""

    @staticmethod
    def read(values: list[str]) -> StatedReason:
        """Understand all Reason lines of a message; what is malformed counts as unstated."""
        joined = ",".join(values)[:1000]
        causes = {kind.upper(): int(cause) for kind, cause in _REASON.findall(joined)}
        text = _REASON_TEXT.search(joined)
        return StatedReason(causes.get("SIP", 0), causes.get("Q.850", 0), text[1] if text else "")

    @property
    def answered_elsewhere(self) -> bool:
        return self.sip == 200 or self.q850 == _Q850_ANSWERED_ELSEWHERE


@dataclass(frozen=True, slots=True)
class Ending:
    """What is known when a dialog is over. `rang` tells that the other side had sent 180 or 183."""

    direction: Direction
    state: CallState
    sip_code: int
    by_us: bool
    rang: bool = False
    transferred: bool = False
    reason: StatedReason = StatedReason()


def cause_of(ending: Ending) -> EndCause:
    """Return why the call ended."""
    if ending.transferred:
        return EndCause.TRANSFERRED
    if ending.state is CallState.ESTABLISHED:
        lost = ending.sip_code in _LOST and not ending.by_us
        return EndCause.NETWORK_LOST if lost else EndCause.NORMAL
    if ending.direction is Direction.INBOUND:
        return _unanswered_inbound(ending)
    if ending.by_us:
        return EndCause.CANCELLED
    if ending.rang and ending.sip_code in _GIVEN_UP:
        return EndCause.NO_ANSWER
    return _refused(ending.sip_code)


def _unanswered_inbound(ending: Ending) -> EndCause:
    if ending.by_us:
        return EndCause.REJECTED
    if ending.reason.answered_elsewhere:
        return EndCause.ANSWERED_ELSEWHERE
    if ending.sip_code in (406, 415, 488, 606):
        return EndCause.NO_COMMON_CODEC
    if ending.sip_code == 408:
        return EndCause.NETWORK_LOST  # our 200 was never acknowledged
    return EndCause.ABANDONED


def _refused(sip_code: int) -> EndCause:
    known = _BY_STATUS.get(sip_code)
    if known is not None:
        return known
    if 500 <= sip_code < 600:
        return EndCause.SERVER_ERROR
    return EndCause.UNKNOWN
