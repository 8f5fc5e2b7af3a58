"""What every `TeamLine` keeps to: the fake of the use cases' tests, and the engine at a telephone system."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from softphone.demo.world import AGENT, COLLEAGUE, DemoWorld
from softphone.domain.account import Account
from softphone.domain.agent_state import AgentState
from softphone.domain.events import CallEnded, CallEstablished, Event
from softphone.domain.ids import AccountId, CallId
from softphone.domain.supervision import SupervisionMode, SupervisionPolicy
from softphone.domain.team import AgentPresence
from softphone.domain.team_events import MessageAnswered, PresenceChanged, SupervisionModeConfirmed
from softphone.usecases.team.ports import TeamLine
from tests.fakes.clock import FakeClock
from tests.fakes.team import FakeTeamLine
from tests.phone.ear import Ear
from tests.phone.handset import Handset

ACCOUNT = AccountId("work")
LISTEN, WHISPER, BARGE, TAKE_OVER = SupervisionMode


@dataclass
class Scene:
    """A lead's line, what it says, and an agent (7001) who is on a call and takes the lead in."""

    line: TeamLine
    ear: Ear
    agent_publishes: Callable[[AgentPresence], None]


@contextmanager
def fake(_folder: Path) -> Iterator[Scene]:
    ear = Ear()
    line = FakeTeamLine(ear.post, FakeClock())
    yield Scene(line, ear, lambda presence: line.present(AGENT, presence))


@contextmanager
def real(folder: Path) -> Iterator[Scene]:
    with DemoWorld() as world:
        agent, lead = (_signed_in(world, folder / user, user) for user in (AGENT, COLLEAGUE))
        agent.allow_supervision(SupervisionPolicy((COLLEAGUE,)))
        world.ring()
        agent.answer_next()
        yield Scene(
            lead.telephone.team,
            lead,
            lambda presence: agent.telephone.team.publish_presence(ACCOUNT, presence),
        )
        lead.close()
        agent.close()


def _signed_in(world: DemoWorld, folder: Path, user: str) -> Handset:
    made = Handset(folder)
    made.start()
    account = Account(ACCOUNT, world.addresses.sip_host, user, port=world.addresses.sip_port)
    made.telephone.open_account(account, world.passwords[user])
    made.expect_registered()
    return made


@pytest.fixture(params=[fake, real], ids=["fake", "engine"])
def scene(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Scene]:
    with request.param(tmp_path) as made:
        yield made


def listening(scene: Scene) -> CallId:
    call_id = CallId("lead-1")
    scene.line.supervise(call_id, ACCOUNT, AGENT, LISTEN, True)
    scene.ear.expect(CallEstablished, lambda e: e.call_id == call_id)
    return call_id


def test_a_supervision_is_established_and_each_mode_confirmed(scene: Scene) -> None:
    call_id = listening(scene)
    for mode in (WHISPER, TAKE_OVER, LISTEN):
        scene.line.change_supervision(call_id, mode)
        confirmed = scene.ear.expect(SupervisionModeConfirmed)
        assert confirmed == SupervisionModeConfirmed(call_id, mode)
    assert not [e for e in scene.ear.heard(Event) if isinstance(e, CallEnded)]


def test_every_message_is_answered_once(scene: Scene) -> None:
    scene.line.ask_for_help("m1", ACCOUNT, AGENT, "angry customer")
    assert scene.ear.expect(MessageAnswered) == MessageAnswered("m1", 200)
    scene.line.ask_for_help("m2", ACCOUNT, AGENT, "angry customer", over=True)
    assert scene.ear.expect(MessageAnswered) == MessageAnswered("m2", 200)
    scene.line.tell_of_record("m3", ACCOUNT, AGENT, '{"word":"keep","id":"d"}')
    assert scene.ear.expect(MessageAnswered) == MessageAnswered("m3", 200)


def test_what_an_agent_publishes_is_told_to_who_watches(scene: Scene) -> None:
    scene.line.watch_presence(ACCOUNT, AGENT)
    scene.agent_publishes(AgentPresence(AgentState.NOT_READY, "lunch"))
    told = scene.ear.expect(PresenceChanged, lambda e: e.presence is not None)
    assert (told.target, told.presence) == (AGENT, AgentPresence(AgentState.NOT_READY, "lunch"))
    scene.line.unwatch_presence(ACCOUNT, AGENT)


def test_unwatching_what_is_not_watched_is_no_error(scene: Scene) -> None:
    scene.line.unwatch_presence(ACCOUNT, "7999")
    scene.line.let_supervisor_in(CallId("nobody"), True)
