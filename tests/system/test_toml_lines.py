"""Every key of a settings file can be found again by its line."""

from __future__ import annotations

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from softphone.system.toml_lines import line_of, lines_of_keys

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


@given(st.text(alphabet="abk=[]{}\"'#.,\n\t 1\\", max_size=80))
def test_the_scan_ends_on_any_text(text: str) -> None:
    lines_of_keys(text)
