"""`softphone`, or `python -m softphone`: whatever a user, a browser or IT starts begins here."""

from __future__ import annotations

import sys

from softphone.program import ENGINE_FLAG, SCOUT_FLAG


def main(arguments: list[str] | None = None) -> int:
    """Do what the arguments say and return the exit code. Imports are late: `ctl` shall answer at once."""
    given = sys.argv[1:] if arguments is None else arguments
    if given[:1] == [ENGINE_FLAG]:
        from softphone.engine.__main__ import main as run_engine

        return run_engine(given[1:])
    if given[:1] == [SCOUT_FLAG]:
        from softphone.engine.audio.scout import main as run_scout

        return run_scout(given[1:])
    from softphone.cli.entry import run

    return run(given)


if __name__ == "__main__":
    sys.exit(main())
