"""From a question to the event that answers it, within the connection's time limit and whatever happens."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from softphone.crm.auth import signing_in
from softphone.crm.checking import Checker
from softphone.crm.fault import BadShapeError, CrmFault
from softphone.crm.session import CrmSession
from softphone.domain.address import PhoneNumber
from softphone.domain.crm_events import (
    CodesFetched,
    CrmCheckEnded,
    CrmSignInChanged,
    CrmStepChecked,
    CustomerCreated,
    CustomersFound,
    DoNotCallChecked,
)
from softphone.domain.crm_work import (
    BrowserWords,
    CheckName,
    CheckStep,
    CheckVerdict,
    DoNotCallQuery,
    NewCustomer,
    Permission,
    ReportedState,
    SignInNews,
    SignInStep,
    TextQuery,
)
from softphone.domain.customer import CrmTrouble, Customer, CustomerQuery, Lookup
from softphone.domain.customer_events import CustomerLookedUp
from softphone.domain.delivery import Delivery, DeliveryResult
from softphone.domain.events import Event
from softphone.domain.ids import CampaignId
from softphone.domain.keeping_events import DeliveryAttempted
from softphone.domain.text import mask_number

_log = structlog.get_logger(__name__)
_T = TypeVar("_T")
_SIGNING_OUT_S = 10.0
_SIGNING_IN_S = 1_900.0
"""A device code may be good for half an hour."""


class Answering:
    """Runs on the CRM thread's loop. `session` finds a connection by its name, `post` takes events,
    `accepted` hears that a connection has answered, and tells whether it had refused before."""

    def __init__(
        self,
        session: Callable[[str], CrmSession],
        checker: Callable[[str], Checker],
        post: Callable[[Event], None],
        accepted: Callable[[str], bool],
    ) -> None:
        self._session = session
        self._checker = checker
        self._post = post
        self._accepted = accepted

    async def find(self, query: CustomerQuery) -> None:
        log = _log.bind(call=query.call_id, crm=query.crm, number=mask_number(query.number.raw))
        lookup = await self._looked_up(query.crm, lambda session: session.finder.find(query), log)
        self._post(CustomerLookedUp(query.id, query.call_id, lookup))

    async def search(self, query: TextQuery) -> None:
        log = _log.bind(crm=query.crm)
        lookup = await self._looked_up(query.crm, lambda session: session.finder.search(query), log)
        self._post(CustomersFound(query.id, query.campaign_id, lookup))

    async def deliver(self, delivery: Delivery) -> None:
        log = _log.bind(call=delivery.log.call_id, crm=delivery.crm, delivery=delivery.id)
        try:
            remote_id = await self._limited(
                delivery.crm, lambda session: session.writer.deliver(delivery), log
            )
            result = DeliveryResult(delivery.id, remote_id=remote_id)
        except CrmFault as fault:
            result = DeliveryResult(
                delivery.id, fault.trouble, fault.detail, retry_after_s=fault.retry_after_s
            )
        log.info(
            "crm_delivery_attempted",
            kind=delivery.kind.value,
            trouble=result.trouble.value,
            attempt=delivery.attempts + 1,
        )
        self._post(DeliveryAttempted(result))

    async def create(self, new: NewCustomer) -> None:
        log = _log.bind(call=new.call_id or "", crm=new.crm)
        customer, trouble, detail = None, CrmTrouble.NONE, ""
        try:
            customer = await self._limited(new.crm, lambda session: session.writer.create(new), log)
        except CrmFault as fault:
            trouble, detail = fault.trouble, fault.detail
        log.info("crm_customer_created", trouble=trouble.value, attempt=new.attempts + 1)
        self._post(CustomerCreated(new.id, new.campaign_id, new.call_id, customer, trouble, detail))

    async def codes(self, crm: str, campaign_id: CampaignId) -> None:
        log = _log.bind(crm=crm, campaign=campaign_id)
        try:
            codes = await self._limited(crm, lambda session: session.codes(campaign_id), log)
            event = CodesFetched(campaign_id, crm, codes)
        except CrmFault as fault:
            event = CodesFetched(campaign_id, crm, (), fault.trouble, fault.detail)
        log.info("crm_codes_fetched", count=len(event.codes), trouble=event.trouble.value)
        self._post(event)

    async def permission(self, query: DoNotCallQuery) -> None:
        log = _log.bind(crm=query.crm, number=mask_number(query.number.raw))
        try:
            permission = await self._limited(query.crm, lambda session: session.finder.permission(query), log)
            event = DoNotCallChecked(query.id, permission)
        except CrmFault as fault:
            event = DoNotCallChecked(query.id, Permission.UNKNOWN, fault.trouble, fault.detail)
        log.info("crm_permission", permission=event.permission.value, trouble=event.trouble.value)
        self._post(event)

    async def report_state(self, crm: str, state: ReportedState) -> None:
        log = _log.bind(crm=crm, state=state.state)
        try:
            await self._limited(crm, lambda session: session.writer.report_state(state), log)
        except CrmFault as fault:
            log.warning("crm_state_not_reported", trouble=fault.trouble.value, detail=fault.detail)

    async def sign_in(self, crm: str, words: BrowserWords) -> None:
        """Signs in; news are posted as `CrmSignInChanged`."""
        log = _log.bind(crm=crm)
        try:
            agent = await self._limited(
                crm, lambda session: signing_in.sign_in(session, words, self._tell), log, _SIGNING_IN_S
            )
            news = SignInNews(crm, SignInStep.DONE, agent=agent)
        except CrmFault as fault:
            news = SignInNews(crm, SignInStep.FAILED, trouble=fault.trouble, detail=fault.detail)
        log.info("crm_sign_in", step=news.step.value, trouble=news.trouble.value)
        self._tell(news)

    async def sign_out(self, crm: str) -> None:
        log = _log.bind(crm=crm)
        try:
            await self._limited(crm, signing_in.sign_out, log, _SIGNING_OUT_S)
            news = SignInNews(crm, SignInStep.SIGNED_OUT)
        except CrmFault as fault:
            news = SignInNews(crm, SignInStep.FAILED, trouble=fault.trouble, detail=fault.detail)
        log.info("crm_sign_out", step=news.step.value, trouble=news.trouble.value)
        self._tell(news)

    async def check(self, crm: str, number: PhoneNumber, text: str) -> None:
        """Posts each step and the end; a check uses connections of its own and changes nothing."""
        log = _log.bind(crm=crm)
        try:
            checker = self._checker(crm)
        except CrmFault as fault:
            failed = CheckStep(
                CheckName.PACK, CheckVerdict.FAILED, detail=fault.detail, trouble=fault.trouble
            )
            self._post(CrmStepChecked(crm, failed))
            self._post(CrmCheckEnded(crm, usable=False))
            return
        async for step in checker.steps(number, text):
            log.info("crm_checked", step=step.name.value, verdict=step.verdict.value)
            self._post(CrmStepChecked(crm, step))
        self._post(CrmCheckEnded(crm, checker.usable))

    def _tell(self, news: SignInNews) -> None:
        self._post(CrmSignInChanged(news))

    async def _looked_up(
        self,
        crm: str,
        ask: Callable[[CrmSession], Awaitable[tuple[Customer, ...]]],
        log: structlog.stdlib.BoundLogger,
    ) -> Lookup:
        began = time.monotonic()
        try:
            lookup = Lookup.found(await self._limited(crm, ask, log), _since_ms(began))
        except CrmFault as fault:
            lookup = Lookup.failed(fault.trouble, fault.detail, _since_ms(began))
        log.info(
            "crm_answered",
            state=lookup.state.value,
            trouble=lookup.trouble.value,
            matches=len(lookup.matches),
            took_ms=round(lookup.took_ms, 1),
        )
        return lookup

    async def _limited(
        self,
        name: str,
        ask: Callable[[CrmSession], Awaitable[_T]],
        log: structlog.stdlib.BoundLogger,
        limit_s: float = 0.0,
    ) -> _T:
        """What `ask` answers within the connection's time limit; `CrmFault` for everything else.

        This is the background runner of STYLE.md 7: a bug in here must not leave a call "asking" for ever.
        """
        session = self._session(name)
        limit_of_its_own = limit_s > 0
        limit_s = limit_s or session.line.connection.timeout_s
        try:
            async with asyncio.timeout(limit_s):
                answer = await ask(session)
        except TimeoutError as exc:
            raise CrmFault(CrmTrouble.TIMEOUT, f"no answer within {limit_s:g} s") from exc
        except BadShapeError as exc:
            raise CrmFault(CrmTrouble.BAD_ANSWER, str(exc)) from exc
        except CrmFault:
            raise
        except Exception as exc:
            log.exception("crm_adapter_failed")
            raise CrmFault(CrmTrouble.BAD_ANSWER, f"internal error: {type(exc).__name__}") from exc
        if self._accepted(name) and not limit_of_its_own:
            self._tell(SignInNews(name, SignInStep.DONE))  # somebody has signed in elsewhere
        return answer


def _since_ms(began: float) -> float:
    return (time.monotonic() - began) * 1000
