"""A lead listens, whispers, barges in, takes over; who is no lead gets nowhere, and all of it leaves a
trace."""

from __future__ import annotations

from dataclasses import replace

import pytest

from softphone.domain.audit import AuditAction
from softphone.domain.call import CallState, CallView, Direction, Party
from softphone.domain.errors import BadInput, Refused
from softphone.domain.events import CommandRefused, EngineAttached, RefusalReason
from softphone.domain.ids import AccountId, CallId
from softphone.domain.supervision import DIRECT, Role, Supervision, SupervisionMode, SupervisionState, Voice
from softphone.domain.team_events import SupervisionChanged
from softphone.domain.team_settings import TeamSettings
from softphone.usecases.team.supervising import NOT_PASSED_ON
from tests.fakes.world import SETTINGS, World

LISTEN, WHISPER, BARGE, TAKE_OVER = SupervisionMode


def desk(way: str = DIRECT, role: Role = Role.LEAD) -> World:
    world = World(replace(SETTINGS, team=TeamSettings(role, way=way)))
    world.start()
    return world


def now(world: World) -> Supervision:
    current = world.desk.team.supervising.current
    assert current is not None
    return current


def supervise(world: World, mode: SupervisionMode = LISTEN) -> CallId:
    call_id = world.desk.team.supervising.supervise("7001", mode)
    world.run()
    return call_id


def switch(world: World, mode: SupervisionMode) -> None:
    world.desk.team.supervising.switch(mode)
    world.run()


def actions(world: World) -> list[AuditAction]:
    return [entry.action for entry in world.audit.entries]


# --- directly ----------------------------------------------------------------------------------------------


def test_listening_begins_with_the_microphone_off() -> None:
    world = desk()
    call_id = supervise(world)
    assert world.team.placed == [(call_id, "7001", LISTEN, True)]
    assert (now(world).state, now(world).mode) == (SupervisionState.ACTIVE, LISTEN)
    assert not world.team.microphone[call_id]
    assert now(world).lead_is_heard_by() == frozenset()


def test_the_mode_changes_inside_one_session_there_and_back() -> None:
    world = desk()
    call_id = supervise(world)
    for mode in (WHISPER, BARGE, TAKE_OVER, WHISPER, LISTEN):
        switch(world, mode)
        assert (now(world).mode, now(world).state) == (mode, SupervisionState.ACTIVE)
        assert world.team.microphone[call_id] is mode.lead_speaks
    assert len(world.team.placed) == 1
    assert actions(world) == [AuditAction.SUPERVISION_STARTED, *[AuditAction.MODE_CHANGED] * 5]


def test_choosing_a_mode_for_the_same_agent_again_changes_the_mode() -> None:
    world = desk()
    assert supervise(world) == supervise(world, WHISPER)
    assert now(world).mode is WHISPER


def test_another_agent_ends_the_first_supervision() -> None:
    world = desk()
    first = supervise(world)
    world.desk.team.supervising.supervise("7002", LISTEN)
    world.run()
    assert ("hang_up", first) in world.phone.commands
    assert now(world).extension == "7002"


def test_while_a_change_is_not_confirmed_both_modes_count_as_heard() -> None:
    world = desk()
    supervise(world)
    world.team.obedient = False
    switch(world, BARGE)
    assert (now(world).state, now(world).mode) == (SupervisionState.CHANGING, LISTEN)
    assert now(world).lead_is_heard_by() == {Voice.AGENT, Voice.CUSTOMER}


def test_a_refused_mode_leaves_the_old_one_in_force() -> None:
    world = desk()
    call_id = supervise(world)
    world.team.obedient = False
    switch(world, BARGE)
    world.team.deny(call_id, BARGE)
    world.run()
    assert (now(world).mode, now(world).wanted, now(world).trouble) == (LISTEN, LISTEN, "403")
    assert actions(world)[-1] is AuditAction.MODE_REFUSED


def test_a_change_that_does_not_reach_the_agent_s_phone_is_made_by_a_second_call() -> None:
    world = desk()
    first = supervise(world, BARGE)
    world.team.obedient = False
    switch(world, WHISPER)
    world.team.deny(first, WHISPER, NOT_PASSED_ON)
    world.run()
    (second, target, mode, direct) = world.team.placed[-1]
    assert (target, mode, direct, now(world).state) == ("7001", WHISPER, True, SupervisionState.CHANGING)
    world.team.establish(second, WHISPER)
    world.run()
    assert ("hang_up", first) in world.phone.commands
    assert (now(world).call_id, now(world).mode) == (second, WHISPER)


def test_a_second_call_that_is_refused_too_leaves_the_first_with_its_microphone() -> None:
    world = desk()
    first = supervise(world, BARGE)
    world.team.obedient = False
    switch(world, WHISPER)
    world.team.deny(first, WHISPER, NOT_PASSED_ON)
    world.run()
    world.team.microphone[first] = False
    world.team.end(world.team.placed[-1][0], 403)
    world.run()
    assert (now(world).call_id, now(world).mode, now(world).trouble) == (first, BARGE, "403")
    assert world.team.microphone[first]


