"""What stands above the user: who has set what, and that mistakes of IT keep nobody from working."""

from __future__ import annotations

import json
import plistlib
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from softphone.domain.account import Transport
from softphone.domain.campaign import AcwPolicy
from softphone.domain.recording import RecordingPolicy
from softphone.domain.settings import Theme
from softphone.domain.settings_layers import SettingsLayer
from softphone.system import settings_sources
from softphone.system.folders import folders
from softphone.system.settings_catalogue import SettingFact, SettingKind, settings_catalogue
from softphone.system.settings_file import BadSettings, LayeredSettings
from softphone.system.settings_layers import MemoryOfLayers, read_layer
from softphone.system.settings_registry import (
    INSTALL_KEY,
    POLICY_KEY,
    Registry,
    RegistryKey,
    RegistrySource,
    WindowsRegistry,
)
from softphone.system.settings_sources import PlistSource, layered_settings
from softphone.system.settings_toml import TomlSource
from softphone.system.settings_values import plain
from softphone.system.settings_words import DESCRIPTIONS

ACCOUNT = '[[accounts]]\nid = "main"\nserver = "pbx.example.org"\nuser = "7001"\n'


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    return tmp_path / "policy.toml"


@pytest.fixture
def file(tmp_path: Path, policy: Path) -> LayeredSettings:
    user, source = tmp_path / "settings.toml", TomlSource(SettingsLayer.POLICY, policy)
    return LayeredSettings(user, (source,), tmp_path / "last-good")


@dataclass
class FakeRegistry:
    """Port `Registry`, in memory."""

    keys: dict[str, RegistryKey] = field(default_factory=dict)
    failure: OSError | None = None

    def read(self, hive: str, path: str) -> RegistryKey | None:
        if self.failure:
            raise self.failure
        return self.keys.get(f"{hive}\\{path}")


def from_registry(key: RegistryKey) -> LayeredSettings:
    registry: Registry = FakeRegistry({f"HKEY_LOCAL_MACHINE\\{POLICY_KEY}": key})
    source = RegistrySource(SettingsLayer.POLICY, registry, "HKEY_LOCAL_MACHINE", POLICY_KEY)
    return LayeredSettings(Path("/nonexistent/settings.toml"), (source,))


def test_policy_outranks_installation_and_that_the_profile_and_that_the_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = tmp_path / "machine"
    machine.mkdir()
    monkeypatch.setattr(settings_sources, "machine_folder", lambda: machine)
    where = folders(tmp_path / "mine")
    where.create()
    where.settings_file.write_text(
        '[window]\ntheme = "dark"\nlanguage = "de"\n[calls]\nregion = "DE"\ndtmf = "info"\n'
    )
    where.provisioned_file.write_text(
        '[profile]\nversion = 1\n[window]\ntheme = "light"\nlanguage = "it"\n[calls]\nregion = "IT"\n'
    )
    (machine / "install.toml").write_text('[window]\nlanguage = "el"\ntheme = "system"\n')
    (machine / "policy.toml").write_text('[window]\ntheme = "light"\n')
    file = layered_settings(where)
    settings = file.load()
    assert (settings.window.theme, settings.window.language) == (Theme.LIGHT, "el")
    assert (settings.calls.region, settings.calls.dtmf) == ("IT", "info")
    assert file.faults == ()
    assert {key: by.layer for key, by in file.locked().items()} == {
        "window.theme": SettingsLayer.POLICY,
        "window.language": SettingsLayer.INSTALL,
        "calls.region": SettingsLayer.PROVISIONED,
    }
    assert file.locked()["window.theme"].source == str(machine / "policy.toml")


def test_an_unknown_key_is_named_and_everything_else_of_the_policy_holds(
    file: LayeredSettings, policy: Path
) -> None:
    policy.write_text('[window]\ntheme = "dark"\nfrom_a_newer_version = 1\n[unheard]\nof = 1\n')
    assert file.load().window.theme is Theme.DARK
    assert [(f.line, f.key) for f in file.faults] == [(3, "window.from_a_newer_version"), (4, "unheard")]
    assert set(file.locked()) == {"window.theme"}


def test_a_broken_policy_file_leaves_its_last_good_state_in_force(
    file: LayeredSettings, policy: Path
) -> None:
    policy.write_text('[window]\ntheme = "dark"\n')
    file.load()
    policy.write_text('[window]\ntheme = "dark\nlanguage = "de"\n')
    assert file.load().window.theme is Theme.DARK
    assert "window.theme" in file.locked()
    (fault,) = file.faults
    assert (fault.source, fault.line) == (str(policy), 2)
    assert "last good state is used" in fault.problem


def test_a_bad_value_is_replaced_by_its_last_good_one(file: LayeredSettings, policy: Path) -> None:
    policy.write_text('[calls]\nregion = "DE"\n[window]\ntheme = "dark"\n')
    file.load()
    policy.write_text('[calls]\nregion = "IT"\n[window]\ntheme = "pink"\n')
    settings = file.load()
    assert (settings.window.theme, settings.calls.region) == (Theme.DARK, "IT")
    assert [f.key for f in file.faults] == ["window.theme"]


