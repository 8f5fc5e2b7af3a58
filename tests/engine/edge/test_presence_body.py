"""What agents publish, written and read back, and what strangers may send instead."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from softphone.domain.agent_state import AgentState
from softphone.domain.team import Activity, AgentPresence, CurrentCall
from softphone.engine.edge.events.careful_xml import BodyRefusedError
from softphone.engine.edge.events.presence_body import read_presence, write_presence

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ENTITY = "sip:7001@pbx.test"
PIDF = b'<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="sip:x@y"><tuple id="t"><status><basic>%s</basic></status></tuple></presence>'  # noqa: E501


@pytest.mark.parametrize(
    "presence",
    [
        AgentPresence(AgentState.READY, "", NOW),
        AgentPresence(AgentState.NOT_READY, '"lunch" <&> Pausé', NOW),
        AgentPresence(AgentState.AFTER_CALL_WORK),
        AgentPresence(
            AgentState.ON_CALL, "", NOW, CurrentCall(Activity.HELD, NOW, "…018", "A & B", False), "help"
        ),
    ],
)
def test_what_is_written_is_read_back(presence: AgentPresence) -> None:
    assert read_presence(write_presence(ENTITY, presence)) == presence


def test_who_is_offline_is_closed_for_any_reader() -> None:
    body = write_presence(ENTITY, AgentPresence(AgentState.OFFLINE, "gone", NOW))
    assert b"<basic>closed</basic>" in body
    assert read_presence(body) == AgentPresence(AgentState.OFFLINE)


def test_another_phone_s_presence_tells_no_more_than_it_says() -> None:
    assert read_presence(PIDF % b"open") == AgentPresence()
    assert read_presence(PIDF % b"closed") == AgentPresence(AgentState.OFFLINE)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no xml",
        b"<presence/>",
        b'<!DOCTYPE x [<!ENTITY a "b">]><presence xmlns="urn:ietf:params:xml:ns:pidf">&a;</presence>',
        b'<presence xmlns="urn:ietf:params:xml:ns:pidf">' + b"<a>" * 50,
        b'<presence xmlns="urn:ietf:params:xml:ns:pidf">' + b"<a/>" * 500 + b"</presence>",
        b'<presence xmlns="urn:ietf:params:xml:ns:pidf">' + b" " * 30_000 + b"</presence>",
    ],
)
def test_hostile_or_broken_documents_are_refused(body: bytes) -> None:
    with pytest.raises(BodyRefusedError):
        read_presence(body)


def test_texts_are_cleaned_and_bounded_and_times_need_a_zone() -> None:
    evil = AgentPresence(AgentState.NOT_READY, "a\u202eb" + "x" * 500, datetime(2026, 3, 2))  # noqa: DTZ001
    read = read_presence(write_presence(ENTITY, evil))
    assert read.reason.startswith("abx")
    assert len(read.reason) <= 120
    assert read.since is None
