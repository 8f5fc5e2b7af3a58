"""`softphone forget`: remove everything that the softphone keeps for this user on this computer.

Settings, records, logs and secrets of the profile go; the program stays. For whoever hands a computer back,
and for an uninstallation that was told to (`REMOVE_USER_DATA=1`). Exit codes: 0 done, 1 refused (standard
error says why), 2 wrong usage.
"""

from __future__ import annotations

import argparse
import contextlib
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from softphone.domain.errors import Broken, Refused, SoftphoneError
from softphone.domain.settings import Settings
from softphone.store.audit_file import HEAD_NAME, KEY_NAME
from softphone.store.key import SECRET_NAME
from softphone.system import instance_lock
from softphone.system.folders import Folders, folders
from softphone.system.secrets import KeyringSecrets
from softphone.system.settings_sources import layered_settings
from softphone.usecases.signing_in import secret_name

DONE, REFUSED = 0, 1


def run(arguments: Sequence[str], config_dir: Path | None) -> int:
    """Do what `arguments` say; returns the exit code."""
    options = _parser().parse_args(arguments)
    where = folders(options.config_dir or config_dir)
    if not options.yes:
        sys.stderr.write(
            "softphone: this removes settings, call records that no CRM has yet, logs and passwords of\n"
            f"  {', '.join(sorted({str(where.config), str(where.data)}))}\nTo do it: softphone forget --yes\n"
        )
        return REFUSED
    try:
        _forget(where)
    except SoftphoneError as exc:
        sys.stderr.write(f"softphone: {exc}\n")
        return REFUSED
    return DONE


def _forget(where: Folders) -> None:
    if not any(path.exists() for path in _kept(where)):
        return
    lock = instance_lock.take(where.data)
    if lock is None:
        raise Refused("forget", "a softphone of this user is running: quit it first")
    try:
        _forget_secrets(where)
    finally:
        lock.release()  # Windows removes no file that is open
    for path in _kept(where):
        try:
            _remove(path)
        except OSError as exc:
            raise Broken("forget", f"cannot remove {exc.filename or path}: {exc.strerror}") from exc
    with contextlib.suppress(OSError):  # a folder that was named may hold other things than ours
        where.config.rmdir()


def _forget_secrets(where: Folders) -> None:
    secrets = KeyringSecrets(where.key_store_service)
    for name in _secret_names(_settings(where)):
        try:
            secrets.delete(name)
        except SoftphoneError as exc:  # without its records a key opens nothing; a password is worth telling
            sys.stderr.write(f"softphone: {name} stays in the key store: {exc}\n")
            return


def _settings(where: Folders) -> Settings:
    try:
        return layered_settings(where).load()
    except SoftphoneError as exc:  # what cannot be read names no accounts
        sys.stderr.write(f"softphone: passwords of accounts may stay in the key store: {exc}\n")
        return Settings()


def _secret_names(settings: Settings) -> Iterator[str]:
    yield from (secret_name(account.id) for account in settings.accounts)
    yield from (f"crm/{crm.name}" for crm in settings.crms)
    yield from (SECRET_NAME, f"{SECRET_NAME}-next", KEY_NAME, HEAD_NAME)


def _kept(where: Folders) -> tuple[Path, ...]:
    """What is ours in the folders of a profile, and nothing else that may lie in them."""
    beside = (where.settings_file, where.provisioned_file, where.enrolled_file, where.provisioning_state)
    return (*beside, where.last_good, where.logs, where.data)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="softphone forget", description=__doc__)
    parser.add_argument("--yes", action="store_true", help="really do it")
    parser.add_argument("--config-dir", type=Path, metavar="DIR", help="the profile in DIR")
    return parser
