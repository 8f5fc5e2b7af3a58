"""Customers who call again and again, each through the queue of one of the three companies."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Callable

from softphone.demo.campaigns import INSURER, ORDER_LINE, ROADSIDE
from softphone.demo.pbx.call import Call
from softphone.demo.pbx.news import CallState
from softphone.demo.pbx.party import Party
from softphone.demo.pbx.sound import Clip, speech
from softphone.demo.pbx.telephone_system import TelephoneSystem
from softphone.domain.campaign import Campaign
from softphone.domain.facts import dataclass

_PAUSE_IN_SPEECH_S = 1.5


@dataclass(frozen=True, slots=True)
class CallPlan:
    """One customer's call. A `number` that no customer has is a stranger; an empty one is anonymous."""

    campaign: Campaign
    number: str
    name: str
    clip: str
    record_id: str = ""

    @property
    def queue(self) -> str:
        return self.campaign.matching.queues[0]

    @property
    def dnis(self) -> str:
        return self.campaign.matching.dnis[0]

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """What the queue tells the agent's phone."""
        record = (("X-CRM-ID", self.record_id),) if self.record_id else ()
        return (("X-Queue", self.queue), ("X-Campaign", str(self.campaign.id)), *record)

    def party(self) -> Party:
        source = Clip(speech(self.clip), pause_s=_PAUSE_IN_SPEECH_S)
        return Party(self.number, self.name, source, anonymous=not self.number)


PLANS: tuple[CallPlan, ...] = (
    CallPlan(INSURER, "+442079460018", "Harriet Whitcombe", "en-claim"),
    CallPlan(ORDER_LINE, "+493023125042", "Jürgen Großmann", "de-order"),
    CallPlan(ROADSIDE, "+390277550100", "Giulia Ferrante", "it-roadside"),
    CallPlan(INSURER, "+302117700100", "Ελένη Παπαδοπούλου", "el-claim", record_id="C004"),
    CallPlan(ORDER_LINE, "+498999998017", "", "de-complaint"),
    CallPlan(INSURER, "+97237550100", "נועה בן־דוד", "en-policy"),
    CallPlan(ROADSIDE, "+390550123456", "", "it-status"),
    CallPlan(INSURER, "+442079460555", "", "en-policy"),
    CallPlan(ORDER_LINE, "", "", "de-order"),
)
"""One match, another company, a record by its id, several matches, right to left, nobody, anonymous."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Seconds of the callers' day."""

    before_first_s: float = 2.5
    rings_at_most_s: float = 30.0
    between_calls_s: float = 20.0
    after_recorded_s: float = 6.0
    """Once the outcome is in the CRM, the next caller need not wait that long."""
    checks_every_s: float = 0.1


class Callers:
    """Calls one agent's phone while it is registered, one caller after the other."""

    def __init__(
        self, system: TelephoneSystem, user: str, recorded: Callable[[], int], rhythm: Rhythm, limit: int = 0
    ) -> None:
        """`recorded` counts the outcomes in the CRM; `limit` is the number of calls, 0 for no end."""
        self._system = system
        self._user = user
        self._recorded = recorded
        self._rhythm = rhythm
        self._limit = limit
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._call_again_and_again())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _call_again_and_again(self) -> None:
        plans = itertools.cycle(PLANS)
        calls = itertools.islice(plans, self._limit) if self._limit else plans
        await self._wait(lambda: self._free, self._rhythm.before_first_s)
        for plan in calls:
            recorded = self._recorded()
            await self._one_call(plan)
            await self._pause(recorded)

    async def _one_call(self, plan: CallPlan) -> None:
        party = plan.party()
        call: Call | None = None
        while call is None:
            await self._wait(lambda: self._free)
            call = await self._system.ring(self._user, party, dnis=plan.dnis, headers=plan.headers)
        ringing = asyncio.get_running_loop().time()
        while call.state is not CallState.ENDED:
            await asyncio.sleep(self._rhythm.checks_every_s)
            waited_s = asyncio.get_running_loop().time() - ringing
            if call.state is not CallState.ESTABLISHED and waited_s > self._rhythm.rings_at_most_s:
                call.give_up()

    async def _pause(self, recorded: int) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + self._rhythm.between_calls_s
        while loop.time() < until and self._recorded() == recorded:
            await asyncio.sleep(self._rhythm.checks_every_s)
        await asyncio.sleep(min(self._rhythm.after_recorded_s, max(0.0, until - loop.time())))

    @property
    def _free(self) -> bool:
        """The agent's phone is there and nobody of us is on it."""
        return self._system.where(self._user) is not None and not self._system.parties

    async def _wait(self, condition: Callable[[], bool], then_s: float = 0.0) -> None:
        while not condition():
            await asyncio.sleep(self._rhythm.checks_every_s)
        await asyncio.sleep(then_s)
