"""The test bench of a connection: every step that a call would take, shown with its requests and answers.

It uses a session of its own, asks only questions, and masks every secret in what it shows.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import field, replace

from softphone.crm.auth import signing_in
from softphone.crm.auth.secrets import Vault
from softphone.crm.connecting import Line
from softphone.crm.exchange import Seen
from softphone.crm.fault import BadShapeError, CrmFault
from softphone.crm.masking import Mask, shown
from softphone.crm.packs.plans import Pack
from softphone.crm.packs.reading import load_pack
from softphone.crm.session import CrmSession
from softphone.domain.address import PhoneNumber
from softphone.domain.crm_work import (
    CheckedRequest,
    CheckName,
    CheckOddity,
    CheckStep,
    CheckVerdict,
    DoNotCallQuery,
    TextQuery,
)
from softphone.domain.customer import CrmTrouble, Customer, CustomerQuery
from softphone.domain.errors import BadInput
from softphone.domain.facts import dataclass
from softphone.domain.ids import CallId, CampaignId, QueryId
from softphone.domain.settings import CrmConnection

SLOW_MS = 1_500.0
"""The card says that the CRM is slow from here on."""

_ESSENTIAL = frozenset({CheckName.PACK, CheckName.ADDRESS, CheckName.SIGN_IN, CheckName.FIND})
_MAPPED_CUSTOMERS = 5
_QUERY = QueryId("check")


@dataclass
class _Progress:
    """What the steps so far have found."""

    seen: list[Seen] = field(default_factory=list)
    secrets: set[str] = field(default_factory=set)
    """All that were ever used: one that was refused is forgotten by its session, but not shown either."""
    session: CrmSession | None = None
    customers: tuple[Customer, ...] = ()
    failed: set[CheckName] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Result:
    """How a step went: what was mapped, and what is odd."""

    mapped: tuple[tuple[str, str], ...] = ()
    oddity: CheckOddity = CheckOddity.NONE
    skipped: bool = False

    @property
    def verdict(self) -> CheckVerdict:
        if self.skipped:
            return CheckVerdict.SKIPPED
        return CheckVerdict.OK if self.oddity is CheckOddity.NONE else CheckVerdict.WARNING


_Act = Callable[[], Awaitable[_Result]]


class Checker:
    """Checks one connection. `usable` is known when the steps have ended."""

    def __init__(self, connection: CrmConnection, vault: Vault) -> None:
        self._connection = connection
        self._vault = vault
        self._progress = _Progress()
        self._pack_in_use: Pack | None = None

    @property
    def usable(self) -> bool:
        """Nothing that a call needs has failed."""
        return not self._progress.failed & _ESSENTIAL

    async def steps(self, number: PhoneNumber, text: str = "") -> AsyncIterator[CheckStep]:
        """Each step as it is done; after one that everything needs has failed, the rest is skipped."""
        acts: tuple[tuple[CheckName, _Act], ...] = (
            (CheckName.PACK, self._pack),
            (CheckName.ADDRESS, self._address),
            (CheckName.SIGN_IN, self._sign_in),
            (CheckName.AGENT, self._agent),
            (CheckName.FIND, lambda: self._find(number)),
            (CheckName.RECORD, self._record),
            (CheckName.SEARCH, lambda: self._search(text)),
            (CheckName.CODES, self._codes),
            (CheckName.DO_NOT_CALL, lambda: self._permission(number)),
        )
        try:
            for name, act in acts:
                if self._progress.failed & {CheckName.PACK, CheckName.ADDRESS, CheckName.SIGN_IN}:
                    yield CheckStep(name, CheckVerdict.SKIPPED)
                else:
                    yield await self._step(name, act)
        finally:
            if self._progress.session is not None:
                await self._progress.session.close()

    async def _step(self, name: CheckName, act: _Act) -> CheckStep:
        self._progress.seen.clear()
        began = time.perf_counter()
        try:
            async with asyncio.timeout(self._connection.timeout_s):
                result = await act()
        except TimeoutError:
            step = self._failed(
                name, CrmTrouble.TIMEOUT, f"no answer within {self._connection.timeout_s:g} s"
            )
        except BadShapeError as exc:
            step = self._failed(name, CrmTrouble.BAD_ANSWER, str(exc))
        except CrmFault as fault:
            step = self._failed(name, fault.trouble, fault.detail)
        else:
            step = CheckStep(name, result.verdict, oddity=result.oddity, mapped=result.mapped)
        took_ms = (time.perf_counter() - began) * 1000
        return replace(step, took_ms=took_ms, requests=tuple(map(self._shown, self._progress.seen)))

    def _failed(self, name: CheckName, trouble: CrmTrouble, detail: str) -> CheckStep:
        self._progress.failed.add(name)
        return CheckStep(name, CheckVerdict.FAILED, detail=detail, trouble=trouble)

    # --- the steps --------------------------------------------------------------------------------------

    async def _pack(self) -> _Result:
        try:
            pack = load_pack(self._connection.pack)
        except BadInput as exc:
            raise CrmFault(CrmTrouble.NOT_CONFIGURED, exc.detail) from exc
        self._pack_in_use = pack
        return _Result((("pack", f"{pack.title} ({pack.name})"), ("auth", self._connection.auth.value)))

    async def _address(self) -> _Result:
        line = Line(self._connection, self._loaded, self._vault, watch=self._see)
        self._progress.session = CrmSession(line)
        await line.exchange.reach()
        return _Result((("base_url", str(line.exchange.base_url)),))

    @property
    def _loaded(self) -> Pack:
        if self._pack_in_use is None:
            raise CrmFault(CrmTrouble.NOT_CONFIGURED, "there is no pack")
        return self._pack_in_use

    @property
    def _session(self) -> CrmSession:
        if self._progress.session is None:
            raise CrmFault(CrmTrouble.NOT_CONFIGURED, "there is no connection")
        return self._progress.session

    async def _sign_in(self) -> _Result:
        await self._session.line.credentials.ready()
        await signing_in.prove(self._session)
        return _Result()

    async def _agent(self) -> _Result:
        if self._loaded.agent is None:
            return _Result(skipped=True)
        agent = await self._session.line.asker.agent()
        return _Result(tuple((name, str(value)) for name, value in agent.items()))

    async def _find(self, number: PhoneNumber) -> _Result:
        if not number.raw:
            return _Result(skipped=True)
        query = CustomerQuery(_QUERY, CallId(""), None, self._connection.name, number)
        began = time.perf_counter()
        found = self._progress.customers = await self._session.finder.find(query)
        took_ms = (time.perf_counter() - began) * 1000
        if not found:
            return _Result(oddity=CheckOddity.NOBODY_FOUND)
        oddity = _oddity(found)
        if oddity is CheckOddity.NONE and took_ms > SLOW_MS:
            oddity = CheckOddity.SLOW
        return _Result(_mapped(found), oddity)

    async def _record(self) -> _Result:
        if self._loaded.record is None or not self._progress.customers:
            return _Result(skipped=True)
        customer = self._progress.customers[0]
        found = await self._session.finder.by_id(customer.id)
        same = [c.id for c in found] == [customer.id]
        return _Result(_mapped(found), CheckOddity.NONE if same else CheckOddity.NOT_FOUND_BY_ID)

    async def _search(self, text: str) -> _Result:
        if self._loaded.text_search is None:
            return _Result(skipped=True)
        text = text or next((c.name for c in self._progress.customers), "")
        if not text:
            return _Result(skipped=True)
        found = await self._session.finder.search(TextQuery(_QUERY, None, self._connection.name, text))
        expected = {customer.id for customer in self._progress.customers[:1]}
        odd = expected and not expected & {c.id for c in found}
        return _Result(_mapped(found), CheckOddity.NOT_FOUND_BY_TEXT if odd else CheckOddity.NONE)

    async def _codes(self) -> _Result:
        if self._loaded.codes is None:
            return _Result(skipped=True)
        codes = await self._session.codes(CampaignId(""))
        oddity = CheckOddity.NONE if codes else CheckOddity.NO_CODES
        return _Result(tuple((code.code, code.label) for code in codes), oddity)

    async def _permission(self, number: PhoneNumber) -> _Result:
        if self._loaded.do_not_call is None or not number.raw:
            return _Result(skipped=True)
        asked = DoNotCallQuery(_QUERY, None, self._connection.name, number)
        return _Result((("permission", (await self._session.finder.permission(asked)).value),))

    def _shown(self, seen: Seen) -> CheckedRequest:
        self._note_secrets()
        return shown(seen, Mask(tuple(self._progress.secrets)))

    def _see(self, seen: Seen) -> None:
        self._note_secrets()
        self._progress.seen.append(seen)

    def _note_secrets(self) -> None:
        if self._progress.session is not None:
            self._progress.secrets.update(self._progress.session.line.credentials.secrets)


def _mapped(customers: tuple[Customer, ...]) -> tuple[tuple[str, str], ...]:
    """What the card would show, as label and text."""
    lines: list[tuple[str, str]] = []
    for customer in customers[:_MAPPED_CUSTOMERS]:
        facts = (
            ("id", customer.id),
            ("name", customer.name),
            ("company", customer.company),
            ("numbers", ", ".join(customer.numbers)),
            ("email", customer.email),
            ("tags", ", ".join(customer.tags)),
            ("open cases", ", ".join(customer.open_cases)),
            ("last contacts", str(len(customer.last_contacts) or "")),
            *customer.fields,
            *((f"may be changed: {field.label}", field.value) for field in customer.editable),
            ("do not call", "✓" if customer.do_not_call else ""),
            ("opens", customer.url),
        )
        lines += [(label, str(text)) for label, text in facts if text]
    return tuple(lines)


def _oddity(customers: tuple[Customer, ...]) -> CheckOddity:
    """What a card cannot do without."""
    if any(not customer.name for customer in customers):
        return CheckOddity.NO_NAME
    if not any(customer.numbers for customer in customers):
        return CheckOddity.NO_NUMBERS
    return CheckOddity.NONE
