"""What a screen reader says by itself."""

from __future__ import annotations

import pytest

from softphone.domain.events import EngineLost
from softphone.ui import main
from softphone.ui.announcing import Announcer, say_through
from softphone.ui.main import Interface
from tests.fakes.world import World
from tests.ui.conftest import Build
from tests.ui.test_scene import CLAIMS, talk


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bool]]:
    heard: list[tuple[str, bool]] = []
    monkeypatch.setattr(
        main, "say_through", lambda _window: lambda text, urgent: heard.append((text, urgent))
    )
    return heard


def test_a_call_is_announced_once_and_urgently(
    said: list[tuple[str, bool]], build: Build, world: World
) -> None:
    build(world)
    world.phone.ring(headers=CLAIMS)
    world.run()
    world.crm.answer_all()
    world.run()
    assert said == [("Incoming call for Storm Insurance from +49 30 12345678", True)]


def test_trouble_and_saving_are_announced_politely(
    said: list[tuple[str, bool]], build: Build, world: World
) -> None:
    build(world)
    call = talk(world)
    world.phone.end(call)
    world.run()
    world.desk.wrapping_up.choose_code(call, "solved")
    world.desk.wrapping_up.save(call)
    world.run()
    world.post(EngineLost("killed"))
    world.run()
    polite = [text for text, urgent in said if not urgent]
    assert polite[0] == "Saved"
    assert polite[1].startswith("The telephone part of the program failed")


def test_the_same_trouble_is_said_again_only_after_it_was_gone() -> None:
    heard: list[str] = []
    announcer = Announcer(lambda text, _urgent: heard.append(text))
    for notices in (("no headset",), ("no headset",), (), ("no headset",)):
        announcer.hear_notices(notices)
    assert heard == ["no headset", "no headset"]


def test_saying_something_without_a_screen_reader_does_no_harm(interface: Interface) -> None:
    say_through(interface.window)("hello", True)
