"""The embedded CRM's own promises: its token, its checks, its page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from softphone.demo.world import DemoWorld

CALL = {"external_id": "k1", "direction": "inbound", "talk_s": 9, "started_at": "2026-03-02T09:30:00Z"}


@pytest.fixture
def browser(world: DemoWorld) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=world.crm.base_url, trust_env=False, timeout=10) as client:
        yield client


@pytest.fixture
def api(world: DemoWorld, browser: httpx.Client) -> httpx.Client:
    browser.headers["Authorization"] = f"Bearer {world.crm.token}"
    return browser


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong", "Basic x", "Bearer \xe9"])
def test_nothing_is_told_without_the_token(browser: httpx.Client, header: str) -> None:
    answer = browser.get("/api/customers?phone=1", headers=[(b"Authorization", header.encode("latin-1"))])
    assert answer.status_code == 401
    assert "error" in answer.json()


def test_customers_are_found_by_text_too(api: httpx.Client) -> None:
    found = api.get("/api/customers", params={"q": "papadop"}).json()["customers"]
    assert found == []
    found = api.get("/api/customers", params={"q": "παπαδο"}).json()["customers"]
    assert [customer["id"] for customer in found] == ["C004"]


@pytest.mark.parametrize("query", ["", "phone=1&limit=0", "phone=1&limit=x", "phone=1&limit=9999"])
def test_a_search_without_its_terms_is_refused(api: httpx.Client, query: str) -> None:
    assert api.get(f"/api/customers?{query}").status_code == 422


def test_the_same_call_again_is_the_same_record(api: httpx.Client) -> None:
    first, second = api.post("/api/calls", json=CALL), api.post("/api/calls", json=CALL)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["id"] == second.json()["id"]
    assert len(api.get("/api/calls").json()["calls"]) == 1
    assert api.get("/api/calls?external_id=k2").json()["calls"] == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"external_id": ""}, "external_id"),
        ({"direction": "sideways"}, "direction"),
        ({"talk_s": "9"}, "talk_s"),
        ({"talk_s": -1}, "talk_s"),
        ({"started_at": "yesterday"}, "started_at"),
        ({"callback_at": "soon"}, "callback_at"),
        ({"customer_id": "C999"}, "customer_id"),
        ({"notes": 5}, "notes"),
        ({"nonsense": 1}, "nonsense"),
    ],
)
def test_an_unfit_call_is_refused_by_the_name_of_its_field(
    api: httpx.Client, changes: dict[str, Any], field: str
) -> None:
    answer = api.post("/api/calls", json=CALL | changes)
    assert answer.status_code == 422
    assert answer.json()["error"].startswith(f"{field}:")
    assert api.get("/api/calls").json()["calls"] == []


def test_what_is_not_json_or_too_large_is_refused(api: httpx.Client) -> None:
    assert api.post("/api/calls", content=b"{").status_code == 400
    assert api.post("/api/calls", content=b"[" * 5_000).status_code == 400
    assert api.post("/api/calls", content=b"x" * 2_000_000).status_code == 413


def test_callbacks_are_listed_earliest_first(api: httpx.Client) -> None:
    for number, day in (("a", "05"), ("b", "03")):
        api.post("/api/calls", json=CALL | {"external_id": number, "callback_at": f"2026-04-{day}T10:00:00Z"})
    api.post("/api/calls", json=CALL)
    assert [c["external_id"] for c in api.get("/api/callbacks").json()["callbacks"]] == ["b", "a"]


def test_a_recorded_call_becomes_a_contact_of_its_customer(api: httpx.Client) -> None:
    api.post(
        "/api/calls", json=CALL | {"customer_id": "C007", "notes": "asked", "disposition_label": "Auskunft"}
    )
    contacts = api.get("/api/customers/C007").json()["contacts"]
    assert (contacts[0]["summary"], contacts[0]["outcome"]) == ("asked", "Auskunft")


def test_the_page_and_its_parts_are_served_with_a_strict_policy(browser: httpx.Client) -> None:
    for path in ("/", "/customers/C001", "/page/style.css", "/page/page.js"):
        answer = browser.get(path)
        assert answer.status_code == 200
        assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert browser.get("/page/..%2findex.html").status_code == 404
    assert len(browser.get("/page/state.json").json()["customers"]) >= 30


def test_the_page_is_not_told_to_another_host_name(browser: httpx.Client) -> None:
    assert browser.get("/page/state.json", headers={"Host": "evil.example"}).status_code == 421


def test_a_recorded_call_appears_on_the_page_at_once(world: DemoWorld, browser: httpx.Client) -> None:
    with browser.stream("GET", "/page/events") as events:
        lines = events.iter_lines()
        assert next(lines).startswith("retry")
        headers = {"Authorization": f"Bearer {world.crm.token}"}
        httpx.post(f"{world.crm.base_url}/api/calls", json=CALL, headers=headers, trust_env=False)
        data = next(line for line in lines if line.startswith("data: "))
        assert json.loads(data.removeprefix("data: "))["external_id"] == "k1"
