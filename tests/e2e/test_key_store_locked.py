"""A key store that is locked at the start and unlocked later: everything comes up without another start."""

from __future__ import annotations

from pathlib import Path

import pytest

from softphone.demo.world import DemoWorld
from softphone.domain.call import CallState
from softphone.domain.keeping_events import StoreOpened
from softphone.domain.key_store import KeyStoreLocked
from softphone.domain.store_trouble import StoreTrouble
from tests.e2e import headless
from tests.e2e.headless import HeadlessDesk, profile_in

CLAIMS = (("X-Campaign", "meridian"), ("X-Queue", "claims"))


class KeyStore(dict[str, str]):
    """Port `Secrets` with a lock."""

    locked = True

    def read(self, name: str) -> str | None:
        self._check(name)
        return self.get(name)

    def write(self, name: str, secret: str) -> None:
        self._check(name)
        self[name] = secret

    def delete(self, name: str) -> None:
        self._check(name)
        self.pop(name, None)

    def _check(self, name: str) -> None:
        if self.locked:
            raise KeyStoreLocked(name)


def test_after_unlocking_one_try_signs_in_and_keeps_records_on_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with DemoWorld() as world:
        profile = profile_in(world)
        keys = KeyStore(profile.secrets)
        monkeypatch.setattr(headless, "secrets_of", lambda *_: keys)
        desk = HeadlessDesk(profile, tmp_path / "desk")
        with pytest.raises(KeyStoreLocked):
            desk.assembly.start()
        try:
            desk.until(lambda: _opened(desk) is not None, "the database says how it stands")
            opened = _opened(desk)
            assert opened is not None
            assert (opened.trouble, opened.in_memory) == (StoreTrouble.KEY_STORE_LOCKED, True)
            keys.locked = False
            desk.desk.try_again()
            desk.registered()
            _take_and_save_a_call(world, desk)
        finally:
            desk.__exit__(None, None, None)
        assert (tmp_path / "desk" / "data" / "softphone.db").exists()


def _take_and_save_a_call(world: DemoWorld, desk: HeadlessDesk) -> None:
    world.ring(headers=CLAIMS)
    call = desk.ringing().id
    calling, wrapping_up = desk.desk.calling, desk.desk.wrapping_up
    calling.answer(call)
    desk.until(lambda: _state(desk, call) is CallState.ESTABLISHED, "it is answered")
    calling.hang_up(call)
    desk.until(lambda: call in wrapping_up.open_calls, "its outcome is asked for")
    wrapping_up.choose_code(call, "claim_status")
    assert wrapping_up.save(call), wrapping_up.state(call).problems
    desk.until(lambda: wrapping_up.state(call).saved, "it is saved")
    assert not wrapping_up.state(call).in_memory


def _state(desk: HeadlessDesk, call_id: object) -> CallState | None:
    return next((c.state for c in desk.desk.calling.calls if c.id == call_id), None)


def _opened(desk: HeadlessDesk) -> StoreOpened | None:
    return next((e for e in reversed(desk.seen) if isinstance(e, StoreOpened)), None)
