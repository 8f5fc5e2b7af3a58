"""Whose record a call is: what the CRM has under one customer is never shown under another."""

from __future__ import annotations

from dataclasses import replace

from softphone.domain.campaign import LogAt
from softphone.domain.crm_work import CrmAbility, CrmDescription
from softphone.domain.customer import CrmTrouble, Customer
from softphone.domain.delivery import CallLog
from softphone.domain.ids import CallId, CustomerId
from softphone.domain.keeping_events import HistoryLoaded
from softphone.domain.settings import Settings
from softphone.domain.wrap_up import HistoryEntry, RecordStatus
from tests.fakes.world import MARIA, SETTINGS, World

AT_THE_END = replace(SETTINGS, campaigns=tuple(replace(c, log_at=LogAt.CALL_END) for c in SETTINGS.campaigns))
OTTO = Customer(CustomerId("c2"), "Otto Klein", "", ("+49 30 999",))


def started(world: World) -> World:
    world.start()
    world.crm.describe(CrmDescription("crm", abilities=frozenset({CrmAbility.LOG_UPDATE})))
    world.crm.know(MARIA)
    world.desk.being_available.choose_ready()
    world.run()
    return world


def after_call_work(settings: Settings = SETTINGS, *troubles: CrmTrouble) -> tuple[World, CallId]:
    """A call of Maria's is over, its wrap-up open."""
    world = World(settings)
    world.crm.fail_deliveries(*troubles)
    started(world)
    call_id = world.phone.ring("in-1", headers=(("X-Queue", "claims"),))
    world.run()
    world.crm.answer_all()
    world.desk.calling.answer(call_id)
    world.run()
    world.phone.end(call_id)
    world.run()
    return world, call_id


def deliver(world: World) -> None:
    world.crm.answer_all()
    world.run()


def save(world: World, call_id: CallId) -> None:
    world.desk.wrapping_up.choose_code(call_id, "solved")
    assert world.desk.wrapping_up.save(call_id)
    world.run()
    deliver(world)


def attach(world: World, call_id: CallId, customer: Customer = OTTO) -> None:
    world.desk.recognising.attach(call_id, customer)
    world.run()


def entry(world: World) -> HistoryEntry:
    world.desk.looking_back.reload()
    world.run()
    return world.last(HistoryLoaded).entries[0]


def in_crm(world: World) -> CallLog:
    (log,) = world.crm.records.values()
    return log


def test_a_call_that_the_crm_has_stays_with_its_customer_and_says_so() -> None:
    world, call_id = after_call_work(AT_THE_END)
    deliver(world)
    attach(world, call_id)
    state = world.desk.wrapping_up.state(call_id)
    assert (state.stays, state.draft.customer_name) == (True, MARIA.name)
    save(world, call_id)
    found = entry(world)
    assert (found.status, found.draft.customer_id) == (RecordStatus.DELIVERED, MARIA.id)
    assert in_crm(world).customer_id == MARIA.id


def test_a_call_that_is_on_its_way_stays_with_its_customer() -> None:
    world, call_id = after_call_work(AT_THE_END)
    attach(world, call_id)
    assert world.desk.wrapping_up.state(call_id).stays
    save(world, call_id)
    deliver(world)
    assert entry(world).draft.customer_id == in_crm(world).customer_id == MARIA.id


def test_nothing_is_said_any_more_once_its_own_customer_is_back() -> None:
    world, call_id = after_call_work(AT_THE_END)
    attach(world, call_id)
    attach(world, call_id, MARIA)
    assert not world.desk.wrapping_up.state(call_id).stays


def test_a_call_that_the_crm_hears_of_with_its_outcome_is_the_attached_customers() -> None:
    world, call_id = after_call_work()
    attach(world, call_id)
    assert not world.desk.wrapping_up.state(call_id).stays
    save(world, call_id)
    assert entry(world).draft.customer_id == in_crm(world).customer_id == OTTO.id


def test_an_early_call_that_the_crm_refused_may_be_another_customers() -> None:
    world, call_id = after_call_work(AT_THE_END, CrmTrouble.REFUSED)
    deliver(world)
    attach(world, call_id)
    save(world, call_id)
    assert entry(world).draft.customer_id == in_crm(world).customer_id == OTTO.id


def test_what_the_crm_takes_after_all_is_its_customers_again() -> None:
    world, call_id = after_call_work(AT_THE_END, CrmTrouble.REFUSED)
    deliver(world)
    attach(world, call_id)
    world.desk.delivering.retry(world.crm.attempted[0].id)
    world.run()
    deliver(world)
    state = world.desk.wrapping_up.state(call_id)
    assert (state.stays, state.draft.customer_id, state.draft.customer_name) == (True, MARIA.id, MARIA.name)


def test_whose_record_it_is_is_known_after_a_crash() -> None:
    world, call_id = after_call_work(AT_THE_END)
    deliver(world)
    again = World(AT_THE_END, records=world.store)
    world.store.restart(again.post)
    started(again)
    attach(again, call_id)
    state = again.desk.wrapping_up.state(call_id)
    assert (state.stays, state.draft.customer_id) == (True, MARIA.id)


def test_a_correction_moves_no_record_to_another_customer() -> None:
    world, call_id = after_call_work()
    save(world, call_id)
    assert world.desk.wrapping_up.correct(entry(world))
    attach(world, call_id)
    assert world.desk.wrapping_up.state(call_id).stays
    world.desk.wrapping_up.type_notes(call_id, "in other words")
    save(world, call_id)
    found = entry(world)
    assert (found.status, found.draft.customer_id) == (RecordStatus.DELIVERED, MARIA.id)
    assert (in_crm(world).customer_id, in_crm(world).notes) == (MARIA.id, "in other words")


def test_a_refused_record_can_be_given_to_another_customer_and_back() -> None:
    world, call_id = after_call_work(SETTINGS, CrmTrouble.REFUSED)
    save(world, call_id)
    assert world.desk.wrapping_up.correct(entry(world))
    attach(world, call_id)
    assert world.desk.wrapping_up.draft(call_id).customer_id == OTTO.id
    world.clock.advance(1)
    world.run()
    assert world.desk.wrapping_up.cancel_correction(call_id)
    world.run()
    left = entry(world)
    assert (left.draft.customer_id, left.draft.customer_name, left.saved) == (MARIA.id, MARIA.name, None)
