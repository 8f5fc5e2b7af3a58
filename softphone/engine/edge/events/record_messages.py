"""Talk between an agent's and a lead's phone about a stuck record: MESSAGE (RFC 3428). Edge thread only."""

from __future__ import annotations

from collections.abc import Callable

from softphone.domain.record_requests import TEXT_LIMIT
from softphone.domain.text import clean_line
from softphone.engine.edge.account import EdgeAccount
from softphone.engine.edge.events.own_messages import OwnMessages
from softphone.engine.edge.messages.message import Request
from softphone.engine.edge.rate import RequestRate
from softphone.engine.edge.types import EdgeEvent, RecordMessageCame

HEADER = "X-Softphone-Record"
_VERSION = "1"
_PER_S, _BURST = 2.0, 20


class RecordMessages:
    """Sends ours, and takes those that come for us before PJSIP sees them. What they mean is the desk's."""

    def __init__(
        self, messages: OwnMessages, post: Callable[[EdgeEvent], None], now: Callable[[], float]
    ) -> None:
        self._messages = messages
        self._post = post
        self._now = now
        self._rate = RequestRate(_PER_S, _BURST)

    def send(self, message_id: str, account: EdgeAccount, target: str, text: str) -> None:
        """`MessageEnded` follows."""
        self._messages.send(message_id, account, target, (HEADER, _VERSION), text)

    def take(self, request: Request, account: EdgeAccount) -> int | None:
        """The status to answer with; None: it is none of ours."""
        if request.method != "MESSAGE" or request.in_dialog or request.headers.get(HEADER) != _VERSION:
            return None
        if len(request.body) > TEXT_LIMIT or not self._rate.admit(self._now()):
            return 503
        text = clean_line(request.body.decode("utf-8", "replace"), TEXT_LIMIT)
        self._post(RecordMessageCame(account.route.account_id, request, text))
        return 200
