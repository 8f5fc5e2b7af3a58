"""What PJSIP is told about the jitter buffer, read back from the library's own structure."""

from __future__ import annotations

import subprocess
import sys

_PROGRAM = """
import ctypes
import pjsua2 as pj
from softphone.engine.sip.endpoint import _size_jitter_buffer
config = pj.EpConfig()
_size_jitter_buffer(config.medConfig)
algorithm = config.medConfig.jbDiscardAlgo
algorithm.disown()
print(ctypes.c_int.from_address(int(algorithm)).value)
print(*(getattr(config.medConfig, name) for name in ("jbInit", "jbMinPre", "jbMaxPre", "jbMax")))
"""


def test_nothing_that_arrived_is_thrown_away_and_the_delay_stays_bounded() -> None:
    told = subprocess.run(
        [sys.executable, "-c", _PROGRAM], capture_output=True, text=True, timeout=60, check=True
    )
    assert told.stdout.split() == ["0", "40", "100", "120", "160"]  # and no word of the binding's own
