"""Whatever a caller, an agent or a CRM puts into a value, it stays a value."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from urllib.parse import parse_qsl, unquote, urlsplit
from xml.etree import ElementTree

import httpx
from hypothesis import given
from hypothesis import strategies as st

from softphone.crm.filling import outgoing_of
from softphone.crm.packs import filters
from softphone.crm.packs.plans import RequestPlan
from softphone.crm.packs.template import compile_json, compile_template, path_segment
from softphone.crm.values import Values, as_text

ANYTHING = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
NASTY = st.text(st.sampled_from("'\"\\{}[]()<>&%;:/?#.+* \n\r\t\0abcאβ😀\u2028\u202e"), max_size=40)
VALUE = ANYTHING | NASTY
NAMES = frozenset({"v", "w"})


def plan(**parts: object) -> RequestPlan:
    pieces = {"method": "POST", "path": compile_template("/a", NAMES), **parts}
    return RequestPlan(**pieces)  # type: ignore[arg-type]  # what each test names


@given(VALUE)
def test_a_value_in_a_path_is_one_segment(value: str) -> None:
    outgoing = outgoing_of(plan(path=compile_template("/a/{v}/b", NAMES)), {"v": value})
    url = httpx.URL("https://crm.example.com" + outgoing.target)
    assert url.host == "crm.example.com"
    first, name, segment, last = url.raw_path.decode("ascii").split("/")
    assert (first, name, last) == ("", "a", "b")
    assert segment not in (".", "..")
    assert unquote(segment) == value
    assert "?" not in outgoing.target
    assert "#" not in outgoing.target


@given(VALUE, VALUE)
def test_a_value_in_a_query_is_one_value(value: str, other: str) -> None:
    query = (("x[y]", compile_template("{v}", NAMES)), ("z", compile_template("a={w}&b", NAMES)))
    outgoing = outgoing_of(plan(query=query), {"v": value, "w": other})
    parts = urlsplit(outgoing.target)
    assert parts.path == "/a"
    assert parse_qsl(parts.query, keep_blank_values=True) == [("x[y]", value), ("z", f"a={other}&b")]


@given(VALUE)
def test_a_value_in_a_form_is_one_value(value: str) -> None:
    outgoing = outgoing_of(plan(form=(("v", compile_template("{v}", NAMES)),)), {"v": value})
    assert outgoing.body is not None
    assert parse_qsl(outgoing.body.decode("ascii"), keep_blank_values=True) == [("v", value)]


@given(VALUE)
def test_a_value_in_json_is_one_string(value: str) -> None:
    body = compile_json({"a": "{v}", "b": ["x{v}y"]}, NAMES)
    outgoing = outgoing_of(plan(json=body), {"v": value})
    assert outgoing.body is not None
    assert json.loads(outgoing.body) == {"a": value, "b": [f"x{value}y"]}


@given(VALUE)
def test_a_soql_string_ends_where_the_pack_ends_it(value: str) -> None:
    query = compile_template("SELECT Id FROM C WHERE P = '{v|soql}' LIMIT 5", NAMES).text({"v": value})
    literal = re.fullmatch(r"SELECT Id FROM C WHERE P = '((?:[^'\\]|\\.)*)' LIMIT 5", query, re.DOTALL)
    assert literal is not None, query
    unescaped = {"n": "\n", "r": "\r", "t": "\t"}
    assert re.sub(r"\\(.)", lambda m: unescaped.get(m[1], m[1]), literal[1], flags=re.DOTALL) == value


@given(VALUE)
def test_a_sosl_search_text_stays_between_its_braces(value: str) -> None:
    query = compile_template("FIND {{{v|sosl}}} IN PHONE FIELDS", NAMES).text({"v": value})
    inside = re.fullmatch(r"FIND \{((?:[^{}\\]|\\.)*)\} IN PHONE FIELDS", query, re.DOTALL)
    assert inside is not None, query


@given(VALUE)
def test_a_json_string_inside_another_text_decodes_to_the_value(value: str) -> None:
    text = compile_template('[{{"where": "{v|json}"}}]', NAMES).text({"v": value})
    assert json.loads(text) == [{"where": value}]


@given(VALUE)
def test_a_quoted_text_ends_where_the_pack_ends_it(value: str) -> None:
    text = compile_template('phone:"{v|quoted}"', NAMES).text({"v": value})
    inside = re.fullmatch(r'phone:"((?:[^"\\]|\\.)*)"', text, re.DOTALL)
    assert inside is not None
    assert re.sub(r"\\(.)", r"\1", inside[1], flags=re.DOTALL) == value


@given(VALUE)
def test_a_value_in_xml_is_text(value: str) -> None:
    document = compile_template("<a b='{v|xml}'>{v|html}</a>", NAMES).text({"v": value})
    parsed = ElementTree.fromstring(document)
    kept = "".join(c for c in value if c in "\t\n\r" or c >= " ")
    kept = kept.replace("\ufffe", "").replace("\uffff", "")
    assert list(parsed) == []
    assert (parsed.text or "") == kept.replace("\r\n", "\n").replace("\r", "\n")


@given(VALUE)
def test_no_markup_survives_in_an_html_note(value: str) -> None:
    html = filters.html_lines(value)
    assert set(re.findall(r"<[^>]*>", html)) <= {"<br>"}


@given(VALUE)
def test_a_lucene_term_has_no_operators(value: str) -> None:
    assert not re.search(r"(?<!\\)(?:\\\\)*[\"():*?]", filters.lucene(value))


@given(VALUE, st.integers(1, 50))
def test_a_bounded_value_is_a_beginning(value: str, limit: int) -> None:
    text = compile_template(f"{{v|max:{limit}}}", NAMES).text({"v": value})
    assert value.startswith(text)
    assert len(text) == min(limit, len(value))


@given(st.text(st.sampled_from("{}|:%vw a\\'\"<"), max_size=30))
def test_a_template_compiles_or_says_why_and_never_breaks(text: str) -> None:
    values: Values = {"v": "V", "w": None}
    with suppress(ValueError):
        assert isinstance(compile_template(text, NAMES).text(values), str)


@given(st.one_of(VALUE, st.none(), st.integers(), st.booleans(), st.lists(VALUE).map(tuple)))
def test_every_filter_takes_every_value(value: object) -> None:
    values: Values = {"v": value}  # type: ignore[dict-item]  # one of Value's kinds
    specs = [
        *filters._TEXT_FILTERS, *filters._PLAIN_FILTERS,
        "max:3", "default:x", "map:m", "kind:Lead", "join:;", "after:a", "%Y",
    ]  # fmt: skip
    for spec in specs:
        template = compile_template(f"{{v|{spec}}}", NAMES, {"m": {"*": "other"}})
        assert isinstance(as_text(value), str)  # type: ignore[arg-type]  # as above
        template.json(values)
        path_segment(template.text(values))
