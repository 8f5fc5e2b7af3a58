"""The edge ends all that it began."""

from __future__ import annotations

import gc

import pytest

from softphone.engine.edge.types import Credentials, Package
from tests.engine.edge.rig import ACCOUNT, rig


def test_an_edge_that_stops_leaves_no_task_behind(caplog: pytest.LogCaptureFixture) -> None:
    with rig() as made:
        made.open(credentials=Credentials("7001", "secret"), realms=frozenset({"pbx"}))
        made.register()
        made.edge.subscribe(ACCOUNT, Package.DIALOG, "sip:7002@pbx.example")
        made.server.request("SUBSCRIBE")
    del made
    gc.collect()
    assert "Task was destroyed" not in caplog.text
