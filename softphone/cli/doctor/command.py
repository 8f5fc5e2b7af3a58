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
from softphone.system.settings_file import LayeredSettings
from softphone.system.settings_sources import layered_settings

GROUPS = ("computer", "servers", "telephone")


def run(arguments: Sequence[str], config_dir: Path | None) -> int:
    """Check and print; returns the exit code."""
    options = _parser().parse_args(arguments)
    where = folders(options.config_dir or config_dir)
    file, settings = layered_settings(where), Settings()
    findings: list[Finding] = []
    try:
        where.create()
        start_logging(where.logs, "doctor")
        settings = file.load()
    except SoftphoneError as exc:
        findings.append(failed("settings", exc.detail, "Correct the file."))
    else:
        findings += _everything(options, where, file, settings)
    code = _print(findings, options.json)
    if options.bundle is not None and not _written(options.bundle, where, findings, file, settings):
        return 1
    return code


def _everything(
    options: argparse.Namespace, where: Folders, file: LayeredSettings, settings: Settings
) -> Iterator[Finding]:
    secrets, state = KeyringSecrets(where.key_store_service), ProfileStore(where).state()
    if "computer" not in options.without:
        yield computer.about_version()
        yield computer.about_settings(file, settings)
        yield computer.about_provisioning(settings, state)
        yield computer.about_disk(where)
        yield from computer.about_installation(where)
    if "servers" not in options.without:
        yield from servers.about_proxy(settings)
        yield from servers.about_tls(settings)
        yield servers.about_clock(settings)
        yield from servers.about_crms(settings, secrets)
    if "telephone" not in options.without:
        yield from _about_telephone(where, settings, secrets)
    for group in options.without:
        yield not_tried(group, "left out by --without")


def _written(
    file: Path, where: Folders, findings: Sequence[Finding], layers: LayeredSettings, settings: Settings
) -> bool:
    """Also where the settings cannot be read: then support needs it most."""
    secrets = known_secrets(settings, KeyringSecrets(where.key_store_service))
    found, state = as_json(findings), ProfileStore(where).state()
    try:
        write_bundle(file, where, found, report(layers, settings), state, secrets)
    except SoftphoneError as exc:
        sys.stderr.write(f"softphone: {exc}\n")
        return False
    sys.stderr.write(f"Written for support, without secrets and customer data: {file}\n")
    return True


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
