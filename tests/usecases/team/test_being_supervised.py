"""The agent's side of supervision, and the trace that it leaves there."""

from __future__ import annotations

from dataclasses import replace

from softphone.domain.audit import AuditAction, Side
from softphone.domain.call import Party
from softphone.domain.supervision import Notice, SupervisionMode, SupervisionRefusal
from softphone.domain.team_events import SupervisorsChanged
from softphone.domain.team_settings import TeamSettings
from tests.fakes.team import LEAD
from tests.fakes.world import SETTINGS, World

LISTEN, WHISPER, BARGE, TAKE_OVER = SupervisionMode


def desk(notice: Notice = Notice.BADGE) -> World:
    world = World(replace(SETTINGS, team=TeamSettings(leads=("7900",), notice=notice)))
    world.start()
    return world


def test_the_policy_is_told_before_any_account_is_opened() -> None:
    world = desk()
    assert world.team.policy is not None
    assert world.team.policy.leads == ("7900",)


def test_a_lead_on_the_call_is_shown_with_the_mode() -> None:
    world = desk()
    call_id = world.team.arrive()
    world.team.change(call_id, WHISPER)
    world.run()
    (shown,) = world.desk.team.being_supervised.supervisors
    assert (shown.lead, shown.mode, shown.asks) == (LEAD, WHISPER, False)
    world.team.leave(call_id)
    world.run()
    assert world.last(SupervisorsChanged).supervisors == ()


def test_silent_by_policy_shows_nothing_but_records_everything() -> None:
    world = desk(Notice.SILENT)
    call_id = world.team.arrive()
    world.team.change(call_id, BARGE)
    world.team.leave(call_id)
    world.run()
    assert world.all(SupervisorsChanged) == []
    assert [(e.action, e.side, e.actor) for e in world.audit.entries] == [
        (AuditAction.SUPERVISION_STARTED, Side.AGENT, "7900@pbx.test"),
        (AuditAction.MODE_CHANGED, Side.AGENT, "7900@pbx.test"),
        (AuditAction.SUPERVISION_ENDED, Side.AGENT, "7900@pbx.test"),
    ]


def test_a_lead_who_asks_comes_in_by_the_agent_s_word_alone() -> None:
    world = desk(Notice.ASK)
    supervised = world.desk.team.being_supervised
    call_id = world.team.arrive(asks=True)
    world.run()
    assert [s.call_id for s in supervised.supervisors if s.asks] == [call_id]
    assert world.audit.entries == []
    supervised.allow(call_id)
    world.run()
    assert world.team.let_in == [(call_id, True)]
    assert supervised.asking is None
    assert [e.action for e in world.audit.entries] == [
        AuditAction.CONSENT_GIVEN,
        AuditAction.SUPERVISION_STARTED,
    ]
    supervised.allow(call_id)
    assert len(world.team.let_in) == 1


def test_a_lead_who_was_not_let_in_never_supervised() -> None:
    world = desk(Notice.ASK)
    call_id = world.team.arrive(asks=True)
    world.run()
    world.desk.team.being_supervised.deny(call_id)
    world.run()
    assert [e.action for e in world.audit.entries] == [AuditAction.CONSENT_DENIED]
    assert world.desk.team.being_supervised.supervisors == ()


def test_every_attempt_that_was_turned_away_is_recorded_with_what_was_claimed() -> None:
    world = desk()
    world.team.turn_away(Party("7005", "pbx.test", asserted=True), SupervisionRefusal.NOT_A_LEAD)
    world.team.turn_away(Party("7900", "pbx.test"), SupervisionRefusal.NOT_ASSERTED)
    world.run()
    assert [(e.actor, e.detail) for e in world.audit.said(AuditAction.SUPERVISION_REFUSED)] == [
        ("7005@pbx.test", "listen not_a_lead"),
        ("7900@pbx.test (not asserted)", "listen not_asserted"),
    ]


def test_two_leads_on_one_call_are_both_shown() -> None:
    world = desk()
    world.team.arrive("one")
    world.team.arrive("two", WHISPER, replace(LEAD, user="7901"))
    world.run()
    assert [s.lead.user for s in world.desk.team.being_supervised.supervisors] == ["7900", "7901"]


def test_a_new_policy_reaches_the_engine_and_the_record() -> None:
    world = desk()
    changed = replace(world.settings, team=TeamSettings(leads=("7901",)))
    world.desk.configuring.change(changed)
    assert world.team.policy is not None
    assert world.team.policy.leads == ("7901",)
    assert world.audit.said(AuditAction.POLICY_CHANGED)[0].detail.startswith("leads 7901")


def test_a_dead_engine_leaves_nobody_on_the_screen() -> None:
    world = desk()
    world.team.arrive()
    world.run()
    world.phone.die()
    world.run()
    assert world.desk.team.being_supervised.supervisors == ()
    assert world.audit.entries[-1].action is AuditAction.SUPERVISION_ENDED


def test_told_again_of_the_same_lead_the_desk_records_it_once() -> None:
    world = desk()
    world.team.arrive()
    world.team.arrive()
    world.run()
    assert len(world.audit.said(AuditAction.SUPERVISION_STARTED)) == 1
