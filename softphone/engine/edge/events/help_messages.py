"""Requests for help as MESSAGE (RFC 3428): text that any phone shows, marked for ours. Edge thread only."""

from __future__ import annotations

from collections.abc import Callable

from softphone.domain.supervision import REASON_LIMIT
from softphone.domain.text import clean_line
from softphone.engine.edge.account import EdgeAccount
from softphone.engine.edge.events.own_messages import OwnMessages
from softphone.engine.edge.messages.message import Request
from softphone.engine.edge.rate import RequestRate
from softphone.engine.edge.types import EdgeEvent, HelpArrived

HEADER = "X-Softphone-Help"
ASK, OVER = "ask", "over"
_MARK = {ASK: "Help: ", OVER: "Help no longer needed: "}
_PER_S, _BURST = 2.0, 20
"""A lead's phone takes so many; a flood of them must not hide the rest."""


class HelpMessages:
    """Sends ours, and takes those that come for us before PJSIP sees them."""

    def __init__(
        self, messages: OwnMessages, post: Callable[[EdgeEvent], None], now: Callable[[], float]
    ) -> None:
        self._messages = messages
        self._post = post
        self._now = now
        self._rate = RequestRate(_PER_S, _BURST)

    def send(self, message_id: str, account: EdgeAccount, target: str, reason: str, over: bool) -> None:
        """`MessageEnded` follows."""
        kind = OVER if over else ASK
        text = _MARK[kind] + clean_line(reason, REASON_LIMIT)
        self._messages.send(message_id, account, target, (HEADER, kind), text)

    def take(self, request: Request, account: EdgeAccount) -> int | None:
        """The status to answer a request for help with; None: it is none.

        A telephone system in between may drop our header: then the mark at the beginning of the text tells.
        """
        if request.method != "MESSAGE" or request.in_dialog:
            return None
        text = clean_line(request.body.decode("utf-8", "replace"), REASON_LIMIT + len(_MARK[OVER]))
        kind = request.headers.get(HEADER) or next((k for k, m in _MARK.items() if text.startswith(m)), "")
        if kind not in _MARK:
            return None
        if not self._rate.admit(self._now()):
            return 503
        self._post(
            HelpArrived(account.route.account_id, request, text.removeprefix(_MARK[kind]), kind == OVER)
        )
        return 200
