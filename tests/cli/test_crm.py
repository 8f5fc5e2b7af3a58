"""`softphone crm`: connections without a window, secrets in the real key store or nowhere."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from softphone.demo.crm_server import EmbeddedCrm
from softphone.demo.loop_thread import LoopThread
from tests.cli.desk_process import Program
from tests.crm.connected import PACK
from tests.crm.oauth_server import OAuthServer
from tests.crm.scripted_server import scripted_server
from tests.crm.test_oauth import OAUTH
from tests.peers.secret_service import SecretService

NUMBER = ("--number", "020 7946 0018", "--region", "GB")


@pytest.fixture
def crm() -> Iterator[EmbeddedCrm]:
    thread, made = LoopThread("crm"), EmbeddedCrm()
    thread.run(made.start())
    yield made
    thread.run(made.stop())
    thread.stop()


@pytest.fixture
def program(secret_service: SecretService, tmp_path: Path, crm: EmbeddedCrm) -> Program:
    """A profile with one connection named main."""
    made = Program(tmp_path / "profile", secret_service.environment)
    made.folder.mkdir()
    (made.folder / "settings.toml").write_text(
        f'[[crms]]\nname = "main"\npack = "embedded"\nbase_url = "{crm.base_url}"\nauth = "bearer"\n',
        encoding="utf-8",
    )
    return made


def test_the_shipped_packs_are_listed(tmp_path: Path) -> None:
    done = Program(tmp_path).run("crm", "packs", "--json")
    assert done.returncode == 0
    packs = {pack["name"]: pack for pack in json.loads(done.stdout)["packs"]}
    assert {"embedded", "rest"} <= set(packs)
    assert packs["embedded"]["can"] == [
        "find", "log", "record", "search", "create", "update", "log update", "task", "codes", "do not call",
    ]  # fmt: skip
    assert "Demo CRM" in Program(tmp_path).run("crm", "packs").stdout


def test_a_pack_alone_is_checked_for_mistakes(tmp_path: Path) -> None:
    good = Program(tmp_path).run("crm", "check", "rest")
    assert (good.returncode, good.stderr) == (0, "")
    file = tmp_path / "mine.toml"
    file.write_text('format = 1\nname = "mine"\ntitel = "Mine"\n', encoding="utf-8")
    bad = Program(tmp_path).run("crm", "check", str(file))
    assert bad.returncode == 1
    assert "mine.toml:3: titel" in bad.stderr
    assert "nowhere.toml" in Program(tmp_path).run("crm", "check", "nowhere").stderr


def test_wrong_usage_has_its_own_exit_code(tmp_path: Path) -> None:
    assert Program(tmp_path).run("crm").returncode == 2
    assert Program(tmp_path).run("crm", "check").returncode == 2


@pytest.mark.peer("secret_service")
def test_signing_in_tries_the_secret_and_keeps_it_in_the_key_store_only(
    program: Program, crm: EmbeddedCrm
) -> None:
    before = program.run("crm", "check", "main", *NUMBER)
    assert before.returncode == 1
    assert "no usable secret" in before.stdout
    refused = program.run("crm", "sign-in", "main", "--secret-stdin", given="wrong\n")
    assert refused.returncode == 1
    assert "credentials" in refused.stderr
    assert "no usable secret" in program.run("crm", "check", "main").stdout, "a refused secret was kept"
    done = program.run("crm", "sign-in", "main", "--secret-stdin", given=crm.token + "\n")
    assert (done.returncode, done.stdout, done.stderr) == (0, "signed in\n", "")
    after = program.run("crm", "check", "main", *NUMBER)
    assert after.returncode == 0, after.stdout
    for file in program.folder.rglob("*"):
        assert not file.is_file() or crm.token.encode() not in file.read_bytes()


@pytest.mark.peer("secret_service")
def test_a_check_shows_every_request_and_answer_without_the_secret(
    program: Program, crm: EmbeddedCrm
) -> None:
    program.run("crm", "sign-in", "main", "--secret-stdin", given=crm.token)
    done = program.run("crm", "check", "main", *NUMBER)
    lines = done.stdout.splitlines()
    assert lines[-1] == "usable"
    assert any(line.startswith("ok      find ") for line in lines)
    assert f"    > GET {crm.base_url}/api/customers?phone=%2B442079460018&limit=20" in lines
    assert "    > Authorization: •••" in lines
    assert "    = name: Harriet Whitcombe" in lines
    assert any(line.startswith("    < 200 application/json, ") for line in lines)
    assert crm.token not in done.stdout
    brief = program.run("crm", "check", "main", *NUMBER, "--brief").stdout
    assert "    >" not in brief


@pytest.mark.peer("secret_service")
def test_a_check_for_scripts_is_one_json_object(program: Program, crm: EmbeddedCrm) -> None:
    program.run("crm", "sign-in", "main", "--secret-stdin", given=crm.token)
    done = program.run("crm", "check", "main", *NUMBER, "--json")
    report = json.loads(done.stdout)
    assert (report["version"], report["crm"], report["usable"]) == (1, "main", True)
    steps = {step["name"]: step for step in report["steps"]}
    assert steps["find"]["verdict"] == "ok"
    assert ["name", "Harriet Whitcombe"] in steps["find"]["mapped"]
    assert crm.token not in done.stdout


@pytest.mark.peer("secret_service")
def test_signing_out_forgets_the_secret(program: Program, crm: EmbeddedCrm) -> None:
    program.run("crm", "sign-in", "main", "--secret-stdin", given=crm.token)
    assert program.run("crm", "sign-out", "main").returncode == 0
    assert "no usable secret" in program.run("crm", "check", "main").stdout


@pytest.mark.peer("secret_service")
def test_a_pack_is_tried_against_a_server_without_settings(program: Program, crm: EmbeddedCrm) -> None:
    done = program.run(
        "crm", "check", "embedded", "--base-url", crm.base_url, "--secret-stdin", *NUMBER, given=crm.token
    )
    assert done.returncode == 0, done.stdout
    assert "Harriet Whitcombe" in done.stdout


@pytest.mark.peer("secret_service")
def test_an_unknown_connection_is_refused_by_name(program: Program) -> None:
    done = program.run("crm", "sign-in", "other", "--secret-stdin", given="x")
    assert done.returncode == 1
    assert "no connection is called 'other'; there are: main" in done.stderr


# --- in the browser --------------------------------------------------------------------------------------

OAUTH_PACK = PACK + OAUTH


@pytest.fixture
def oauth() -> Iterator[OAuthServer]:
    with scripted_server() as web:
        made = OAuthServer(web)
        made.start()
        yield made


def oauth_program(program: Program, oauth: OAuthServer, auth: str) -> Program:
    """The profile with a connection named main that signs in by OAuth."""
    pack = program.folder / "own.toml"
    pack.write_text(OAUTH_PACK, encoding="utf-8")
    (program.folder / "settings.toml").write_text(
        f'[[crms]]\nname = "main"\npack = "{pack}"\nbase_url = "{oauth.web.base_url}"\n'
        f'auth = "{auth}"\nclient_id = "softphone-test"\n',
        encoding="utf-8",
    )
    return program


@pytest.mark.peer("secret_service")
def test_signing_in_in_the_browser_keeps_a_refresh_token_and_signing_out_revokes_it(
    program: Program, oauth: OAuthServer
) -> None:
    oauth_program(program, oauth, "oauth")
    signing_in = subprocess.Popen(
        [*program.command, "crm", "sign-in", "main", "--no-browser"],
        env=program.environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    with signing_in:
        assert signing_in.stdout is not None
        url = signing_in.stdout.readline().removeprefix("Open ").strip()
        back = oauth.authorize(dict(parse_qsl(urlsplit(url).query)))
        assert "You are signed in" in httpx.get(back, trust_env=False, timeout=30.0).text
        assert signing_in.stdout.readline() == "signed in as Ada Agent\n"
    assert signing_in.returncode == 0
    checked = program.run("crm", "check", "main", "--number", "+442079460018", "--brief")
    assert checked.returncode == 0, checked.stdout
    assert program.run("crm", "sign-out", "main").returncode == 0
    assert len(oauth.revoked) == 1
    assert program.run("crm", "check", "main").returncode == 1


@pytest.mark.peer("secret_service")
def test_a_device_code_is_printed(program: Program, oauth: OAuthServer) -> None:
    oauth_program(program, oauth, "device")
    done = program.run("crm", "sign-in", "main")
    assert done.stdout.splitlines() == [
        f"Open {oauth.web.base_url}/activate and type WDJB-MJHT",
        "signed in as Ada Agent",
    ]
