"""A whole desk on a CRM that none of us wrote: the card in time, the outcome once, also over a crash."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from softphone.composition import Profile
from softphone.demo.campaigns import CRM_NAME
from softphone.demo.world import DemoWorld
from softphone.domain.agent_state import AgentState
from softphone.domain.call import CallView
from softphone.domain.campaign import LogAt
from softphone.domain.correction import Correction
from softphone.domain.customer import CrmTrouble
from softphone.domain.delivery import DeliveryState
from softphone.domain.settings import CrmConnection
from softphone.domain.wrap_up import HistoryEntry, RecordStatus
from tests.crm.packs.real_bottlecrm import RealBottleCrm, behind_a_relay
from tests.crm.shapes.shape import Person
from tests.e2e.headless import HeadlessDesk, profile_in
from tests.peers.bottlecrm import BottleCrm

pytestmark = pytest.mark.peer("bottlecrm")

MERIDIAN = (("X-Queue", "meridian-claims"),)
HARRIET = Person("Harriet", "Whitcombe", "020 7946 0018", "Whitcombe Ltd")
CALLER = "+442079460018"


@pytest.fixture
def real(bottlecrm: BottleCrm) -> Iterator[RealBottleCrm]:
    with behind_a_relay(bottlecrm) as real:
        yield real


@pytest.fixture
def log_at() -> LogAt:
    return LogAt.OUTCOME


@pytest.fixture
def office(world: DemoWorld, real: RealBottleCrm, tmp_path: Path, log_at: LogAt) -> Iterator[HeadlessDesk]:
    demo = profile_in(world)
    connection: CrmConnection = replace(real.connection(), name=CRM_NAME)
    campaigns = tuple(replace(campaign, log_at=log_at) for campaign in demo.settings.campaigns)
    settings = replace(demo.settings, crms=(connection,), campaigns=campaigns)
    profile = Profile(settings, {**demo.secrets, f"crm/{CRM_NAME}": real.server.token})
    with HeadlessDesk(profile, tmp_path) as made:
        made.registered()
        yield made


def _talked(world: DemoWorld, office: HeadlessDesk) -> CallView:
    """A call of Harriet's from its ringing to its end, found in the CRM."""
    desk = office.desk
    desk.being_available.choose_ready()
    caller = world.ring(CALLER, headers=MERIDIAN)
    call = office.ringing()
    office.until(lambda: desk.recognising.customer(call.id), "the customer's card while it rings")
    desk.calling.answer(call.id)
    desk.wrapping_up.type_notes(call.id, "Hail damage on the roof")
    office.until(lambda: desk.being_available.status.state is AgentState.ON_CALL, "talking")
    caller.hang_up()
    office.until(lambda: desk.wrapping_up.open_calls, "after-call work")
    desk.wrapping_up.choose_code(call.id, "claim_opened")
    return call


def _delivered(office: HeadlessDesk) -> bool:
    last = office.desk.looking_back.outbox.last
    return last is not None and last.state is DeliveryState.DELIVERED


def test_the_outcome_is_in_the_crm_once_though_it_died_before_its_answer(
    world: DemoWorld, real: RealBottleCrm, office: HeadlessDesk
) -> None:
    harriet = real.add(HARRIET)
    call = _talked(world, office)
    customer = office.desk.recognising.customer(call.id)
    assert customer is not None
    assert (customer.id, customer.name) == (harriet, "Harriet Whitcombe")

    real.die_before_the_answer("interaction")
    assert office.desk.wrapping_up.save(call.id)
    office.until(lambda: not real.server.running, "the CRM dies after writing")
    assert not _delivered(office)
    real.server.start()
    office.until(lambda: _delivered(office), "the outcome is in the CRM", timeout_s=40.0)

    (logged,) = real.calls()
    assert logged.customer_id == harriet
    assert "Hail damage on the roof" in logged.text


def test_an_outcome_that_the_crm_has_is_corrected_there_though_it_died_before_its_answer(
    world: DemoWorld, real: RealBottleCrm, office: HeadlessDesk
) -> None:
    real.add(HARRIET)
    call = _talked(world, office)
    work = office.desk.wrapping_up
    assert work.save(call.id)
    office.until(lambda: _delivered(office), "the outcome is in the CRM", timeout_s=40.0)
    office.until(lambda: _entry(office).status is RecordStatus.DELIVERED, "the list says so")

    assert work.correction(_entry(office)) is Correction.CHANGE
    assert work.correct(_entry(office))
    work.type_notes(call.id, "Hail damage on the car")
    real.die_once_a_call_says("on the car")
    assert work.save(call.id)
    office.until(lambda: not real.server.running, "the CRM dies after writing")
    office.until(lambda: _entry(office).attempts > 0, "the attempt has failed")
    assert (_entry(office).status, _entry(office).correction) == (RecordStatus.SAVED, True)
    real.server.start()
    office.until(
        lambda: _entry(office).status is RecordStatus.DELIVERED, "the change is in the CRM", timeout_s=40.0
    )
    (logged,) = real.calls()
    assert "Hail damage on the car" in logged.text
    assert "on the roof" not in logged.text


def test_a_correction_of_what_was_deleted_in_the_crm_is_refused_and_the_agent_can_close_it(
    world: DemoWorld, real: RealBottleCrm, office: HeadlessDesk
) -> None:
    real.add(HARRIET)
    call = _talked(world, office)
    work = office.desk.wrapping_up
    assert work.save(call.id)
    office.until(lambda: _entry(office).status is RecordStatus.DELIVERED, "the outcome is there", 40.0)
    real.forget_calls()
    assert work.correct(_entry(office))
    work.type_notes(call.id, "Hail damage on the car")
    assert work.save(call.id)
    office.until(lambda: _entry(office).status is RecordStatus.REFUSED, "the refusal", 40.0)
    assert _entry(office).last_trouble is CrmTrouble.NOT_FOUND
    assert real.calls() == []
    office.desk.closing_records.close(_entry(office), "deleted there")
    office.until(lambda: _entry(office).status is RecordStatus.WRITTEN_OFF, "closed")
    assert _entry(office).draft.notes == "Hail damage on the roof"


@pytest.mark.parametrize("log_at", [LogAt.CALL_END])
def test_colleagues_see_the_call_at_its_end_and_its_outcome_later_in_the_same_record(
    world: DemoWorld, real: RealBottleCrm, office: HeadlessDesk
) -> None:
    harriet = real.add(HARRIET)
    call = _talked(world, office)
    office.until(real.calls, "the call is in the CRM while the agent still writes", timeout_s=40.0)
    (told,) = real.calls()
    assert told.customer_id == harriet
    assert "Hail" not in told.text
    real.die_once_a_call_says("Hail damage on the roof")
    office.until(lambda: _delivered(office), "the desk knows it")
    assert office.desk.wrapping_up.save(call.id)
    office.until(lambda: not real.server.running, "the CRM dies after writing")
    real.server.start()
    office.until(lambda: _entry(office).status is RecordStatus.DELIVERED, "the outcome is there", 40.0)
    (logged,) = real.calls()
    assert "Hail damage on the roof" in logged.text


def _entry(office: HeadlessDesk) -> HistoryEntry:
    office.until(lambda: office.desk.looking_back.loaded.entries, "the list of calls")
    return office.desk.looking_back.loaded.entries[0]
