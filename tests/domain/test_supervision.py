"""Rules of supervision: modes, who hears whom, policy, feature codes, the table of states."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from softphone.domain.call import Party
from softphone.domain.errors import WrongState
from softphone.domain.ids import CallId
from softphone.domain.supervision import (
    FeatureCodes,
    Supervision,
    SupervisionMode,
    SupervisionPolicy,
    SupervisionState,
    Voice,
    hears,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LISTEN, WHISPER, BARGE, TAKE_OVER = SupervisionMode
HOSTS = frozenset({"pbx.test"})
CODES = FeatureCodes("keys", {LISTEN: "*58{extension}", TAKE_OVER: "*59{extension}"}, {WHISPER: "5"})


def supervision(mode: SupervisionMode = LISTEN, wanted: SupervisionMode | None = None) -> Supervision:
    return Supervision(CallId("c"), "7001", mode, wanted or mode, NOW)


def test_the_customer_hears_the_lead_in_barge_and_take_over_alone() -> None:
    heard = {mode for mode in SupervisionMode if hears(mode, Voice.CUSTOMER, Voice.LEAD)}
    assert heard == {BARGE, TAKE_OVER}


def test_the_agent_hears_the_lead_in_whisper_and_barge() -> None:
    assert {m for m in SupervisionMode if hears(m, Voice.AGENT, Voice.LEAD)} == {WHISPER, BARGE}


def test_taking_over_releases_the_agent() -> None:
    assert not hears(TAKE_OVER, Voice.AGENT, Voice.CUSTOMER)
    assert not hears(TAKE_OVER, Voice.CUSTOMER, Voice.AGENT)


def test_the_lead_hears_the_customer_in_every_mode() -> None:
    assert all(hears(mode, Voice.LEAD, Voice.CUSTOMER) for mode in SupervisionMode)


@pytest.mark.parametrize(
    ("lead", "right"),
    [
        (Party("7900", "pbx.test", asserted=True), True),
        (Party("7900", "PBX.test", asserted=True), True),
        (Party("7900", "pbx.test"), False),
        (Party("7900", "elsewhere.test", asserted=True), False),
        (Party("boss", "hq.test", asserted=True), True),
        (Party("boss", "pbx.test", asserted=True), False),
        (Party("7901", "pbx.test", asserted=True), False),
        (Party("", "pbx.test", anonymous=True, asserted=True), False),
        (Party("7900", "pbx.test", anonymous=True, asserted=True), False),
    ],
)
def test_only_asserted_leads_of_known_domains_are_leads(lead: Party, right: bool) -> None:
    assert SupervisionPolicy(("7900", "boss@hq.test")).names(lead, HOSTS) is right


def test_a_policy_without_leads_lets_nobody_in() -> None:
    assert not SupervisionPolicy().names(Party("7900", "pbx.test", asserted=True), HOSTS)
    assert not SupervisionPolicy(("", " ")).names(Party("", "pbx.test", asserted=True), HOSTS)


def test_while_a_mode_changes_the_lead_counts_as_heard_by_both() -> None:
    changing = (
        supervision(WHISPER).advance(SupervisionState.ACTIVE).advance(SupervisionState.CHANGING, wanted=BARGE)
    )
    assert changing.lead_is_heard_by() == {Voice.AGENT, Voice.CUSTOMER}
    assert supervision(BARGE).lead_is_heard_by() == frozenset()


def test_news_of_an_ended_supervision_changes_nothing() -> None:
    ended = supervision().advance(SupervisionState.ENDED)
    assert ended.advance(SupervisionState.ACTIVE, mode=BARGE) == ended


def test_a_supervision_that_was_never_answered_cannot_change_its_mode() -> None:
    with pytest.raises(WrongState):
        supervision().advance(SupervisionState.CHANGING)


def test_feature_codes_say_what_to_dial_and_press() -> None:
    assert CODES.number(LISTEN, "7001") == "*587001"
    assert CODES.opening(WHISPER) is LISTEN
    assert CODES.opening(TAKE_OVER) is TAKE_OVER
    assert CODES.opening(BARGE) is None
    assert CODES.modes == (LISTEN, WHISPER, TAKE_OVER)


def test_a_dialled_code_is_known_by_its_beginning() -> None:
    assert CODES.is_one("*587001")
    assert not CODES.is_one("*58")
    assert not CODES.is_one("7001")
