"""The agents whose published state the desk wants to follow, and this agent's own. Thread: the sip thread.

A watch outlives its account: it begins again whenever the account is opened; so does the own state.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from softphone.domain.account import Account
from softphone.domain.errors import BadInput
from softphone.domain.events import Event
from softphone.domain.ids import AccountId
from softphone.domain.team import AgentPresence
from softphone.domain.team_events import PresenceChanged
from softphone.engine.sip.dialling import member_uri
from softphone.engine.sip.route import PresenceNews


class PresenceRoute(Protocol):
    """What is needed of the route."""

    def watch_presence(self, account_id: AccountId, uri: str) -> str: ...
    def unwatch(self, subscription_id: str) -> None: ...
    def publish(self, account_id: AccountId, aor: str, presence: AgentPresence) -> None: ...
    def withdraw(self, account_id: AccountId) -> None: ...


class Presences:
    """`publish` gets a `PresenceChanged` at each change; `account` tells an open account by its id."""

    def __init__(
        self,
        route: PresenceRoute,
        publish: Callable[[Event], None],
        account: Callable[[AccountId], Account | None],
    ) -> None:
        self._route = route
        self._publish = publish
        self._account = account
        self._watches: dict[tuple[AccountId, str], str] = {}
        self._told: dict[tuple[AccountId, str], AgentPresence | None] = {}
        self._own: dict[AccountId, AgentPresence] = {}

    def watch(self, account_id: AccountId, target: str) -> None:
        """Begin, or tell again; a target that is none is never known."""
        key = (account_id, target)
        if key in self._watches:
            self._publish(PresenceChanged(account_id, target, self._told.get(key)))
            return
        self._watches[key] = self._subscribe(account_id, target)

    def unwatch(self, account_id: AccountId, target: str) -> None:
        subscription_id = self._watches.pop((account_id, target), "")
        self._told.pop((account_id, target), None)
        if subscription_id:
            self._route.unwatch(subscription_id)

    def tell(self, account_id: AccountId, presence: AgentPresence) -> None:
        """This is the own state from now on."""
        self._own[account_id] = presence
        self._bring(account_id)

    def account_opened(self, account_id: AccountId) -> None:
        for owner, target in list(self._watches):
            if owner == account_id:
                self._watches[owner, target] = self._subscribe(owner, target)
        self._bring(account_id)

    def account_closed(self, account_id: AccountId) -> None:
        """The server forgets us at once, and nothing is known of anybody any more."""
        self._route.withdraw(account_id)
        for key, subscription_id in list(self._watches.items()):
            if key[0] == account_id:
                if subscription_id:
                    self._route.unwatch(subscription_id)
                self._watches[key] = ""
                self._note(key, None)

    def follow(self, news: PresenceNews) -> None:
        for key, subscription_id in self._watches.items():
            if subscription_id and subscription_id == news.subscription_id:
                self._note(key, news.presence)

    def _note(self, key: tuple[AccountId, str], presence: AgentPresence | None) -> None:
        if self._told.get(key) != presence:
            self._told[key] = presence
            self._publish(PresenceChanged(*key, presence))

    def _subscribe(self, account_id: AccountId, target: str) -> str:
        account = self._account(account_id)
        if account is None:
            return ""
        try:
            return self._route.watch_presence(account_id, member_uri(target, account))
        except BadInput:
            return ""

    def _bring(self, account_id: AccountId) -> None:
        account, presence = self._account(account_id), self._own.get(account_id)
        if account is None or presence is None:
            return
        self._route.publish(account_id, member_uri(account.user, account), presence)
