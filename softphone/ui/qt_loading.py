"""Loading Qt without what Qt for Python does to every later import. Thread: main, before anything of Qt."""

from __future__ import annotations

import builtins
import importlib

_OWN = builtins.__import__
"""Taken when the composition is imported: later a thread may be in the midst of importlib_metadata, which
puts another one there for a moment."""


def load_qt() -> None:
    """Load Qt and leave the interpreter's own `__import__` in its place.

    Qt for Python replaces it, to offer `from __feature__ import …`, which we do not use: its replacement
    reads the source of every module that is imported from then on, looks for "PySide6" in it and keeps the
    lines (`shibokensupport/feature.py`). With some 400 modules that is 50 ms of a start, and 12 MB for ever.
    """
    importlib.import_module("PySide6.QtCore")
    builtins.__import__ = _OWN
