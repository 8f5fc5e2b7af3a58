"""API keys in their places, signed requests and sessions, against servers that check them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from softphone.domain.crm_events import CrmDescribed, CrmSignInNeeded
from softphone.domain.crm_work import SignInStep
from softphone.domain.customer import CrmTrouble, LookupState
from softphone.domain.keeping_events import DeliveryAttempted
from softphone.domain.settings import CrmAuth, CrmConnection
from tests.contracts.crm_world import delivery
from tests.crm.connected import PACK, connected
from tests.crm.scripted_server import Asked, Reply, ScriptedServer, scripted_server
from tests.peers.waiting import wait_for

ANN = [{"id": "1", "name": "Ann"}]
SECRET = {"crm/demo": "s3cret-of-demo"}


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server() as made:
        made.on("GET /contacts", Reply(body=ANN))
        yield made


def test_an_api_key_can_be_a_query_parameter(tmp_path: Path, server: ScriptedServer) -> None:
    more = '\n[auth]\nquery = "api key"\n'
    with connected(tmp_path, server, CrmAuth.API_KEY, more=more, keyring={"crm/demo": "a&b"}) as desk:
        assert desk.look_up().state is LookupState.ONE
    (asked,) = server.requests("GET /contacts")
    assert asked.query == {"phone": "+442079460018", "api key": "a&b"}


def test_an_api_key_can_stand_in_front_of_every_path(tmp_path: Path, server: ScriptedServer) -> None:
    server.on("GET /rest/agent/s3cret-of-demo/contacts", Reply(body=ANN))
    more = '\n[auth]\npath = "/rest/{user}/{secret}"\n'
    with connected(tmp_path, server, CrmAuth.API_KEY, more=more, keyring=SECRET) as desk:
        assert desk.look_up().state is LookupState.ONE


def test_the_user_of_basic_authentication_can_be_dressed_up(tmp_path: Path, server: ScriptedServer) -> None:
    more = '\n[auth]\nbasic_user = "{user}/token"\n'
    with connected(tmp_path, server, CrmAuth.BASIC, more=more, keyring=SECRET) as desk:
        assert desk.look_up().state is LookupState.ONE
    (asked,) = server.requests("GET /contacts")
    pair = base64.b64decode(asked.headers["authorization"].removeprefix("Basic ")).decode()
    assert pair == "agent/token:s3cret-of-demo"


def test_a_way_of_signing_in_that_the_pack_does_not_know_is_a_matter_of_configuration(
    tmp_path: Path, server: ScriptedServer
) -> None:
    with connected(tmp_path, server, CrmAuth.BASIC, more='\n[auth]\nkinds = ["api_key"]\n') as desk:
        lookup = desk.look_up()
        assert lookup.trouble is CrmTrouble.NOT_CONFIGURED
        assert "api_key" in lookup.detail
        (told,) = desk.inbox.told(CrmDescribed)
        assert told.description.trouble is CrmTrouble.NOT_CONFIGURED


# --- HMAC -------------------------------------------------------------------------------------------------


def test_a_signature_over_method_and_path_as_espocrm_wants_it(tmp_path: Path, server: ScriptedServer) -> None:
    more = """
[auth.hmac]
message = "{method} /{path}"
header = "X-Hmac-Authorization"
value = "{user}:{signature}"
encoding = "base64"
"""
    with connected(tmp_path, server, CrmAuth.HMAC, more=more, keyring=SECRET) as desk:
        assert desk.look_up().state is LookupState.ONE
    (asked,) = server.requests("GET /contacts")
    digest = hmac.new(b"s3cret-of-demo", b"GET /contacts", hashlib.sha256).hexdigest()
    assert base64.b64decode(asked.headers["x-hmac-authorization"]).decode() == f"agent:{digest}"
    assert "s3cret" not in str(server.asked)


def test_the_bare_bytes_of_a_signature_can_be_sent(tmp_path: Path, server: ScriptedServer) -> None:
    more = '\n[auth.hmac]\nmessage = "{method}"\nsignature = "raw"\nencoding = "base64"\nhash = "sha512"\n'
    with connected(tmp_path, server, CrmAuth.HMAC, more=more, keyring=SECRET) as desk:
        desk.look_up()
    (asked,) = server.requests("GET /contacts")
    digest = hmac.new(b"s3cret-of-demo", b"GET", hashlib.sha512).digest()
    assert base64.b64decode(asked.headers["authorization"]) == b"agent:" + digest


def test_a_signature_covers_body_query_time_and_host(tmp_path: Path, server: ScriptedServer) -> None:
    more = """
[auth.hmac]
message = "{method}\\n{target}\\n{host}\\n{timestamp}\\n{body_sha256}"
header = "X-Signature"
value = "{signature}"
signature = "base64"
headers = { "X-Timestamp" = "{timestamp}" }
"""
    server.on("POST /calls", Reply(201, {"id": 5}))
    with connected(tmp_path, server, CrmAuth.HMAC, more=more, keyring=SECRET) as desk:
        desk.look_up()
        desk.crm.deliver(delivery("d1"))
        assert desk.inbox.next(DeliveryAttempted).result.remote_id == "5"
    for asked in server.requests("GET /contacts") + server.requests("POST /calls"):
        stamp = asked.headers["x-timestamp"]
        assert abs(int(stamp) - time.time()) < 60
        body = hashlib.sha256(asked.raw).hexdigest()
        text = f"{asked.method}\n{asked.target}\n{asked.headers['host']}\n{stamp}\n{body}"
        expected = base64.b64encode(hmac.new(b"s3cret-of-demo", text.encode(), hashlib.sha256).digest())
        assert asked.headers["x-signature"] == expected.decode()


# --- sessions ---------------------------------------------------------------------------------------------

SESSION = """
[parameters.database]
label = "Database"

