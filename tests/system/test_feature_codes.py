"""Templates of feature codes: the shipped ones, and what is wrong with others by file, line and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from softphone.domain.errors import BadInput
from softphone.domain.supervision import SupervisionMode
from softphone.system.feature_codes import SHIPPED, FeatureCodeFiles, read_codes

LISTEN, WHISPER, BARGE, TAKE_OVER = SupervisionMode


@pytest.mark.parametrize("name", ["asterisk", "asterisk-keys", "freeswitch", "generic"])
def test_every_shipped_template_is_whole_and_named_like_its_file(name: str) -> None:
    codes = FeatureCodeFiles().codes(name)
    assert codes.name == name
    assert LISTEN in codes.start
    assert codes.number(LISTEN, "7001").endswith("7001")


def test_no_shipped_template_is_forgotten_here() -> None:
    assert {path.stem for path in SHIPPED.glob("*.toml")} == {
        "asterisk",
        "asterisk-keys",
        "freeswitch",
        "generic",
    }


def test_freeswitch_s_keys_are_those_of_its_eavesdrop_and_none_speaks_to_the_customer_alone() -> None:
    """mod_dptools, eavesdrop: 2 speaks with the leg that is named (the agent's), 1 with its other half (the
    customer), 3 makes it a three-way call, 0 only listens again."""
    codes = FeatureCodeFiles().codes("freeswitch")
    assert codes.switch == {LISTEN: "0", WHISPER: "2", BARGE: "3"}
    assert TAKE_OVER not in codes.modes


BROKEN = {
    'name = "x"\n': ("start", "at least one code"),
    'name = "direct"\n[start]\nlisten = "*1{extension}"\n': (":1: name", "other than 'direct'"),
    'name = "x"\n[start]\nlisten = "*1"\n': (":3: start.listen", "{extension}"),
    'name = "x"\n[start]\nspy = "*1{extension}"\n': (":3: start.spy", "known are listen"),
    'name = "x"\n[start]\nlisten = "*1{extension}@evil.test"\n': (":3: start.listen", "{extension}"),
    'name = "x"\n[start]\nlisten = "*1{extension}"\n[switch]\nbarge = "six"\n': (":5: switch.barge", "0-9"),
    'name = "x"\nhost = "pbx"\n': (":2: host", "unknown"),
    "name = \n": ("", "Invalid value"),
}


@pytest.mark.parametrize(("text", "said"), BROKEN.items())
def test_a_broken_template_is_named_by_file_line_and_key(
    tmp_path: Path, text: str, said: tuple[str, str]
) -> None:
    path = tmp_path / "codes.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput) as bad:
        read_codes(path)
    assert str(path) in bad.value.detail
    for part in said:
        assert part in bad.value.detail


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"nowhere\.toml"):
        FeatureCodeFiles().codes(str(tmp_path / "nowhere.toml"))


def test_an_own_file_is_used_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text('name = "own"\n[start]\nwhisper = "77{extension}"\n', encoding="utf-8")
    assert FeatureCodeFiles().codes(str(path)).modes == (WHISPER,)
