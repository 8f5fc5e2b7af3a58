"""A supported Python is found by really starting it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from installer import interpreter


def _script(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def test_a_shim_that_leads_nowhere_and_an_old_python_do_not_count(tmp_path: Path) -> None:
    assert not interpreter.works([str(_script(tmp_path / "shim", "exit 127"))])
    assert not interpreter.works([str(_script(tmp_path / "old", "echo 3 9 1"))])
    assert not interpreter.works([str(_script(tmp_path / "narrow", "echo 3 11 0"))])
    assert not interpreter.works([str(tmp_path / "not there")])
    assert interpreter.works([sys.executable])


def test_without_a_supported_python_the_user_is_told_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("SOFTPHONE_PYTHON", raising=False)
    assert interpreter.rerun_with_supported("bootstrap.py", []) == 2
    assert "needs Python 3.11 or 3.12" in capsys.readouterr().err


def test_the_named_interpreter_is_asked_first_and_gets_the_arguments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SOFTPHONE_PYTHON", sys.executable)
    script = tmp_path / "script.py"
    script.write_text("import sys; print(sys.argv[1:]); sys.exit(7)", encoding="utf-8")
    assert interpreter.rerun_with_supported(str(script), ["demo", "--auto"]) == 7
    assert "['demo', '--auto']" in capfd.readouterr().out
