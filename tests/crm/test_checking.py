"""The test bench of a connection: what each step says, and that no secret is shown."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from softphone.crm.auth.secrets import Vault
from softphone.crm.checking import Checker
from softphone.crm.masking import MASK, Mask
from softphone.demo.crm_faults import Asked, Fault
from softphone.domain.address import PhoneNumber
from softphone.domain.crm_events import CrmCheckEnded, CrmStepChecked
from softphone.domain.crm_work import CheckName, CheckOddity, CheckStep, CheckVerdict
from softphone.domain.customer import CrmTrouble
from softphone.domain.settings import CrmAuth, CrmConnection
from tests.contracts.crm_world import HttpWorld
from tests.crm.connected import PACK, connected
from tests.crm.oauth_server import CLIENT_SECRET, OAuthServer
from tests.crm.scripted_server import Reply, ScriptedServer, scripted_server
from tests.crm.test_oauth import OAUTH

HARRIET = PhoneNumber("+442079460018", "+442079460018", "020 7946 0018", "+44 20 7946 0018", "GB")
Check = Callable[[], dict[CheckName, CheckStep]]


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server() as made:
        yield made


def checked(world: HttpWorld, number: PhoneNumber = HARRIET) -> tuple[dict[CheckName, CheckStep], bool]:
    world.http.check("demo", number)
    steps: dict[CheckName, CheckStep] = {}
    while len(steps) < len(CheckName):
        step = world.inbox.next(CrmStepChecked).step
        steps[step.name] = step
    return steps, world.inbox.next(CrmCheckEnded).usable


def own(
    folder: Path, server: ScriptedServer, auth: CrmAuth = CrmAuth.NONE, *, pack: str = PACK, secret: str = ""
) -> tuple[dict[CheckName, CheckStep], bool]:
    """A check of a pack of the test's own."""
    (folder / "own.toml").write_text(pack, encoding="utf-8")
    connection = CrmConnection(
        "demo", str(folder / "own.toml"), server.base_url, auth, user="agent", client_id="softphone-test"
    )
    checker = Checker(connection, Vault("demo", lambda _: secret or None))

    async def all_steps() -> dict[CheckName, CheckStep]:
        return {step.name: step async for step in checker.steps(HARRIET)}

    return asyncio.run(all_steps()), checker.usable


def test_a_good_connection_is_ok_in_every_step_that_it_can_do(world: HttpWorld) -> None:
    steps, usable = checked(world)
    assert usable
    assert {name: step.verdict for name, step in steps.items()} == {
        name: CheckVerdict.SKIPPED if name is CheckName.AGENT else CheckVerdict.OK for name in CheckName
    }
    assert ("name", "Harriet Whitcombe") in steps[CheckName.FIND].mapped
    assert ("company", "Whitcombe & Daughters Ltd") in steps[CheckName.FIND].mapped
    assert ("callback", "Call back") in steps[CheckName.CODES].mapped
    request = steps[CheckName.FIND].requests[0]
    assert (request.method, request.status) == ("GET", 200)
    assert request.url.endswith("/api/customers?phone=%2B442079460018&limit=20")
    assert "Harriet Whitcombe" in request.answer
    assert 0 < request.took_ms <= steps[CheckName.FIND].took_ms


def test_no_secret_is_in_anything_shown(world: HttpWorld) -> None:
    steps, _ = checked(world)
    assert world.secret is not None
    assert world.secret not in repr(steps)
    headers = dict(steps[CheckName.FIND].requests[0].headers)
    assert headers["Authorization"] == MASK


def test_nothing_is_changed_by_a_check(world: HttpWorld) -> None:
    before = world.thread.call(lambda: world.server.records.customers)
    checked(world)
    assert world.recorded() == []
    assert world.tasks() == []
    assert world.thread.call(lambda: world.server.records.customers) is before


def test_a_refused_secret_ends_the_check_at_signing_in(world: HttpWorld) -> None:
    world.secret = "wrong-secret"
    steps, usable = checked(world)
    assert not usable
    failed = steps[CheckName.SIGN_IN]
    assert (failed.verdict, failed.trouble) == (CheckVerdict.FAILED, CrmTrouble.CREDENTIALS)
    assert "missing or wrong bearer token" in failed.detail
    assert steps[CheckName.FIND].verdict is CheckVerdict.SKIPPED
    assert "wrong-secret" not in repr(steps)


def test_an_address_where_nobody_answers_is_told_before_any_secret_goes_out(world: HttpWorld) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    world.http.configure([CrmConnection("demo", "embedded", f"http://127.0.0.1:{port}")])
    steps, usable = checked(world)
    assert not usable
    assert steps[CheckName.ADDRESS].trouble is CrmTrouble.UNREACHABLE
    assert steps[CheckName.SIGN_IN].verdict is CheckVerdict.SKIPPED


def test_a_mistake_in_the_pack_is_named_by_file_line_and_key(tmp_path: Path, server: ScriptedServer) -> None:
    steps, usable = own(tmp_path, server, pack=PACK.replace('id = "id"', 'id = "id["'))
    assert not usable
    assert "own.toml:13: customer.id: " in steps[CheckName.PACK].detail


def test_an_unknown_connection_is_a_failed_check(world: HttpWorld) -> None:
    world.http.check("nobody", HARRIET)
    assert world.inbox.next(CrmStepChecked).step.trouble is CrmTrouble.NOT_CONFIGURED
    assert not world.inbox.next(CrmCheckEnded).usable


