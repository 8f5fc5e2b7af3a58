"""`softphone --self-test`: does everything that the softphone stands on work here? JSON, exit code 1 if not.

Each check runs in a process of its own, because a missing platform plugin or a broken native library ends a
process instead of raising.
"""

from __future__ import annotations

import json
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import softphone
from softphone.cli.self_test_parts import PARTS
from softphone.program import ourselves

CHECK_WITHIN_S = 30.0
_TAIL = 600

Finding = dict[str, object]


def run(config_dir: Path | None, without: Sequence[str] = ()) -> int:
    """Run every check but those in `without`, print the report; returns 0 if all is well, else 1."""
    unknown = set(without) - set(PARTS)
    if unknown:
        sys.stderr.write(f"softphone: no such check: {', '.join(unknown)}; there are {', '.join(PARTS)}\n")
        return 2
    checks = {name: check(name, config_dir) for name in PARTS if name not in without}
    passed = all(finding["ok"] is True for finding in checks.values())
    report = {
        "version": 1,
        "ok": passed,
        "softphone": softphone.__version__,
        "python": platform.python_version(),
        "system": platform.platform(),
        "left_out": sorted(without),
        "checks": checks,
    }
    sys.stdout.write(json.dumps(report, indent=2) + "\n")
    return 0 if passed else 1


def run_part(name: str, config_dir: Path | None) -> int:
    """One check, in this process; prints its finding as one line of JSON."""
    part = PARTS.get(name)
    if part is None:
        sys.stderr.write(f"softphone: no such check: {name}\n")
        return 2
    sys.stdout.write("\n" + json.dumps(part(config_dir)) + "\n")
    sys.stdout.flush()
    return 0


def check(name: str, config_dir: Path | None) -> Finding:
    """One check in a process of its own."""
    command = [*ourselves(), "--self-test-part", name]
    if config_dir is not None:
        command += ["--config-dir", str(config_dir)]
    began = time.monotonic()
    # Into files: a pipe would be read until its last owner is gone, and that may be a child of the child.
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as complained:
        running = subprocess.Popen(  # noqa: S603 - our own program
            command, stdin=subprocess.DEVNULL, stdout=said, stderr=complained
        )
        try:
            code = running.wait(CHECK_WITHIN_S)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()
            return {"ok": False, "detail": f"not finished within {CHECK_WITHIN_S:g} s"}
        finding = _finding(_whole(said)) if code == 0 else None
        if finding is None:
            words = _whole(complained).decode(errors="replace").strip()[-_TAIL:]
            finding = {"ok": False, "detail": f"ended with {code}: {words}"}
    return {**finding, "ms": round((time.monotonic() - began) * 1_000)}


def _whole(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()


def _finding(output: bytes) -> Finding | None:
    """The last line that is a finding: libraries chatter before, and what C buffered comes at the exit."""
    for line in reversed(output.splitlines()):
        try:
            finding = json.loads(line)
        except ValueError:
            continue
        if isinstance(finding, dict):
            return finding
    return None
