"""Set up by the company: when it is asked, what is used when, and who may change it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from softphone.domain.account import Account, RegistrationState, Transport
from softphone.domain.company_settings import ProvisioningSettings
from softphone.domain.errors import BadInput, Refused
from softphone.domain.events import RegistrationChanged
from softphone.domain.ids import AccountId
from softphone.domain.provisioning import (
    ProvisioningOrder,
    ProvisioningTrouble,
    order_from_link,
)
from softphone.domain.settings import Settings
from softphone.domain.settings_layers import SetBy, SettingsLayer
from softphone.usecases.provisioning import AFTER_START_S, AGAIN_S, DAY_S
from tests.fakes.world import ACCOUNT, SETTINGS, World

URL = "https://phones.test/profile.toml"
COMPANY = replace(SETTINGS, provisioning=ProvisioningSettings(URL, "a-key"))
POLICY = SetBy(SettingsLayer.POLICY, "/etc/softphone/policy.toml")


def company_world(settings: Settings = COMPANY) -> World:
    world = World(settings)
    world.start()
    return world


def accounts(world: World) -> list[str]:
    """Those of the settings in force."""
    return [account.id for account in world.desk.configuring.settings.accounts]


def test_the_profile_is_asked_for_at_the_start_and_daily() -> None:
    world = company_world()
    assert world.profiles.orders == []
    world.clock.advance(AFTER_START_S)
    assert world.profiles.orders == [ProvisioningOrder(URL, "a-key")]
    world.profiles.answer()
    world.run()
    world.clock.advance(DAY_S - 1)
    assert world.profiles.orders == []
    world.clock.advance(1)
    assert len(world.profiles.orders) == 1


def test_while_the_server_is_away_it_is_asked_again_less_and_less_often() -> None:
    world = company_world()
    world.clock.advance(AFTER_START_S)
    for pause in (*AGAIN_S, AGAIN_S[-1]):
        world.profiles.answer(ProvisioningTrouble.UNREACHABLE)
        world.run()
        world.clock.advance(pause - 0.5)
        assert world.profiles.orders == []
        world.clock.advance(0.5)
    world.profiles.answer()
    world.run()
    world.clock.advance(AGAIN_S[-1])
    assert world.profiles.orders == []


def test_a_phone_set_up_by_hand_asks_nobody() -> None:
    world = company_world(SETTINGS)
    world.clock.advance(2 * DAY_S)
    assert world.profiles.orders == []


def test_a_new_profile_is_in_use_at_once() -> None:
    world = company_world()
    world.clock.advance(AFTER_START_S)
    second = Account(AccountId("second"), "pbx.test", "7002", transport=Transport.TLS)
    world.secrets["account/second"] = "other"
    world.file.saved = replace(COMPANY, accounts=(second,))
    world.profiles.answer(changed=True)
    world.run()
    assert accounts(world) == ["second"]
    assert set(world.phone.accounts) == {second.id}


def test_a_changed_password_registers_anew_and_the_same_account_is_left_alone() -> None:
    world = company_world()
    world.secrets["account/work"] = "renewed"
    opening = ("open_account", ACCOUNT.id)
    opened = world.phone.commands.count(opening)
    world.desk.provisioning.read_anew()
    assert world.phone.commands.count(opening) == opened
    world.desk.provisioning.read_anew((ACCOUNT.id,))
    assert world.phone.commands.count(opening) == opened + 1


def test_during_a_call_nothing_changes_until_it_is_over() -> None:
    world = company_world()
    world.clock.advance(AFTER_START_S)
    world.phone.ring("in-1")
    world.run()
    world.file.saved = replace(COMPANY, accounts=())
    world.profiles.answer(changed=True)
    world.run()
    assert accounts(world) == ["work"]
    world.desk.calling.busy(world.desk.calling.calls[0].id)
    world.run()
    assert accounts(world) == []
    assert world.phone.accounts == {}


def test_a_link_that_the_agent_agreed_to_is_remembered_once_it_has_worked() -> None:
    world = company_world(SETTINGS)
    order = order_from_link(f"softphone://provision?url={URL}&token=once&key=abc%3D")
    world.desk.provisioning.adopt(order)
    assert world.desk.provisioning.busy is True
    world.profiles.answer(ProvisioningTrouble.UNREACHABLE)
    world.run()
    assert world.file.saved.provisioning == ProvisioningSettings()
    world.desk.provisioning.adopt(order)
    world.profiles.answer(changed=True)
    world.run()
    assert world.file.saved.provisioning == ProvisioningSettings(URL, "abc=")
    assert {world.desk.provisioning.busy} == {False}
    assert "once" not in repr(order)


def test_a_link_cannot_replace_what_it_has_fixed() -> None:
    world = company_world()
    world.file.locks = {"provisioning.url": POLICY, "provisioning.public_key": POLICY}
    with pytest.raises(Refused, match="IT has fixed"):
        world.desk.provisioning.adopt(ProvisioningOrder("https://evil.test/p"))
    world.desk.provisioning.adopt(ProvisioningOrder(URL, "another-key", token="t"))
    assert world.profiles.orders == [ProvisioningOrder(URL, "a-key", token="t")]


def test_an_account_that_is_gone_is_closed_and_off() -> None:
    world = company_world()
    world.file.saved = replace(COMPANY, accounts=())
    world.desk.provisioning.read_anew()
    world.run()
    assert world.desk.signing_in.registrations == ()
    assert not world.phone.accounts
    assert world.last(RegistrationChanged).registration.state is RegistrationState.OFF


@pytest.mark.parametrize(
    "link",
    [
        "softphone://provision",
        "softphone://provision?url=file:///etc/passwd",
        "softphone://quit?url=https://x",
        "softphone:provision?url=https://x",
        "tel:123",
    ],
)
def test_other_links_set_nothing_up(link: str) -> None:
    with pytest.raises(BadInput):
        order_from_link(link)
