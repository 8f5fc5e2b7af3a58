"""The desk for programs: carries out requests of `softphone ctl` and tells every change.

Knows no socket: requests and answers are values, the confirmation of a command is an event of the bus. Every
request is answered exactly once: at once when refused, else when what was asked for has happened, or with
`timeout` when it has not.
"""

from __future__ import annotations

from collections.abc import Callable

from softphone.domain.errors import BadInput, Broken, Refused, SoftphoneError, TryLater
from softphone.domain.events import Event
from softphone.domain.facts import dataclass
from softphone.usecases.desk import Desk
from softphone.usecases.ports import Timer
from softphone.usecases.remote.commands import Condition, Message, RemoteCommands
from softphone.usecases.remote.news import describe
from softphone.usecases.remote.request import Request
from softphone.usecases.remote.status import VERSION, RemoteStatus

LONGEST_WAIT_S = 60.0

Reply = Callable[[Message], None]

_KINDS: dict[type[SoftphoneError], str] = {
    BadInput: "bad_input",
    Refused: "refused",
    TryLater: "try_later",
    Broken: "broken",
}


@dataclass
class _Waiting:
    condition: Condition
    reply: Reply
    timer: Timer | None = None


class RemoteControl:
    """Thread: main. `quit_desk` ends the application; `show` brings the window up, with a link to dial.

    Made before `Desk.start`, so that it hears everything.
    """

    def __init__(self, desk: Desk, quit_desk: Callable[[], None], show: Callable[[str], None]) -> None:
        self._clock = desk.ports.clock
        self._status = RemoteStatus(desk)
        self._commands = RemoteCommands(desk, self._status, quit_desk, show)
        self._tell: Reply | None = None
        self._waiting: list[_Waiting] = []
        desk.bus.subscribe_all(self._on_event)

    def tell_to(self, tell: Reply) -> None:
        """Hand every change to `tell` from now on."""
        self._tell = tell

    def handle(self, request: Request, reply: Reply) -> None:
        """Carry out `request`; `reply` is called once, now or later."""
        try:
            waiting = _Waiting(self._commands.begin(request), reply)
        except SoftphoneError as exc:
            reply(refusal(exc))
            return
        if not self._settled(waiting):
            delay = min(max(request.timeout_s, 0.0), LONGEST_WAIT_S)
            waiting.timer = self._clock.after(delay, lambda: self._give_up(waiting))
            self._waiting.append(waiting)

    def _on_event(self, event: Event) -> None:
        if self._tell is not None:
            news = describe(event, self._status)
            if news is not None:
                self._tell(news)
        for waiting in tuple(self._waiting):
            if self._settled(waiting):
                self._waiting.remove(waiting)

    def _settled(self, waiting: _Waiting) -> bool:
        try:
            answer = waiting.condition()
        except SoftphoneError as exc:
            waiting.reply(refusal(exc))
        else:
            if answer is None:
                return False
            waiting.reply({"version": VERSION, "ok": True, **answer})
        if waiting.timer:
            waiting.timer.cancel()
        return True

    def _give_up(self, waiting: _Waiting) -> None:
        if waiting in self._waiting:
            self._waiting.remove(waiting)
            waiting.reply(_no("timeout", "request", "not confirmed in time; it may still happen"))


def refusal(error: SoftphoneError) -> Message:
    """The answer to a request that failed: which kind of error, what it concerns, and why."""
    return _no(_kind(error), error.thing, error.detail)


def _kind(error: SoftphoneError) -> str:
    return next((name for kind, name in _KINDS.items() if isinstance(error, kind)), "bug")


def _no(kind: str, thing: str, detail: str) -> Message:
    return {"version": VERSION, "ok": False, "error": {"kind": kind, "thing": thing, "detail": detail}}
