"""A desk whose records are saved, arrive in the CRM, and are changed."""

from __future__ import annotations

from softphone.domain.crm_work import CrmAbility, CrmDescription
from softphone.domain.delivery import CallLog
from softphone.domain.ids import CallId
from softphone.domain.keeping_events import HistoryLoaded
from softphone.domain.wrap_up import HistoryEntry, RecordStatus
from tests.fakes.world import MARIA, World

CLAIMS = (("X-Queue", "claims"),)
CHANGES = frozenset({CrmAbility.LOG_UPDATE, CrmAbility.TASK})


def started(made: World, abilities: frozenset[CrmAbility] = CHANGES) -> World:
    made.start()
    made.crm.describe(CrmDescription("crm", abilities=abilities))
    made.crm.know(MARIA)
    made.desk.being_available.choose_ready()
    made.run()
    return made


def after_call_work(world: World, name: str = "in-1") -> CallId:
    """A call that is over, its wrap-up open."""
    call_id = world.phone.ring(name, headers=CLAIMS)
    world.run()
    world.crm.answer_all()
    world.desk.calling.answer(call_id)
    world.run()
    world.phone.end(call_id)
    world.run()
    return call_id


def saved(world: World, notes: str = "as it was sent", name: str = "in-1") -> CallId:
    """A saved record that is on its way to the CRM."""
    call_id = after_call_work(world, name)
    work = world.desk.wrapping_up
    work.choose_code(call_id, "solved")
    work.type_notes(call_id, notes)
    assert work.save(call_id)
    world.run()
    return call_id


def arrived(world: World) -> CallId:
    """A saved record that the CRM has."""
    call_id = saved(world)
    deliver(world)
    assert entry(world).status is RecordStatus.DELIVERED
    return call_id


def deliver(world: World) -> None:
    world.crm.answer_all()
    world.run()


def entry(world: World) -> HistoryEntry:
    world.desk.looking_back.reload()
    world.run()
    return world.last(HistoryLoaded).entries[0]


def begin(world: World, call_id: CallId, notes: str) -> None:
    assert world.desk.wrapping_up.correct(entry(world))
    world.desk.wrapping_up.type_notes(call_id, notes)


def change(world: World, call_id: CallId, notes: str) -> None:
    begin(world, call_id, notes)
    assert world.desk.wrapping_up.save(call_id)
    world.run()


def in_crm(world: World) -> CallLog:
    """The one record that the CRM has."""
    (log,) = world.crm.records.values()
    return log