[auth.session]
path = "/login"
json = { db = "{database}", login = "{user}", password = "{secret}" }
save = { session_uid = "result.uid" }
cookie = "session_id"
headers = { "X-Session" = "{session_uid}" }
expired = "error.code == `100`"
"""


class Logins:
    """Logs in agent with the right password; sessions end when the test says so."""

    def __init__(self, server: ScriptedServer) -> None:
        self.open: set[str] = set()
        self.count = 0
        self.says_expired_inside = False
        server.on("POST /login", self._login)
        server.on("GET /contacts", self._contacts)

    def _login(self, asked: Asked) -> Reply:
        if asked.json != {"db": "prod", "login": "agent", "password": "s3cret-of-demo"}:
            return Reply(body={"result": {"uid": False}})
        self.count += 1
        self.open.add(f"sid-{self.count}")
        cookie = f"session_id=sid-{self.count}; Path=/; HttpOnly"
        return Reply(body={"result": {"uid": 42}}, headers=(("Set-Cookie", cookie),))

    def _contacts(self, asked: Asked) -> Reply:
        session = asked.headers.get("cookie", "").removeprefix("session_id=")
        if session in self.open and asked.headers.get("x-session") == "42":
            return Reply(body=ANN)
        if self.says_expired_inside:
            return Reply(body={"error": {"code": 100, "message": "Session expired"}})
        return Reply(401)


def session_connection(folder: Path, server: ScriptedServer) -> CrmConnection:
    return CrmConnection(
        "demo",
        str(folder / "own.toml"),
        server.base_url,
        CrmAuth.SESSION,
        user="agent",
        parameters=(("database", "prod"),),
    )


@pytest.mark.parametrize("inside", [False, True])
def test_a_session_is_opened_once_and_anew_when_it_has_lapsed(
    tmp_path: Path, server: ScriptedServer, inside: bool
) -> None:
    logins = Logins(server)
    logins.says_expired_inside = inside
    connection = session_connection(tmp_path, server)
    with connected(tmp_path, server, more=SESSION, keyring=SECRET, connection=connection) as desk:
        assert desk.look_up().state is LookupState.ONE
        assert desk.look_up().state is LookupState.ONE
        assert logins.count == 1
        logins.open.clear()
        assert desk.look_up().state is LookupState.ONE
        assert logins.count == 2
        assert desk.inbox.told(CrmSignInNeeded) == []


def test_a_login_that_is_refused_with_a_200_is_a_matter_of_credentials(
    tmp_path: Path, server: ScriptedServer
) -> None:
    Logins(server)
    connection = session_connection(tmp_path, server)
    with connected(
        tmp_path, server, more=SESSION, keyring={"crm/demo": "wrong"}, connection=connection
    ) as desk:
        assert desk.look_up().trouble is CrmTrouble.CREDENTIALS
        wait_for(lambda: len(desk.inbox.told(CrmSignInNeeded)) == 1, "the agent being asked to sign in")


def test_a_missing_parameter_is_named(tmp_path: Path, server: ScriptedServer) -> None:
    with connected(tmp_path, server, CrmAuth.SESSION, more=SESSION, keyring=SECRET) as desk:
        lookup = desk.look_up()
        assert lookup.trouble is CrmTrouble.NOT_CONFIGURED
        assert "'database' (Database)" in lookup.detail


def test_a_secret_may_go_in_bodies_where_the_pack_says_so(tmp_path: Path, server: ScriptedServer) -> None:
    server.on("POST /jsonrpc", Reply(body=ANN))
    pack = PACK.replace(
        'path = "/contacts"\nquery = { phone = "{number}" }',
        'path = "/jsonrpc"\nmethod = "POST"\njson = { password = "{secret}", phone = "{number}" }',
    )
    more = "\n[auth.session]\nsecret_in_body = true\n"
    with connected(tmp_path, server, CrmAuth.SESSION, more=more, pack=pack, keyring=SECRET) as desk:
        assert desk.look_up().state is LookupState.ONE
    assert server.requests("POST /jsonrpc")[0].json["password"] == "s3cret-of-demo"


def test_signing_in_with_a_stored_secret_tries_it(tmp_path: Path, server: ScriptedServer) -> None:
    keyring = dict(SECRET)
    with connected(tmp_path, server, CrmAuth.BEARER, keyring=keyring) as desk:
        desk.crm.sign_in("demo")
        desk.sign_in_news(SignInStep.DONE)
        server.on("GET /contacts", Reply(401, {"error": "expired"}))
        desk.crm.sign_in("demo")
        assert "expired" in desk.sign_in_news(SignInStep.FAILED).news.detail
        desk.crm.sign_out("demo")
        desk.sign_in_news(SignInStep.SIGNED_OUT)
    assert keyring == {}


def test_a_refusal_in_mid_shift_asks_once_to_sign_in_and_again_after_that(
    tmp_path: Path, server: ScriptedServer
) -> None:
    with connected(tmp_path, server, CrmAuth.BEARER, keyring=dict(SECRET)) as desk:
        for _ in range(2):
            server.on("GET /contacts", Reply(401))
            assert desk.look_up().trouble is CrmTrouble.CREDENTIALS
            assert desk.look_up().trouble is CrmTrouble.CREDENTIALS
            server.on("GET /contacts", Reply(body=ANN))
            assert desk.look_up().state is LookupState.ONE
    assert len(desk.inbox.told(CrmSignInNeeded)) == 2
