"""The lock files say everything that is installed, and nothing about where it comes from."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from installer import notices

ROOT = Path(__file__).resolve().parents[2]
LOCKS = tuple(ROOT / f"requirements{which}.txt" for which in ("", "-dev", "-bench"))


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_every_pin_has_hashes_and_no_line_names_a_host(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"^--", text, re.MULTILINE)
    entries = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]
    assert entries
    assert [entry.split("\n")[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_all_dependencies_of_the_project_are_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    for lock, wanted in zip(LOCKS, (project["dependencies"], extras["dev"], extras["bench"]), strict=True):
        locked = {_canonical(name) for name, _ in notices.locked_packages(lock)}
        names = {_canonical(re.split(r"[<>=!~;\[ ]", line)[0]) for line in wanted}
        assert names - locked == set()


@pytest.mark.parametrize("lock", LOCKS[1:], ids=lambda path: path.name)
def test_tests_and_measurements_run_with_the_versions_that_users_get(lock: Path) -> None:
    locked = dict(notices.locked_packages(lock))
    runtime = dict(notices.locked_packages(LOCKS[0]))
    assert {name: locked.get(name) for name in runtime} == runtime


def test_the_notices_name_every_package_of_the_runtime_with_a_licence() -> None:
    text = (ROOT / "THIRD-PARTY-NOTICES").read_text(encoding="utf-8")
    named = dict(re.findall(r"^([a-z0-9-]+) [0-9][^ :]*: (.+)$", text, re.MULTILINE))
    locked = {name for name, _ in notices.locked_packages(LOCKS[0])}
    assert locked - named.keys() == set()
    assert [name for name, licence in named.items() if "see its text" in licence] == []


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
