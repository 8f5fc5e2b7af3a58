"""Signals that come at a bad moment wait until it is over."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

ENDING = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def signals_put_off() -> Iterator[None]:
    """Leave by `SystemExit` afterwards if one came. Thread: main.

    Raised while Qt's modules load, the exception is swallowed there: what was being loaded stays broken, and
    the program goes on without being able to end.
    """
    came: list[int] = []
    before = {sign: signal.signal(sign, lambda number, _frame: came.append(number)) for sign in ENDING}
    try:
        yield
    finally:
        for sign, handler in before.items():
            signal.signal(sign, handler)
    if came:
        sys.exit(128 + came[0])
