"""A call's way from the agent's wish to the telephone: somebody may have to be asked first."""

from __future__ import annotations

from collections.abc import Callable

from softphone.domain.call import CallView
from softphone.domain.ids import CallId
from softphone.usecases.ports import Telephone

AsksFirst = Callable[[CallView, Callable[[bool], None]], bool]
"""Told of a call that is about to be dialled and how to decide about it; says whether it will."""


class Dialling:
    """`lives` tells whether a call is still wanted, `refuse` ends one that must not be made."""

    def __init__(
        self, telephone: Telephone, lives: Callable[[CallId], bool], refuse: Callable[[CallId], None]
    ) -> None:
        self._telephone = telephone
        self._lives = lives
        self._refuse = refuse
        self._asks: AsksFirst = lambda _call, _decide: False
        self._waiting: set[CallId] = set()

    def ask_first(self, asks: AsksFirst) -> None:
        """`asks` is told of every call before it is dialled."""
        self._asks = asks

    def begin(self, call: CallView, target: str) -> None:
        """Dial, at once or when somebody has allowed it."""
        self._waiting.add(call.id)
        if not self._asks(call, lambda allowed: self._decide(call, target, allowed)):
            self._decide(call, target, allowed=True)

    def give_up(self, call_id: CallId) -> bool:
        """The agent does not want it any more; tell whether nothing was dialled yet."""
        waiting = call_id in self._waiting
        self._waiting.discard(call_id)
        return waiting

    def _decide(self, call: CallView, target: str, allowed: bool) -> None:
        if not self.give_up(call.id) or not self._lives(call.id):
            return
        if allowed:
            self._telephone.place_call(call.id, call.account_id, target)
        else:
            self._refuse(call.id)
