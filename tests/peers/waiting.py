"""Waiting for a condition with a time limit: the only way in which tests let time pass."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class WaitTimeoutError(AssertionError):
    """The condition did not come true in time."""


def wait_for(
    condition: Callable[[], T | None], what: str, *, timeout_s: float = 10.0, poll_s: float = 0.01
) -> T:
    """Poll ``condition`` until it gives something true and return that.

    Raises WaitTimeoutError naming ``what`` was awaited, with the last value seen.
    """
    deadline = time.monotonic() + timeout_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise WaitTimeoutError(f"not within {timeout_s:g} s: {what} (last seen: {value!r})")
        time.sleep(poll_s)
