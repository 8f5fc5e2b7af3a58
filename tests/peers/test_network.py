"""The cable: what is sent arrives on the far side, and no longer when it is pulled."""

from __future__ import annotations

import subprocess
import sys

from tests.peers.network import Cable
from tests.peers.waiting import wait_for


def test_a_pulled_cable_carries_nothing_until_it_is_plugged_in_again(cable: Cable) -> None:
    wait_for(lambda: _reaches(cable), "the far side over a new cable")
    cable.pull()
    assert not _reaches(cable)
    cable.plug()
    wait_for(lambda: _reaches(cable), "the far side again")


def test_a_new_address_reaches_the_far_side_too(cable: Cable) -> None:
    old = cable.here
    cable.change_address(f"{old.rpartition('.')[0]}.{int(old.rpartition('.')[2]) + 2}")
    assert cable.here != old
    wait_for(lambda: _reaches(cable), "the far side from the new address")


def _reaches(cable: Cable) -> bool:
    """Whether a connection from over there gets an answer here, if only a refusal."""
    code = (
        "import socket, sys\n"
        "s = socket.socket(); s.settimeout(1)\n"
        f"code = s.connect_ex(('{cable.here}', 9))\n"
        "sys.exit(0 if code == 111 else 1)"
    )
    return (
        subprocess.run(
            cable.inside([sys.executable, "-c", code]), capture_output=True, check=False
        ).returncode
        == 0
    )