def test_a_refusal_of_the_agent_s_phone_is_shown_as_a_refusal_and_recorded() -> None:
    world = desk()
    world.team.obedient = False
    call_id = supervise(world)
    world.team.end(call_id, 403)
    world.run()
    assert (now(world).state, now(world).trouble) == (SupervisionState.ENDED, "403")
    assert actions(world) == [AuditAction.SUPERVISION_REFUSED]


def test_the_agent_s_call_ends_and_with_it_the_supervision() -> None:
    world = desk()
    world.team.end(supervise(world))
    world.run()
    assert (now(world).state, now(world).trouble) == (SupervisionState.ENDED, "")
    assert actions(world)[-1] is AuditAction.SUPERVISION_ENDED


def test_stopping_hangs_up_and_is_recorded_once() -> None:
    world = desk()
    call_id = supervise(world)
    world.desk.team.supervising.stop()
    world.team.end(call_id)
    world.run()
    assert ("hang_up", call_id) in world.phone.commands
    assert actions(world).count(AuditAction.SUPERVISION_ENDED) == 1
    world.desk.team.supervising.stop()


def test_who_is_no_lead_is_refused_and_recorded_without_a_single_packet() -> None:
    world = desk(role=Role.AGENT)
    for mode in SupervisionMode:
        with pytest.raises(Refused) as refused:
            world.desk.team.supervising.supervise("7001", mode)
        assert refused.value.thing == "not_a_lead"
    assert world.team.placed == []
    assert actions(world) == [AuditAction.SUPERVISION_REFUSED] * 4


def test_without_a_registered_account_nothing_is_placed() -> None:
    world = World(replace(SETTINGS, team=TeamSettings(Role.LEAD)))
    with pytest.raises(Refused) as refused:
        world.desk.team.supervising.supervise("7001", LISTEN)
    assert refused.value.thing == "account"


def test_a_lead_who_takes_a_call_of_their_own_stops_listening() -> None:
    world = desk()
    supervise(world)
    call_id = world.phone.ring()
    world.run()
    assert now(world).live
    world.desk.calling.answer(call_id)
    world.run()
    assert not now(world).live


def test_a_lost_engine_ends_the_supervision() -> None:
    world = desk()
    supervise(world)
    world.phone.die()
    world.run()
    assert (now(world).state, now(world).trouble) == (SupervisionState.ENDED, "connection_lost")


def test_a_leg_that_an_earlier_desk_left_behind_is_hung_up_and_never_shown_as_a_call() -> None:
    world = desk()
    left = CallView(
        CallId("left"),
        AccountId("work"),
        Direction.OUTBOUND,
        CallState.ESTABLISHED,
        Party("7001"),
        world.clock.now(),
        supervision=True,
    )
    world.post(EngineAttached(1, calls=(left,)))
    world.run()
    assert world.desk.calling.calls == ()
    assert ("hang_up", CallId("left")) in world.phone.commands


def test_what_the_engine_refuses_is_told() -> None:
    world = desk()
    world.team.obedient = False
    call_id = supervise(world)
    world.post(CommandRefused("Supervise", RefusalReason.TOO_MANY_CALLS, call_id))
    world.run()
    assert (now(world).state, now(world).trouble) == (SupervisionState.ENDED, "too_many_calls")


def test_every_step_is_published() -> None:
    world = desk()
    supervise(world)
    states = [event.supervision.state for event in world.all(SupervisionChanged)]
    assert states == [SupervisionState.CALLING, SupervisionState.ACTIVE]


# --- by the telephone system -------------------------------------------------------------------------------


def test_keys_change_the_mode_and_the_microphone_closes_before_it_opens_after() -> None:
    world = desk("keys")
    call_id = supervise(world)
    assert world.team.placed == [(call_id, "*587001", LISTEN, False)]
    switch(world, WHISPER)
    assert world.team.microphone[call_id]
    switch(world, LISTEN)
    assert not world.team.microphone[call_id]
    assert [c[2] for c in world.phone.commands if c[0] == "send_dtmf"] == ["5", "4"]
    assert len(world.team.placed) == 1


def test_a_mode_that_has_only_a_key_is_reached_right_after_the_answer() -> None:
    world = desk("keys")
    call_id = supervise(world, BARGE)
    assert world.team.placed == [(call_id, "*587001", LISTEN, False)]
    assert (now(world).mode, world.team.microphone[call_id]) == (BARGE, True)


def test_from_taking_over_no_key_leads_back_but_a_new_call() -> None:
    world = desk("keys")
    supervise(world)
    switch(world, TAKE_OVER)
    taken_over = now(world).call_id
    switch(world, WHISPER)
    assert ("hang_up", taken_over) in world.phone.commands
    assert [target for _, target, _, _ in world.team.placed] == ["*587001", "*597001", "*587001"]
    pressed = [command for command in world.phone.commands if command[0] == "send_dtmf"]
    assert [(call, digits) for _, call, digits, _ in pressed] == [(now(world).call_id, "5")]
    assert (now(world).mode, now(world).state) == (WHISPER, SupervisionState.ACTIVE)


