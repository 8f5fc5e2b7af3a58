"""A number that an outcome barred by mistake can be dialled again once that outcome is corrected."""

from __future__ import annotations

from dataclasses import replace

from softphone.domain.campaign import CodeAction, Disposition
from softphone.domain.crm_work import CrmAbility, CrmDescription
from softphone.domain.keeping_events import HistoryLoaded
from tests.fakes.world import INSURER, SETTINGS, World

NO_CALLS = Disposition("no_calls", "Wants no calls", actions=(CodeAction.DO_NOT_CALL,))
ALSO = replace(INSURER, dispositions=(*INSURER.dispositions, NO_CALLS))
BARRING = replace(SETTINGS, campaigns=(ALSO, *SETTINGS.campaigns[1:]))


def test_a_number_barred_by_a_slip_is_free_after_the_correction() -> None:
    world = World(BARRING)
    world.start()
    world.crm.describe(CrmDescription("crm", abilities=frozenset({CrmAbility.LOG_UPDATE})))
    world.desk.being_available.choose_ready()
    world.run()
    call_id = world.phone.ring("in-1", headers=(("X-Queue", "claims"),))
    world.run()
    world.desk.calling.answer(call_id)
    world.run()
    world.phone.end(call_id)
    world.run()
    work = world.desk.wrapping_up
    work.choose_code(call_id, "no_calls")
    assert work.save(call_id)
    world.run()
    world.crm.answer_all()
    world.run()
    world.desk.looking_back.reload()
    world.run()
    (entry,) = world.last(HistoryLoaded).entries
    number, campaign = entry.record.number, entry.record.call.campaign_id
    assert world.desk.calling.forbids(number, campaign)
    assert work.correct(entry)
    work.choose_code(call_id, "solved")
    assert work.save(call_id)
    world.run()
    assert not world.desk.calling.forbids(number, campaign)
