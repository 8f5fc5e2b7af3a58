"""Every key of a settings file can be found again by its line."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator

import tomlkit
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from softphone.domain.toml_lines import Path, line_of, lines_of_keys

DOCUMENT = '''\
# a comment with [brackets] and a = 1
first = 1
"quoted key" = "with = and # inside"
dotted.inner = [
  1,
  { name = "x", deep = [
     "y" ] },
]
text = """
not = a key
[not.a.table]
\\""" still text
"""
literal = \'\'\'
x = 1\'\'\'

[table]   # comment
key = true

[[list]]
name = "a"
  [list.inner]
  value = 2
[[list]]
name = "b"
  [list.inner]
  value = 3
'''


def test_keys_stand_where_a_reader_sees_them() -> None:
    lines = lines_of_keys(DOCUMENT)
    tomllib.loads(DOCUMENT)
    wanted: dict[tuple[str | int, ...], int] = {
        ("first",): 2,
        ("quoted key",): 3,
        ("dotted", "inner"): 4,
        ("dotted", "inner", 0): 5,
        ("dotted", "inner", 1, "deep"): 6,
        ("dotted", "inner", 1, "deep", 0): 7,
        ("text",): 9,
        ("literal",): 14,
        ("table", "key"): 18,
        ("list", 0, "name"): 21,
        ("list", 0, "inner", "value"): 23,
        ("list", 1, "name"): 25,
        ("list", 1, "inner", "value"): 27,
    }
    assert {path: lines.get(path) for path in wanted} == wanted
    assert ("not",) not in lines
    assert ("not", "a", "table") not in lines


def test_what_has_no_line_is_found_at_what_is_around_it() -> None:
    lines = lines_of_keys("[table]\nkey = 1\n")
    assert line_of(("table", "missing"), lines) == 1
    assert line_of(("table", "key", 3), lines) == 2
    assert line_of(("elsewhere",), lines) == 1


KEYS = st.text(alphabet="ab.\"' =[#", min_size=1, max_size=4)
LEAVES = st.one_of(st.integers(-9, 9), st.booleans(), st.text(alphabet="a=[]{}\"'#,\n\\", max_size=8))
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


def paths(value: object, place: Path = ()) -> Iterator[Path]:
    """Every key and list index of parsed TOML."""
    children = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for step, inner in children:
        yield (*place, step)
        yield from paths(inner, (*place, step))


@given(st.dictionaries(KEYS, VALUES, max_size=4))
def test_everything_in_any_document_is_found(table: dict[str, object]) -> None:
    text = tomlkit.dumps(table)
    lines = lines_of_keys(text)
    assert [path for path in paths(tomllib.loads(text)) if path not in lines] == []
    assert all(1 <= line <= text.count("\n") + 1 for line in lines.values())


@settings(suppress_health_check=[HealthCheck.filter_too_much])
@given(st.text(alphabet="abk=[]{}\"'#.,\n\t 1\\", max_size=60))
def test_the_scan_ends_on_whatever_tomllib_accepts(text: str) -> None:
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        reject()
    assert [path for path in paths(table) if path not in lines_of_keys(text)] == []
