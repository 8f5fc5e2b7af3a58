"""Setting a phone up from the command line: the demo's company, real key store, running and not running."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from softphone.cli import provision, start
from softphone.demo.world import COLLEAGUE, DemoWorld
from softphone.system import settings_sources
from tests.cli.desk_process import DeskProcess, EventStream, Program
from tests.cli.test_account import registrations, stored
from tests.peers.secret_service import SecretService
from tests.peers.waiting import wait_for

GOOD = '[profile]\nversion = 1\ncompany = "Storm"\n[window]\nlanguage = "de"\n'


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path / "profile")


class NewDesk(DeskProcess):
    """The desk of somebody who has no account yet, with silent devices."""

    def __init__(self, folder: Path, environment: Mapping[str, str], settings: str = "") -> None:
        Program.__init__(self, folder, environment)
        folder.mkdir()
        (folder / "settings.toml").write_text('[audio]\nmicrophone = "null"\n' + settings)
        self.log = folder.with_suffix(".log")
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(self.command, env=self.environment, stdout=log, stderr=log)
        wait_for(lambda: self.ctl("status")[0] == 0, "the desk to answer", timeout_s=30.0, poll_s=0.1)


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_a_good_profile_is_told_what_it_holds(program: Program, tmp_path: Path) -> None:
    done = program.run("profile", "check", str(write(tmp_path / "p.toml", GOOD)))
    assert (done.returncode, done.stderr) == (0, "")
    assert "fine. Storm: 1 settings, not signed." in done.stdout


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (GOOD.replace("language", "langauge"), "line 5, key window.langauge: unknown key"),
        (GOOD.replace('"de"', '"xx"'), "line 5, key window.language: one of en"),
        (GOOD + '[[accounts]]\nid = "a"\nserver = "s"\n', "line 7, key accounts.a.user: is missing"),
        ("[window]\n", "line 1, key profile: is missing"),
    ],
)
def test_a_bad_profile_is_named_by_file_line_and_key(
    program: Program, tmp_path: Path, text: str, place: str
) -> None:
    file = write(tmp_path / "p.toml", text)
    done = program.run("profile", "check", str(file))
    assert done.returncode == 1
    assert f"{file}, {place}" in done.stderr


def test_a_profile_is_signed_checked_and_refused_once_it_was_changed(
    program: Program, tmp_path: Path
) -> None:
    file = write(tmp_path / "p.toml", GOOD)
    key = tmp_path / "company.pem"
    public = program.run("profile", "new-key", str(key)).stdout.strip()
    assert key.stat().st_mode & 0o077 == 0
    assert program.run("profile", "new-key", str(key)).returncode == 1
    for _ in range(2):
        assert program.run("profile", "sign", str(file), "--key", str(key)).returncode == 0
    assert file.read_text().count("# ed25519: ") == 1
    checked = program.run("profile", "check", str(file), "--public-key", public)
    assert "signed by this key" in checked.stdout
    write(file, file.read_text().replace('"de"', '"it"'))
    changed = program.run("profile", "check", str(file), "--public-key", public)
    assert (changed.returncode, "changed after signing" in changed.stderr) == (1, True)


@pytest.mark.peer("secret_service")
def test_a_phone_that_is_not_running_is_set_up_with_a_code_that_works_once(
    secret_service: SecretService, tmp_path: Path
) -> None:
    program = Program(tmp_path / "profile", secret_service.environment)
    with DemoWorld() as world:
        url, code = world.provisioning.url, world.provisioning.code
        done = program.run("provision", "--token-stdin", url, given=code + "\n")
        assert (done.returncode, done.stderr) == (0, "")
        assert json.loads(done.stdout) == {
            "version": 1, "ok": True, "company": "Demo", "changed": True, "enrolled": ["demo"],
        }  # fmt: skip
        again = program.run("provision", "--token-stdin", given=code + "\n")
    assert again.returncode == 1
    assert "token_refused" in again.stderr
    assert "Make a new code" in again.stderr
    assert "What was set up before (Demo) stays." in again.stderr
    assert stored(program, "account/demo") == ascii(world.passwords[COLLEAGUE])
    shown = json.loads(program.run("provision", "--show").stdout)
    assert (shown["url"], shown["set_by"], shown["company"]) == (url, "user", "Demo")
    kept = b"".join(file.read_bytes() for file in program.folder.rglob("*") if file.is_file())
    for secret in (world.passwords[COLLEAGUE], code, world.crm.token):
        assert secret.encode() not in kept
    log = (program.folder / "logs" / "provision.log").read_text()
    assert "profile_not_taken" in log


@pytest.mark.peer("secret_service")
def test_a_running_phone_registers_as_soon_as_it_is_set_up(
    secret_service: SecretService, tmp_path: Path
) -> None:
    with DemoWorld() as world, NewDesk(tmp_path / "profile", secret_service.environment) as desk:
        assert registrations(desk) == []
        events = EventStream(desk)
        done = desk.run(
            "provision", "--token-stdin", world.provisioning.url, given=world.provisioning.code + "\n"
        )
        assert (done.returncode, done.stderr) == (0, "")
        events.wait_for("registration_changed", account="demo", state="registered")
        events.close()
        assert [r["account"] for r in registrations(desk)] == ["demo"]


def test_what_is_in_force_is_printed_with_who_has_set_it(program: Program, tmp_path: Path) -> None:
    program.folder.mkdir()
    write(program.folder / "settings.toml", '[calls]\nregion = "DE"\n[window]\nlanguage = "it"\n')
    assert program.run("provision", str(write(tmp_path / "p.toml", GOOD))).returncode == 0
    done = program.run("settings")
    told = json.loads(done.stdout)
    assert (done.returncode, told["left_out"]) == (0, [])
    assert told["settings"] == {
        "calls.region": {"value": "DE", "set_by": "user"},
        "window.language": {
            "value": "de", "set_by": "provisioned", "source": str(program.folder / "provisioned.toml"),
        },
    }  # fmt: skip
    write(program.folder / "provisioned.toml", GOOD.replace("language", "colour"))
    broken = program.run("settings")
    assert broken.returncode == 1
    assert "line 5, key window.colour: unknown key" in json.loads(broken.stdout)["left_out"][0]
    known = json.loads(program.run("settings", "--known").stdout)["settings"]
    assert all(setting["description"] for setting in known)


def test_a_phone_that_knows_an_address_asks_there_when_it_starts(tmp_path: Path) -> None:
    folder = tmp_path / "profile"
    with DemoWorld() as world:
        address = f'[provisioning]\nurl = "{world.provisioning.url}"\n'
        with NewDesk(folder, {}, address) as desk:
            wait_for((folder / "provisioned.toml").exists, "the profile", timeout_s=20.0, poll_s=0.1)
            wait_for(lambda: "profile_checked" in (folder / "logs" / "desk.log").read_text(), "the log")
            assert desk.status()["registrations"] == []


def test_a_link_for_setting_up_is_handed_over_whole() -> None:
    link = "softphone://provision?url=https%3A%2F%2Fphones.example.com%2Fprofile.toml&token=a-b_c&key=k%3D"
    assert start.checked_link(link) == link
    assert start.checked_link("softphone://provision?url=" + "x" * 3_000) != link


@pytest.mark.parametrize(
    ("arguments", "key"),
    [
        (("https://elsewhere.example.com/p",), "provisioning.url"),
        (("https://phones.example.com/p", "--public-key", "other"), "provisioning.public_key"),
    ],
)
def test_what_policy_has_fixed_cannot_be_replaced_from_the_command_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    key: str,
) -> None:
    monkeypatch.setattr(settings_sources, "machine_folder", lambda: tmp_path / "machine")
    monkeypatch.setattr(provision, "start_logging", lambda *_: None)
    (tmp_path / "machine").mkdir()
    policy = write(
        tmp_path / "machine" / "policy.toml",
        '[provisioning]\nurl = "https://phones.example.com/p"\npublic_key = "pinned"\n',
    )
    assert provision.run(arguments, tmp_path / "profile") == 1
    assert f"{key} is fixed by {policy}" in capsys.readouterr().err
