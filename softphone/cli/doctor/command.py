"""`softphone doctor`: every check, a verdict in words, and one archive for support if it is wanted.

Exit codes: 0 fit for a shift, 1 something failed, 2 wrong usage.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from softphone.cli.doctor import computer, servers, telephone
from softphone.cli.doctor.bundle import known_secrets, write_bundle
from softphone.cli.doctor.findings import Finding, as_json, as_text, failed, healthy, not_tried
from softphone.cli.settings import report
from softphone.domain.errors import SoftphoneError, TryLater
from softphone.domain.settings import Settings
from softphone.system.control_client import ControlClient
from softphone.system.folders import Folders, folders
from softphone.system.logs import start_logging
from softphone.system.provisioning import ProfileStore
from softphone.system.secrets import KeyringSecrets
from softphone.system.settings_sources import layered_settings

GROUPS = ("computer", "servers", "telephone")


def run(arguments: Sequence[str], config_dir: Path | None) -> int:
    """Check and print; returns the exit code."""
    options = _parser().parse_args(arguments)
    where = folders(options.config_dir or config_dir)
    try:
        where.create()
        start_logging(where.logs, "doctor")
        file = layered_settings(where)
        settings = file.load()
    except SoftphoneError as exc:
        return _print([failed("settings", exc.detail, "Correct the file.")], options.json)
    secrets, state = KeyringSecrets(where.key_store_service), ProfileStore(where).state()
    findings: list[Finding] = []
    if "computer" not in options.without:
        findings += [
            computer.about_version(),
            computer.about_settings(file, settings),
            computer.about_provisioning(settings, state),
            computer.about_disk(where),
            *computer.about_installation(options.config_dir or config_dir),
        ]
    if "servers" not in options.without:
        findings += [*servers.about_tls(settings), servers.about_clock(settings)]
        findings += servers.about_crms(settings, secrets)
    if "telephone" not in options.without:
        findings += _about_telephone(where, settings, secrets)
    findings += [not_tried(group, "left out by --without") for group in options.without]
    code = _print(findings, options.json)
    if options.bundle is None:
        return code
    try:
        write_bundle(
            options.bundle,
            where,
            as_json(findings),
            report(file, settings),
            state,
            known_secrets(settings, secrets),
        )
    except SoftphoneError as exc:
        sys.stderr.write(f"softphone: {exc}\n")
        return 1
    sys.stderr.write(f"Written for support, without secrets and customer data: {options.bundle}\n")
    return code


def _about_telephone(where: Folders, settings: Settings, secrets: KeyringSecrets) -> Iterator[Finding]:
    status = _running(where)
    if status is not None:
        yield from telephone.about_running(status)
    else:
        yield from telephone.about_telephone(settings, secrets)


def _running(where: Folders) -> dict[str, Any] | None:
    """What the running desk of this profile says, None without one."""
    try:
        client = ControlClient(where.data)
    except TryLater:
        return None
    try:
        status = client.ask({"command": "status"}).get("status")
    except SoftphoneError:
        return None
    finally:
        client.close()
    return status if isinstance(status, dict) else None


def _print(findings: Sequence[Finding], as_machine: bool) -> int:
    text = json.dumps(as_json(findings), indent=1, default=str) + "\n" if as_machine else as_text(findings)
    sys.stdout.write(text)
    return 0 if healthy(findings) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="softphone doctor", description="What is wrong with this phone?")
    parser.add_argument("--config-dir", type=Path, metavar="DIR", help="the profile, as for softphone itself")
    parser.add_argument("--json", action="store_true", help="for machines")
    parser.add_argument("--bundle", type=Path, metavar="FILE.zip", help="write an archive for support too")
    parser.add_argument(
        "--without", action="append", default=[], choices=GROUPS, help="leave checks out (may be repeated)"
    )
    return parser
