"""One command for each platform's packages: ``python3 installer/build.py windows|linux|macos``.

Makes the project's environment if need be (like ``bootstrap.py``) and builds inside it. What is built goes to
``dist/``, what is on the way there to ``build/``.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from installer import interpreter  # noqa: E402  the repository is not installed yet


def main() -> int:
    """Hand over to a supported Python if need be, then build. Returns the exit code."""
    if not interpreter.is_supported():
        return interpreter.rerun_with_supported(__file__, sys.argv[1:])
    from installer import tasks

    return tasks.build(ROOT, sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
