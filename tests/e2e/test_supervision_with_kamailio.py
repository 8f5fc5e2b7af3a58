"""A lead's and an agent's desk at a proxy that offers nothing for it, directly, through `softphone ctl`.

Hold, transfer, two leads and lost networks there: `tests.phone.test_direct_supervision`, and
`python -m tests.e2e.supervision_matrix kamailio`.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from tests.e2e.floors import KamailioFloor
from tests.e2e.supervision_scenes import matrix
from tests.peers.kamailio import Kamailio

pytestmark = [pytest.mark.peer("kamailio"), pytest.mark.alone, pytest.mark.timeout(300)]


def test_every_mode_lets_those_hear_who_should(kamailio: Kamailio, tmp_path: Path) -> None:
    with contextlib.ExitStack() as stack:
        floor = KamailioFloor(kamailio, tmp_path, stack)
        matrix(floor)
        assert floor.badges() == [(floor.lead_user, "listen")]
