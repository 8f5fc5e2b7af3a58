"""`python -m softphone.engine --address ADDR --state-dir DIR`: the hidden second process.

Started by the desk (`softphone.phone`); secrets reach it through the pipe only.
"""

from __future__ import annotations

import argparse
import gc
import sys
from pathlib import Path


def main(arguments: list[str] | None = None) -> int:
    """Run an engine until nobody needs it; 0, or 3 if it could not start."""
    parser = argparse.ArgumentParser(prog="softphone.engine")
    parser.add_argument("--address", required=True)
    parser.add_argument("--state-dir", required=True, type=Path)
    parser.add_argument("--pjsip-log", default="", help="file for PJSIP's own log, with message texts")
    given = parser.parse_args(arguments)
    gc.disable()  # what loading makes stays: to look for garbage among it costs 20 ms now, and frames later
    from softphone.engine.composition import run_engine  # after the arguments: it loads PJSIP

    gc.freeze()
    gc.enable()
    return run_engine(given.address, given.state_dir, given.pjsip_log)


if __name__ == "__main__":
    sys.exit(main())
