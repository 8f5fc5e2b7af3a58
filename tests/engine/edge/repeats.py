"""The steps of a working day, 20 times on each far leg: `python -m tests.engine.edge.repeats [--times N]`.

A fresh phone each time, at Asterisk over UDP, TCP, TLS 1.2, TLS 1.3, WS and WSS; a line of JSON for each leg.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
import traceback
from pathlib import Path

from tests.engine.edge.pjsip_phone import PjsipPhone
from tests.engine.edge.test_on_asterisk import LEGS, config, test_the_steps_of_a_working_day
from tests.peers.asterisk import Asterisk


def one_day(server: Asterisk, leg: str, log: Path) -> None:
    """All steps with one phone; raises AssertionError at the first that fails."""
    phone = PjsipPhone(config(server, leg), log)
    try:
        phone.wait("registration", code=200, active=True)
        test_the_steps_of_a_working_day(server, phone, leg)
        phone.do("counters")
        assert phone.wait("counters")["faults"] == 0
        assert phone.quit() == 0
    finally:
        phone.kill()
        server.reset()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--legs", nargs="*", choices=LEGS, default=LEGS)
    arguments = parser.parse_args()
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        for leg in arguments.legs:
            method = "tlsv1_2" if leg == "tls1.2" else "tlsv1_3"
            server = Asterisk(Path(folder) / leg, tls_method=method)
            server.start()
            began, failed = time.monotonic(), 0
            for _ in range(arguments.times):
                try:
                    one_day(server, leg, Path(folder) / "phone.log")
                except AssertionError:
                    failed += 1
                    traceback.print_exc()
            server.stop()
            took = round((time.monotonic() - began) / arguments.times, 1)
            print(json.dumps({"leg": leg, "times": arguments.times, "failed": failed, "each_s": took}))
            sys.stdout.flush()
            failures += failed
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
