"""One command for a fresh machine: ``python3 installer/bootstrap.py demo|run|test|check|bench|lock``.

Runs on whatever Python 3 the user has: this file and ``interpreter.py`` keep to syntax that old
versions can read, and hand over to a Python 3.11 or 3.12 before anything newer is imported.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from installer import interpreter  # noqa: E402  the repository is not installed yet


def main() -> int:
    """Hand over to a supported Python if need be, then do what was asked. Returns the exit code."""
    if not interpreter.is_supported():
        return interpreter.rerun_with_supported(__file__, sys.argv[1:])
    from installer import tasks

    return tasks.main(ROOT, sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
