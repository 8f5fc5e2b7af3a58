"""The tag of a ticket's outcome follows its corrections; all other tags are left alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from softphone.domain.customer import CrmTrouble
from softphone.domain.delivery import Delivery, DeliveryKind
from tests.crm.packs.world import PackWorld, world_of
from tests.crm.shapes.shape import running
from tests.crm.shapes.zendesk import ZendeskShape


@pytest.fixture
def zendesk() -> Iterator[ZendeskShape]:
    with running(ZendeskShape()) as shape:
        assert isinstance(shape, ZendeskShape)
        yield shape
    assert shape.problems == []


@pytest.fixture
def world(zendesk: ZendeskShape) -> Iterator[PackWorld]:
    with world_of(zendesk) as world:
        yield world


def corrected(logged: Delivery, remote_id: str, disposition: str, revision: int) -> Delivery:
    log = replace(logged.log, disposition=disposition, disposition_label=disposition.title())
    return replace(logged, kind=DeliveryKind.UPDATE_CALL, remote_id=remote_id, log=log, revision=revision)


def outcomes(zendesk: ZendeskShape) -> list[str]:
    return [tag for tag in zendesk.tags() if tag.startswith("outcome_")]


def test_the_outcomes_tag_follows_each_correction_and_the_companys_own_stay(
    world: PackWorld, zendesk: ZendeskShape
) -> None:
    logged = world.delivery()
    remote_id = world.arrives(logged)
    zendesk.tag("vip", "product_house")
    for revision, disposition in enumerate(("settled", "closed", "settled"), 1):
        world.arrives(corrected(logged, remote_id, disposition, revision))
        assert outcomes(zendesk) == [f"outcome_{disposition}"]
    assert {"softphone", "vip", "product_house"} <= set(zendesk.tags())


def test_a_correction_of_the_notes_alone_keeps_the_tag(world: PackWorld, zendesk: ZendeskShape) -> None:
    logged = world.delivery()
    remote_id = world.arrives(logged)
    before = outcomes(zendesk)
    log = replace(logged.log, notes="Paid out")
    world.arrives(replace(corrected(logged, remote_id, "", 1), log=log))
    assert outcomes(zendesk) == before


def test_a_correction_whose_answer_was_lost_leaves_one_outcome(
    world: PackWorld, zendesk: ZendeskShape
) -> None:
    logged = world.delivery()
    correction = corrected(logged, world.arrives(logged), "settled", 1)
    zendesk.lose_next_answer()
    assert world.delivered(correction).trouble is CrmTrouble.UNREACHABLE
    world.arrives(replace(correction, attempts=1))
    assert outcomes(zendesk) == ["outcome_settled"]


def test_what_the_crm_heard_of_before_its_outcome_gets_the_outcomes_tag(
    world: PackWorld, zendesk: ZendeskShape
) -> None:
    logged = world.delivery()
    early = replace(logged, log=replace(logged.log, disposition="", disposition_label=""))
    remote_id = world.arrives(early)
    assert outcomes(zendesk) == ["outcome_none"]
    world.arrives(corrected(logged, remote_id, "settled", 1))
    assert outcomes(zendesk) == ["outcome_settled"]
