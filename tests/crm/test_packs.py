"""CRM packs: what is shipped compiles, and every mistake is named by file, line and key."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from softphone.crm.packs.placeholders import CALL_NAMES
from softphone.crm.packs.reading import SHIPPED, load_pack, read_pack
from softphone.crm.packs.template import (
    compile_json,
    compile_template,
    fill_json,
    path_segment,
    query_value,
)
from softphone.crm.values import Values
from softphone.domain.errors import BadInput

GOOD = """\
format = 1
name = "test"
title = "Test"

[find]
attempts = ["e164", "last9"]

[[find.requests]]
path = "/contacts"
query = { phone = "{number}" }
matches = "items"

[[find.requests]]
path = "/leads"
query = { "where[0][value]" = "{national}" }

[customer]
id = "id"
name = "name"

[[customer.fields]]
label = "City"
value = "address.city"

[log]
path = "/calls"

[log.json]
note = "{notes}"
"""


def complaint(text: str) -> str:
    with pytest.raises(BadInput) as caught:
        read_pack(text, "my.toml")
    return caught.value.detail


def line_with(text: str, piece: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if piece in line)


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.toml")), ids=lambda path: path.stem)
def test_every_shipped_pack_compiles_under_its_own_name(path: Path) -> None:
    assert load_pack(path.stem).name == path.stem


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.toml")), ids=lambda path: path.stem)
def test_a_shipped_pack_tells_in_a_correction_what_is_empty_now(path: Path) -> None:
    update = load_pack(path.stem).log.update
    assert update is not None
    assert not any(step.request.omit_empty for step in (update.first, *update.then))


def test_a_pack_of_ones_own_is_read_by_its_path(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(GOOD, encoding="utf-8")
    assert load_pack(str(tmp_path / "own.toml")).title == "Test"


def test_a_missing_pack_is_named() -> None:
    with pytest.raises(BadInput, match=r"nowhere\.toml"):
        load_pack("nowhere")


def test_a_name_cannot_climb_out_of_the_shipped_packs() -> None:
    with pytest.raises(BadInput, match="passwd"):
        load_pack("../../../etc/passwd")


@pytest.mark.parametrize(
    ("old", "new", "piece", "says"),
    [
        ('title = "Test"', 'titel = "Test"', "titel", "titel"),
        ('path = "/leads"', 'path = "/leads"\nmethod = "DELETE"', "DELETE", "find.requests.1.method"),
        ('path = "/leads"', 'path = "leads"', 'path = "leads"', "must begin with /"),
        ('"{national}"', '"{natoinal}"', "natoinal", "unknown placeholder {natoinal}"),
        ('note = "{notes}"', 'note = "{notes"', 'note = "{notes"', "log.json"),
        ('matches = "items"', 'matches = "items["', 'matches = "items["', "find.requests.0.matches"),
        ('value = "address.city"', 'value = "address..city"', "address..city", "customer.fields.0.value"),
        ('id = "id"', "id = 7", "id = 7", "customer.id"),
        ('attempts = ["e164", "last9"]', 'attempts = ["e164", "last6"]', "last6", "find.attempts"),
        ('label = "City"', 'lable = "City"', "lable", "customer.fields.0"),
    ],
)
def test_a_mistake_is_named_by_file_line_and_key(old: str, new: str, piece: str, says: str) -> None:
    assert old in GOOD
    text = GOOD.replace(old, new)
    detail = complaint(text)
    assert says in detail
    named = int(detail.removeprefix("my.toml:").split(":")[0])
    assert named == line_with(text, piece), detail


def test_broken_toml_is_named_by_its_line() -> None:
    assert "line 2" in complaint("format = 1\nname = x\n")


def test_a_missing_key_is_named() -> None:
    detail = complaint(GOOD.replace('id = "id"\n', ""))
    assert detail.startswith(f"my.toml:{line_with(GOOD, '[customer]')}: customer: ")
    assert "`id`" in detail


def test_a_pack_may_not_set_the_headers_that_carry_the_secret() -> None:
    text = GOOD.replace("[find]\n", '[headers]\nAuthorization = "Bearer mine"\n\n[find]\n', 1)
    assert "headers.Authorization" in complaint(text)


# --- templates --------------------------------------------------------------------------------------------


def test_values_are_encoded_for_where_they_stand() -> None:
    template = compile_template("/contacts/{number}/x", frozenset({"number"}))
    assert template.text({"number": "a/b?c&d"}, path_segment) == "/contacts/a%2Fb%3Fc%26d/x"
    assert template.text({"number": ".."}, path_segment) == "/contacts/%2E%2E/x"
    assert (
        compile_template("q={number}", frozenset({"number"})).text({"number": "+1 2"}, query_value)
        == "q=%2B1%202"
    )


def test_double_braces_are_literal() -> None:
    template = compile_template("FIND {{{number}}} IN PHONE", frozenset({"number"}))
    assert template.text({"number": "123"}) == "FIND {123} IN PHONE"


def test_a_lone_placeholder_keeps_its_type_in_json() -> None:
    body = compile_json(
        {"s": "{talk_s}", "t": "{talk_s} s", "c": "{callback_at}", "n": [1, None]}, CALL_NAMES
    )
    values: Values = {"talk_s": 73, "callback_at": None}
    assert fill_json(compile_json(body, CALL_NAMES), values) == {
        "s": 73,
        "t": "73 s",
        "c": None,
        "n": [1, None],
    }


def test_empty_members_can_be_left_out() -> None:
    body = compile_json({"a": "{notes}", "b": {"c": "{callback_at}"}}, CALL_NAMES)
    assert fill_json(body, {"notes": "", "callback_at": None}, omit_empty=True) == {}


def test_times_are_utc_and_can_be_formatted() -> None:
    values: Values = {"started_at": datetime(2026, 3, 2, 9, 5, 7, tzinfo=UTC)}
    names = frozenset({"started_at"})
    assert compile_template("{started_at}", names).json(values) == "2026-03-02T09:05:07Z"
    assert compile_template("{started_at|%d.%m.%Y %H:%M}", names).text(values) == "02.03.2026 09:05"
