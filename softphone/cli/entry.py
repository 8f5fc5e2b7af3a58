"""The first look at the arguments: which of the things that `softphone` can do is wanted."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Sequence
from pathlib import Path

import softphone

EPILOG = """\
commands:
  ctl ...      ask or command the running softphone (softphone ctl --help)
  account ...  add, list or remove accounts without a window (softphone account --help)
  crm ...      check, sign in to and list CRMs (softphone crm --help)
  audit ...    check or export the log of supervision (softphone audit --help)
  records ...  describe, export, purge or rekey calls and outcomes (softphone records --help)
  provision .. set this phone up from the company's profile (softphone provision --help)
  profile ...  check or sign a profile for many phones (softphone profile --help)
  settings     which settings are in force and who has set them (softphone settings --help)
  doctor       what is wrong with this phone, in words (softphone doctor --help)
  forget       remove what is kept for this user: records, settings, passwords (softphone forget --help)
  demo ...     try everything on an embedded telephone system (softphone demo --help)

A tel:, callto:, sip:, sips: or softphone: link is handed to the running softphone, or starts one.
"""


_COMMANDS = (
    "ctl",
    "account",
    "audit",
    "crm",
    "records",
    "provision",
    "profile",
    "settings",
    "forget",
    "doctor",
)
"""Commands that have a module of their name here and work on one profile."""


def run(arguments: Sequence[str]) -> int:
    """Parse and do; argparse ends with exit code 2 when the usage is wrong."""
    parser = _parser()
    options = parser.parse_args(arguments)
    command = options.rest[:1]
    if options.self_test or options.self_test_part:
        from softphone.cli import self_test

        if options.self_test_part:
            return self_test.run_part(options.self_test_part, options.config_dir)
        return self_test.run(options.config_dir, tuple(options.self_test_without))
    if command and command[0] in _COMMANDS:
        module = importlib.import_module(f"softphone.cli.{command[0]}")  # only what is wanted: fast answers
        return int(module.run(options.rest[1:], options.config_dir))
    if command == ["demo"]:
        from softphone.demo.__main__ import main as run_demo

        return run_demo(options.rest[1:])
    if len(options.rest) > 1:
        parser.error(f"unexpected: {' '.join(options.rest[1:])}")
    from softphone.cli import start

    link = start.checked_link(options.rest[0]) if options.rest else ""
    if link is None:
        parser.error(
            f"neither a command nor a tel:, callto:, sip:, sips: or softphone: link: {options.rest[0]!r}"
        )
    return start.run(options, link)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="softphone",
        allow_abbrev=False,  # else `demo --auto` would be taken for an option of ours
        description=softphone.__doc__,
        epilog=EPILOG,
        usage="softphone [options] [LINK | COMMAND ...]",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"softphone {softphone.__version__}")
    parser.add_argument(
        "--config-dir",
        type=Path,
        metavar="DIR",
        help="keep settings, records and logs in DIR",
    )
    parser.add_argument("--verbose", action="store_true", help="log to standard error too")
    parser.add_argument("--self-test", action="store_true", help="check this installation, report JSON")
    parser.add_argument(
        "--self-test-without",
        action="append",
        default=[],
        metavar="CHECK",
        help="leave a check out, for machines that cannot have it (may be repeated)",
    )
    for hidden in ("--self-test-part", "--autoplay"):
        parser.add_argument(hidden, default="", help=argparse.SUPPRESS)
    parser.add_argument("--autoplay-calls", type=int, default=1, help=argparse.SUPPRESS)
    parser.add_argument("--profile-stdin", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("rest", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    return parser
