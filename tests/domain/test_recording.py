"""Which rules about recording cannot be used."""

from __future__ import annotations

import pytest

from softphone.domain.recording import RecordingPolicy, RecordingRules, flaws_in


@pytest.mark.parametrize(
    ("rules", "field"),
    [
        (RecordingRules(pause_code="*6 1", resume_code="*62"), "pause_code"),
        (RecordingRules(pause_code="*61", resume_code="e"), "resume_code"),
        (RecordingRules(pause_code="*61"), "pause_code"),
        (RecordingRules(resume_code="*62"), "resume_code"),
        (RecordingRules(stop_code="*2"), "stop_code"),
        (RecordingRules(RecordingPolicy.ON_REQUEST), "policy"),
        (RecordingRules(start_code="1" * 17), "start_code"),
    ],
)
def test_a_rule_that_cannot_work_names_its_field(rules: RecordingRules, field: str) -> None:
    assert [name for name, _ in flaws_in(rules)] == [field]


def test_rules_that_work_have_no_flaw() -> None:
    for rules in (
        RecordingRules(),
        RecordingRules(RecordingPolicy.RECORDED, pause_code="*6", resume_code="*6"),
        RecordingRules(RecordingPolicy.ON_REQUEST, start_code="*1A#"),
    ):
        assert list(flaws_in(rules)) == []