def test_codes_of_their_own_are_dialled_before_the_old_call_ends() -> None:
    world = desk("codes")
    first = supervise(world)
    switch(world, WHISPER)
    second = world.team.placed[-1][0]
    assert [placed[1] for placed in world.team.placed] == ["*557001", "*567001"]
    assert ("hang_up", first) in world.phone.commands
    assert (now(world).call_id, now(world).mode) == (second, WHISPER)
    assert world.team.microphone[second]


def test_a_second_code_that_is_refused_leaves_the_first_call_as_it_is() -> None:
    world = desk("codes")
    first = supervise(world)
    world.team.obedient = False
    switch(world, BARGE)
    world.team.end(world.team.placed[-1][0], 404)
    world.run()
    assert (now(world).call_id, now(world).mode, now(world).trouble) == (first, LISTEN, "404")
    assert actions(world)[-1] is AuditAction.MODE_REFUSED


def test_a_mode_that_the_system_does_not_have_is_refused() -> None:
    world = desk("codes")
    with pytest.raises(Refused) as refused:
        world.desk.team.supervising.supervise("7001", TAKE_OVER)
    assert (refused.value.thing, refused.value.detail) == ("mode", "take_over")


def test_a_broken_template_is_bad_input() -> None:
    world = desk("/nowhere/codes.toml")
    with pytest.raises(BadInput):
        world.desk.team.supervising.supervise("7001", LISTEN)


def test_an_agent_who_dials_a_code_by_hand_is_refused_and_recorded() -> None:
    world = desk("codes", Role.AGENT)
    with pytest.raises(Refused) as refused:
        world.desk.calling.place_call("*557001", AccountId("work"))
    assert refused.value.thing == "not_a_lead"
    assert world.phone.sent("place_call") == []
    assert actions(world) == [AuditAction.SUPERVISION_REFUSED]
    world.desk.calling.place_call("7001", AccountId("work"))


@pytest.mark.parametrize(
    "typed",
    [
        "*55 7001",
        "%2A557001",
        "%252A557001",
        "＊557001",
        "∗５５７００１",
        "sip:%2A557001@pbx.test",
        "tel:*557001",
        "callto:sip:*557001@pbx.test",
        "tel:sip:*557001@pbx.test",
        "(0)*557001",
        "*(0)557001",
        " " * 1_000 + "*557001",
    ],
)
def test_however_a_code_is_written_it_is_refused_and_recorded(typed: str) -> None:
    world = desk("codes", Role.AGENT)
    with pytest.raises(Refused) as refused:
        world.desk.calling.place_call(typed, AccountId("work"))
    assert refused.value.thing == "not_a_lead"
    assert actions(world) == [AuditAction.SUPERVISION_REFUSED]


def test_a_code_of_another_kind_that_is_written_as_no_number_is_noted() -> None:
    world = desk("codes", Role.AGENT)
    for typed in ("%2A997001", "not a number", "#4711 Müller", "*Smith* 030 1234"):
        with pytest.raises(BadInput):
            world.desk.calling.place_call(typed, AccountId("work"))
    assert [(e.action, e.subject, e.detail) for e in world.audit.entries] == [
        (AuditAction.SUPERVISION_REFUSED, "*997001", "dialled no_number")
    ]
    world.desk.calling.place_call("*997001", AccountId("work"))
    assert len(world.audit.entries) == 1


def test_an_agent_cannot_transfer_a_customer_to_a_code() -> None:
    world = desk("codes", Role.AGENT)
    call_id = world.phone.ring()
    world.run()
    world.desk.calling.answer(call_id)
    world.run()
    with pytest.raises(Refused) as refused:
        world.desk.calling.transfer(call_id, "*557001")
    assert refused.value.thing == "not_a_lead"
    assert world.phone.sent("transfer") == []
    assert actions(world) == [AuditAction.SUPERVISION_REFUSED]


def test_a_lead_on_a_call_of_their_own_ends_or_holds_it_first() -> None:
    world = desk()
    call_id = world.phone.ring()
    world.run()
    world.desk.calling.answer(call_id)
    world.run()
    with pytest.raises(Refused) as refused:
        world.desk.team.supervising.supervise("7001", LISTEN)
    assert refused.value.thing == "own_call"
    world.desk.calling.hold(call_id)
    world.run()
    supervise(world)
    assert now(world).live


def test_pressing_twice_while_it_rings_there_places_one_call() -> None:
    world = desk()
    world.team.obedient = False
    assert supervise(world) == supervise(world)
    assert len(world.team.placed) == 1
    supervise(world, BARGE)
    assert [mode for _, _, mode, _ in world.team.placed] == [LISTEN, BARGE]
