"""`softphone profile`: for those who write profiles. Check one, sign one, make a key.

Exit codes: 0 fine, 1 not (standard error names file, line and key), 2 wrong usage.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from softphone.domain.errors import Broken, SoftphoneError
from softphone.system.atomic_write import write_atomically
from softphone.system.profile import CompanyProfile, read_profile, refuse_contradictions
from softphone.system.profile_signature import make_key, signed

FINE, NOT_FINE = 0, 1


def run(arguments: Sequence[str], _config_dir: Path | None = None) -> int:
    """Do what `arguments` say; returns the exit code. Needs no folder of a softphone."""
    options = _parser().parse_args(arguments)
    try:
        if options.action == "check":
            profile = _checked(options.file, options.public_key)
            sys.stdout.write(f"{options.file}: fine. {_summary(profile, options.public_key)}\n")
        elif options.action == "sign":
            _checked(options.file, "")
            write_atomically(options.file, signed(_read(options.file), _read(options.key)))
            sys.stdout.write(f"{options.file}: signed.\n")
        else:
            sys.stdout.write(make_key(options.file) + "\n")
    except SoftphoneError as exc:
        sys.stderr.write(f"softphone: {exc.detail or exc}\n")
        return NOT_FINE
    return FINE


def _checked(file: Path, public_key: str) -> CompanyProfile:
    profile = read_profile(_read(file), str(file), public_key)
    refuse_contradictions(profile)
    return profile


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as exc:
        raise Broken("file", f"cannot read {file}: {exc.strerror}") from exc


def _summary(profile: CompanyProfile, public_key: str) -> str:
    names = {kind: {key[1] for key in profile.layer.values if key[0] == kind} for kind in _ENTRIES}
    counts = [f"{len(found)} {kind}" for kind, found in names.items() if found]
    company = profile.head.company or "no company named"
    seal = (
        "signed by this key" if public_key else "signed, key not checked" if profile.signed else "not signed"
    )
    enrolment = ["enrolment"] if profile.enrolment else []
    parts = (*counts, *enrolment, f"{len(profile.layer.values)} settings", seal)
    return f"{company}: {', '.join(parts)}."


_ENTRIES = ("accounts", "campaigns", "crms")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="softphone profile", description="Write profiles for many phones.")
    actions = parser.add_subparsers(dest="action", required=True, metavar="check|sign|new-key")
    check = actions.add_parser("check", help="say whether a phone would take this profile; name line and key")
    check.add_argument("file", type=Path)
    check.add_argument(
        "--public-key", default="", metavar="BASE64", help="and whether this key has signed it"
    )
    sign = actions.add_parser("sign", help="check it, then put a signature into its last line")
    sign.add_argument("file", type=Path)
    sign.add_argument("--key", type=Path, required=True, metavar="KEY.pem", help="private key of new-key")
    key = actions.add_parser("new-key", help="make a private key; prints the public one, to be pinned")
    key.add_argument("file", type=Path)
    return parser
