"""When an environment counts as ready, and what happens when it does not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from installer.environment import (
    BENCH_LOCK,
    DEVELOPMENT_LOCK,
    RUNTIME_LOCK,
    STAMP,
    BrokenEnvironmentError,
    Environment,
)


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    """A checkout with lock files and an environment that looks installed but was never stamped."""
    for lock in (RUNTIME_LOCK, DEVELOPMENT_LOCK, BENCH_LOCK):
        (tmp_path / lock).write_text("", encoding="utf-8")
    made = Environment(tmp_path, tmp_path / "venv")
    made.python.parent.mkdir(parents=True)
    made.python.symlink_to("/bin/true")
    return made


def test_an_environment_is_ready_only_for_the_lock_file_it_was_filled_from(environment: Environment) -> None:
    assert not environment.is_current(RUNTIME_LOCK)
    (environment.folder / "lib/python3.11/site-packages").mkdir(parents=True)
    environment.prepare(RUNTIME_LOCK)
    assert environment.is_current(RUNTIME_LOCK)
    assert not environment.is_current(DEVELOPMENT_LOCK)
    (environment.root / RUNTIME_LOCK).write_text("new==1", encoding="utf-8")
    assert not environment.is_current(RUNTIME_LOCK)


def test_what_is_ready_for_the_tests_is_ready_for_the_demo(environment: Environment) -> None:
    (environment.folder / "lib/python3.11/site-packages").mkdir(parents=True)
    environment.prepare(DEVELOPMENT_LOCK)
    assert environment.is_current(RUNTIME_LOCK)


def test_what_is_ready_for_measurements_is_ready_for_the_tests_but_not_the_other_way_round(
    environment: Environment,
) -> None:
    (environment.folder / "lib/python3.11/site-packages").mkdir(parents=True)
    environment.prepare(DEVELOPMENT_LOCK)
    assert not environment.is_current(BENCH_LOCK)
    environment.prepare(BENCH_LOCK)
    assert environment.is_current(DEVELOPMENT_LOCK)


def test_a_damaged_stamp_or_a_missing_interpreter_means_not_ready(environment: Environment) -> None:
    (environment.folder / "lib/python3.11/site-packages").mkdir(parents=True)
    environment.prepare(RUNTIME_LOCK)
    stamp = environment.folder / STAMP
    good = stamp.read_text(encoding="utf-8")
    stamp.write_text("{half", encoding="utf-8")
    assert not environment.is_current(RUNTIME_LOCK)
    stamp.write_text(json.dumps(["not", "a", "mapping"]), encoding="utf-8")
    assert not environment.is_current(RUNTIME_LOCK)
    stamp.write_text(good, encoding="utf-8")
    environment.python.unlink()
    assert not environment.is_current(RUNTIME_LOCK)


def test_a_failing_installation_is_told_and_not_stamped(environment: Environment) -> None:
    environment.python.unlink()
    environment.python.symlink_to("/bin/false")
    with pytest.raises(BrokenEnvironmentError, match="run the same command again"):
        environment.prepare(RUNTIME_LOCK)
    assert not environment.is_current(RUNTIME_LOCK)
