"""Whoever is not a lead can never listen: the short runs of `tests.phone.intruder`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.peers.asterisk import Asterisk
from tests.peers.kamailio import Kamailio
from tests.phone.code_intruder import CodeScene
from tests.phone.intruder import Scene


@pytest.mark.alone
@pytest.mark.peer("kamailio")
def test_no_attempt_of_a_colleague_who_is_no_lead_succeeds_and_each_is_recorded(
    kamailio: Kamailio, tmp_path: Path
) -> None:
    with Scene(kamailio, tmp_path) as scene:
        outcome = scene.intrude(48)
    assert outcome.let_in == 0
    assert outcome.statuses == {403: 48}
    assert outcome.recorded >= 48
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
    assert outcome.by_desk + outcome.never_left + outcome.past_desk == outcome.tried
    assert outcome.recorded_by_desk >= outcome.by_desk + outcome.never_left
    assert outcome.by_desk > 0
    assert outcome.recorded_by_server >= outcome.past_desk > 0
    assert outcome.log.good
