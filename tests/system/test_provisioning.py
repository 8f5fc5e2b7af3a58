"""A phone set up from afar: profiles good and bad, servers good and bad, tokens that work once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from softphone.domain.key_store import KeyStoreLocked
from softphone.domain.provisioning import (
    ProvisioningChecked,
    ProvisioningOrder,
    ProvisioningTrouble,
)
from softphone.system import profile_signature, provisioning, settings_sources
from softphone.system.folders import Folders, folders
from softphone.system.provisioning import Provisioning
from softphone.system.secrets import MemorySecrets
from softphone.system.settings_sources import layered_settings
from tests.peers.certificates import Authority
from tests.system.profile_server import Mood, ProfileServer, profile_server

PROFILE = b"""\
[profile]
version = 1
company = "Storm Outsourcing"
serial = 7

[enrolment]
url = "ENROL"

[[accounts]]
id = "main"
server = "pbx.example.org"
transport = "tls"

[[crms]]
name = "company"
pack = "rest"
base_url = "https://crm.example.org"

[[campaigns]]
id = "claims"
name = "Storm Insurance"
crm = "company"

[window]
language = "de"
"""
EARNED = {
    "version": 1,
    "settings": {"accounts": [{"id": "main", "user": "7001"}]},
    "secrets": {"account/main": "geheim-7001", "crm/company": "crm-token"},
}


@pytest.fixture
def where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folders:
    monkeypatch.setattr(settings_sources, "machine_folder", lambda: tmp_path / "machine")
    monkeypatch.setattr(provisioning, "DEADLINE_S", 1.0)
    found = folders(tmp_path / "profile")
    found.create()
    return found


@pytest.fixture
def server() -> Iterator[ProfileServer]:
    with profile_server() as told:
        told.profile = PROFILE.replace(b"ENROL", f"{told.base_url}/enrol".encode())
        yield told


@pytest.fixture
def secrets() -> MemorySecrets:
    return MemorySecrets()


@pytest.fixture
def phone(where: Folders, secrets: MemorySecrets) -> Provisioning:
    return Provisioning(where, secrets)


def trouble(done: ProvisioningChecked) -> ProvisioningTrouble:
    return done.trouble


def test_a_profile_is_fetched_checked_and_in_force(
    phone: Provisioning, server: ProfileServer, where: Folders
) -> None:
    done = phone.carry_out(ProvisioningOrder(server.url))
    assert (trouble(done), done.changed, done.state.company) == (
        ProvisioningTrouble.NONE, True, "Storm Outsourcing",
    )  # fmt: skip
    file = layered_settings(where)
    settings = file.load()
    assert (settings.window.language, settings.campaigns[0].name) == ("de", "Storm Insurance")
    assert file.locked()["window.language"].layer == "provisioned"
    assert where.provisioned_file.read_bytes() == server.profile


def test_what_has_not_changed_is_not_sent_again(phone: Provisioning, server: ProfileServer) -> None:
    phone.carry_out(ProvisioningOrder(server.url))
    done = phone.carry_out(ProvisioningOrder(server.url))
    assert (trouble(done), done.changed) == (ProvisioningTrouble.NONE, False)
    assert "if-none-match" in server.asked[-1][1]
    server.profile = server.profile.replace(b'"de"', b'"it"')
    assert phone.carry_out(ProvisioningOrder(server.url)).changed


def test_a_copy_that_was_damaged_here_is_fetched_whatever_the_tag_says(
    phone: Provisioning, server: ProfileServer, where: Folders
) -> None:
    phone.carry_out(ProvisioningOrder(server.url))
    where.provisioned_file.write_bytes(b"[window\n")
    assert phone.carry_out(ProvisioningOrder(server.url)).changed
    assert where.provisioned_file.read_bytes() == server.profile


def test_a_token_is_exchanged_for_credentials_that_lie_in_the_key_store_only(
    phone: Provisioning, server: ProfileServer, where: Folders, secrets: MemorySecrets
) -> None:
    server.tokens["once-only"] = EARNED
    done = phone.carry_out(ProvisioningOrder(server.url, token="once-only"))
    assert (trouble(done), done.enrolled) == (ProvisioningTrouble.NONE, ("main",))
    assert (secrets.read("account/main"), secrets.read("crm/company")) == ("geheim-7001", "crm-token")
    account = layered_settings(where).load().accounts[0]
    assert (account.server, account.user, account.transport) == ("pbx.example.org", "7001", "tls")
    written = b"".join(file.read_bytes() for file in where.config.rglob("*") if file.is_file())
    for secret in (b"geheim-7001", b"crm-token", b"once-only"):
        assert secret not in written


def test_a_token_that_was_used_is_refused_and_what_was_set_up_stays(
    phone: Provisioning, server: ProfileServer, where: Folders, secrets: MemorySecrets
) -> None:
    server.tokens["once-only"] = EARNED
    phone.carry_out(ProvisioningOrder(server.url, token="once-only"))
    done = phone.carry_out(ProvisioningOrder(server.url, token="once-only"))
    assert trouble(done) is ProvisioningTrouble.TOKEN_REFUSED
    assert "used before" in done.detail
    assert secrets.read("account/main") == "geheim-7001"
    assert layered_settings(where).load().accounts[0].user == "7001"


def test_a_lost_answer_can_be_asked_for_again_by_the_same_mark(
    phone: Provisioning, server: ProfileServer
) -> None:
    for _ in range(2):
        phone.carry_out(ProvisioningOrder(server.url, token="once-only"))
    phone.carry_out(ProvisioningOrder(server.url, token="another"))
    marks = [headers["idempotency-key"] for asked, headers in server.asked if asked.startswith("POST")]
    assert marks[0] == marks[1] != marks[2]
    assert "once-only" not in marks[0]


class LockedStore(MemorySecrets):
    def write(self, name: str, secret: str) -> None:
        raise KeyStoreLocked("locked")


def test_a_token_is_not_spent_while_the_key_store_is_locked(server: ProfileServer, where: Folders) -> None:
    server.tokens["once-only"] = EARNED
    done = Provisioning(where, LockedStore()).carry_out(ProvisioningOrder(server.url, token="once-only"))
    assert trouble(done) is ProvisioningTrouble.KEY_STORE
    assert "once-only" in server.tokens


@pytest.mark.parametrize(
    "answer",
    [
        {"version": 1, "settings": {}, "secrets": {"account/other": "x"}},
        {"version": 1, "settings": {"accounts": [{"id": "main", "usr": "7001"}]}, "secrets": {}},
        {"version": 1, "settings": {"accounts": [{"id": "main", "user": "a b@"}]}, "secrets": {}},
        {"version": 1, "secrets": {}},
        {"version": 1, "settings": [], "secrets": {}},
    ],
)
def test_an_answer_that_does_not_fit_the_profile_stores_nothing(
    phone: Provisioning,
    server: ProfileServer,
    where: Folders,
    secrets: MemorySecrets,
    answer: dict[str, object],
) -> None:
    server.tokens["t"] = answer
    done = phone.carry_out(ProvisioningOrder(server.url, token="t"))
    assert trouble(done) is ProvisioningTrouble.MALFORMED
    assert not where.enrolled_file.exists()
    assert secrets.read("account/other") is None


def test_a_profile_without_enrolment_has_no_use_for_a_token(
    phone: Provisioning, server: ProfileServer
) -> None:
    server.profile = b"[profile]\nversion = 1\n"
    done = phone.carry_out(ProvisioningOrder(server.url, token="t"))
    assert trouble(done) is ProvisioningTrouble.NO_ENROLMENT


@pytest.mark.parametrize(
    ("mood", "expected"),
    [
        (Mood.ENDLESS, ProvisioningTrouble.TOO_LARGE),
        (Mood.SLOW, ProvisioningTrouble.SLOW),
        (Mood.SILENT, ProvisioningTrouble.SLOW),
        (Mood.CUT, ProvisioningTrouble.UNREACHABLE),
        (Mood.LOOP, ProvisioningTrouble.SERVER_REFUSED),
        (Mood.BROKEN, ProvisioningTrouble.SERVER_REFUSED),
        (Mood.GONE, ProvisioningTrouble.SERVER_REFUSED),
    ],
)
def test_a_server_that_misbehaves_changes_nothing(
    phone: Provisioning, server: ProfileServer, where: Folders, mood: Mood, expected: ProvisioningTrouble
) -> None:
    phone.carry_out(ProvisioningOrder(server.url))
    state = phone.state
    server.mood = mood
    done = phone.carry_out(ProvisioningOrder(server.url))
    assert (trouble(done), done.changed) == (expected, False)
    assert done.detail
    assert phone.state == state
    assert where.provisioned_file.read_bytes() == server.profile


def test_a_server_that_is_away_changes_nothing(
    phone: Provisioning, where: Folders, server: ProfileServer
) -> None:
    phone.carry_out(ProvisioningOrder(server.url))
    done = phone.carry_out(ProvisioningOrder("http://127.0.0.1:9/profile.toml"))
    assert trouble(done) is ProvisioningTrouble.UNREACHABLE
    assert layered_settings(where).load().window.language == "de"


def test_a_redirection_is_followed_once(phone: Provisioning, server: ProfileServer) -> None:
    server.mood = Mood.MOVED
    assert trouble(phone.carry_out(ProvisioningOrder(server.url))) is ProvisioningTrouble.NONE


@pytest.mark.parametrize(
    "url", ["http://phones.example.org/p", "ftp://x/p", "https://u:p@x/p", "https://x:y/"]
)
def test_only_https_addresses_are_fetched(phone: Provisioning, url: str) -> None:
    assert trouble(phone.carry_out(ProvisioningOrder(url))) is ProvisioningTrouble.INSECURE


def test_over_tls_the_server_must_be_certified_and_may_not_lead_away_from_it(
    phone: Provisioning, tmp_path: Path
) -> None:
    authority = Authority(tmp_path / "ca")
    with profile_server(authority.server("localhost")) as server:
        server.profile = b"[profile]\nversion = 1\n"
        stranger = phone.carry_out(ProvisioningOrder(server.url))
        assert trouble(stranger) is ProvisioningTrouble.CERTIFICATE
        trusted = ProvisioningOrder(server.url, ca_file=str(authority.certificate))
        assert trouble(phone.carry_out(trusted)) is ProvisioningTrouble.NONE
        server.mood = Mood.DOWNGRADE
        assert trouble(phone.carry_out(trusted)) is ProvisioningTrouble.INSECURE
    with profile_server(authority.server("other.example.org", label="other")) as server:
        wrong_name = ProvisioningOrder(server.url, ca_file=str(authority.certificate))
        assert trouble(phone.carry_out(wrong_name)) is ProvisioningTrouble.CERTIFICATE


@pytest.mark.parametrize(
    ("change", "line", "key"),
    [
        ((b"[window]\nlanguage", b"[window]\nlangage"), 25, "window.langage"),
        ((b'"de"', b'"klingon"'), 25, "window.language"),
        ((b"version = 1", b"version = true"), 2, "profile.version"),
        ((b"version = 1\n", b""), 1, "profile"),
        ((b"serial", b"sreial"), 4, "profile.sreial"),
        ((b'crm = "company"', b'crm = "none"'), 22, "campaigns.claims.crm"),
        ((b'url = "http', b'url = "file'), 7, "enrolment.url"),
        ((b'[window]\nlanguage = "de"', b'[window]\nlanguage = "de'), 25, "language"),
    ],
)
def test_a_malformed_profile_is_named_by_line_and_key_and_the_last_good_one_stays(
    phone: Provisioning,
    server: ProfileServer,
    where: Folders,
    change: tuple[bytes, bytes],
    line: int,
    key: str,
) -> None:
    phone.carry_out(ProvisioningOrder(server.url))
    good = server.profile
    server.profile = good.replace(*change)
    assert server.profile != good
    done = phone.carry_out(ProvisioningOrder(server.url))
    assert trouble(done) is ProvisioningTrouble.MALFORMED
    assert f"line {line}, key {key}" in done.detail
    assert where.provisioned_file.read_bytes() == good
    assert layered_settings(where).load().window.language == "de"


def test_a_profile_that_would_break_the_agents_own_settings_is_not_taken(
    phone: Provisioning, server: ProfileServer, where: Folders
) -> None:
    where.settings_file.write_text('[[campaigns]]\nid = "mine"\nname = "Mine"\ncrm = "gone"\n')
    done = phone.carry_out(ProvisioningOrder(server.url))
    assert trouble(done) is ProvisioningTrouble.MALFORMED
    assert str(where.settings_file) in done.detail


@pytest.mark.parametrize("needed", ["99.0", "0.1.1"])
def test_a_profile_for_a_newer_softphone_says_that_this_one_is_to_be_updated(
    phone: Provisioning, server: ProfileServer, needed: str
) -> None:
    server.profile = f'[profile]\nversion = 1\nneeds_softphone = "{needed}"\nfuture = 1\n'.encode()
    assert trouble(phone.carry_out(ProvisioningOrder(server.url))) is ProvisioningTrouble.MALFORMED
    server.profile = server.profile.replace(b"future = 1\n", b"")
    done = phone.carry_out(ProvisioningOrder(server.url))
    assert trouble(done) is ProvisioningTrouble.NEEDS_UPDATE
    assert f"needs softphone {needed}" in done.detail


def test_an_older_issue_is_not_taken_back(phone: Provisioning, server: ProfileServer) -> None:
    phone.carry_out(ProvisioningOrder(server.url))
    server.profile = server.profile.replace(b"serial = 7", b"serial = 6")
    assert trouble(phone.carry_out(ProvisioningOrder(server.url))) is ProvisioningTrouble.OUTDATED


def test_with_a_pinned_key_only_what_it_has_signed_is_taken(
    phone: Provisioning, server: ProfileServer, tmp_path: Path, where: Folders
) -> None:
    public = profile_signature.make_key(tmp_path / "company.pem")
    other = profile_signature.make_key(tmp_path / "other.pem")
    pinned = ProvisioningOrder(server.url, public_key=public)
    plain = server.profile
    assert trouble(phone.carry_out(pinned)) is ProvisioningTrouble.UNSIGNED
    server.profile = profile_signature.signed(plain, (tmp_path / "company.pem").read_bytes())
    done = phone.carry_out(pinned)
    assert (trouble(done), done.state.signed) == (ProvisioningTrouble.NONE, True)
    good = server.profile
    for changed in (
        good.replace(b"pbx.", b"evil."),
        good + b"[calls]\nregion = 'DE'\n",
        good[:-9] + b"AAAAAA==\n",
    ):
        server.profile = changed
        assert trouble(phone.carry_out(pinned)) in (
            ProvisioningTrouble.TAMPERED, ProvisioningTrouble.UNSIGNED,
        )  # fmt: skip
    server.profile = good
    assert trouble(phone.carry_out(replace(pinned, public_key=other))) is ProvisioningTrouble.TAMPERED
    assert where.provisioned_file.read_bytes() == good


def test_a_disk_that_takes_nothing_is_told_and_nothing_is_claimed(
    phone: Provisioning, server: ProfileServer, where: Folders
) -> None:
    where.provisioned_file.mkdir()
    done = phone.carry_out(ProvisioningOrder(server.url))
    assert (trouble(done), done.changed) == (ProvisioningTrouble.NOT_STORED, False)
    assert phone.state.url == ""


def test_what_is_known_of_the_profile_survives_a_damaged_file(
    phone: Provisioning, server: ProfileServer, where: Folders
) -> None:
    where.provisioning_state.write_bytes(b"{")
    assert trouble(phone.carry_out(ProvisioningOrder(server.url))) is ProvisioningTrouble.NONE
    assert phone.state.company == "Storm Outsourcing"


def test_a_file_does_as_well_as_an_address(phone: Provisioning, tmp_path: Path, where: Folders) -> None:
    file = tmp_path / "company.toml"
    file.write_bytes(b'[profile]\nversion = 1\n[window]\nlanguage = "el"\n')
    assert trouble(phone.carry_out(ProvisioningOrder(str(file)))) is ProvisioningTrouble.NONE
    assert layered_settings(where).load().window.language == "el"
    missing = phone.carry_out(ProvisioningOrder(str(tmp_path / "none.toml")))
    assert trouble(missing) is ProvisioningTrouble.SERVER_REFUSED
