"""A short run of the fuzzer, so that it cannot rot; the long one is `tests.engine.edge.fuzz`."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.mark.skipif(
    (sys.platform, platform.machine()) != ("linux", "x86_64"), reason="atheris has no wheels elsewhere"
)
def test_some_thousand_inputs_chosen_by_coverage_do_no_harm(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "tests.engine.edge.fuzz",
        "--runs",
        "4000",
        "--seconds",
        "60",
        str(tmp_path),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stderr[-2_000:]
    assert list(tmp_path.glob("found-*")) == []
    assert "cov:" in done.stderr  # the edge's code was instrumented
