"""The colleagues' lines that the desk wants to watch, and what they were doing when last heard of.

Thread: the sip thread. A watch outlives its account: it begins again whenever the account is opened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from softphone.domain.account import Account
from softphone.domain.call import Direction
from softphone.domain.errors import BadInput
from softphone.domain.events import Event, LineStateChanged
from softphone.domain.facts import dataclass
from softphone.domain.ids import AccountId
from softphone.domain.lines import LineState
from softphone.engine.edge.events.event_bodies import DialogInfo, DialogState
from softphone.engine.edge.messages.syntax import SipSyntaxError
from softphone.engine.edge.messages.uri import SipUri
from softphone.engine.sip.dialling import member_uri
from softphone.engine.sip.route import LineNews

_STATE: dict[DialogState, LineState] = {
    DialogState.TRYING: LineState.CALLING,
    DialogState.PROCEEDING: LineState.CALLING,
    DialogState.EARLY: LineState.CALLING,
    DialogState.CONFIRMED: LineState.TALKING,
}
_TELLING = (LineState.TALKING, LineState.RINGING, LineState.CALLING)
_DIRECTION = {None: None, True: Direction.INBOUND, False: Direction.OUTBOUND}


class Watcher(Protocol):
    """What is needed of the route."""

    def watch(self, account_id: AccountId, uri: str) -> str: ...
    def unwatch(self, subscription_id: str) -> None: ...


@dataclass(slots=True)
class _Watch:
    told: LineStateChanged
    subscription_id: str = ""


class WatchedLines:
    """`publish` gets a `LineStateChanged` at each change."""

    def __init__(
        self, watcher: Watcher, publish: Callable[[Event], None], now: Callable[[], datetime]
    ) -> None:
        self._watcher = watcher
        self._publish = publish
        self._now = now
        self._watches: dict[tuple[AccountId, str], _Watch] = {}

    def watch(self, account_id: AccountId, target: str, account: Account | None) -> None:
        """Begin, or tell again; `account` None: when it is opened. Raises `BadInput` for a target that is
        none."""
        watch = self._watches.get((account_id, target))
        if watch is not None:
            self._publish(watch.told)
            return
        uri = "" if account is None else member_uri(target, account)
        told = LineStateChanged(account_id, target, LineState.UNKNOWN, self._now())
        watch = self._watches[account_id, target] = _Watch(told)
        self._publish(told)
        if uri:
            watch.subscription_id = self._watcher.watch(account_id, uri)

    def unwatch(self, account_id: AccountId, target: str) -> None:
        """A line that is not watched is no error."""
        watch = self._watches.pop((account_id, target), None)
        if watch is not None and watch.subscription_id:
            self._watcher.unwatch(watch.subscription_id)

    def account_opened(self, account: Account) -> None:
        """The account was opened (again): what was subscribed before is forgotten by the edge."""
        for (account_id, target), watch in self._watches.items():
            if account_id == account.id:
                self._begin(watch, target, account)

    def account_closed(self, account_id: AccountId) -> None:
        """Tell the server, while it still knows us, and show that nothing is known any more."""
        for (owner, _), watch in self._watches.items():
            if owner == account_id and watch.subscription_id:
                self._watcher.unwatch(watch.subscription_id)
                watch.subscription_id = ""
                self._tell(watch, LineState.UNKNOWN)

    def follow(self, news: LineNews) -> None:
        """What the edge says about one subscription."""
        for watch in self._watches.values():
            if watch.subscription_id == news.subscription_id:
                self._tell(watch, *_described(news))

    def _begin(self, watch: _Watch, target: str, account: Account) -> None:
        try:
            uri = member_uri(target, account)
        except BadInput:
            self._tell(watch, LineState.REFUSED)
            return
        self._tell(watch, LineState.UNKNOWN)
        watch.subscription_id = self._watcher.watch(account.id, uri)

    def _tell(self, watch: _Watch, state: LineState, call: DialogInfo | None = None, calls: int = 0) -> None:
        before = watch.told
        new = replace(
            before,
            state=state,
            direction=_DIRECTION[call.incoming] if call is not None else None,
            remote_number=_number(call.remote_uri) if call is not None else "",
            remote_name=call.remote if call is not None else "",
            calls=calls,
        )
        if new != before:
            since = before.since if new.state is before.state else self._now()
            watch.told = replace(new, since=since)
            self._publish(watch.told)


def _described(news: LineNews) -> tuple[LineState, DialogInfo | None, int]:
    if news.dialogs is None:
        return (LineState.REFUSED if news.refused else LineState.UNKNOWN), None, 0
    return state_of(news.dialogs)


def state_of(dialogs: Iterable[DialogInfo]) -> tuple[LineState, DialogInfo | None, int]:
    """The state of a line with these calls, the call that decides it, and how many there are."""
    living = [dialog for dialog in dialogs if dialog.state in _STATE]
    if not living:
        return LineState.IDLE, None, 0
    telling = min(living, key=lambda dialog: _TELLING.index(_state_of(dialog)))
    return _state_of(telling), telling, len(living)


def _state_of(dialog: DialogInfo) -> LineState:
    state = _STATE[dialog.state]
    # Asterisk tells no direction: there early is a line that rings, and one that calls is confirmed at once
    rings = state is LineState.CALLING and (
        dialog.incoming is True or (dialog.incoming is None and dialog.state is DialogState.EARLY)
    )
    return LineState.RINGING if rings else state


def _number(uri: str) -> str:
    try:
        return SipUri.parse(uri).user or ""
    except SipSyntaxError:
        return ""
