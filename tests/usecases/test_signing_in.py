"""Signing in, and the agent's state that follows from it."""

from __future__ import annotations

import pytest

from softphone.domain.account import Account, RegistrationState, RegistrationTrouble
from softphone.domain.agent_state import AgentState
from softphone.domain.errors import BadInput, Refused
from softphone.domain.events import AgentStatusChanged
from softphone.domain.ids import AccountId
from softphone.domain.key_store import KeyStoreLocked
from softphone.domain.settings import Settings
from tests.fakes.world import ACCOUNT, DictSecrets, MemorySettingsFile, World


def state(world: World) -> AgentState:
    return world.desk.being_available.status.state


def test_starting_signs_in_with_the_stored_password() -> None:
    world = World()
    world.start()
    assert world.desk.signing_in.registered
    assert state(world) is AgentState.NOT_READY


def test_without_a_stored_password_the_account_says_so() -> None:
    world = World(secrets=DictSecrets())
    world.start()
    (registration,) = world.desk.signing_in.registrations
    assert registration.trouble is RegistrationTrouble.NO_PASSWORD
    assert world.phone.sent("open_account") == []


def test_a_wrong_password_is_refused_and_a_right_one_signs_in() -> None:
    world = World(settings=Settings(), secrets=DictSecrets())
    world.start()
    world.desk.signing_in.add(ACCOUNT, "wrong")
    world.run()
    (registration,) = world.desk.signing_in.registrations
    assert registration.state is RegistrationState.REFUSED
    assert registration.trouble is RegistrationTrouble.WRONG_CREDENTIALS
    world.desk.signing_in.add(ACCOUNT, "secret")
    world.run()
    assert world.desk.signing_in.registered
    assert world.secrets == {"account/work": "secret"}
    assert world.file.saved.accounts == (ACCOUNT,)


@pytest.mark.parametrize(
    ("account", "password"),
    [(Account(AccountId("a"), "", "u"), "p"), (Account(AccountId("a"), "s", ""), "p"), (ACCOUNT, "")],
)
def test_missing_parts_are_named_and_nothing_is_kept(account: Account, password: str) -> None:
    world = World(settings=Settings(), secrets=DictSecrets())
    with pytest.raises(BadInput):
        world.desk.signing_in.add(account, password)
    assert world.secrets == {}


def test_removing_an_account_removes_its_password() -> None:
    world = World()
    world.start()
    world.desk.signing_in.remove(ACCOUNT.id)
    world.run()
    assert world.secrets == {}
    assert not world.desk.signing_in.registered
    assert state(world) is AgentState.OFFLINE


def test_a_lost_registrar_makes_the_agent_offline_until_it_is_back() -> None:
    world = World()
    world.start()
    world.desk.being_available.choose_ready()
    world.phone.registrar_gone(ACCOUNT.id)
    world.run()
    assert state(world) is AgentState.OFFLINE
    world.desk.signing_in.try_again()
    assert world.phone.sent("register_now") == [(ACCOUNT.id,)]
    world.phone.registered(ACCOUNT.id)
    world.run()
    assert state(world) is AgentState.READY


def test_not_ready_wants_a_reason_that_the_company_has() -> None:
    world = World()
    world.start()
    with pytest.raises(Refused):
        world.desk.being_available.choose_not_ready("")
    with pytest.raises(BadInput):
        world.desk.being_available.choose_not_ready("nap")
    world.clock.advance(5)
    world.desk.being_available.choose_not_ready("lunch")
    changed = world.last(AgentStatusChanged)
    assert changed.status.reason == "lunch"
    assert changed.since == world.clock.now()


class LockedSecrets(DictSecrets):
    """A key store that was locked after it was read."""

    def delete(self, name: str) -> None:
        raise KeyStoreLocked(name)


class LockedSettings(MemorySettingsFile):
    """A settings file in which nothing may be changed."""

    def save(self, settings: Settings) -> None:
        raise Refused("settings", "locked by policy")


def test_a_password_is_not_kept_for_an_account_that_cannot_be_saved() -> None:
    world = World()
    world.start()
    world.desk.configuring._file = LockedSettings(world.settings)
    for account, before in ((Account(AccountId("new"), "pbx.test", "9"), None), (ACCOUNT, "secret")):
        with pytest.raises(Refused):
            world.desk.signing_in.add(account, "another")
        assert world.secrets.get(f"account/{account.id}") == before


def test_an_account_that_cannot_be_removed_keeps_its_password_and_stays_registered() -> None:
    world = World()
    world.start()
    world.desk.configuring._file = LockedSettings(world.settings)
    with pytest.raises(Refused):
        world.desk.signing_in.remove(ACCOUNT.id)
    world.run()
    assert world.secrets == {"account/work": "secret"}
    assert world.phone.sent("close_account") == []
    assert world.desk.signing_in.registered


def test_a_locked_key_store_does_not_keep_an_account_from_being_removed() -> None:
    world = World(secrets=LockedSecrets({"account/work": "secret"}))
    world.start()
    with pytest.raises(KeyStoreLocked):
        world.desk.signing_in.remove(ACCOUNT.id)
    world.run()
    assert world.desk.configuring.settings.accounts == ()
    assert not world.desk.signing_in.registered


def test_quitting_unregisters_and_writes_what_is_typed() -> None:
    world = World()
    world.start()
    ringing = world.phone.ring()
    world.run()
    timers_before = world.clock.waiting
    world.desk.wrapping_up.type_notes(ringing, "unsaved")
    world.desk.quit()
    assert world.phone.sent("shut_down") == [()]
    assert world.clock.waiting == timers_before, "the autosave is done"
