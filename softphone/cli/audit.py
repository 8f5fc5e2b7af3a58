"""`softphone audit`: check and export the log of supervision, with or without a running softphone.

Exit codes: 0 good or done, 1 altered (`verify`) or not possible (standard error says why), 2 wrong usage.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from softphone.domain.audit import AuditAction
from softphone.domain.errors import Broken, SoftphoneError
from softphone.store.audit_file import AuditFile
from softphone.system.folders import folders
from softphone.system.secrets import KeyringSecrets

GOOD, NOT_GOOD = 0, 1


def run(arguments: Sequence[str], config_dir: Path | None) -> int:
    """Do what `arguments` say; returns the exit code."""
    options = _parser().parse_args(arguments)
    where = folders(options.config_dir or config_dir)
    file = AuditFile(where.audit_log, KeyringSecrets(where.key_store_service))
    try:
        if options.action == "verify":
            return _verify(file)
        return _export(file, options.file)
    except SoftphoneError as exc:
        sys.stderr.write(f"softphone: {exc}\n")
        return NOT_GOOD


def _verify(file: AuditFile) -> int:
    """Check every seal. A log that was found altered before says so for ever: exit code 1."""
    verdict = file.verdict()
    damages = _damages(file) if verdict.good else []
    good = verdict.good and not damages and not file.damaged()
    sys.stdout.write(
        json.dumps(
            {
                "version": 1,
                "good": good,
                "trouble": verdict.trouble.value,
                "entries": verdict.entries,
                "first_bad": verdict.first_bad,
                "unsealed": verdict.unsealed,
                "detail": verdict.detail,
                "damages": damages,
                "set_aside": file.damaged(),
            }
        )
        + "\n"
    )
    return GOOD if good else NOT_GOOD


def _export(file: AuditFile, target: Path | None) -> int:
    """One JSON object per line, with number and seal, so that the chain can be followed elsewhere."""
    lines = "".join(
        json.dumps({"number": link.number, "seal": link.seal, **json.loads(link.text)}, ensure_ascii=False)
        + "\n"
        for link in file.links()
    )
    if target is None:
        sys.stdout.write(lines)
        return GOOD
    try:
        target.write_text(lines, encoding="utf-8")
    except OSError as exc:
        raise Broken("file", f"cannot write {target}: {exc.strerror}") from exc
    return GOOD


def _damages(file: AuditFile) -> list[str]:
    entries = (json.loads(link.text) for link in file.links())
    return [f"{e['at']} {e['detail']}" for e in entries if e["action"] == AuditAction.LOG_DAMAGED.value]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="softphone audit", description="The log of supervision.")
    parser.add_argument("--config-dir", type=Path, metavar="DIR", help="the profile, as for softphone itself")
    actions = parser.add_subparsers(dest="action", required=True, metavar="verify|export")
    actions.add_parser("verify", help="find any change; prints JSON, exit code 1 if there is one")
    export = actions.add_parser("export", help="print all entries, one JSON object per line")
    export.add_argument("file", nargs="?", type=Path, help="write them there instead")
    return parser
