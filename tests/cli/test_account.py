"""Accounts from the command line: passwords go to the real key store or nowhere."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from softphone.demo.world import AGENT, DemoWorld
from tests.cli.desk_process import DeskProcess, EventStream, Program
from tests.peers.secret_service import SecretService

PASSWORD = "corréct horse 🐎"
ADD = ("account", "add", "--server", "pbx.example.org", "--user", "7001", "--password-stdin")


@pytest.fixture
def program(secret_service: SecretService, tmp_path: Path) -> Program:
    return Program(tmp_path / "profile", secret_service.environment)


def stored(program: Program, name: str = "account/main") -> str:
    """What the key store holds, read by a process that knows nothing of the command line."""
    look = (
        "from pathlib import Path; from softphone.system.folders import folders\n"
        "from softphone.system.secrets import KeyringSecrets\n"
        f"store = KeyringSecrets(folders(Path({str(program.folder)!r})).key_store_service)\n"
        f"print(ascii(store.read({name!r})))"
    )
    command = Program(program.folder, program.environment)
    command.command = [sys.executable, "-c", look]
    return command.run().stdout.strip()


def accounts(program: Program) -> list[dict[str, object]]:
    listed = json.loads(program.run("account", "list").stdout)["accounts"]
    assert isinstance(listed, list)
    return listed


def registrations(desk: DeskProcess) -> list[dict[str, object]]:
    found = desk.status()["registrations"]
    assert isinstance(found, list)
    return found


@pytest.mark.peer("secret_service")
def test_an_account_is_kept_with_its_password_in_the_key_store_only(program: Program) -> None:
    done = program.run(*ADD, "--transport", "tls", "--port", "5061", given=PASSWORD + "\n")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert accounts(program) == [
        {"account": "main", "server": "pbx.example.org", "port": 5061, "user": "7001", "transport": "tls"}
    ]
    assert stored(program) == ascii(PASSWORD)
    for file in program.folder.rglob("*"):
        assert not file.is_file() or PASSWORD.encode() not in file.read_bytes()


@pytest.mark.peer("secret_service")
def test_adding_the_same_account_again_changes_its_password_and_keeps_the_rest(program: Program) -> None:
    program.run(*ADD, "--transport", "tcp", given="old")
    assert program.run(*ADD, "--display-name", "Ann", given="new").returncode == 0
    (account,) = accounts(program)
    assert (account["account"], account["transport"]) == ("main", "tcp")
    assert stored(program) == "'new'"


@pytest.mark.peer("secret_service")
def test_certificates_and_policies_of_an_account_are_kept(program: Program) -> None:
    done = program.run(
        *ADD, "--domain", "example.org", "--ca-file", "/ca.pem", "--client-certificate", "/me.pem",
        "--client-key", "/me.key", "--refuse-md5", "--media-encryption", "required", given="x",
    )  # fmt: skip
    assert done.returncode == 0
    kept = (program.folder / "settings.toml").read_text(encoding="utf-8")
    for line in (
        'domain = "example.org"', 'ca_file = "/ca.pem"', 'client_certificate = "/me.pem"',
        'client_key = "/me.key"', "refuse_md5 = true", 'media_encryption = "required"',
    ):  # fmt: skip
        assert line in kept


@pytest.mark.peer("secret_service")
def test_a_second_account_gets_a_name_of_its_own_and_can_be_removed(program: Program) -> None:
    program.run(*ADD, given="one")
    program.run(
        "account", "add", "--server", "other.example.org", "--user", "9", "--password-stdin", given="3"
    )
    assert [account["account"] for account in accounts(program)] == ["main", "9-other.example.org"]
    assert program.run("account", "remove", "main").returncode == 0
    assert [account["account"] for account in accounts(program)] == ["9-other.example.org"]
    assert (stored(program), stored(program, "account/9-other.example.org")) == ("None", "'3'")
    done = program.run("account", "remove", "main")
    assert (done.returncode, "no account 'main'" in done.stderr) == (1, True)


@pytest.mark.parametrize(
    ("backend", "reason"),
    [
        ("keyring.backends.null.Keyring", "plain text or lose it"),
        ("keyring.backends.fail.Keyring", "Start a key"),
    ],
)
def test_an_unsafe_key_store_is_refused_with_an_explanation_and_nothing_is_kept(
    tmp_path: Path, backend: str, reason: str
) -> None:
    program = Program(tmp_path, {"PYTHON_KEYRING_BACKEND": backend})
    done = program.run(*ADD, given=PASSWORD)
    assert done.returncode == 1
    assert "The password was not stored" in done.stderr
    assert reason in done.stderr
    assert PASSWORD not in done.stderr
    assert accounts(program) == []


@pytest.mark.peer("secret_service")
def test_a_locked_key_store_is_told_and_nothing_is_kept(
    program: Program, secret_service: SecretService
) -> None:
    secret_service.lock()
    done = program.run(*ADD, given=PASSWORD)
    assert (done.returncode, "Unlock the key store and try again" in done.stderr) == (1, True)
    assert accounts(program) == []


def test_without_a_password_nothing_happens(tmp_path: Path) -> None:
    program = Program(tmp_path)
    for given in ("", "\n"):
        done = program.run(*ADD, given=given)
        assert (done.returncode, "the password is missing" in done.stderr) == (1, True)
    done = program.run(*ADD[:-1], given=PASSWORD)
    assert (done.returncode, "--password-stdin" in done.stderr) == (1, True)
    done = program.run(*ADD, given="x" * 600)
    assert (done.returncode, "longer than" in done.stderr) == (1, True)


@pytest.mark.peer("secret_service")
def test_a_server_that_is_none_is_refused_and_its_password_not_kept(program: Program) -> None:
    done = program.run(
        "account", "add", "--server", "not a host", "--user", "1", "--password-stdin", given="p"
    )
    assert (done.returncode, "accounts.main.server" in done.stderr) == (1, True)
    assert stored(program) == "None"


def test_a_malformed_settings_file_is_named_with_line_and_key(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('[window]\n\nlanguage = "klingon"\n')
    done = Program(tmp_path).run("account", "list")
    assert done.returncode == 1
    assert f"{tmp_path / 'settings.toml'}, line 3, key window.language" in done.stderr


def test_a_running_softphone_takes_the_account_itself_and_registers_it(tmp_path: Path) -> None:
    with DemoWorld() as world, DeskProcess(tmp_path / "profile", world) as desk:
        stream = EventStream(desk)
        host, port = world.addresses.sip_host, str(world.addresses.sip_port)
        add = ("account", "add", "--server", host, "--port", port, "--user", "7002", "--account", "second")
        done = desk.run(*add, "--password-stdin", given=world.passwords["7002"])
        assert (done.returncode, done.stderr) == (0, "")
        stream.wait_for("registration_changed", account="second", state="registered")
        assert desk.run("account", "remove", "second").returncode == 0
        assert [r["account"] for r in registrations(desk)] == ["demo"]
        refused = desk.run("account", "remove", "second")
        assert (refused.returncode, "no account 'second'" in refused.stderr) == (1, True)
        stream.close()
        assert world.passwords[AGENT] not in desk.log.read_text(errors="replace")
        assert world.passwords["7002"] not in desk.log.read_text(errors="replace")
        assert not [p for p in os.listdir(desk.folder) if p == "settings.toml"]
