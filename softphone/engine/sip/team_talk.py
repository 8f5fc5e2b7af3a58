"""Words between this phone and those of the team: calls for help, stuck records. Thread: the sip thread."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

import structlog

from softphone.domain.account import Account
from softphone.domain.errors import BadInput
from softphone.domain.events import Event
from softphone.domain.ids import AccountId
from softphone.domain.record_events import RecordMessageArrived
from softphone.domain.supervision import SupervisionPolicy
from softphone.domain.team_events import HelpSignalled, MessageAnswered
from softphone.engine import protocol
from softphone.engine.sip.dialling import member_uri
from softphone.engine.sip.route import HelpNews, MessageNews, RecordNews
from softphone.engine.sip.supervisors import own_hosts

_log = structlog.get_logger(__name__)

ADDRESS_INCOMPLETE = 484
"""What a message for somebody who cannot be addressed ends with."""


class MessageRoute(Protocol):
    """What is needed of the route."""

    def ask_for_help(
        self, message_id: str, account_id: AccountId, uri: str, reason: str, over: bool
    ) -> None: ...
    def tell_of_record(self, message_id: str, account_id: AccountId, uri: str, text: str) -> None: ...


class TeamTalk:
    """`account` tells an open account by its id, `policy` who leads."""

    def __init__(
        self,
        route: MessageRoute,
        publish: Callable[[Event], None],
        account: Callable[[AccountId], Account | None],
        policy: Callable[[], SupervisionPolicy],
        now: Callable[[], datetime],
    ) -> None:
        self._route = route
        self._publish = publish
        self._account = account
        self._policy = policy
        self._now = now

    def ask_for_help(self, command: protocol.AskForHelp) -> None:
        uri = self._colleague(command.account_id, command.target)
        if uri:
            self._route.ask_for_help(
                command.message_id, command.account_id, uri, command.reason, command.over
            )
        else:
            self._publish(MessageAnswered(command.message_id, ADDRESS_INCOMPLETE))

    def tell_of_record(self, command: protocol.TellOfRecord) -> None:
        uri = self._colleague(command.account_id, command.target)
        if uri:
            self._route.tell_of_record(command.message_id, command.account_id, uri, command.text)
        else:
            self._publish(MessageAnswered(command.message_id, ADDRESS_INCOMPLETE))

    def follow(self, news: HelpNews | RecordNews | MessageNews) -> None:
        """What has come for us, and how ours have ended."""
        if isinstance(news, HelpNews):
            self._publish(HelpSignalled(news.account_id, news.sender, news.reason, self._now(), news.over))
        elif isinstance(news, RecordNews):
            account = self._account(news.account_id)
            hosts = own_hosts(account) if account is not None else frozenset[str]()
            lead = self._policy().names(news.sender, hosts)
            self._publish(RecordMessageArrived(news.account_id, news.sender, news.text, lead, self._now()))
        else:
            self._publish(MessageAnswered(news.message_id, news.sip_code))

    def _colleague(self, account_id: AccountId, target: str) -> str:
        """The URI of somebody of the team, empty if there is none."""
        account = self._account(account_id)
        try:
            return member_uri(target, account) if account is not None else ""
        except BadInput as exc:
            _log.info("colleague_not_told", detail=exc.detail)
            return ""
