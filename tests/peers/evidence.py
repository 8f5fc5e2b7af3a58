"""What a softphone has left behind, for the report of a test that it failed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TAIL_BYTES = 6_000


def evidence(folder: Path) -> str:
    """The ends of all logs below `folder`."""
    logs = sorted(path for path in folder.rglob("*.log") if path.is_file())
    return "\n".join(f"--- end of {path} ---\n{_tail(path)}" for path in logs)


@contextmanager
def told_with(folder: Path) -> Iterator[None]:
    """An error inside says what the softphone of `folder` wrote."""
    try:
        yield
    except BaseException as exc:
        exc.add_note(evidence(folder))
        raise


def _tail(path: Path) -> str:
    return path.read_bytes()[-TAIL_BYTES:].decode(errors="replace")
