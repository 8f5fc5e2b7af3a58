"""The test bench with every pack: it finds a good connection good, says what is wrong with a bad one, shows
no secret, and writes nothing."""

from __future__ import annotations

import base64
import tomllib
from pathlib import Path

import pytest

from softphone.crm.packs.reading import SHIPPED, load_pack
from softphone.domain.crm_events import CodesFetched, CrmCheckEnded, CrmStepChecked
from softphone.domain.crm_work import CheckName, CheckStep, CheckVerdict
from softphone.domain.ids import CampaignId
from tests.crm.packs.conftest import SHAPES
from tests.crm.packs.world import CALLER, PackWorld
from tests.crm.shapes.shape import Person

ANNA = Person("Anna", "Ek", CALLER, "Ek AB", "anna@example.com")
PAGES = Path(__file__).resolve().parents[3] / "docs" / "crm"
NAMED = sorted({pack.stem for pack in SHIPPED.glob("*.toml")} - {"embedded", "rest"})


def _checked(world: PackWorld) -> tuple[bool, dict[CheckName, CheckStep]]:
    """Whether the connection is usable, and the steps of its check."""
    world.crm.check(world.shape.connection().name, world.number(), "Anna")
    usable = world.next(CrmCheckEnded).usable
    return usable, {event.step.name: event.step for event in world.all_seen(CrmStepChecked)}


def test_a_good_connection_is_found_good(world: PackWorld) -> None:
    world.shape.add(ANNA)
    usable, steps = _checked(world)
    bad = {name: step.detail for name, step in steps.items() if step.verdict is CheckVerdict.FAILED}
    assert usable, (bad, world.problems())
    assert bad == {}
    found = dict(steps[CheckName.FIND].mapped)
    assert "Anna Ek" in found.values(), found
    assert (world.shape.calls(), world.shape.tasks(), len(world.shape.people())) == ([], [], 1)


def test_no_secret_is_shown(world: PackWorld) -> None:
    world.shape.add(ANNA)
    _, steps = _checked(world)
    shown = str([step.requests for step in steps.values()])
    for secret in world.shape.secrets().values():
        for written in (secret, base64.b64encode(secret.encode()).decode().rstrip("=")):
            assert written not in shown
        assert base64.b64encode(f"agent@example.com/token:{secret}".encode()).decode() not in shown


def test_a_secret_that_is_refused_is_named_as_the_trouble(world: PackWorld) -> None:
    for name in world.shape.secrets():
        world.secrets[name] = "wrong"
    usable, steps = _checked(world)
    assert not usable
    assert CheckVerdict.FAILED in {step.verdict for step in steps.values()}


def test_codes_come_from_the_crm_where_it_has_them(world: PackWorld) -> None:
    if load_pack(world.shape.pack).codes is None:
        pytest.skip("this CRM has no list of outcomes of its own")
    world.crm.fetch_codes(world.shape.connection().name, CampaignId("meridian"))
    codes = world.next(CodesFetched).codes
    assert [code.label for code in codes] == ["Busy", "Connected"]


@pytest.mark.parametrize("name", NAMED)
def test_every_shipped_pack_is_tried_and_has_its_page(name: str) -> None:
    assert name in {*SHAPES, "bottlecrm"}
    page = (PAGES / f"{name.removesuffix('-jsonrpc')}.md").read_text(encoding="utf-8")
    settings = tomllib.loads(page.split("```toml\n")[1].split("```")[0])
    assert settings["crms"][0]["pack"] in NAMED
    assert settings["crms"][0]["auth"] in load_pack(settings["crms"][0]["pack"]).auth.kinds
