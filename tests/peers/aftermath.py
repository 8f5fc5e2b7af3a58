"""A failed test takes along what it left open, so that it stays the only one that fails.

A test that ends in the middle leaves processes and sockets to Python's collector, which finds them in some
later test of the same worker; there the warning counts as that test's failure. Only after a failure: a test
that passed has closed what it opened, or is to be told.
"""

from __future__ import annotations

import gc
import sys
import warnings
from collections.abc import Generator

import pytest

_FAILED = pytest.StashKey[bool]()
_HELD_BY_THE_INTERPRETER = ("last_exc", "last_type", "last_value", "last_traceback")
"""The last error, with the frames of the test and all that they hold."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    item.stash[_FAILED] = item.stash.get(_FAILED, False) or report.failed
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Around everything that belongs to one test, its fixtures too."""
    done = yield
    if item.stash.get(_FAILED, False):
        for name in _HELD_BY_THE_INTERPRETER:
            if hasattr(sys, name):
                delattr(sys, name)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            gc.collect()
    return done
