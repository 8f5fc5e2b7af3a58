"""Every shipped pack at the server in its CRM's shape, and BottleCRM's at the real one.

What a CRM's documentation does not know fails the test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from softphone.domain.settings import CrmAuth
from tests.crm.packs.real_bottlecrm import behind_a_relay
from tests.crm.packs.world import PackWorld, world_of
from tests.crm.shapes.bitrix24 import BitrixShape
from tests.crm.shapes.espocrm import EspoShape
from tests.crm.shapes.hubspot import HubSpotShape
from tests.crm.shapes.odoo import OdooJson2Shape, OdooJsonRpcShape
from tests.crm.shapes.salesforce import SalesforceShape
from tests.crm.shapes.shape import OtherEnd, Shape, running
from tests.crm.shapes.suitecrm import SuiteShape
from tests.crm.shapes.twenty import TwentyShape
from tests.crm.shapes.zendesk import ZendeskShape
from tests.peers.bottlecrm import BottleCrm

SHAPES: dict[str, Callable[[], Shape]] = {
    "espocrm": EspoShape,
    "espocrm-hmac": lambda: EspoShape(CrmAuth.HMAC),
    "suitecrm": SuiteShape,
    "hubspot": HubSpotShape,
    "salesforce": SalesforceShape,
    "zendesk": ZendeskShape,
    "odoo": OdooJson2Shape,
    "odoo-jsonrpc": OdooJsonRpcShape,
    "twenty": TwentyShape,
    "bitrix24": BitrixShape,
}


REAL = pytest.param("bottlecrm", marks=pytest.mark.peer("bottlecrm"))


@pytest.fixture(params=[*SHAPES, REAL])
def shape(request: pytest.FixtureRequest) -> Iterator[OtherEnd]:
    if request.param == "bottlecrm":
        server: BottleCrm = request.getfixturevalue("bottlecrm")
        with behind_a_relay(server) as real:
            yield real
        return
    with running(SHAPES[request.param]()) as shape:
        yield shape
    assert shape.problems == []


@pytest.fixture
def world(shape: OtherEnd) -> Iterator[PackWorld]:
    with world_of(shape) as world:
        yield world
