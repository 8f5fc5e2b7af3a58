"""Bad input of provisioning, case by case: in the log with what to do about it; the last good state stays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from softphone.domain.provisioning import ProvisioningOrder
from softphone.system import profile_signature, provisioning, settings_sources
from softphone.system.folders import Folders, folders
from softphone.system.provisioning import Provisioning
from softphone.system.secrets import MemorySecrets
from softphone.system.settings_sources import layered_settings
from tests.system.profile_server import Mood, ProfileServer, profile_server

PROFILE = b'[profile]\nversion = 1\ncompany = "Storm"\nserial = 7\n[window]\nlanguage = "de"\n'


@pytest.fixture
def where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folders:
    monkeypatch.setattr(settings_sources, "machine_folder", lambda: tmp_path / "machine")
    found = folders(tmp_path / "profile")
    found.create()
    return found


@pytest.fixture
def server() -> Iterator[ProfileServer]:
    with profile_server() as told:
        yield told


def change(server: ProfileServer, old: bytes, new: bytes) -> None:
    assert old in server.profile
    server.profile = server.profile.replace(old, new)


CASES: dict[str, Callable[[ProfileServer], None]] = {
    "unreachable": lambda _: None,
    "slow": lambda server: setattr(server, "mood", Mood.SLOW),
    "too_large": lambda server: setattr(server, "mood", Mood.ENDLESS),
    "server_refused": lambda server: setattr(server, "mood", Mood.GONE),
    "unsigned": lambda server: setattr(server, "profile", PROFILE),
    "tampered": lambda server: change(server, b'"de"', b'"it"'),
}
WORDS = {
    "unreachable": "127.0.0.1: ",
    "slow": "no answer within 0.5 s",
    "too_large": "sends more than 1000000 bytes",
    "server_refused": "answered 404",
    "unsigned": "has no signature",
    "tampered": "sign",
}


@pytest.mark.parametrize("trouble", CASES)
def test_each_way_in_which_a_profile_fails_is_in_the_log_and_the_last_good_one_stays(
    server: ProfileServer, where: Folders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    public = profile_signature.make_key(tmp_path / "company.pem")
    server.profile = profile_signature.signed(PROFILE, (tmp_path / "company.pem").read_bytes())
    phone = Provisioning(where, MemorySecrets())
    phone.carry_out(ProvisioningOrder(server.url, public))
    CASES[trouble](server)
    if trouble == "slow":
        monkeypatch.setattr(provisioning, "DEADLINE_S", 0.5)
    url = "http://127.0.0.1:9/profile.toml" if trouble == "unreachable" else server.url
    with capture_logs() as log:
        done = phone.carry_out(ProvisioningOrder(f"{url}?secret=1", public))
    (entry,) = log
    assert (entry["event"], entry["log_level"], entry["trouble"]) == ("profile_not_taken", "error", trouble)
    assert WORDS[trouble] in entry["detail"]
    assert (entry["place"], entry["in_force"]) == (url, "Storm")
    assert done.detail
    assert layered_settings(where).load().window.language == "de"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (b"language", b"langauge", "line 6, key window.langauge: unknown key"),
        (b'"de"', b'"de"\nlanguage = "it"', "line 7"),
        (b"[window]", b'[[campaigns]]\nid = "a"\nname = "A"\ncrm = "none"\n[window]', "campaigns.a.crm"),
        (b"serial = 7", b"serial = 6", "serial 6 is older"),
        (b"version = 1", b"version = 2", "format 2 is not known"),
    ],
)
def test_a_profile_with_a_mistake_is_in_the_log_with_line_and_key(
    server: ProfileServer, where: Folders, old: bytes, new: bytes, words: str
) -> None:
    server.profile = PROFILE
    phone = Provisioning(where, MemorySecrets())
    phone.carry_out(ProvisioningOrder(server.url))
    change(server, old, new)
    with capture_logs() as log:
        phone.carry_out(ProvisioningOrder(server.url))
    assert [entry["event"] for entry in log] == ["profile_not_taken"]
    assert words in log[0]["detail"]
    assert layered_settings(where).load().window.language == "de"


def test_a_code_that_is_used_twice_is_in_the_log_without_the_code(
    server: ProfileServer, where: Folders
) -> None:
    server.profile = PROFILE + f'[enrolment]\nurl = "{server.base_url}/enrol"\n'.encode()
    server.tokens["once-only"] = {"version": 1, "settings": {}, "secrets": {}}
    phone = Provisioning(where, MemorySecrets())
    with capture_logs() as log:
        for _ in range(2):
            phone.carry_out(ProvisioningOrder(server.url, token="once-only"))
    assert [entry["event"] for entry in log] == ["profile_checked", "profile_not_taken"]
    assert (log[1]["trouble"], "used before" in log[1]["detail"]) == ("token_refused", True)
    assert "once-only" not in str(log)
