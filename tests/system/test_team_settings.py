"""The team in the settings file: read as it stands in the manual, mistakes named by line and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from softphone.domain.errors import BadInput
from softphone.domain.supervision import Notice, Role, SupervisionMode, SupervisionPolicy
from softphone.domain.team import NumberShown, TeamMember, WatchedQueue
from softphone.domain.team_settings import TeamSettings
from softphone.system.settings_file import LayeredSettings

TEXT = """
[team]
role = "lead"
leads = ["7900", "boss@hq.example.com"]
notice = "ask"
modes = ["listen", "whisper"]
way = "asterisk-keys"
members = [{ extension = "7001", name = "Anna" }, { extension = "7002" }]
queues = [{ name = "Claims", target = "claims" }]
numbers = "hidden"
"""


def read(tmp_path: Path, text: str) -> TeamSettings:
    (tmp_path / "settings.toml").write_text(text, encoding="utf-8")
    return LayeredSettings(tmp_path / "settings.toml").load().team


def test_everything_about_the_team_can_be_written_down(tmp_path: Path) -> None:
    team = read(tmp_path, TEXT)
    assert team == TeamSettings(
        Role.LEAD,
        ("7900", "boss@hq.example.com"),
        Notice.ASK,
        (SupervisionMode.LISTEN, SupervisionMode.WHISPER),
        "asterisk-keys",
        (TeamMember("7001", "Anna"), TeamMember("7002")),
        (WatchedQueue("Claims", "claims"),),
        NumberShown.HIDDEN,
    )
    assert team.policy() == SupervisionPolicy(team.leads, Notice.ASK, team.modes)


def test_without_a_word_nobody_leads_and_nobody_may_listen(tmp_path: Path) -> None:
    team = read(tmp_path, "")
    assert (team.is_lead, team.leads) == (False, ())


@pytest.mark.parametrize(
    ("line", "key", "problem"),
    [
        ('leads = ["*"]', "team.leads", "no pattern"),
        ('leads = ["7900", ""]', "team.leads", "none is empty"),
        ('members = [{ extension = "1" }, { extension = "1" }]', "team.members", "twice"),
        ('members = [{ extension = "" }]', "team.members", "empty"),
        ('queues = [{ name = "a", target = "" }]', "team.queues", "empty"),
        ('modes = ["spy"]', "team.modes[0]", "Invalid enum"),
        ('way = ""', "team.way", "empty"),
        ("alarm_long_call_s = -1", "team.alarm_long_call_s", "between 0"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, line: str, key: str, problem: str) -> None:
    with pytest.raises(BadInput) as bad:
        read(tmp_path, f"[team]\n{line}\n")
    assert f"settings.toml, line 2, key {key}:" in bad.value.detail
    assert problem in bad.value.detail
