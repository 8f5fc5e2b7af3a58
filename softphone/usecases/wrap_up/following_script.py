"""Following the campaign's script during the call: where the agent is, what was answered, what comes next.

Answers are part of the wrap-up's draft: saved while they are given, delivered with the outcome, there again
after a restart. So is the way through the script.
"""

from __future__ import annotations

from collections.abc import Iterable

from softphone.domain.campaign import Campaign
from softphone.domain.facts import dataclass
from softphone.domain.form import FieldTrouble, FormField, canonical, trouble_with
from softphone.domain.ids import CallId
from softphone.domain.script import END, ScriptStep, after, current, merged, visited
from softphone.domain.text import clean_note
from softphone.domain.wrap_up import Draft
from softphone.usecases.calls.calling import Calling
from softphone.usecases.configuring import Configuring
from softphone.usecases.customers.recognising import Recognising
from softphone.usecases.wrap_up.wrapping_up import WrappingUp


@dataclass(frozen=True, slots=True)
class ScriptPage:
    """What the agent sees of the script now. `text` is merged; `answers` are the labels to choose from,
    `chosen` the index of the one taken before (-1: none); `field` is asked instead, `answer` what stands in
    it and `trouble` why that does not count. `steps_done` were taken before; `at_end`: nothing is left."""

    call_id: CallId
    step: str
    text: str
    answers: tuple[str, ...] = ()
    chosen: int = -1
    field: FormField | None = None
    answer: str = ""
    trouble: FieldTrouble | None = None
    steps_done: int = 0
    at_end: bool = False

    @property
    def can_go_on(self) -> bool:
        """The next step can be taken without choosing an answer, or with the one chosen before."""
        return not self.at_end and self.trouble is None and (not self.answers or self.chosen >= 0)


class FollowingScript:
    """Each call with a campaign that has a script has its own place in it."""

    def __init__(
        self,
        wrapping_up: WrappingUp,
        calling: Calling,
        recognising: Recognising,
        configuring: Configuring,
    ) -> None:
        self._wrapping_up = wrapping_up
        self._calling = calling
        self._recognising = recognising
        self._configuring = configuring

    def page(self, call_id: CallId) -> ScriptPage | None:
        """Where the script stands for that call; None where there is no script."""
        campaign = self._campaign(call_id)
        if campaign is None or not campaign.script:
            return None
        draft = self._wrapping_up.draft(call_id)
        step = current(campaign.script, draft.trail)
        done = len(visited(campaign.script, draft.trail)) - (step is not None)
        if step is None:
            return ScriptPage(call_id, END, "", steps_done=done, at_end=True)
        stored = dict(draft.answers).get(step.stores_as, "") if step.stores_as else ""
        values = [answer.stored for answer in step.answers]
        return ScriptPage(
            call_id,
            step.name,
            merged(step.say, self._facts(call_id, campaign, draft)),
            tuple(answer.label for answer in step.answers),
            values.index(stored) if stored in values else -1,
            step.ask,
            stored if step.ask else "",
            trouble_with(step.ask, stored) if step.ask else None,
            done,
        )

    def answer(self, call_id: CallId, typed: str) -> None:
        """Answer the field that the present step asks."""
        step = self._step(call_id)
        if step and step.ask:
            draft = self._wrapping_up.draft(call_id)
            answered = draft.with_answer(step.ask.name, canonical(step.ask, clean_note(typed)))
            self._wrapping_up.note_script(call_id, answered.answers, draft.trail)

    def choose(self, call_id: CallId, index: int) -> None:
        """Take an answer of the present step and go on as it says; what it prepares is chosen as outcome."""
        campaign, step = self._campaign(call_id), self._step(call_id)
        if campaign is None or step is None or not 0 <= index < len(step.answers):
            return
        answer = step.answers[index]
        draft = self._wrapping_up.draft(call_id).with_answer(step.name, answer.stored)
        self._wrapping_up.note_script(
            call_id, draft.answers, (*draft.trail, after(campaign.script, step, answer))
        )
        if answer.code and campaign.disposition(answer.code) and answer.code not in draft.codes:
            self._wrapping_up.choose_code(call_id, answer.code)

    def go_on(self, call_id: CallId) -> bool:
        """Take the next step. Tell whether there was one to take: an answer may be missing."""
        campaign, step, page = self._campaign(call_id), self._step(call_id), self.page(call_id)
        if campaign is None or step is None or page is None or not page.can_go_on:
            return False
        if page.chosen >= 0:
            self.choose(call_id, page.chosen)
            return True
        draft = self._wrapping_up.draft(call_id)
        self._wrapping_up.note_script(call_id, draft.answers, (*draft.trail, after(campaign.script, step)))
        return True

    def go_back(self, call_id: CallId) -> None:
        """One step back; what was answered there stays until it is answered otherwise."""
        draft = self._wrapping_up.draft(call_id)
        if draft.trail:
            self._wrapping_up.note_script(call_id, draft.answers, draft.trail[:-1])

    # --- inside ---

    def _campaign(self, call_id: CallId) -> Campaign | None:
        record = self._wrapping_up.record(call_id)
        return self._calling.campaign(record.call) if record else None

    def _step(self, call_id: CallId) -> ScriptStep | None:
        campaign = self._campaign(call_id)
        return current(campaign.script, self._wrapping_up.draft(call_id).trail) if campaign else None

    def _facts(self, call_id: CallId, campaign: Campaign, draft: Draft) -> dict[str, str]:
        facts = {f"answer.{name}": value for name, value in draft.answers}
        facts["campaign.name"] = campaign.name
        accounts = self._configuring.settings.accounts
        facts["agent.name"] = next((a.display_name or a.user for a in accounts), "")
        record = self._wrapping_up.record(call_id)
        if record:
            facts["call.number"], facts["call.queue"] = record.number, record.call.queue
        facts["customer.name"] = draft.customer_name
        facts.update(self._customer_facts(call_id))
        return facts

    def _customer_facts(self, call_id: CallId) -> Iterable[tuple[str, str]]:
        customer = self._recognising.customer(call_id)
        if customer is None:
            return ()
        own = (
            ("customer.name", customer.name),
            ("customer.company", customer.company),
            ("customer.email", customer.email),
            ("customer.number", next(iter(customer.numbers), "")),
        )
        return (*((f"customer.{label}", value) for label, value in customer.fields), *own)
