"""A telephone system that restarts faster than anybody notices has forgotten all phones."""

from __future__ import annotations

from pathlib import Path

from softphone.demo.world import DemoWorld
from tests.e2e.headless import HeadlessDesk, profile_in

BACK_WITHIN_S = 30.0


def test_a_phone_is_back_within_half_a_minute_after_its_server_restarted_in_a_moment(tmp_path: Path) -> None:
    with DemoWorld() as world, HeadlessDesk(profile_in(world), tmp_path / "desk") as desk:
        desk.registered()
        world.stop_telephone_system()
        world.start_telephone_system()

        def reachable() -> bool:
            try:
                world.ring()
            except LookupError:
                return False
            return True

        desk.until(reachable, "the telephone system knows the phone again", BACK_WITHIN_S)
        desk.ringing()
