"""Customers on a real desk, with a real CRM over HTTP and a real encrypted database:
kept, found by name, made, corrected, refused, and not called."""

from __future__ import annotations

from pathlib import Path

from softphone.demo.crm_faults import Asked, Fault
from softphone.demo.world import DemoWorld
from softphone.domain.call import CallState, EndCause
from softphone.domain.customer import CrmTrouble, Customer, LookupState
from softphone.domain.customer_work import EditState, NewCustomerEntry
from softphone.domain.ids import CallId, CampaignId
from tests.e2e.headless import HeadlessDesk, profile_in

MERIDIAN = (("X-Queue", "meridian-claims"),)
HARRIET, NOBODY, BARRED = "+442079460018", "+442079460999", "+442079460099"


def rung(world: DemoWorld, seat: HeadlessDesk, number: str) -> CallId:
    """A call that rings and is answered, after the CRM has said whose it is."""
    world.ring(number, headers=MERIDIAN)
    call = seat.ringing().id
    asking = (LookupState.ASKING, LookupState.LATE)
    seat.until(lambda: seat.desk.recognising.lookup(call).state not in asking, "the CRM has answered")
    seat.desk.calling.answer(call)
    seat.until(lambda: state(seat, call) is CallState.ESTABLISHED, "they talk")
    return call


def state(seat: HeadlessDesk, call: CallId) -> CallState | None:
    known = seat.desk.calling.call(call)
    return known.state if known else None


def known(seat: HeadlessDesk, call: CallId) -> Customer:
    customer = seat.desk.recognising.customer(call)
    assert customer is not None
    return customer


def test_a_caller_of_before_is_shown_by_the_next_desk_while_the_crm_is_down(
    world: DemoWorld, tmp_path: Path
) -> None:
    profile = profile_in(world)
    with HeadlessDesk(profile, tmp_path) as first:
        first.registered()
        assert known(first, rung(world, first, HARRIET)).name == "Harriet Whitcombe"
    assert (tmp_path / "data" / "customers.db").exists()
    assert b"Whitcombe" not in (tmp_path / "data" / "customers.db").read_bytes()
    world.crm.faults.add(Fault(Asked.FIND, status=503, times=20))
    with HeadlessDesk(profile, tmp_path) as second:
        second.registered()
        world.ring(HARRIET, headers=MERIDIAN)
        call = second.ringing().id
        lookup = second.desk.recognising.lookup
        second.until(lambda: lookup(call).trouble is CrmTrouble.SERVER_ERROR, "the CRM fails")
        assert known(second, call).name == "Harriet Whitcombe"
        assert lookup(call).kept_at is not None
        second.desk.keeping_customers.forget_all()
        second.until(lambda: second.desk.keeping_customers.count == 0, "everything is deleted")


def test_a_customer_is_found_by_name_and_tied_to_the_call(
    world: DemoWorld, at_the_desk: HeadlessDesk
) -> None:
    call = rung(world, at_the_desk, NOBODY)
    assert at_the_desk.desk.recognising.lookup(call).state is LookupState.NONE
    searching = at_the_desk.desk.customers.searching
    searching.type(call, "whitcombe", at_once=True)
    at_the_desk.until(lambda: searching.search(call).lookup.matches, "found")
    searching.take(call, searching.search(call).lookup.matches[0].id)
    assert "Whitcombe" in known(at_the_desk, call).name
    assert at_the_desk.desk.wrapping_up.draft(call).customer_id == known(at_the_desk, call).id


def test_a_new_customer_is_in_the_crm_once_also_after_a_lost_answer(
    world: DemoWorld, at_the_desk: HeadlessDesk
) -> None:
    before = len(world.crm.records.customers)
    call = rung(world, at_the_desk, NOBODY)
    creating = at_the_desk.desk.customers.creating
    creating.begin(call)
    assert len(world.crm.records.customers) == before, "nothing behind the agent's back"
    world.crm.faults.add(Fault(Asked.CREATE, reset=True))
    creating.create(call, NewCustomerEntry("Ida van Loon", email="ida@example.test", number=NOBODY))
    at_the_desk.until(lambda: _failed(at_the_desk, call), "the answer is lost")
    creating.create(call, NewCustomerEntry("Ida van Loon", email="ida@example.test", number=NOBODY))
    at_the_desk.until(lambda: at_the_desk.desk.recognising.customer(call), "the customer is there")
    made = [c for c in world.crm.records.customers if c.name == "Ida van Loon"]
    assert [c.phones for c in made] == [(NOBODY,)]
    assert known(at_the_desk, call).id == made[0].id


def _failed(seat: HeadlessDesk, call: CallId) -> bool:
    creation = seat.desk.customers.creating.creation(call)
    return creation is not None and creation.trouble is not CrmTrouble.NONE


def test_a_corrected_field_reaches_the_crm_and_a_refused_one_says_why(
    world: DemoWorld, at_the_desk: HeadlessDesk
) -> None:
    call = rung(world, at_the_desk, HARRIET)
    editing = at_the_desk.desk.customers.editing
    world.crm.faults.add(Fault(Asked.UPDATE, status=503))
    assert editing.save(call, {"email": "harriet@new.example"})
    at_the_desk.until(lambda: editing.edit(call).state is EditState.DELIVERED, "delivered", timeout_s=30)
    changed = world.crm.records.by_id(str(known(at_the_desk, call).id))
    assert changed is not None
    assert changed.email == "harriet@new.example"
    editing.save(call, {"email": "no address"})
    at_the_desk.until(lambda: editing.edit(call).state is EditState.REFUSED, "refused")
    assert "not an address" in editing.edit(call).detail
    at_the_desk.until(lambda: len(editing.refused) == 1, "listed for a decision")
    editing.discard_refused()
    at_the_desk.until(lambda: not editing.refused, "given up")


def test_a_number_that_the_crm_bars_is_not_dialled(world: DemoWorld, at_the_desk: HeadlessDesk) -> None:
    desk = at_the_desk.desk
    connecting = desk.customers.connecting
    at_the_desk.until(lambda: connecting.description("demo").abilities, "the CRM is described")
    call = desk.calling.place_call(BARRED, desk.signing_in.first_registered(), CampaignId("meridian"))
    at_the_desk.until(lambda: state(at_the_desk, call) is CallState.TERMINATED, "not dialled")
    ended = desk.calling.call(call)
    assert ended is not None
    assert ended.end_cause is EndCause.DO_NOT_CALL
