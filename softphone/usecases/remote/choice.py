"""Which call is meant: by its id, the beginning of one, or the one that a person would mean."""

from __future__ import annotations

from softphone.domain.call import CallState, CallView
from softphone.domain.errors import Refused
from softphone.domain.ids import CallId
from softphone.usecases.calls.calling import Calling
from softphone.usecases.wrap_up.wrapping_up import WrappingUp


class RemoteChoice:
    """Raises `Refused` when there is no such call, or when several could be meant."""

    def __init__(self, calling: Calling, wrapping_up: WrappingUp) -> None:
        self._calling = calling
        self._wrapping_up = wrapping_up

    def named(self, name: str) -> CallView:
        """The live call whose id begins with `name`."""
        found = [call for call in self._calling.calls if call.id.startswith(name)]
        if len(found) != 1:
            raise Refused("call", f"{len(found)} live calls begin with {name!r}")
        return found[0]

    def ringing(self, name: str) -> CallView:
        """The call that rings here."""
        call = self.named(name) if name else self._calling.ringing()
        if call is None or call.state is not CallState.INCOMING:
            raise Refused("call", "no call is ringing")
        return call

    def any_live(self, name: str) -> CallView:
        """The current call, else the one that rings."""
        call = self.named(name) if name else self._calling.current() or self._calling.ringing()
        if call is None:
            raise Refused("call", "there is no call")
        return call

    def established(self, name: str, on_hold: bool | None = None, besides: CallId | None = None) -> CallView:
        """An established call, on hold or not where that matters; the one talked to comes first."""
        calls = [self.named(name)] if name else sorted(self._calling.calls, key=lambda c: c.local_hold)
        for call in calls:
            fits = on_hold is None or call.local_hold is on_hold
            if call.state is CallState.ESTABLISHED and fits and call.id != besides:
                return call
        what = {None: "established", True: "on hold", False: "established and not on hold"}[on_hold]
        raise Refused("call", f"no call is {what}")

    def to_wrap_up(self, name: str) -> CallId:
        """The oldest call that waits for its outcome, else the current one."""
        waiting = self._wrapping_up.open_calls
        if name:
            found = {call_id for call_id in waiting if call_id.startswith(name)}
            found |= {call.id for call in self._calling.calls if call.id.startswith(name)}
            if len(found) != 1:
                raise Refused("call", f"{len(found)} calls to wrap up begin with {name!r}")
            return found.pop()
        current = self._calling.current()
        if waiting:
            return waiting[0]
        if current is None:
            raise Refused("wrap_up", "no call waits for its outcome")
        return current.id
