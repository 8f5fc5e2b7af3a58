"""What happens on a floor: each scene measures who hears whom, whatever the telephone system and the way."""

from __future__ import annotations

from collections.abc import Callable

from softphone.domain.supervision import SupervisionMode, Voice
from tests import tones
from tests.e2e.floors import Floor, Leading, a_second_passes
from tests.e2e.team_desks import TeamDesk
from tests.peers.waiting import wait_for
from tests.phone.supervised import AGENT_HZ, CUSTOMER_HZ, LEAD_HZ, NEVER_DBFS, SECOND_LEAD_HZ, Ears

LISTEN, WHISPER, BARGE, TAKE_OVER = SupervisionMode
Shown = Callable[[SupervisionMode], None]
Cells = dict[str, dict[str, float]]
"""What was measured, in dBFS, by the name of the cell."""
WORST = "customer heard the lead at most"
POLL_S = 0.1
"""Listening reads whole recordings in the process in which the customer's telephone hums."""


def matrix(floor: Floor) -> Cells:
    """Every mode, there and back, ends on the agent's call. Returns who heard whom in each, and what the
    customer heard of the lead at most, from the moment of each change on, where nothing should be."""
    ears = floor.ears
    cells: Cells = {}
    session = _quiet(floor, ears, cells)
    for before, after in ((BARGE, WHISPER), (BARGE, LISTEN)):
        _change(floor, ears, before, session)
        cells[f"{before} to {after}"] = {WORST: _becomes_quiet(floor, after)}
        ears.expect(after)
    since = ears.mark()
    _change(floor, ears, WHISPER, session)
    _change(floor, ears, LISTEN, session)
    a_second_passes()
    cells["listen, whisper and back after barge"] = {WORST: ears.expect_customer_never_heard_lead(since)}
    _change(floor, ears, TAKE_OVER, None)
    cells["back to listen from take over"] = {WORST: _given_back(floor, ears)}
    for mode in SupervisionMode:
        cells.setdefault(mode.value, {}).update(_heard(ears, mode))
    return cells


def _becomes_quiet(floor: Floor, mode: SupervisionMode) -> float:
    """From the moment in which the lead is told of the mode the customer hears nothing any more."""
    floor.lead.change(mode)
    since = floor.ears.mark()
    a_second_passes()
    return floor.ears.expect_customer_never_heard_lead(since)


def _given_back(floor: Floor, ears: Ears) -> float:
    give_back(floor, ears)
    since = ears.mark()
    a_second_passes()
    return ears.expect_customer_never_heard_lead(since)


def _heard(ears: Ears, mode: SupervisionMode) -> dict[str, float]:
    """Who heard whom when that mode was last as it should be, dBFS."""
    start = f"{mode}: "
    return {what.removeprefix(start): dbfs for what, dbfs in ears.figures.items() if what.startswith(start)}


def once_around(floor: Floor, shown: Shown) -> None:
    """Each mode once, and back; `shown` is called in each."""
    ears = floor.ears
    began = ears.mark()
    floor.lead.begin(floor.agent_user, LISTEN)
    ears.expect(LISTEN)
    shown(LISTEN)
    _change(floor, ears, WHISPER, None)
    shown(WHISPER)
    ears.expect_customer_never_heard_lead(began)
    for mode in (BARGE, TAKE_OVER):
        _change(floor, ears, mode, None)
        shown(mode)
    give_back(floor, ears)


def from_barge_to_whisper(floor: Floor) -> float:
    """The change that must not be believed too early: who was heard by the customer is not any more."""
    ears = floor.ears
    floor.lead.begin(floor.agent_user, BARGE)
    ears.expect(BARGE)
    floor.lead.change(WHISPER)
    ears.expect(WHISPER)
    since = ears.mark()
    a_second_passes()
    return ears.expect_customer_never_heard_lead(since)


def _quiet(floor: Floor, ears: Ears, cells: Cells) -> str:
    """Listening and whispering to and fro: the customer hears nothing of it at any moment."""
    began = ears.mark()
    session = floor.lead.begin(floor.agent_user, LISTEN)
    ears.expect(LISTEN)
    for mode in (WHISPER, LISTEN, WHISPER):
        _change(floor, ears, mode, session)
    a_second_passes()
    cells["listen and whisper, to and fro"] = {WORST: ears.expect_customer_never_heard_lead(began)}
    return session


def _change(floor: Floor, ears: Ears, mode: SupervisionMode, session: str | None) -> None:
    now = floor.lead.change(mode)
    assert session is None or not floor.one_session or now == session, "another call was placed"
    ears.expect(mode)


def give_back(floor: Floor, ears: Ears) -> None:
    """From taking over back to listening: the agent has the customer again."""
    if floor.takes_back_by_ringing:
        wait_for(lambda: not floor.agent.calls, "the agent to be released", timeout_s=20)
        floor.lead.change(LISTEN)
        floor.agent.answer_next()
    else:
        floor.lead.change(LISTEN)
    ears.expect(LISTEN)


def hold_and_transfer(floor: Floor) -> float:
    """The agent, whispered to, holds the customer, goes on and transfers; ends the agent's call. Returns what
    the customer heard of the lead at most."""
    ears, lead = floor.ears, floor.lead
    floor.take_transfer()
    began = ears.mark()
    _whisper(floor)
    ears.expect(WHISPER)
    floor.agent.ok("hold")
    if floor.whisper_reaches_holder:
        wait_for(lambda: floor.agent.heard_dbfs(LEAD_HZ) > tones.HEARD_DBFS, "coached on hold", timeout_s=20)
    for mode in (LISTEN, WHISPER):
        lead.change(mode)
    a_second_passes()
    floor.agent.ok("resume")
    ears.expect(WHISPER)
    floor.agent.ok("transfer", floor.elsewhere)
    floor.transferred()
    wait_for(lambda: not floor.agent.calls, "the agent to be done", timeout_s=20)
    wait_for(lambda: not lead.supervises, "the lead not to be left behind", timeout_s=20)
    a_second_passes()
    return ears.expect_customer_never_heard_lead(began)