def test_a_policy_that_contradicts_itself_is_left_out_where_it_does(
    file: LayeredSettings, policy: Path
) -> None:
    policy.write_text(
        '[[campaigns]]\nid = "c"\nname = "C"\ncrm = "nowhere"\nacw = "timed"\n[window]\nlanguage = "de"\n'
    )
    settings = file.load()
    (campaign,) = settings.campaigns
    assert (campaign.crm, campaign.acw, settings.window.language) == ("", AcwPolicy.REQUIRED, "de")
    assert [(f.key, f.line) for f in file.faults] == [("campaigns.c.acw", 5), ("campaigns.c.crm", 4)]


def test_a_policy_that_contradicts_the_users_file_loses_the_key_and_not_the_day(
    file: LayeredSettings, policy: Path, tmp_path: Path
) -> None:
    (tmp_path / "settings.toml").write_text(
        '[[campaigns]]\nid = "c"\nname = "Company"\nacw = "timed"\nacw_limit_s = 60\n'
    )
    policy.write_text('[[campaigns]]\nid = "c"\nacw_limit_s = 0\n')
    assert file.load().campaigns[0].acw_limit_s == 60
    assert [f.key for f in file.faults] == ["campaigns.c.acw"]


def test_a_policy_for_an_account_that_is_not_there_waits_for_it(
    file: LayeredSettings, policy: Path, tmp_path: Path
) -> None:
    policy.write_text('[[accounts]]\nid = "main"\ntransport = "tls"\n')
    assert file.load().accounts == ()
    assert "left out" in file.faults[0].problem
    (tmp_path / "settings.toml").write_text(ACCOUNT)
    assert file.load().accounts[0].transport is Transport.TLS
    assert file.faults == ()


def test_what_the_agent_laid_over_an_account_of_the_company_does_not_outlive_it_as_an_error(
    file: LayeredSettings, policy: Path, tmp_path: Path
) -> None:
    policy.write_text(ACCOUNT)
    settings = file.load()
    mine = replace(settings.accounts[0], display_name="Kim Reed")
    file.save(settings.with_account(mine))
    policy.write_text("")
    assert file.load().accounts == ()
    assert [(f.layer, f.key) for f in file.faults] == [("user", "accounts.main.server")]
    policy.write_text(ACCOUNT)
    assert file.load().accounts == (mine,)


