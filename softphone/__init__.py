"""Softphone for people who work for call centres from home.

Thread: none of its own; `composition.py` wires the packages, `__main__.py` is the command line.
May import: everything (composition only).
"""

__version__ = "0.1.0"
