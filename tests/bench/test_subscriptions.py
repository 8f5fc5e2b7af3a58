"""The benchmark of a watched team runs, and nothing is lost on the way from an agent to the lead's desk."""

from __future__ import annotations

import pytest

from tests.bench import subscriptions
from tests.peers.kamailio import Kamailio

pytestmark = pytest.mark.alone


@pytest.mark.peer("kamailio")
def test_every_change_of_a_watched_team_reaches_the_lead(kamailio: Kamailio) -> None:
    assert kamailio.passwords  # the peer is here; the benchmark starts one with users of its own
    figures = subscriptions.main(agents=8, changes=12, per_second=20.0)
    assert figures["never_came"] == 0
    assert figures["subscriptions"] == 16
