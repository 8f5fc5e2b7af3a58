"""Whoever is not a lead can never listen: the short runs of `tests.phone.intruder`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.peers.asterisk import Asterisk
from tests.peers.kamailio import Kamailio
from tests.phone.code_intruder import CodeScene
from tests.phone.intruder import NO_ANSWER, Scene


@pytest.mark.alone
@pytest.mark.peer("kamailio")
def test_no_attempt_of_a_colleague_who_is_no_lead_succeeds_and_each_is_recorded(
    kamailio: Kamailio, tmp_path: Path
) -> None:
    with Scene(kamailio, tmp_path) as scene:
        outcome = scene.intrude(48)
    assert outcome.let_in == 0
    unexplained = {NO_ANSWER, 500}  # the phone never logs them; who drops them is not found
    assert set(outcome.statuses) <= {403} | unexplained
    assert outcome.recorded >= outcome.statuses[403] >= 36
    assert (outcome.past_the_server, outcome.answers_past_the_server) == (4, 0)
    assert outcome.log.good


@pytest.mark.peer("asterisk")
def test_no_way_of_dialling_the_codes_succeeds_and_each_is_recorded(
    asterisk: Asterisk, tmp_path: Path
) -> None:
    with CodeScene(asterisk, tmp_path) as scene:
        outcome = scene.intrude(46)
    assert outcome.spied_by_the_lead > 0
    assert outcome.let_in == 0, outcome.statuses
    assert outcome.recorded_by_desk >= outcome.by_desk > 0
    assert outcome.recorded_by_server >= outcome.past_desk > 0
    assert outcome.log.good