def test_the_users_own_mistakes_are_still_raised(file: LayeredSettings, tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("[window]\nlanguage = 3\n")
    with pytest.raises(BadSettings, match="line 2"):
        file.load()


def test_group_policy_is_typed_by_the_settings_it_sets() -> None:
    file = from_registry(
        RegistryKey(
            keys={
                "Window": RegistryKey({"Theme": "dark", "raise_on_call": 0, "language": ""}),
                "audio": RegistryKey({"microphone_gain_db": "-3.5", "echo_cancelling": "true"}),
                "calls": RegistryKey(
                    {"queue_headers": ["X-Line"]}, {"codecs": RegistryKey({"2": "PCMU", "1": "PCMA"})}
                ),
                "agent": RegistryKey(
                    {"not_ready_reasons": '[{"name": "lunch"}]', "missed_offer_after_s": "20"}
                ),
                "accounts": RegistryKey(
                    keys={"main": RegistryKey({"server": "pbx.example.org", "user": "1", "port": 5061})}
                ),
            }
        )
    )
    settings = file.load()
    assert file.faults == ()
    assert (settings.window.theme, settings.window.raise_on_call) == (Theme.DARK, False)
    assert (settings.audio.microphone_gain_db, settings.audio.echo_cancelling) == (-3.5, True)
    assert (settings.calls.codecs, settings.calls.queue_headers) == (("PCMA", "PCMU"), ("X-Line",))
    assert (settings.agent.not_ready_reasons[0].name, settings.agent.missed_offer_after_s) == ("lunch", 20)
    assert (settings.accounts[0].id, settings.accounts[0].port) == ("main", 5061)
    assert "window.language" not in file.locked()
    assert file.locked()["window.theme"].source == f"HKEY_LOCAL_MACHINE\\{POLICY_KEY}"


def test_what_does_not_fit_in_the_registry_is_named_without_a_line() -> None:
    file = from_registry(
        RegistryKey({"loose": 1}, {"window": RegistryKey({"theme": 7, "raise_on_call": "perhaps"})})
    )
    assert file.load().window.theme is Theme.SYSTEM
    assert {(f.line, f.key) for f in file.faults} == {
        (0, "loose"), (0, "window.theme"), (0, "window.raise_on_call"),
    }  # fmt: skip


def test_a_registry_that_cannot_be_read_is_a_fault_and_no_end() -> None:
    registry = FakeRegistry(failure=PermissionError(13, "Access is denied"))
    source = RegistrySource(SettingsLayer.INSTALL, registry, "HKEY_LOCAL_MACHINE", INSTALL_KEY)
    file = LayeredSettings(Path("/nonexistent/settings.toml"), (source,))
    file.load()
    assert "Access is denied" in file.faults[0].problem


def test_without_windows_there_is_no_registry() -> None:
    assert WindowsRegistry().read("HKEY_LOCAL_MACHINE", r"SOFTWARE\No such key of ours") is None


def test_managed_preferences_are_read_without_what_the_system_adds(tmp_path: Path) -> None:
    plist = tmp_path / "org.softphone.Softphone.plist"
    plist.write_bytes(
        plistlib.dumps({"PayloadUUID": "x", "window": {"theme": "dark"}, "calls": {"codecs": ["PCMA"]}})
    )
    file = LayeredSettings(tmp_path / "settings.toml", (PlistSource(plist),))
    settings = file.load()
    assert (settings.window.theme, settings.calls.codecs) == (Theme.DARK, ("PCMA",))
    assert file.faults == ()
    plist.write_bytes(b"<plist><dict><key>")
    again = LayeredSettings(tmp_path / "settings.toml", (PlistSource(plist),))
    again.load()
    assert "no property list" in again.faults[0].problem


def sample(fact: SettingFact) -> object:
    """A value that is not the default, as TOML would hold it."""
    if fact.kind is SettingKind.CHOICE:
        return next(c for c in reversed(fact.choices) if c != plain(fact.default))
    samples: dict[SettingKind, object] = {
        SettingKind.FLAG: not fact.default,
        SettingKind.INTEGER: 77,
        SettingKind.NUMBER: 1.5,
        SettingKind.TEXTS: ["PCMU"],
        SettingKind.TEXT: _TEXTS.get(fact.key, "some-text"),
        SettingKind.JSON: _LISTS.get(fact.name, []),
    }
    return samples[fact.kind]


_TEXTS = {"calls.region": "IT", "campaigns.*.region": "IT", "campaigns.*.colour": "#123456"}
_LISTS: dict[str, object] = {"not_ready_reasons": [{"name": "walk"}]}


def in_registry(fact: SettingFact, value: object) -> RegistryKey:
    """As the templates would have it written."""
    written: dict[SettingKind, object] = {
        SettingKind.FLAG: int(bool(value)),
        SettingKind.NUMBER: str(value),
        SettingKind.JSON: json.dumps(value),
    }
    key = RegistryKey({fact.name: written.get(fact.kind, value)})  # type: ignore[dict-item]  # as the kind says
    for name in reversed(fact.registry_subkey.replace("*", "main").split("\\")):
        key = RegistryKey(keys={name: key})
    return key


FIXABLE = [fact for fact in settings_catalogue() if fact.kind is not SettingKind.JSON or fact.name in _LISTS]


@pytest.mark.parametrize("fact", FIXABLE, ids=lambda fact: fact.key)
def test_every_setting_can_be_set_and_locked_by_group_policy(fact: SettingFact, tmp_path: Path) -> None:
    """Read strictly, so that one that the registry cannot express would be named."""
    registry = FakeRegistry({f"HKEY_LOCAL_MACHINE\\{POLICY_KEY}": in_registry(fact, sample(fact))})
    source = RegistrySource(SettingsLayer.POLICY, registry, "HKEY_LOCAL_MACHINE", POLICY_KEY)
    typed = read_layer(source, MemoryOfLayers(None))
    assert typed.faults == []
    key = tuple(fact.key.replace("*", "main").split("."))
    assert plain(typed.values[key]) == sample(fact)
    assert fact.description.endswith((".", ":", "?"))


def test_every_setting_is_described_for_those_who_fix_it_by_policy() -> None:
    """New ones in `settings_words`: the policy templates for Windows and macOS are made of it."""
    known = {fact.key for fact in settings_catalogue()}
    assert known - set(DESCRIPTIONS) == set()
    assert set(DESCRIPTIONS) - known == set()


def test_a_recording_code_that_no_keypad_has_is_named_with_its_line_and_policy_can_fix_the_rest(
    file: LayeredSettings, policy: Path
) -> None:
    policy.write_text(
        '[[campaigns]]\nid = "a"\nname = "A"\n[campaigns.recording]\npolicy = "recorded"\n'
        'pause_code = "*6x"\nresume_code = "*62"\n'
    )
    file.load()
    assert [(f.line, f.key) for f in file.faults][:1] == [(6, "campaigns.a.recording.pause_code")]
    policy.write_text('[[campaigns]]\nid = "a"\nname = "A"\n[campaigns.recording]\npolicy = "recorded"\n')
    assert file.load().campaigns[0].recording.policy is RecordingPolicy.RECORDED
    assert "campaigns.a.recording.policy" in file.locked()
