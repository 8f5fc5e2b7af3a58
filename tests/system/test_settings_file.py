"""Settings on a real disk: layers, messages that name the place, and saving that loses nothing."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from softphone.domain.account import Account, Transport
from softphone.domain.campaign import Campaign, Disposition, Matching
from softphone.domain.errors import Broken, Refused, TryLater
from softphone.domain.ids import AccountId, CampaignId
from softphone.domain.settings import CrmConnection, NotReadyReason, Settings, Theme
from softphone.domain.settings_layers import SettingsLayer
from softphone.system.settings_file import BadSettings, LayeredSettings
from softphone.system.settings_toml import TomlSource


def layered(user: Path, provisioned: Path, policy: Path) -> LayeredSettings:
    above = (
        TomlSource(SettingsLayer.PROVISIONED, provisioned),
        TomlSource(SettingsLayer.POLICY, policy),
    )
    return LayeredSettings(user, above)


MAIN = Account(AccountId("main"), "pbx.example.org", "7001")


@pytest.fixture
def user(tmp_path: Path) -> Path:
    return tmp_path / "config" / "settings.toml"


@pytest.fixture
def file(user: Path, tmp_path: Path) -> LayeredSettings:
    return layered(user, tmp_path / "provisioned.toml", tmp_path / "policy.toml")


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_without_any_file_the_defaults_hold(file: LayeredSettings) -> None:
    assert file.load() == Settings()
    assert file.locked() == {}


def test_a_higher_layer_outranks_a_lower_one_key_by_key(
    file: LayeredSettings, user: Path, tmp_path: Path
) -> None:
    write(user, '[window]\ntheme = "dark"\nlanguage = "de"\nraise_on_call = false\n')
    write(tmp_path / "provisioned.toml", '[window]\nlanguage = "it"\ntheme = "light"\n')
    write(tmp_path / "policy.toml", '[window]\ntheme = "system"\n')
    window = file.load().window
    assert (window.theme, window.language, window.raise_on_call) == (Theme.SYSTEM, "it", False)
    assert set(file.locked()) == {"window.theme", "window.language"}


def test_a_layer_can_set_one_field_of_an_entry_that_another_brings(
    file: LayeredSettings, user: Path, tmp_path: Path
) -> None:
    write(user, '[[accounts]]\nid = "main"\nserver = "pbx.example.org"\nuser = "7001"\n')
    write(tmp_path / "policy.toml", '[[accounts]]\nid = "main"\ntransport = "tls"\n')
    assert file.load().accounts == (replace(MAIN, transport=Transport.TLS),)
    assert "accounts.main.transport" in file.locked()


@pytest.mark.parametrize(
    ("text", "line", "key", "problem"),
    [
        ('[audio]\nmicrophon = "x"\n', 2, "audio.microphon", "unknown key"),
        ("[audio]\n\nmicrophone = 3\n", 3, "audio.microphone", "Expected str, got int"),
        ("wrong = 1\n", 1, "wrong", "unknown key"),
        ('[window]\ntheme = "pink"\n', 2, "window.theme", "Invalid enum value"),
        ('[window]\nlanguage = "xx"\n', 2, "window.language", "one of en, de"),
        ("[window]\ntheme = \n", 2, "theme", "Invalid value"),
        ('[window\ntheme = "dark"\n', 1, "", "Expected"),
        ('x = "unfinished', 1, "x", "Unterminated string"),
        ("a = 1\na = 2\n", 2, "a", "Cannot overwrite"),
        ("audio = 1\n", 1, "audio", "a table is expected"),
        ("accounts = 1\n", 1, "accounts", "a list of tables"),
        ("accounts = [1]\n", 1, "accounts[0]", "a table is expected"),
        ('[[accounts]]\nserver = "a"\n', 1, "accounts[0].id", "is missing"),
        ('[[accounts]]\nid = "a"\n[[accounts]]\nid = "a"\n', 4, "accounts[1].id", "there twice"),
        ('[[accounts]]\nid = "a"\nuser = "u"\n', 2, "accounts.a.server", "is missing"),
        ('[[accounts]]\nid = "a b"\nserver = "s"\nuser = "u"\n', 2, "accounts.a b.id", "only letters"),
        ('[[accounts]]\nid = "a"\nserver = "s:5060"\nuser = "u"\n', 3, "accounts.a.server", "port has a key"),
        ('[[accounts]]\nid = "a"\nserver = "s"\nuser = "u"\nport = 0\n', 5, "accounts.a.port", "1 and 65535"),
        ('[[campaigns]]\nid = "c"\nname = "C"\ncrm = "x"\n', 4, "campaigns.c.crm", "no [[crms]] entry"),
        (
            '[[campaigns]]\nid = "c"\nname = "C"\ndispositions = [\n {code="a", label=""},\n {cod="b"},\n]\n',
            6,
            "campaigns[0].dispositions[1].cod",
            "unknown key",
        ),
        (
            '[[crms]]\nname = "c"\npack = "rest"\nbase_url = "https://c.example"\nauth = "oauth"\n',
            5,
            "crms.c.auth",
            "needs client_id",
        ),
        (
            '[[crms]]\nname = "c"\npack = "rest"\nbase_url = "https://c.example"\nauth = "basic"\n',
            5,
            "crms.c.auth",
            "needs user",
        ),
        (
            '[[crms]]\nname="c"\npack="rest"\nbase_url="https://c"\nparameters=[["a", "1"], ["a", "2"]]\n',
            5,
            "crms.c.parameters",
            "there twice",
        ),
        (
            '[[crms]]\nname = "c"\npack = "rest"\nbase_url = "file:///etc"\n',
            4,
            "crms.c.base_url",
            "http or https",
        ),
        ("[calls]\ncodecs = [\n'PCMA',\n7]\n", 4, "calls.codecs[1]", "Expected str, got int"),
        (
            '[[campaigns]]\nid="c"\nname="C"\ndispositions=[\n{code="a", label="", children=[\n{code=1}]}]\n',
            6,
            "campaigns[0].dispositions[0].children[0].code",
            "Expected str, got int",
        ),
        ("[calls]\ncodecs = []\n", 2, "calls.codecs", "at least one"),
        ("[audio]\nspeaker_gain_db = 99\n", 2, "audio.speaker_gain_db", "between -60 and 20"),
        ('[agent]\nnot_ready_reasons = [{name="a"}, {name="a"}]\n', 2, "agent.not_ready_reasons", "twice"),
    ],
)
def test_a_malformed_file_is_named_with_line_and_key(
    file: LayeredSettings, user: Path, text: str, line: int, key: str, problem: str
) -> None:
    write(user, text)
    with pytest.raises(BadSettings) as caught:
        file.load()
    error = caught.value
    assert (error.file, error.line, error.key) == (user, line, key)
    assert problem in error.problem
    for part in (str(user), f"line {line}", key):
        assert part in str(error)


def test_the_layer_that_is_wrong_is_the_one_named_and_left_out(
    file: LayeredSettings, user: Path, tmp_path: Path
) -> None:
    write(user, '[window]\nlanguage = "de"\n')
    write(tmp_path / "policy.toml", '\n[window]\nlanguage = "klingon"\n')
    assert file.load().window.language == "de"
    (fault,) = file.faults
    assert (fault.layer, fault.line, fault.key) == ("policy", 3, "window.language")
    assert "policy.toml, line 3" in str(fault)


def test_text_that_is_not_utf8_is_named_by_its_line(file: LayeredSettings, user: Path) -> None:
    user.parent.mkdir()
    user.write_bytes(b"[window]\n# K\xf6ln\n")
    with pytest.raises(BadSettings, match="line 2: not UTF-8"):
        file.load()


def test_a_file_from_windows_is_read(file: LayeredSettings, user: Path) -> None:
    user.parent.mkdir()
    user.write_bytes(b'\xef\xbb\xbf[window]\r\nlanguage = "de"\r\n')
    assert file.load().window.language == "de"


def test_a_huge_or_endlessly_nested_file_is_refused(file: LayeredSettings, user: Path) -> None:
    for text in ("# " + "x" * 1_100_000, "a = " + "[" * 5_000 + "]" * 5_000):
        write(user, text)
        with pytest.raises(BadSettings):
            file.load()


def test_what_is_saved_is_read_back(file: LayeredSettings, user: Path, tmp_path: Path) -> None:
    campaign = Campaign(
        CampaignId("insurer"),
        "Nordwall Insurance",
        colour="#1e6fd9",
        greeting='Say "hello"\nthen wait',
        matching=Matching(dnis=("+4930123456",), queues=("storm",), headers=(("X-Campaign", "n"),)),
        dispositions=(
            Disposition("sale", "Sale", needs_note=True),
            Disposition("no", "No", children=(Disposition("later", "Later", needs_callback=True),)),
        ),
        crm="main",
    )
    settings = Settings(
        accounts=(MAIN, replace(MAIN, id=AccountId("second"), port=5071, backup_servers=("b.example.org",))),
        campaigns=(campaign, replace(campaign, id=CampaignId("other"), crm="")),
        crms=(CrmConnection("main", "rest", "https://crm.example.org", timeout_s=2.5),),
        audio=replace(Settings().audio, microphone="null", speaker_gain_db=-3.5),
        agent=replace(Settings().agent, not_ready_reasons=(NotReadyReason("walk", paid=True),)),
        window=replace(Settings().window, theme=Theme.DARK),
    )
    file.load()
    file.save(settings)
    again = LayeredSettings(user)
    assert again.load() == settings
    again.save(Settings())
    assert again.load() == Settings()


def test_saving_keeps_comments_and_what_was_not_changed(file: LayeredSettings, user: Path) -> None:
    before = (
        "# mine\n[window]\nlanguage = 'de'   # at home\nraise_on_call = true # said so myself\n\n"
        '[[accounts]]\nid = "main" # the first\nserver = "pbx.example.org"\nuser = "7001"\n'
    )
    write(user, before)
    settings = file.load()
    file.save(replace(settings, window=replace(settings.window, theme=Theme.DARK)))
    after = user.read_text()
    assert [line for line in after.splitlines() if line not in before.splitlines()] == ['theme = "dark"']
    assert set(before.splitlines()) <= set(after.splitlines())


def test_a_change_by_somebody_else_meanwhile_survives(file: LayeredSettings, user: Path) -> None:
    settings = file.load()
    write(user, '[window]\nlanguage = "de"\n')
    file.save(replace(settings, accounts=(MAIN,)))
    fresh = file.load()
    assert (fresh.window.language, fresh.accounts) == ("de", (MAIN,))


def test_an_entry_that_is_taken_out_leaves_the_others(file: LayeredSettings, user: Path) -> None:
    second = replace(MAIN, id=AccountId("second"))
    file.save(Settings(accounts=(MAIN, second)))
    file.save(Settings(accounts=(second,)))
    assert file.load().accounts == (second,)
    file.save(Settings())
    assert "accounts" not in user.read_text()


def test_the_order_of_accounts_is_kept_because_the_first_one_dials(file: LayeredSettings) -> None:
    second = replace(MAIN, id=AccountId("second"))
    file.save(Settings(accounts=(MAIN, second)))
    file.save(Settings(accounts=(second, MAIN)))
    assert file.load().accounts == (second, MAIN)


def test_a_locked_key_cannot_be_changed(file: LayeredSettings, user: Path, tmp_path: Path) -> None:
    write(tmp_path / "policy.toml", '[window]\nlanguage = "de"\n')
    settings = file.load()
    with pytest.raises(Refused, match=r"locked by policy: window\.language"):
        file.save(replace(settings, window=replace(settings.window, language="it")))
    assert not user.exists()


def test_settings_that_could_not_be_read_again_are_not_written(file: LayeredSettings, user: Path) -> None:
    with pytest.raises(Refused, match=r"accounts\.main\.server"):
        file.save(Settings(accounts=(replace(MAIN, server="not a host"),)))
    assert not user.exists()


def test_a_file_that_became_malformed_is_not_overwritten(file: LayeredSettings, user: Path) -> None:
    file.load()
    write(user, "[window\n")
    with pytest.raises(BadSettings):
        file.save(Settings(accounts=(MAIN,)))
    assert user.read_text() == "[window\n"


@pytest.mark.skipif(os.name == "nt", reason="permissions are an access list there")
def test_only_the_user_can_read_the_file_and_a_link_stays_a_link(
    file: LayeredSettings, user: Path, tmp_path: Path
) -> None:
    real = tmp_path / "real.toml"
    real.write_text("# real\n")
    user.parent.mkdir()
    user.symlink_to(real)
    file.save(Settings(accounts=(MAIN,)))
    assert user.is_symlink()
    assert "# real" in real.read_text()
    assert stat.S_IMODE(real.stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config", "real.toml"]


FULL_DISK = """
import resource, sys
from pathlib import Path
from softphone.domain.account import Account
from softphone.domain.errors import TryLater
from softphone.domain.settings import Settings
from softphone.domain.settings_layers import SettingsLayer
from softphone.system.settings_toml import TomlSource
from softphone.system.settings_file import LayeredSettings
folder = Path(sys.argv[1])
file = LayeredSettings(folder / "settings.toml")
file.load()
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
try:
    account = Account("main", "pbx.example.org", "7001", "x" * 25_000)
    file.save(Settings(accounts=(account,)))
except TryLater as error:
    print("told:", error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="the limit that stands for a full disk is POSIX")
@pytest.mark.parametrize("limit", [0, 1, 4096, 20_000])
def test_a_full_disk_is_told_and_the_old_file_is_whole(tmp_path: Path, limit: int) -> None:
    write(tmp_path / "settings.toml", '[window]\nlanguage = "de"\n')
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path), str(limit)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.startswith("told: disk: no space left")
    assert [path.name for path in tmp_path.iterdir()] == ["settings.toml"]
    assert (tmp_path / "settings.toml").read_text() == '[window]\nlanguage = "de"\n'


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "blocked").write_text("a file where a folder should be")
    file = LayeredSettings(tmp_path / "blocked" / "settings.toml")
    with pytest.raises((Broken, TryLater)):
        file.save(Settings(accounts=(MAIN,)))
