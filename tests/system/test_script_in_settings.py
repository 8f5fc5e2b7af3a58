"""A campaign's script in the settings file: read, written back, its mistakes told with file, line and key."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from softphone.domain.form import FieldKind
from softphone.system.settings_file import BadSettings, LayeredSettings

GOOD = """\
[[campaigns]]
id = "claims"
name = "Storm Insurance"
dispositions = [{ code = "billing", label = "Bill" }]

[[campaigns.script]]
name = "hello"
say = "Good morning, {customer.name|welcome}."
answers = [
  { label = "Damage by storm", next = "storm" },
  { label = "A bill", next = "end", code = "billing" },
]

[[campaigns.script]]
name = "storm"
say = "When did it happen?"
ask = { name = "day", label = "Day", kind = "date", required = true }
"""


def settings_of(tmp_path: Path, text: str) -> LayeredSettings:
    file = tmp_path / "settings.toml"
    file.write_text(text, encoding="utf-8")
    return LayeredSettings(file)


def test_a_script_is_read_and_saving_something_else_leaves_it(tmp_path: Path) -> None:
    file = settings_of(tmp_path, GOOD)
    settings = file.load()
    hello, storm = settings.campaigns[0].script
    assert [answer.next for answer in hello.answers] == ["storm", "end"]
    assert storm.ask is not None
    assert (storm.ask.kind, storm.ask.required) == (FieldKind.DATE, True)
    file.save(replace(settings, records=replace(settings.records, keep_days=30)))
    assert file.load().campaigns == settings.campaigns


@pytest.mark.parametrize(
    ("right", "wrong", "line", "key", "words"),
    [
        ('next = "storm"', 'next = "strom"', 10, "answers[0].next", "there is no step 'strom'"),
        ('next = "end"', 'next = "hello"', 11, "answers[1].next", "circle"),
        ("{customer.name|welcome}", "{costumer.name}", 8, "say", "begins with customer"),
        ('name = "storm"', 'name = "hello"', 15, "script[1].name", "twice"),
        ("kind =", "kind_ =", 17, "ask.kind_", "unknown key"),
        ('label = "Day"', 'lable = "Day"', 17, "ask.lable", "unknown key"),
        ('"end", code = "billing"', '"end", code = "bill"', 6, "script", "none of the dispositions"),
    ],
)
def test_a_mistake_in_a_script_names_file_line_and_key(
    tmp_path: Path, right: str, wrong: str, line: int, key: str, words: str
) -> None:
    file = settings_of(tmp_path, GOOD.replace(right, wrong, 1))
    with pytest.raises(BadSettings) as raised:
        file.load()
    error = raised.value
    assert str(tmp_path / "settings.toml") in str(error)
    assert error.key.startswith("campaigns")
    assert error.key.endswith(key)
    assert words in error.problem
    assert error.line == line
