"""BYEs to which nobody answers: PJSIP is told soon, and the edge goes on saying goodbye in its place.

PJSIP keeps a call's line, one of four, until its BYE is answered or has timed out after 32 s (RFC 3261 timer
F). To hang up harder from Python is what crashed it, so its transaction gets the end that a lost phone would
have brought anyway, 408, only earlier (section 15.1.1: the session is over then). Edge thread only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from softphone.engine.edge.guard import guarded
from softphone.engine.edge.messages.message import Request
from softphone.engine.edge.types import Counters

Later = Callable[[float, Callable[[], None]], object]
"""Does something after so many seconds."""


def on_the_running_loop(delay_s: float, act: Callable[[], None]) -> None:
    asyncio.get_running_loop().call_later(delay_s, act)


PATIENCE_S = 2.0
"""The desk calls the call ended after this time, too."""
_REPEAT_S = 4.0  # T2: PJSIP has repeated more quickly before
_GOES_ON_S = 32.0  # 64 * T1


class Farewells:
    """`silent` tells whether a BYE, by the bytes that PJSIP sent, is still unanswered; `answer` is told to
    PJSIP; `repeat` sends them once more."""

    def __init__(
        self,
        counters: Counters,
        silent: Callable[[bytes], Request | None],
        answer: Callable[[Request], None],
        repeat: Callable[[bytes], None],
        later: Later,
    ) -> None:
        self._counters = counters
        self._silent = silent
        self._answer = answer
        self._repeat = repeat
        self._do_later = later
        self._under_way: dict[str, bool] = {}
        """By PJSIP's branch: whether PJSIP has been told that it is over."""

    def begin(self, branch: str, data: bytes) -> None:
        """PJSIP says BYE; its retransmissions change nothing."""
        if branch not in self._under_way:
            self._under_way[branch] = False
            self._later(PATIENCE_S, lambda: self._give_up(branch, data))

    def given_up(self, branch: str) -> bool:
        """Whether PJSIP has had its answer: whatever comes now is not for it."""
        return self._under_way.get(branch, False)

    def tell(self, branch: str) -> bool:
        """PJSIP gets an answer of ours now; False when it has had one already."""
        before = self._under_way.get(branch, False)
        if branch in self._under_way:
            self._under_way[branch] = True
        return not before

    def _give_up(self, branch: str, data: bytes) -> None:
        request = self._silent(data)
        if request is None:
            del self._under_way[branch]
            return
        self._answer(request)
        self._go_on(branch, data, PATIENCE_S)

    def _go_on(self, branch: str, data: bytes, age_s: float) -> None:
        if age_s >= _GOES_ON_S or self._silent(data) is None:
            # a late answer finds nobody who waits for it: PJSIP has forgotten the transaction by now
            del self._under_way[branch]
            return
        self._repeat(data)
        self._later(_REPEAT_S, lambda: self._go_on(branch, data, age_s + _REPEAT_S))

    def _later(self, delay_s: float, act: Callable[[], None]) -> None:
        self._do_later(delay_s, guarded(self._counters, "farewell", act))
