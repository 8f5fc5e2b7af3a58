"""One subscription of the edge's own (RFC 6665): subscribe, refresh, follow NOTIFY, subscribe again.

Edge thread only. A refresh that is challenged or answered 481 begins a new subscription instead: nothing is
ever authenticated inside a dialog.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

from softphone.domain.text import clean_line
from softphone.engine.edge.account import EdgeAccount, Flow
from softphone.engine.edge.challenges import ANSWERS, choose
from softphone.engine.edge.digest import answer
from softphone.engine.edge.events.careful_xml import BodyRefusedError
from softphone.engine.edge.events.client import ClientTransactions
from softphone.engine.edge.events.event_bodies import (
    DialogInfo,
    DialogState,
    parse_dialog_info,
    parse_message_summary,
)
from softphone.engine.edge.events.notifier_dialog import NotifierDialog
from softphone.engine.edge.events.presence_body import read_presence
from softphone.engine.edge.messages.message import Request, Response
from softphone.engine.edge.messages.syntax import SipSyntaxError, bounded_int, param, parse_params
from softphone.engine.edge.types import (
    DialogsChanged,
    EdgeEvent,
    MessagesWaiting,
    Package,
    PresenceArrived,
    SubscriptionChanged,
    SubscriptionState,
)

_EXPIRES_S = 600
_WITHIN_S = 8.0
_RETRY_S = 30.0
_NO_NOTIFY_S = 32.0  # 64 * T1, RFC 6665 timer N
# RFC 6665 section 4.1.3: how long to wait after each reason of termination; None: never again.
_AFTER_S: dict[str, float | None] = {
    "deactivated": 0.5,
    "timeout": 0.5,
    "probation": _RETRY_S,
    "giveup": _RETRY_S,
    "invariant": 300.0,
    "noresource": None,
    "rejected": None,
}
_NEVER_AGAIN = frozenset({400, 403, 404, 405, 416, 484, 489, 501, 603, 604})


class _OverError(Exception):
    """The subscription is over; try again after `pause_s`, or never when it is None."""

    def __init__(self, pause_s: float | None, status: int = 0, reason: str = "") -> None:
        super().__init__(reason or str(status))
        self.pause_s = pause_s
        self.status = status
        self.reason = reason


class Subscription:
    """`run` until cancelled; `notified` for every request whose Call-ID is `call_id`."""

    def __init__(
        self,
        subscription_id: str,
        package: Package,
        target: str,
        account: EdgeAccount,
        client: ClientTransactions,
        post: Callable[[EdgeEvent], None],
        algorithms: tuple[str, ...],
    ) -> None:
        self.id = subscription_id
        self.package = package
        self.target = target
        self.state = SubscriptionState.WAITING
        self._account = account
        self._client = client
        self._post = post
        self._algorithms = algorithms
        self._registered = asyncio.Event()
        self._changed = asyncio.Event()
        self._begin()

    def _begin(self) -> None:
        self._dialog = NotifierDialog(self._account, self.package, self.target)
        self._over: _OverError | None = None
        self._heard = False
        self._dialogs: dict[str, DialogInfo] = {}
        self._version = -1

    @property
    def call_id(self) -> str:
        """Call-ID of the current dialog."""
        return self._dialog.call_id

    async def run(self) -> None:
        """Keep the subscription alive while the account is registered."""
        while True:
            await self._registered.wait()
            try:
                await self._live()
            except _OverError as over:
                if over.pause_s is None:
                    self._set(SubscriptionState.REFUSED, over.status, over.reason)
                    return
                self._set(SubscriptionState.WAITING, over.status, over.reason)
                await asyncio.sleep(over.pause_s * random.uniform(0.9, 1.1))  # noqa: S311

    async def end(self) -> None:
        """Unsubscribe, if there is a dialog and a flow for it."""
        flow = self._account.flow
        if self._dialog.established and flow is not None:
            await self._send(self._dialog.subscribe(flow, 0), flow, 2.0)
        self._set(SubscriptionState.ENDED)

    def registered(self) -> None:
        """The account is registered: subscribe, unless it is done."""
        self._registered.set()

    def flow_lost(self) -> None:
        """The way to the server broke, and with it the dialog."""
        self._registered.clear()
        self._end(_OverError(0.0, 0, "flow lost"))

    # --- subscribing -------------------------------------------------------------------------------------

    async def _live(self) -> None:
        self._begin()
        self._set(SubscriptionState.PENDING)
        granted_s = await self._subscribe()
        await self._pass(_NO_NOTIFY_S, until_notified=True)
        if not self._heard:
            raise _OverError(_RETRY_S, 0, "no NOTIFY came")
        while True:
            # Well before the end, but not at the same moment for hundreds of phones.
            await self._pass(max(1.0, granted_s * random.uniform(0.6, 0.8)))  # noqa: S311
            granted_s = await self._subscribe()

    async def _pass(self, time_s: float, *, until_notified: bool = False) -> None:
        """Let time pass; raises _OverError as soon as the subscription is over."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + time_s
        while True:
            if self._over is not None:
                raise self._over
            left = deadline - loop.time()
            if left <= 0 or (until_notified and self._heard):
                return
            self._changed.clear()
            waiting = asyncio.ensure_future(self._changed.wait())
            await asyncio.wait([waiting], timeout=left)
            waiting.cancel()

    async def _subscribe(self) -> int:
        """Send SUBSCRIBE, answer a challenge to the first one; returns the granted seconds."""
        flow = self._account.flow
        if flow is None:
            raise _OverError(0.0)
        refresh = self._dialog.established
        response = await self._send(self._dialog.subscribe(flow, _EXPIRES_S), flow, _WITHIN_S)
        if response is not None and response.status in ANSWERS and not refresh:
            response = await self._send(self._authorised(response, flow), flow, _WITHIN_S)
        if response is None:
            raise _OverError(_RETRY_S, 408)
        if not 200 <= response.status < 300:
            raise _OverError(0.5 if refresh else _pause_after(response), response.status)
        self._dialog.learn(response)
        return bounded_int(response.headers.get("Expires") or "", 86_400) or _EXPIRES_S

    async def _send(self, request: Request, flow: Flow, within_s: float) -> Response | None:
        self._account.dialog_began(self.call_id, asyncio.get_running_loop().time())
        return await self._client.request(request, self._account, flow, within_s)

    def _authorised(self, response: Response, flow: Flow) -> Request:
        credentials = self._account.route.credentials
        challenge = choose(response, self._account, self._algorithms)
        if challenge is None or credentials is None:
            raise _OverError(None, response.status, "a challenge that is not answered")
        request = self._dialog.subscribe(flow, _EXPIRES_S)
        user, password = credentials.username, credentials.password
        given = answer(challenge, request.method, request.uri, user, password)
        request.headers.add(ANSWERS[response.status], str(given))
        return request

    # --- NOTIFY ------------------------------------------------------------------------------------------

    def notified(self, request: Request) -> int:
        """Take a request of this dialog; returns the status of our answer."""
        if request.method != "NOTIFY":
            return 405
        event = (request.headers.get("Event") or "").split(";")[0].strip().lower()
        if event != self.package.value:
            return 489
        if request.to.tag != self._dialog.local_tag:
            return 481
        try:
            self._dialog.learn(request)
            if request.body:
                self._take_body(request.body)
            elif self.package is Package.PRESENCE:  # nothing is published
                self._post(PresenceArrived(self._account.route.account_id, self.id, None))
            self._take_state(request.headers.get("Subscription-State") or "active")
        except (SipSyntaxError, BodyRefusedError) as refused:
            self._set(self.state, 400, str(refused))
            return 400
        self._heard = True
        self._changed.set()
        return 200

    def _take_state(self, value: str) -> None:
        state, _, rest = value.partition(";")
        word = state.strip().lower()
        if word != "terminated":
            self._set(SubscriptionState.PENDING if word == "pending" else SubscriptionState.ACTIVE)
            return
        params = parse_params(rest)
        reason = (param(params, "reason") or "").lower()
        pause = _AFTER_S.get(reason, _RETRY_S)
        wanted = bounded_int(param(params, "retry-after") or "", 3_600)
        self._end(_OverError(pause if wanted is None or pause is None else wanted, 0, reason))

    def _take_body(self, body: bytes) -> None:
        account_id = self._account.route.account_id
        if self.package is Package.MESSAGE_SUMMARY:
            self._post(MessagesWaiting(account_id, self.id, parse_message_summary(body)))
            return
        if self.package is Package.PRESENCE:
            self._post(PresenceArrived(account_id, self.id, read_presence(body)))
            return
        document = parse_dialog_info(body)
        if not document.full and document.version <= self._version:
            return  # overtaken on the way
        if not document.full and document.version != self._version + 1:
            self._end(_OverError(0.1, 0, "a partial state is missing"))
        known = {} if document.full else self._dialogs
        known |= {dialog.id: dialog for dialog in document.dialogs}
        self._dialogs = {k: d for k, d in known.items() if d.state is not DialogState.TERMINATED}
        self._version = document.version
        self._post(DialogsChanged(account_id, self.id, self.target, tuple(self._dialogs.values())))

    def _end(self, over: _OverError) -> None:
        self._over = self._over or over
        self._changed.set()

    def _set(self, state: SubscriptionState, status: int = 0, reason: str = "") -> None:
        if state is self.state and not status:
            return
        self.state = state
        account_id = self._account.route.account_id
        text = clean_line(reason)
        self._post(SubscriptionChanged(account_id, self.id, self.package, self.target, state, status, text))


def _pause_after(refusal: Response) -> float | None:
    if refusal.status in _NEVER_AGAIN:
        return None
    after = (refusal.headers.get("Retry-After") or "").split(";")[0].split("(")[0].strip()
    return float(bounded_int(after, 3_600) or _RETRY_S)
