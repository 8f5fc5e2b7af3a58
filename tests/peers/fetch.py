"""Fetches the peers that no installed package brings into the cache: ``python -m tests.peers.fetch``.

Exit code 1 when one cannot be had, with the reason; the others are fetched all the same.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from tests.peers import asterisk, baresip, bottlecrm, kamailio, sipp
from tests.peers.availability import PeerMissingError


class Fetched(Protocol):
    """Something in the cache."""

    @property
    def root(self) -> Path: ...


FETCHED: dict[str, Callable[[], Fetched]] = {
    "asterisk": asterisk.tree,
    "baresip": baresip.tree,
    "bottlecrm": bottlecrm.installation,
    "kamailio": kamailio.tree,
    "sipp": sipp.tree,
}


def main() -> int:
    """Fetch all of them. Returns the exit code."""
    code = 0
    for name, fetch in FETCHED.items():
        try:
            print(f"{name}: {fetch().root}", flush=True)
        except PeerMissingError as error:
            print(f"{name}: {error}", file=sys.stderr)
            code = 1
    return code


if __name__ == "__main__":
    sys.exit(main())
