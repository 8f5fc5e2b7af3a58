"""The agent's state goes to the CRMs that want to know it, each change once."""

from __future__ import annotations

import pytest

from softphone.domain.crm_work import CrmAbility, CrmDescription
from tests.fakes.world import World


@pytest.fixture
def world() -> World:
    return World()


def wanting(*names: str) -> list[CrmDescription]:
    return [CrmDescription(name, abilities=frozenset({CrmAbility.TEAM_STATE})) for name in names]


def told(world: World) -> list[tuple[str, str, str, bool]]:
    return [(crm, state.state, state.reason, state.paid) for crm, state in world.crm.reported]


def test_a_crm_is_told_as_soon_as_it_is_there_and_at_each_change(world: World) -> None:
    world.start()
    for description in wanting("crm"):
        world.crm.describe(description)
    world.run()
    world.desk.being_available.choose_ready()
    world.desk.being_available.choose_not_ready("training")
    world.run()
    assert told(world)[-2:] == [("crm", "ready", "", False), ("crm", "not_ready", "training", True)]
    assert len(set(told(world))) == len(told(world)), "a state was told twice"


def test_a_crm_that_does_not_want_it_is_told_nothing(world: World) -> None:
    world.start()
    world.crm.describe(CrmDescription("crm", abilities=frozenset({CrmAbility.SEARCH})))
    world.run()
    world.desk.being_available.choose_ready()
    world.run()
    assert told(world) == []


def test_a_connection_that_was_changed_hears_the_state_anew(world: World) -> None:
    world.start()
    for _ in range(2):
        world.crm.describe(wanting("crm")[0])
        world.run()
    states = told(world)
    assert len(states) == 2
    assert states[0] == states[1]
