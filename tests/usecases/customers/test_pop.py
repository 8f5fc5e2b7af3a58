"""When the card pops up: by campaign and direction, from what is kept here, and for nobody else's company."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from softphone.domain.call import EndCause, Party
from softphone.domain.customer import CrmTrouble, Customer, LookupState
from softphone.domain.customer_cache import CacheScope, CustomerSettings
from softphone.domain.events import CallPartyChanged
from softphone.domain.ids import CallId, CampaignId, CustomerId
from softphone.domain.keeping_events import KeyChanged, StoreOpened
from softphone.domain.pop import NotAsked, PopMoment, PopPolicy
from softphone.domain.settings import CrmConnection
from softphone.domain.store_trouble import StoreTrouble
from tests.fakes.world import ACCOUNT, INSURER, MARIA, ORDERS, SETTINGS, World

CLAIMS = (("X-Queue", "claims"),)
BROTHER = Customer(CustomerId("c2"), "Jorge", numbers=MARIA.numbers)


ALWAYS, LIMITS = PopPolicy(), CustomerSettings()


def made(pop: PopPolicy = ALWAYS, customers: CustomerSettings = LIMITS) -> World:
    campaigns = (replace(INSURER, pop=pop), ORDERS)
    world = World(replace(SETTINGS, campaigns=campaigns, customers=customers))
    world.start()
    world.crm.know(MARIA)
    return world


def ring(world: World, call: str = "in-1", user: str = "+493012345678") -> CallId:
    ringing = world.phone.ring(call, user=user, headers=CLAIMS)
    world.run()
    return ringing


def answer(world: World) -> None:
    world.crm.answer_all()
    world.run()


def known_world() -> World:
    """María has called before."""
    world = made()
    first = ring(world, "before")
    answer(world)
    world.phone.end(first, EndCause.ABANDONED)
    world.run()
    return world


# --- the moment ---


def test_a_card_for_the_answered_call_is_asked_for_with_the_invite_and_shown_with_the_answer() -> None:
    world = made(PopPolicy(inbound=PopMoment.ON_ANSWER))
    ringing = ring(world)
    assert len(world.crm.asked) == 1
    answer(world)
    lookup = world.desk.recognising.lookup(ringing)
    assert (lookup.state, lookup.not_asked) == (LookupState.NOT_ASKED, NotAsked.UNTIL_ANSWERED)
    world.desk.calling.answer(ringing)
    world.run()
    assert world.desk.recognising.customer(ringing) == MARIA
    assert world.desk.wrapping_up.draft(ringing).customer_id == MARIA.id


def test_a_campaign_that_never_pops_asks_only_on_the_agents_word() -> None:
    world = made(PopPolicy(inbound=PopMoment.NEVER))
    ringing = ring(world)
    assert world.crm.asked == []
    assert world.desk.recognising.lookup(ringing).not_asked is NotAsked.ON_REQUEST
    world.desk.recognising.ask_again(ringing)
    answer(world)
    assert world.desk.recognising.customer(ringing) == MARIA


@pytest.mark.parametrize("outbound", [PopMoment.RINGING, PopMoment.ON_ANSWER, PopMoment.NEVER])
def test_an_outbound_call_pops_by_its_own_direction(outbound: PopMoment) -> None:
    world = made(PopPolicy(inbound=PopMoment.NEVER, outbound=outbound))
    call = world.desk.calling.place_call("+493012345678", ACCOUNT.id, INSURER.id)
    world.run()
    assert len(world.crm.asked) == (outbound is not PopMoment.NEVER)
    answer(world)
    assert (world.desk.recognising.customer(call) == MARIA) is (outbound is PopMoment.RINGING)
    world.phone.establish(call)
    world.run()
    assert (world.desk.recognising.customer(call) == MARIA) is (outbound is not PopMoment.NEVER)


@pytest.mark.parametrize("user", ["1001", "alice", "*43"])
def test_an_internal_call_asks_no_crm_by_itself(user: str) -> None:
    world = made()
    ringing = ring(world, user=user)
    assert world.crm.asked == []
    assert world.desk.recognising.lookup(ringing).not_asked is NotAsked.INTERNAL


def test_a_company_whose_customers_have_extensions_may_ask_for_them() -> None:
    world = made(PopPolicy(internal=True))
    ring(world, user="1001")
    assert len(world.crm.asked) == 1


def test_an_anonymous_caller_is_said_to_be_one() -> None:
    world = made()
    ringing = ring(world, user="")
    assert world.desk.recognising.lookup(ringing).not_asked is NotAsked.ANONYMOUS
    assert world.crm.asked == []


def test_the_caller_behind_an_attended_transfer_is_looked_up() -> None:
    world = made()
    call = ring(world, user="1001")
    world.desk.calling.answer(call)
    world.run()
    world.post(CallPartyChanged(call, Party("+493012345678")))
    world.run()
    answer(world)
    assert world.desk.recognising.customer(call) == MARIA


# --- what is kept ---


def test_a_caller_who_was_here_before_is_shown_at_once_with_the_age_and_refreshed() -> None:
    world = known_world()
    world.clock.advance(3600)
    ringing = ring(world)
    shown = world.desk.recognising.lookup(ringing)
    assert (shown.state, shown.chosen, shown.refreshing) == (LookupState.ONE, MARIA, True)
    assert shown.kept_at == world.clock.now() - timedelta(hours=1)
    assert world.desk.wrapping_up.draft(ringing).customer_id is None, "not before the CRM has confirmed it"
    answer(world)
    fresh = world.desk.recognising.lookup(ringing)
    assert (fresh.kept_at, fresh.refreshing) == (None, False)
    assert world.desk.wrapping_up.draft(ringing).customer_id == MARIA.id


def test_a_crm_that_is_down_leaves_the_kept_card_and_says_so() -> None:
    world = known_world()
    world.crm.fail_finds(CrmTrouble.UNREACHABLE)
    ringing = ring(world)
    answer(world)
    lookup = world.desk.recognising.lookup(ringing)
    assert (lookup.chosen, lookup.trouble, lookup.refreshing) == (MARIA, CrmTrouble.UNREACHABLE, False)
    assert world.desk.wrapping_up.draft(ringing).customer_id == MARIA.id


def test_a_customer_who_has_left_the_crm_is_not_shown_again() -> None:
    world = known_world()
    world.crm.forget_all()
    ringing = ring(world)
    answer(world)
    assert world.desk.recognising.lookup(ringing).state is LookupState.NONE
    assert world.customers.kept == {}


def test_the_choice_among_kept_customers_holds_when_the_crm_answers() -> None:
    world = made()
    world.crm.know(BROTHER)
    first = ring(world, "before")
    answer(world)
    world.phone.end(first, EndCause.ABANDONED)
    ringing = ring(world)
    world.desk.recognising.choose(ringing, BROTHER.id)
    answer(world)
    lookup = world.desk.recognising.lookup(ringing)
    assert (lookup.chosen, lookup.kept_at) == (BROTHER, None)
    assert world.desk.wrapping_up.draft(ringing).customer_id == BROTHER.id


def test_nothing_older_than_the_limit_is_shown() -> None:
    world = known_world()
    world.clock.advance(8 * 86_400)
    world.run()
    ringing = ring(world)
    assert world.desk.recognising.lookup(ringing).state is LookupState.ASKING
    assert world.customers.kept == {}, "and it was forgotten by itself"


@pytest.mark.parametrize("limits", [CustomerSettings(keep_days=0), CustomerSettings(keep_at_most=0)])
def test_nothing_is_kept_where_the_settings_say_so(limits: CustomerSettings) -> None:
    world = made(customers=limits)
    ring(world)
    answer(world)
    assert world.customers.kept == {}


def test_switching_it_off_forgets_what_is_kept() -> None:
    world = known_world()
    settings = replace(world.desk.configuring.settings, customers=CustomerSettings(keep_days=0))
    world.desk.configuring.change(settings)
    assert world.customers.kept == {}


def test_a_new_key_and_a_database_that_works_again_open_it_anew() -> None:
    world = made()
    world.post(StoreOpened(StoreTrouble.DISK_FULL, in_memory=True))
    world.run()
    assert world.customers.opened == 1
    world.post(KeyChanged())
    world.run()
    assert world.customers.opened == 2


# --- after a restart ---


@pytest.mark.parametrize("moment", list(PopMoment))
def test_the_customer_of_an_outcome_that_is_still_open_is_shown_again_after_a_restart(
    moment: PopMoment,
) -> None:
    first = made(PopPolicy(inbound=moment))
    first.crm.know(BROTHER)
    call = ring(first)
    first.desk.calling.answer(call)
    first.run()
    first.desk.recognising.ask_again(call)
    answer(first)
    first.desk.recognising.choose(call, BROTHER.id)
    first.phone.end(call)
    first.run()
    first.clock.advance(1)
    first.run()
    second = World(first.settings, records=first.store)
    first.store.restart(second.post)
    second.crm.know(MARIA, BROTHER)
    second.start()
    assert second.desk.wrapping_up.open_calls == (call,)
    assert [q.record_hint for q in second.crm.asked] == [BROTHER.id]
    answer(second)
    assert second.desk.recognising.customer(call) == BROTHER
    assert second.desk.wrapping_up.draft(call).customer_id == BROTHER.id


# --- one company is not another ---


def two_companies() -> World:
    other = replace(ORDERS, crm="crm", region="DE")
    world = World(replace(SETTINGS, campaigns=(INSURER, other)))
    world.start()
    world.crm.know(MARIA)
    return world


def test_what_was_found_for_one_company_is_not_shown_for_another() -> None:
    world = two_companies()
    first = ring(world)
    answer(world)
    world.phone.end(first, EndCause.ABANDONED)
    second = world.phone.ring("in-2", headers=(("X-Queue", "orders"),))
    world.run()
    assert world.desk.recognising.lookup(second).state is LookupState.ASKING
    assert [q.campaign_id for q in world.crm.asked] == ["insurer", "orders"]


def test_each_company_keeps_its_customers_apart() -> None:
    world = two_companies()
    for call, queue in (("one", "claims"), ("two", "orders")):
        world.phone.ring(call, user="+493012345678", headers=(("X-Queue", queue),))
        world.run()
        answer(world)
    assert {key.scope.campaign_id for key in world.customers.kept} == {"insurer", "orders"}
    assert len(world.customers.kept) == 2


def test_a_company_that_is_gone_takes_its_customers_along() -> None:
    world = two_companies()
    for call, queue in (("one", "claims"), ("two", "orders")):
        world.phone.ring(call, user="+493012345678", headers=(("X-Queue", queue),))
        world.run()
        answer(world)
    settings = world.desk.configuring.settings
    world.desk.configuring.change(replace(settings, campaigns=(INSURER,)))
    assert {key.scope for key in world.customers.kept} == {
        CacheScope(CampaignId("insurer"), "crm", "https://crm.test")
    }


def test_a_connection_to_another_server_does_not_show_what_the_old_one_said() -> None:
    world = known_world()
    moved = CrmConnection("crm", "rest", "https://other.test")
    world.desk.configuring.change(replace(world.desk.configuring.settings, crms=(moved,)))
    ringing = ring(world)
    assert world.desk.recognising.lookup(ringing).state is LookupState.ASKING
