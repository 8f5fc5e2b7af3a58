"""The shapes themselves: whatever is tampered with in a request that a pack sends, they notice.

A test server that lets everything pass would prove nothing about a pack.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from softphone.domain.settings import CrmAuth
from tests.crm.packs.conftest import SHAPES
from tests.crm.packs.world import CALLER, PackWorld, world_of
from tests.crm.shapes.shape import WRITING, Asked, Person, Shape, running

ANNA = Person("Anna", "Ek", CALLER, "Ek AB", "anna@example.com")


@pytest.fixture(params=SHAPES)
def shape(request: pytest.FixtureRequest) -> Iterator[Shape]:
    with running(SHAPES[request.param]()) as shape:
        yield shape


@pytest.fixture
def asked(shape: Shape) -> list[Asked]:
    """Everything that a working day sends: found, logged, scheduled, created, changed."""
    with world_of(shape) as world:
        _day(world)
    assert shape.problems == []
    return [asked for asked in shape.asked if asked.path != "/"]


def _day(world: PackWorld) -> None:
    world.shape.add(ANNA)
    anna = world.found()
    world.searched("Anna")
    world.arrives(world.delivery(anna))
    world.arrives(replace(world.delivery(anna), attempts=1))
    world.arrives(world.task(anna))
    assert world.created(world.new_customer()).customer is not None
    world.arrives(world.change(anna, anna.editable[0].name, "new@example.com"))


def _noticed(shape: Shape, tampered: Asked) -> bool:
    """Whether the shape refuses the request as undocumented."""
    shape.problems.clear()
    answer = shape.answer(tampered)
    refused = answer is None or answer.status >= 400 or bool(_error_inside(answer.body))
    return refused and bool(shape.problems)


def _error_inside(body: object) -> object:
    return body.get("error") if isinstance(body, dict) else None


def _with_one_more_member(value: Any) -> Iterator[Any]:
    """`value` with an unknown member in one of its objects, each of them once."""
    paths = list(_objects(value, ()))
    for path in paths:
        changed = copy.deepcopy(value)
        inner = changed
        for step in path:
            inner = inner[step]
        inner["bogus"] = "1"
        yield changed


def _objects(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    if isinstance(value, dict):
        yield path
        for name, inner in value.items():
            yield from _objects(inner, (*path, name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _objects(inner, (*path, index))


def test_an_unknown_member_anywhere_in_a_body_is_noticed(shape: Shape, asked: list[Asked]) -> None:
    bodies = [one for one in asked if one.raw.startswith(b"{")]
    assert bodies
    missed = [
        (one.method, one.path, changed)
        for one in bodies
        for changed in _with_one_more_member(json.loads(one.raw))
        if not _noticed(shape, replace(one, raw=json.dumps(changed).encode()))
    ]
    assert missed == []


def test_an_unknown_parameter_in_an_address_is_noticed(shape: Shape, asked: list[Asked]) -> None:
    questions = [one for one in asked if one.query]
    missed = [
        (one.method, one.path)
        for one in questions
        if not _noticed(shape, replace(one, query=(*one.query, ("bogus", "1"))))
    ]
    assert missed == []


def test_an_unknown_path_is_noticed(shape: Shape, asked: list[Asked]) -> None:
    if shape.connection().auth is CrmAuth.HMAC:
        pytest.skip("the path is signed: another one is a stranger's")
    assert all(_noticed(shape, replace(one, path=f"{one.path}/bogus/bogus")) for one in asked[-3:])


def test_a_body_that_does_not_say_that_it_is_json_is_noticed(shape: Shape, asked: list[Asked]) -> None:
    writes = [one for one in asked if one.method in WRITING and one.raw.startswith(b"{")]
    for one in writes:
        headers = {**one.headers, "content-type": "text/plain"}
        assert _noticed(shape, replace(one, headers=headers)), one


def test_nobody_is_served_without_credentials(shape: Shape, asked: list[Asked]) -> None:
    def bare(one: Asked) -> Asked:
        hidden = ("authorization", "x-api-key", "x-hmac-authorization")
        headers = {name: value for name, value in one.headers.items() if name not in hidden}
        raw = one.raw.replace(shape.secret.encode(), b"stranger")
        return replace(one, headers=headers, raw=raw, path=one.path.replace(shape.secret, "stranger"))

    for one in asked:
        answer = shape.answer(bare(one))
        assert answer is not None
        denied = answer.status in (400, 401) or bool(_error_inside(answer.body))
        # A login that fails says so without an error in one of them.
        assert denied or (isinstance(answer.body, dict) and answer.body.get("result") is False), one
