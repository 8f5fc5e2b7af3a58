"""How the check runs the tests: beside each other first, then those that need the machine to themselves."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from installer.checks import FORGIVEN, NONE_CHOSEN, run_tests
from installer.environment import Environment
from tests.peers.sharing import group_of

QUICK = ["-q", "-p", "no:pytest-qt", "-p", "no:hypothesispytest"]
TESTS_FAILED = 1
COMPANY = """
import pathlib, time
import pytest

LOG = pathlib.Path(__file__).with_name("log")


def note(word):
    with LOG.open("a") as log:
        log.write(word + " ")


@pytest.mark.alone
def test_quiet():
    note("quiet")


@pytest.mark.parametrize("number", range(4))
def test_beside_others(number):
    note("company")
    assert number < 3
"""


STARVED = """
import pathlib

SEEN = pathlib.Path(__file__).with_name("seen")


def test_starved():
    seen = SEEN.exists()
    SEEN.touch()
    assert seen
"""
CRASH = """
import os, pathlib

SEEN = pathlib.Path(__file__).with_name("seen")


def test_crash():
    if not SEEN.exists():
        SEEN.touch()
        os.abort()
"""
MANY = f"""
import pytest
from test_five import note


@pytest.mark.parametrize("number", range({FORGIVEN + 1}))
def test_many(number):
    note("many")
    assert False
"""


@pytest.fixture
def tree(tmp_path: Path) -> Environment:
    """A project with five tests: one wants to be alone, one of the others fails."""
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n    alone: alone\n", encoding="utf-8")
    (tmp_path / "test_five.py").write_text(COMPANY, encoding="utf-8")
    return Environment(tmp_path, Path(sys.prefix))


def ran(environment: Environment) -> list[str]:
    return (environment.root / "log").read_text(encoding="utf-8").split()


def test_what_needs_the_machine_alone_runs_last_even_after_a_failure(tree: Environment) -> None:
    assert run_tests(tree, QUICK) == TESTS_FAILED
    assert ran(tree) == ["company"] * 4 + ["quiet"] + ["company"]  # what failed runs once more


def test_what_passes_when_it_runs_once_more_is_named_unsteady(
    tree: Environment, capfd: pytest.CaptureFixture[str]
) -> None:
    (tree.root / "test_starved.py").write_text(STARVED, encoding="utf-8")
    assert run_tests(tree, [*QUICK, "test_starved.py"]) == 0
    assert "UNSTEADY, failed first and passed alone: test_starved.py::test_starved" in capfd.readouterr().out


def test_a_worker_that_crashed_is_never_forgiven(tree: Environment) -> None:
    (tree.root / "test_crash.py").write_text(CRASH, encoding="utf-8")
    assert run_tests(tree, [*QUICK, "test_crash.py"]) not in (0, NONE_CHOSEN)


def test_many_failures_are_no_accident(tree: Environment) -> None:
    (tree.root / "test_many.py").write_text(MANY, encoding="utf-8")
    assert run_tests(tree, [*QUICK, "test_many.py"]) == TESTS_FAILED
    assert ran(tree) == ["many"] * (FORGIVEN + 1)


def test_a_choice_that_leaves_one_part_empty_is_no_failure(tree: Environment) -> None:
    assert run_tests(tree, [*QUICK, "-k", "quiet"]) == 0
    assert ran(tree) == ["quiet"]


def test_tests_of_one_expensive_server_stay_on_one_worker() -> None:
    assert group_of("tests/crm/packs/test_finding.py::test_x[bottlecrm]") == "bottlecrm"
    assert group_of("tests/e2e/test_with_bottlecrm.py::test_y") == "bottlecrm"
    assert group_of("tests/crm/packs/test_finding.py::test_x[odoo]") == ""
