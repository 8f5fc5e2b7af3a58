"""Signing in by OAuth 2 against a strict authorization server, and what becomes of the tokens."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from softphone.crm.auth.oauth import challenge_of
from softphone.domain.crm_events import CrmSignInNeeded
from softphone.domain.crm_work import BrowserWords, SignInStep
from softphone.domain.customer import CrmTrouble, LookupState
from softphone.domain.customer_events import CustomerLookedUp
from softphone.domain.settings import CrmAuth
from tests.contracts.crm_world import question
from tests.crm.connected import Connected, connected
from tests.crm.oauth_server import CLIENT_ID, CLIENT_SECRET, OAuthServer
from tests.crm.scripted_server import Reply, scripted_server
from tests.peers.waiting import wait_for

OAUTH = """
[auth]
kinds = ["oauth", "device", "client_credentials"]

[auth.oauth]
authorize_url = "/authorize?prompt=login"
token_url = "/token"
device_url = "/device"
revoke_url = "/revoke"
scope = "contacts calls"

[agent]
path = "/me"
id = "id"
name = "name"
"""


@pytest.fixture
def server() -> Iterator[OAuthServer]:
    with scripted_server() as web:
        made = OAuthServer(web)
        made.start()
        yield made


@pytest.fixture
def desk(tmp_path: Path, server: OAuthServer) -> Iterator[Connected]:
    with connected(tmp_path, server.web, CrmAuth.OAUTH, more=OAUTH) as made:
        yield made


def browse(desk: Connected, server: OAuthServer) -> httpx.Response:
    """Do what a person does in the browser."""
    url = desk.sign_in_news(SignInStep.OPEN_BROWSER).news.url
    assert url.startswith(f"{server.web.base_url}/authorize?prompt=login&")
    back = server.authorize(dict(parse_qsl(urlsplit(url).query)))
    return httpx.get(back, trust_env=False)


def signed_in(desk: Connected, server: OAuthServer) -> None:
    desk.crm.sign_in("demo")
    assert browse(desk, server).status_code == 200
    assert desk.sign_in_news(SignInStep.DONE).news.agent == "Ada Agent"


def test_the_code_challenge_is_that_of_the_rfcs_example() -> None:
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"  # RFC 7636 appendix B
    assert challenge_of(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_the_agent_signs_in_in_the_browser_and_customers_are_found(
    desk: Connected, server: OAuthServer
) -> None:
    signed_in(desk, server)
    assert desk.look_up().state is LookupState.ONE


def test_what_is_kept_is_the_refresh_token_and_nothing_else(desk: Connected, server: OAuthServer) -> None:
    signed_in(desk, server)
    assert {name: json.loads(kept) for name, kept in desk.keyring.items()} == {
        "crm/demo": {"refresh": "refresh-1"}
    }


def test_the_browser_says_it_in_the_agents_words_and_as_plain_text(
    desk: Connected, server: OAuthServer
) -> None:
    desk.crm.sign_in("demo", BrowserWords(done="Fertig & <gut>", language="de"))
    page = browse(desk, server)
    assert "<html lang='de'>" in page.text
    assert "Fertig &amp; &lt;gut&gt;" in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]


def test_a_stranger_with_another_state_is_refused_and_waiting_goes_on(
    desk: Connected, server: OAuthServer
) -> None:
    desk.crm.sign_in("demo")
    url = desk.sign_in_news(SignInStep.OPEN_BROWSER).news.url
    query = dict(parse_qsl(urlsplit(url).query))
    for stray in ("?code=stolen&state=other", "?code=stolen", "favicon.ico"):
        assert httpx.get(query["redirect_uri"] + stray, trust_env=False).status_code in (400, 404)
    assert httpx.get(server.authorize(query), trust_env=False).status_code == 200
    desk.sign_in_news(SignInStep.DONE)


def test_somebody_who_declines_in_the_browser_is_not_signed_in(desk: Connected, server: OAuthServer) -> None:
    desk.crm.sign_in("demo")
    query = dict(parse_qsl(urlsplit(desk.sign_in_news(SignInStep.OPEN_BROWSER).news.url).query))
    answer = {"error": "access_denied", "error_description": "<b>no</b>", "state": query["state"]}
    assert httpx.get(query["redirect_uri"], params=answer, trust_env=False).status_code == 400
    news = desk.sign_in_news(SignInStep.FAILED).news
    assert news.trouble is CrmTrouble.CREDENTIALS
    assert "access_denied" in news.detail
    assert desk.keyring == {}


def test_a_confidential_client_sends_its_own_secret(tmp_path: Path, server: OAuthServer) -> None:
    server.confidential = True
    keyring = {"crm/demo/client": CLIENT_SECRET}
    with connected(tmp_path, server.web, CrmAuth.OAUTH, more=OAUTH, keyring=keyring) as desk:
        signed_in(desk, server)


def test_a_client_secret_can_go_in_the_header(tmp_path: Path, server: OAuthServer) -> None:
    more = OAUTH.replace("scope =", 'client_authentication = "basic"\nscope =')
    with connected(
        tmp_path, server.web, CrmAuth.OAUTH, more=more, keyring={"crm/demo/client": CLIENT_SECRET}
    ) as desk:
        signed_in(desk, server)
    (asked,) = server.web.requests("POST /token")
    # RFC 6749 section 2.3.1: both parts form-encoded, then base64
    pair = f"{CLIENT_ID}:client%20s3cret%2F%2B".encode()
    assert asked.headers["authorization"] == f"Basic {base64.b64encode(pair).decode()}"
    assert "client_secret" not in asked.form


def test_an_access_token_that_runs_out_is_refreshed_before_it_is_shown(
    desk: Connected, server: OAuthServer
) -> None:
    server.lifetime_s = 30  # less than what is still shown
    signed_in(desk, server)
    asked_before = len(server.web.requests("GET /contacts"))
    assert desk.look_up().state is LookupState.ONE
    assert len(server.web.requests("GET /contacts")) == asked_before + 1, "a token was shown that had run out"
    shown = server.web.requests("GET /contacts")[-1].headers["authorization"]
    assert shown == f"Bearer access-{server.issued}"
    assert server.issued >= 2


def test_a_refused_access_token_is_refreshed_once_and_the_question_answered(
    desk: Connected, server: OAuthServer
) -> None:
    signed_in(desk, server)
    server.expire_access()
    assert desk.look_up().state is LookupState.ONE
    assert desk.inbox.told(CrmSignInNeeded) == []


def test_many_refused_questions_share_one_refresh(desk: Connected, server: OAuthServer) -> None:
    signed_in(desk, server)
    server.expire_access()
    before = server.issued
    for number in range(8):
        desk.crm.find(question("+442079460018", name=f"q{number}"))
    for _ in range(8):
        assert desk.inbox.next(CustomerLookedUp).lookup.state is LookupState.ONE
    assert server.issued == before + 1


def test_a_rotated_refresh_token_is_stored_before_the_new_access_token_is_used(
    desk: Connected, server: OAuthServer
) -> None:
    signed_in(desk, server)
    stored_when_asked: list[str] = []
    answer = server.web.routes["GET /contacts"]

    def watch(asked: object) -> Reply:
        stored_when_asked.append(desk.keyring["crm/demo"])
        return answer(asked)  # type: ignore[arg-type]  # what the server hands over

    server.web.on("GET /contacts", watch)
    server.expire_access()
    assert desk.look_up().state is LookupState.ONE
    assert ["refresh-2" in kept for kept in stored_when_asked] == [False, True]


def test_a_refresh_token_survives_the_next_start(tmp_path: Path, server: OAuthServer) -> None:
    keyring: dict[str, str] = {}
    with connected(tmp_path, server.web, CrmAuth.OAUTH, more=OAUTH, keyring=keyring) as desk:
        signed_in(desk, server)
    with connected(tmp_path, server.web, CrmAuth.OAUTH, more=OAUTH, keyring=keyring) as desk:
        assert desk.look_up().state is LookupState.ONE
        assert desk.inbox.told(CrmSignInNeeded) == []


def test_tokens_without_a_refresh_token_are_kept_as_they_are(tmp_path: Path, server: OAuthServer) -> None:
    server.web.on("POST /token", Reply(body={"access_token": "access-x", "token_type": "Bearer"}))
    server.access.add("access-x")
    keyring: dict[str, str] = {}
    with connected(tmp_path, server.web, CrmAuth.OAUTH, more=OAUTH, keyring=keyring) as desk:
        signed_in(desk, server)
    with connected(tmp_path, server.web, CrmAuth.OAUTH, more=OAUTH, keyring=keyring) as desk:
        assert desk.look_up().state is LookupState.ONE


def test_when_the_sign_in_is_over_the_agent_is_asked_once(desk: Connected, server: OAuthServer) -> None:
    signed_in(desk, server)
    server.end_all_sessions()
    for name in ("q1", "q2", "q3"):
        assert desk.look_up(name=name).trouble is CrmTrouble.CREDENTIALS
    assert [event.crm for event in desk.inbox.told(CrmSignInNeeded)] == ["demo"]
    refreshes = [a for a in server.web.requests("POST /token") if a.form["grant_type"] == "refresh_token"]
    assert len(refreshes) == 1, "a refresh token that was refused was sent again"


def test_signing_in_again_in_mid_shift_makes_the_next_question_work(
    desk: Connected, server: OAuthServer
) -> None:
    signed_in(desk, server)
    server.end_all_sessions()
    assert desk.look_up().trouble is CrmTrouble.CREDENTIALS
    desk.inbox.news.clear()
    signed_in(desk, server)
    assert desk.look_up().state is LookupState.ONE


def test_a_token_server_that_is_down_is_not_a_lost_sign_in(desk: Connected, server: OAuthServer) -> None:
    signed_in(desk, server)
    server.expire_access()
    token = server.web.routes["POST /token"]
    server.web.on("POST /token", Reply(503))
    assert desk.look_up().state is LookupState.FAILED
    server.web.routes["POST /token"] = token
    assert desk.look_up().state is LookupState.ONE


def test_two_who_share_a_sign_in_do_not_end_it_for_each_other(tmp_path: Path, server: OAuthServer) -> None:
    """A check, `softphone crm` and the desk read the same key store; refresh tokens are good once."""
    keyring: dict[str, str] = {}
    with (
        connected(tmp_path, server.web, CrmAuth.OAUTH, more=OAUTH, keyring=keyring) as desk,
        connected(tmp_path, server.web, CrmAuth.OAUTH, more=OAUTH, keyring=keyring) as other,
    ):
        signed_in(desk, server)
        for _ in range(3):
            server.expire_access()
            assert other.look_up().state is LookupState.ONE
            server.expire_access()
            assert desk.look_up().state is LookupState.ONE


def test_signing_out_elsewhere_ends_it_here_at_the_next_refresh(desk: Connected, server: OAuthServer) -> None:
    signed_in(desk, server)
    desk.keyring.clear()
    server.expire_access()
    assert desk.look_up().trouble is CrmTrouble.CREDENTIALS


def test_nobody_is_signed_in_at_first(desk: Connected) -> None:
    assert desk.look_up().trouble is CrmTrouble.CREDENTIALS
    assert len(desk.inbox.told(CrmSignInNeeded)) == 1


def test_signing_out_forgets_here_and_revokes_there(desk: Connected, server: OAuthServer) -> None:
    signed_in(desk, server)
    desk.crm.sign_out("demo")
    desk.sign_in_news(SignInStep.SIGNED_OUT)
    assert desk.keyring == {}
    assert server.revoked == ["refresh-1"]
    assert desk.look_up().trouble is CrmTrouble.CREDENTIALS


def test_a_second_attempt_to_sign_in_takes_the_place_of_the_first(
    desk: Connected, server: OAuthServer
) -> None:
    desk.crm.sign_in("demo")
    first = desk.sign_in_news(SignInStep.OPEN_BROWSER).news.url
    desk.crm.sign_in("demo")
    wait_for(lambda: desk.sign_in_news(SignInStep.OPEN_BROWSER).news.url != first, "the second attempt")
    redirect = dict(parse_qsl(urlsplit(first).query))["redirect_uri"]
    with pytest.raises(httpx.ConnectError):
        httpx.get(redirect, trust_env=False)
    assert browse(desk, server).status_code == 200
    desk.sign_in_news(SignInStep.DONE)


# --- device code, client credentials -----------------------------------------------------------------------


def test_a_short_code_signs_in_from_another_device(tmp_path: Path, server: OAuthServer) -> None:
    with connected(tmp_path, server.web, CrmAuth.DEVICE, more=OAUTH) as desk:
        desk.crm.sign_in("demo")
        news = desk.sign_in_news(SignInStep.TYPE_CODE).news
        assert (news.code, news.url) == ("WDJB-MJHT", f"{server.web.base_url}/activate")
        assert desk.sign_in_news(SignInStep.DONE).news.agent == "Ada Agent"
        assert desk.look_up().state is LookupState.ONE
    assert len([a for a in server.web.requests("POST /token") if "device_code" in a.form]) == 2


@pytest.mark.parametrize("refusal", ["access_denied", "expired_token"])
def test_a_declined_or_late_device_code_fails(tmp_path: Path, server: OAuthServer, refusal: str) -> None:
    server.refuse_device = refusal
    with connected(tmp_path, server.web, CrmAuth.DEVICE, more=OAUTH) as desk:
        desk.crm.sign_in("demo")
        assert refusal in desk.sign_in_news(SignInStep.FAILED).news.detail


def test_a_device_page_that_is_not_https_is_not_shown(tmp_path: Path, server: OAuthServer) -> None:
    evil = {"device_code": "d", "user_code": "X", "verification_uri": "http://evil.example/", "interval": 1}
    server.web.on("POST /device", Reply(body=evil))
    with connected(tmp_path, server.web, CrmAuth.DEVICE, more=OAUTH) as desk:
        desk.crm.sign_in("demo")
        assert desk.sign_in_news(SignInStep.FAILED).news.trouble is CrmTrouble.INSECURE


def test_a_client_gets_tokens_for_its_own_secret_and_keeps_them_in_memory(
    tmp_path: Path, server: OAuthServer
) -> None:
    server.confidential = True
    keyring = {"crm/demo": CLIENT_SECRET}
    with connected(tmp_path, server.web, CrmAuth.CLIENT_CREDENTIALS, more=OAUTH, keyring=keyring) as desk:
        assert desk.look_up().state is LookupState.ONE
        server.expire_access()
        assert desk.look_up().state is LookupState.ONE
    assert keyring == {"crm/demo": CLIENT_SECRET}
    assert {a.form["scope"] for a in server.web.requests("POST /token")} == {"contacts calls"}


def test_a_wrong_client_secret_is_a_matter_of_credentials(tmp_path: Path, server: OAuthServer) -> None:
    server.confidential = True
    keyring = {"crm/demo": "wrong"}
    with connected(tmp_path, server.web, CrmAuth.CLIENT_CREDENTIALS, more=OAUTH, keyring=keyring) as desk:
        assert desk.look_up().trouble is CrmTrouble.CREDENTIALS


@pytest.mark.parametrize(
    "answer",
    [{}, [], {"access_token": "a\r\nb"}, {"access_token": 7}, {"access_token": "a", "token_type": "mac"}],
)
def test_a_strange_token_answer_is_refused(tmp_path: Path, server: OAuthServer, answer: object) -> None:
    server.web.on("POST /token", Reply(body=answer))
    keyring = {"crm/demo": CLIENT_SECRET}
    with connected(tmp_path, server.web, CrmAuth.CLIENT_CREDENTIALS, more=OAUTH, keyring=keyring) as desk:
        assert desk.look_up().trouble is CrmTrouble.BAD_ANSWER
