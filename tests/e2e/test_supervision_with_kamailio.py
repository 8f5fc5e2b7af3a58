"""A lead's and an agent's desk at a proxy that offers nothing for it, directly, through `softphone ctl`."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from tests.e2e.floors import KamailioFloor
from tests.e2e.supervision_scenes import hold_and_transfer, matrix, two_leads
from tests.peers.kamailio import Kamailio

pytestmark = [pytest.mark.peer("kamailio"), pytest.mark.alone]


def test_every_mode_lets_those_hear_who_should_with_hold_a_transfer_and_two_leads(
    kamailio: Kamailio, tmp_path: Path
) -> None:
    with contextlib.ExitStack() as stack:
        floor = KamailioFloor(kamailio, tmp_path, stack)
        matrix(floor)
        assert floor.badges() == [(floor.lead_user, "listen")]
        hold_and_transfer(floor)
        assert floor.badges() == []
        floor.customer.hang_up()
        floor.customer = floor.customer_calls()
        two_leads(floor)