def held_while_barged_in(floor: Floor) -> float | None:
    """The agent holds the customer while the lead is in the call, and goes on: on hold the customer hears
    nothing of the lead, except where the telephone system mixes, afterwards everything as before."""
    floor.lead.begin(floor.agent_user, BARGE)
    floor.ears.expect(BARGE)
    floor.agent.ok("hold")
    a_second_passes()
    worst = None
    if floor.barge_reaches_held_customer:
        wait_for(lambda: floor.ears.customer(LEAD_HZ) > tones.HEARD_DBFS, "heard on hold", timeout_s=20)
    else:
        since = floor.ears.mark()
        a_second_passes()
        worst = floor.ears.expect_customer_never_heard_lead(since)
    floor.agent.ok("resume")
    floor.ears.expect(BARGE)
    return worst


def _whisper(floor: Floor) -> None:
    if floor.lead.supervises:
        floor.lead.change(WHISPER)
    else:
        floor.lead.begin(floor.agent_user, WHISPER)


def two_leads(floor: Floor) -> float:
    """One whispers while the other listens, then barges in and leaves; the customer ends it for all. Returns
    the most that the customer heard of either before the barging in."""
    first, second = floor.lead, floor.second_lead()
    ears = floor.ears
    began = ears.mark()
    if not first.supervises:
        first.begin(floor.agent_user, LISTEN)
    second.begin(floor.agent_user, WHISPER)
    _until_heard(floor.agent, SECOND_LEAD_HZ, "the second whispers")
    for listener in (first, second):
        _until_heard(listener, CUSTOMER_HZ, "both leads hear the customer")
        _until_heard(listener, AGENT_HZ, "both leads hear the agent")
    a_second_passes()
    worst = max(ears.expect_customer_never_heard_lead(began), ears.customer_since(began, SECOND_LEAD_HZ))
    assert worst <= NEVER_DBFS
    first.change(BARGE)
    wait_for(lambda: ears.customer(LEAD_HZ) > tones.HEARD_DBFS, "the first is in the call", timeout_s=20)
    first.leave()
    wait_for(lambda: ears.customer(LEAD_HZ) < tones.UNHEARD_DBFS, "the first has left", timeout_s=20)
    _until_heard(second, CUSTOMER_HZ, "the second listens on")
    floor.customer.hang_up()
    wait_for(lambda: not second.supervises, "nobody listens to nothing", timeout_s=20)
    wait_for(lambda: not floor.agent.calls, "the agent is free", timeout_s=20)
    return worst


def the_agent_hangs_up(floor: Floor) -> float:
    """While the lead whispers: the customer and the lead are released."""
    began = floor.ears.mark()
    _whisper(floor)
    floor.ears.expect(WHISPER)
    floor.agent.ok("hangup")
    wait_for(floor.customer.ended, "the customer is released", timeout_s=20)
    wait_for(lambda: not floor.lead.supervises, "the lead is released", timeout_s=20)
    return floor.ears.expect_customer_never_heard_lead(began)


def the_agent_hangs_up_after_the_take_over(floor: Floor) -> None:
    """The customer stays with the lead, and the agent is free."""
    floor.lead.begin(floor.agent_user, TAKE_OVER)
    floor.ears.expect(TAKE_OVER)
    if not floor.customer_follows:
        floor.take_transfer()
    floor.agent.ok("hangup")
    wait_for(floor.handed_over, "the customer is handed to the lead", timeout_s=20)
    wait_for(lambda: not floor.agent.calls, "the agent is free", timeout_s=20)
    if floor.customer_follows:
        floor.ears.expect(TAKE_OVER)


def the_lead_is_lost(floor: Floor, mode: SupervisionMode) -> None:
    """The lead's network breaks: agent and customer talk on, or are brought together again."""
    lead = floor.lead
    assert isinstance(lead, TeamDesk)
    lead.begin(floor.agent_user, mode)
    floor.ears.expect(mode)
    rings_again = mode is TAKE_OVER and floor.takes_back_by_ringing
    if rings_again:
        wait_for(lambda: not floor.agent.calls, "the agent to be released", timeout_s=20)
    lead.lose_network()
    if rings_again:
        floor.agent.answer_next()
    expect_talk(floor)
    wait_for(lambda: not floor.lead_is_on_the_call(), "the lead's leg ended", timeout_s=20)
    expect_talk(floor)


def expect_talk(floor: Floor) -> None:
    """Customer and agent hear each other."""
    _until_heard(floor.agent, CUSTOMER_HZ, "the customer at the agent's")
    heard = floor.ears.level
    said = "the agent at the customer's"
    wait_for(lambda: heard(Voice.CUSTOMER, Voice.AGENT) > tones.HEARD_DBFS, said, timeout_s=20, poll_s=POLL_S)


def _until_heard(listener: Leading | TeamDesk, frequency_hz: float, what: str) -> None:
    heard = listener.heard_dbfs
    wait_for(lambda: heard(frequency_hz) > tones.HEARD_DBFS, what, timeout_s=20, poll_s=POLL_S)
