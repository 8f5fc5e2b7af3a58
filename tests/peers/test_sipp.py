"""SIPp as a peer: scripted calls pass through the real telephone system, failing ones are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.peers import sipp
from tests.peers.asterisk import Asterisk
from tests.peers.fixtures import peer_or_skip


def test_twenty_calls_in_a_row_are_answered(
    asterisk: Asterisk, pytestconfig: pytest.Config, tmp_path: Path
) -> None:
    peer_or_skip(pytestconfig, "sipp", sipp.tree)
    variables = {"dials": "601", "caller": "Customer", "crm_id": "c-1"}
    server = (asterisk.host, asterisk.sip_port)
    run = sipp.run(tmp_path, "call_and_hang_up", server, calls=20, rate=20, variables=variables)
    run.wait_passed()
    asterisk.wait_no_channels()


def test_a_refused_call_fails_the_run(
    asterisk: Asterisk, pytestconfig: pytest.Config, tmp_path: Path
) -> None:
    peer_or_skip(pytestconfig, "sipp", sipp.tree)
    variables = {"dials": "9404", "caller": "Customer", "crm_id": "c-1"}
    run = sipp.run(tmp_path, "call_and_hang_up", (asterisk.host, asterisk.sip_port), variables=variables)
    with pytest.raises(AssertionError, match="404"):
        run.wait_passed()
