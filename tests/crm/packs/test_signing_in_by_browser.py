"""OAuth in the system's browser with the packs that offer it: as registered, refreshed, asked for again."""

from __future__ import annotations

import fcntl
import tempfile
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from softphone.domain.crm_events import CrmSignInChanged, CrmSignInNeeded
from softphone.domain.crm_work import SignInStep
from softphone.domain.customer import CrmTrouble
from softphone.domain.settings import CrmAuth
from tests.crm.packs.world import CALLER, PackWorld, world_of
from tests.crm.shapes.hubspot import HubSpotShape
from tests.crm.shapes.salesforce import SalesforceShape
from tests.crm.shapes.shape import Person, running
from tests.crm.shapes.zendesk import ZendeskShape

BrowserShape = SalesforceShape | HubSpotShape | ZendeskShape
SHAPES: dict[str, tuple[Callable[[], BrowserShape], str]] = {
    "salesforce": (lambda: SalesforceShape(CrmAuth.OAUTH), "/services/oauth2/authorize"),
    "hubspot": (lambda: HubSpotShape(CrmAuth.OAUTH), "https://app.hubspot.com/oauth/authorize"),
    "zendesk": (lambda: ZendeskShape(CrmAuth.OAUTH), "/oauth/authorizations/new"),
}
ANNA = Person("Anna", "Ek", CALLER)


@pytest.fixture(autouse=True)
def _registered_ports() -> Iterator[None]:
    """The redirect addresses are registered with their ports: one test at a time on this machine."""
    with (Path(tempfile.gettempdir()) / "softphone-redirect-ports.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture(params=SHAPES)
def shape(request: pytest.FixtureRequest) -> Iterator[BrowserShape]:
    shape = SHAPES[request.param][0]()
    with running(shape):
        yield shape
    assert shape.problems == []


@pytest.fixture
def world(shape: BrowserShape) -> Iterator[PackWorld]:
    with world_of(shape) as world:
        world.secrets.clear()
        world.secrets[f"crm/{shape.connection().name}/client"] = "client-secret"
        yield world


def _sign_in(world: PackWorld, shape: BrowserShape) -> SignInStep:
    """Sign in as a person with a browser does; how it ended."""
    world.crm.sign_in(shape.connection().name)
    while (news := world.next(CrmSignInChanged).news).step is not SignInStep.OPEN_BROWSER:
        assert news.step is not SignInStep.FAILED, news
    where = SHAPES[shape.pack][1]
    assert news.url.startswith(where if where.startswith("https") else shape.base_url + where)
    back = shape.desk.approve(news.url)
    here = urlsplit(back)._replace(netloc=f"127.0.0.1:{urlsplit(back).port}").geturl()
    with urllib.request.urlopen(here, timeout=10.0) as page:
        assert page.status == 200
    while (news := world.next(CrmSignInChanged).news).step not in (SignInStep.DONE, SignInStep.FAILED):
        pass
    return news.step


def test_a_person_signs_in_and_tokens_are_kept_and_refreshed(world: PackWorld, shape: BrowserShape) -> None:
    shape.add(ANNA)
    assert _sign_in(world, shape) is SignInStep.DONE
    assert world.found().name == "Anna Ek"
    kept = world.secrets[f"crm/{shape.connection().name}"]
    shape.desk.tokens.clear()  # the access token has run out in mid-shift
    assert world.found().name == "Anna Ek"
    assert world.secrets[f"crm/{shape.connection().name}"] != kept


def test_who_is_signed_out_by_the_crm_is_asked_and_can_sign_in_again(
    world: PackWorld, shape: BrowserShape
) -> None:
    shape.add(ANNA)
    assert _sign_in(world, shape) is SignInStep.DONE
    shape.desk.revoke_all()
    assert world.looked_up().trouble is CrmTrouble.CREDENTIALS
    assert world.seen(CrmSignInNeeded)
    assert _sign_in(world, shape) is SignInStep.DONE
    assert world.found().name == "Anna Ek"
