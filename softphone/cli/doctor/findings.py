"""What a check has found, and what follows from all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from enum import StrEnum

from softphone.domain.facts import dataclass


class Result(StrEnum):
    GOOD = "good"
    REMARK = "remark"
    """Works, but somebody should look at it."""
    FAILED = "failed"
    NOT_TRIED = "not_tried"
    """`words` say why; nothing is claimed."""


@dataclass(frozen=True)
class Finding:
    """`words` say what is, `advice` what to do and who does it. `facts` are for machines."""

    check: str
    result: Result
    words: str
    advice: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)


def good(check: str, words: str, **facts: object) -> Finding:
    return Finding(check, Result.GOOD, words, facts=facts)


def remark(check: str, words: str, advice: str, **facts: object) -> Finding:
    return Finding(check, Result.REMARK, words, advice, facts)


def failed(check: str, words: str, advice: str, **facts: object) -> Finding:
    return Finding(check, Result.FAILED, words, advice, facts)


def not_tried(check: str, why: str) -> Finding:
    return Finding(check, Result.NOT_TRIED, why)


def verdict(findings: Sequence[Finding]) -> str:
    """One sentence: may an agent begin a shift on this phone?"""
    bad = [f.check for f in findings if f.result is Result.FAILED]
    odd = [f.check for f in findings if f.result is Result.REMARK]
    untried = [f.check for f in findings if f.result is Result.NOT_TRIED]
    if bad:
        told = f"Not fit for a shift: {', '.join(bad)}."
    elif odd:
        told = f"Fit for a shift, with remarks on {', '.join(odd)}."
    else:
        told = "Fit for a shift."
    return f"{told} Not tried: {', '.join(untried)}." if untried else told


def healthy(findings: Sequence[Finding]) -> bool:
    return not any(f.result is Result.FAILED for f in findings)


def as_text(findings: Sequence[Finding]) -> str:
    """For people: one line each, the advice below it, the verdict last."""
    width = max(len(f.check) for f in findings)
    lines = []
    for finding in findings:
        lines.append(f"{_MARK[finding.result]}  {finding.check:<{width}}  {finding.words}")
        if finding.advice:
            lines.append(f"{'':<{len(_MARK[finding.result]) + width + 4}}→ {finding.advice}")
    return "\n".join([*lines, "", verdict(findings), ""])


def as_json(findings: Sequence[Finding]) -> dict[str, object]:
    """For machines; fields may be added within version 1."""
    return {
        "version": 1,
        "ok": healthy(findings),
        "verdict": verdict(findings),
        "checks": [
            {
                "check": finding.check,
                "result": finding.result.value,
                "words": finding.words,
                "advice": finding.advice,
                "facts": dict(finding.facts),
            }
            for finding in findings
        ],
    }


_MARK = {
    Result.GOOD: "good     ",
    Result.REMARK: "remark   ",
    Result.FAILED: "FAILED   ",
    Result.NOT_TRIED: "not tried",
}