@pytest.mark.parametrize(
    ("records", "oddity"),
    [
        ([], CheckOddity.NOBODY_FOUND),
        ([{"id": "1"}], CheckOddity.NO_NAME),
        ([{"id": "1", "name": "Ann"}], CheckOddity.NO_NUMBERS),
    ],
)
def test_what_is_odd_about_records_is_said(
    tmp_path: Path, server: ScriptedServer, records: object, oddity: CheckOddity
) -> None:
    server.on("GET /contacts", Reply(body=records))
    steps, usable = own(tmp_path, server)
    assert usable
    found = steps[CheckName.FIND]
    assert (found.verdict, found.oddity) == (CheckVerdict.WARNING, oddity)


def test_a_slow_step_fails_after_the_connections_time(hasty_world: HttpWorld) -> None:
    hasty_world.script(Fault(Asked.FIND, delay_s=3.0, times=3))
    steps, usable = checked(hasty_world)
    assert not usable
    assert steps[CheckName.SIGN_IN].trouble is CrmTrouble.TIMEOUT


def test_tokens_and_client_secrets_are_masked_where_they_travel(
    tmp_path: Path, server: ScriptedServer
) -> None:
    oauth = OAuthServer(server, confidential=True)
    oauth.start()
    steps, usable = own(tmp_path, server, CrmAuth.CLIENT_CREDENTIALS, pack=PACK + OAUTH, secret=CLIENT_SECRET)
    assert usable
    shown = repr(steps)
    token = steps[CheckName.SIGN_IN].requests[0]
    assert token.url.endswith("/token")
    assert f'"access_token": "{MASK}"' in token.answer
    assert f"client_secret={MASK}" in token.body
    for secret in (CLIENT_SECRET, "access-1", "client+s3cret"):
        assert secret not in shown


@pytest.mark.parametrize("auth", ['query = "key"', 'path = "/rest/{user}/{secret}"'])
def test_a_refused_key_in_an_address_is_not_shown_either(
    tmp_path: Path, server: ScriptedServer, auth: str
) -> None:
    refusal = Reply(401, {"error": "refused: a-secret/of agent"})
    server.on("GET /contacts", refusal)
    server.on("GET /rest/agent/a-secret%2Fof%20agent/contacts", refusal)
    pack = f"{PACK}\n[auth]\n{auth}\n"
    steps, usable = own(tmp_path, server, CrmAuth.API_KEY, pack=pack, secret="a-secret/of agent")
    assert not usable
    (request,) = steps[CheckName.SIGN_IN].requests
    assert request.status == 401
    assert "a-secret" not in repr(steps)


def test_json_is_shown_in_lines_and_of_a_page_only_the_beginning(
    tmp_path: Path, server: ScriptedServer
) -> None:
    page = b"<!doctype html><title>Login</title>" + b"<p>x</p>" * 500
    server.on("GET /", Reply(200, page, (("Content-Type", "text/html"),)))
    server.on("GET /contacts", Reply(body=[{"id": "1", "name": "Ann"}]))
    steps, _ = own(tmp_path, server)
    assert '    "name": "Ann"' in steps[CheckName.FIND].requests[0].answer.splitlines()
    shown = steps[CheckName.ADDRESS].requests[0].answer
    assert shown.startswith("<!doctype html><title>Login</title>")
    assert len(shown) < 310


def test_a_request_without_an_answer_is_shown_too(hasty_world: HttpWorld) -> None:
    hasty_world.script(Fault(Asked.FIND, delay_s=3.0, times=3))
    steps, _ = checked(hasty_world)
    (request,) = steps[CheckName.SIGN_IN].requests
    assert (request.status, request.answer) == (0, "")
    assert request.took_ms > 200


@pytest.mark.parametrize(
    "text",
    [
        "Bearer s3cret/value",
        '{"token": "s3cret/value"}',
        '{"x": "s3cret\\/value"}',
        "a=1&k=s3cret%2Fvalue",
        "s3cret/value" * 3,
    ],
)
def test_a_known_secret_is_masked_in_every_coding(text: str) -> None:
    masked = Mask(("s3cret/value",))(text)
    assert "s3cret" not in masked
    assert MASK in masked


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ('{"password": "unknown", "name": "Ann"}', "Ann"),
        ('{"session_token":"abc","code":"resolved"}', "resolved"),
        ("grant_type=refresh_token&refresh_token=unknown&x=1", "x=1"),
    ],
)
def test_what_stands_where_secrets_stand_is_masked_too(text: str, kept: str) -> None:
    masked = Mask(())(text)
    assert "unknown" not in masked
    assert "abc" not in masked
    assert kept in masked


def test_a_check_can_be_given_up(tmp_path: Path, server: ScriptedServer) -> None:
    with connected(tmp_path, server) as desk, socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        desk.crm.configure([CrmConnection("demo", str(tmp_path / "own.toml"), url, CrmAuth.NONE)])
        desk.crm.check("demo", HARRIET)
        assert desk.inbox.next(CrmStepChecked).step.name is CheckName.PACK
        desk.crm.cancel_check("demo")
        desk.crm.check("nobody", HARRIET)
        assert desk.inbox.next(CrmStepChecked).crm == "nobody"
