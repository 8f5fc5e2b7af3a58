"""Every shipped pack at the server in its CRM's shape; what is not documented fails the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from softphone.domain.settings import CrmAuth
from tests.crm.packs.world import PackWorld, world_of
from tests.crm.shapes.bitrix24 import BitrixShape
from tests.crm.shapes.espocrm import EspoShape
from tests.crm.shapes.hubspot import HubSpotShape
from tests.crm.shapes.odoo import OdooJson2Shape, OdooJsonRpcShape
from tests.crm.shapes.salesforce import SalesforceShape
from tests.crm.shapes.shape import Shape, running
from tests.crm.shapes.suitecrm import SuiteShape
from tests.crm.shapes.twenty import TwentyShape
from tests.crm.shapes.zendesk import ZendeskShape

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


@pytest.fixture(params=SHAPES)
def shape(request: pytest.FixtureRequest) -> Iterator[Shape]:
    with running(SHAPES[request.param]()) as shape:
        yield shape
    assert shape.problems == []


@pytest.fixture
def world(shape: Shape) -> Iterator[PackWorld]:
    with world_of(shape) as world:
        yield world
