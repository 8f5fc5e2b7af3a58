"""`softphone account`: accounts without a window, for IT and for scripts.

A running softphone does it itself and registers at once; otherwise settings file and key store are changed
directly. Exit codes: 0 done, 1 refused (standard error says why), 2 wrong usage.
"""

from __future__ import annotations

import argparse
import getpass
import json
import re
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from softphone.cli.running_one import ask_the_running_one
from softphone.domain.account import Account, MediaEncryption, Transport
from softphone.domain.errors import BadInput, Broken, Refused, SoftphoneError, TryLater
from softphone.domain.ids import AccountId
from softphone.domain.settings import Settings
from softphone.system.folders import Folders, folders
from softphone.system.secrets import KeyringSecrets
from softphone.system.settings_file import LayeredSettings
from softphone.system.settings_sources import layered_settings
from softphone.usecases.signing_in import secret_name

DONE, REFUSED = 0, 1
_CONNECTION = (
    "domain", "media_encryption", "ca_file", "client_certificate", "client_key", "refuse_md5", "ws_path",
    "outbound",
)  # fmt: skip
_FIELDS = ("auth_user", "display_name", "port", "transport", *_CONNECTION)
_LONGEST_PASSWORD = 512


def run(arguments: Sequence[str], config_dir: Path | None) -> int:
    """Do what `arguments` say; returns the exit code."""
    options = _parser().parse_args(arguments)
    where = folders(options.config_dir or config_dir)
    try:
        where.create()
        file = layered_settings(where)
        settings = file.load()
        if options.action == "add":
            _add(options, where, file, settings)
        elif options.action == "remove":
            _remove(AccountId(options.account), where, file, settings)
        else:
            _list(settings)
    except SoftphoneError as exc:
        sys.stderr.write(f"softphone: {exc}\n{_advice(exc)}")
        return REFUSED
    return DONE


def _add(options: argparse.Namespace, where: Folders, file: LayeredSettings, settings: Settings) -> None:
    account = _account(options, settings)
    password = _password(options.password_stdin)
    request = {
        "command": "account-add",
        "account": account.id,
        "server": account.server,
        "user": account.user,
        "password": password,
        "auth_user": account.auth_user,
        "display_name": account.display_name,
        "transport": account.transport.value,
        "port": account.port,
        **{field: getattr(account, field) for field in _CONNECTION},
    }
    if ask_the_running_one(where, request, "account") is not None:
        return
    secrets, name = KeyringSecrets(where.key_store_service), secret_name(account.id)
    before = secrets.read(name)
    secrets.write(name, password)
    try:
        file.save(settings.with_account(account))
    except SoftphoneError:
        _put_back(secrets, name, before)
        raise


def _remove(account_id: AccountId, where: Folders, file: LayeredSettings, settings: Settings) -> None:
    request = {"command": "account-remove", "account": account_id}
    if ask_the_running_one(where, request, "account") is not None:
        return
    if settings.account(account_id) is None:
        raise Refused("account", f"there is no account {account_id!r}")
    file.save(replace(settings, accounts=tuple(a for a in settings.accounts if a.id != account_id)))
    KeyringSecrets(where.key_store_service).delete(secret_name(account_id))


def _list(settings: Settings) -> None:
    accounts = [
        {"account": a.id, "server": a.server, "port": a.port, "user": a.user, "transport": a.transport.value}
        for a in settings.accounts
    ]
    sys.stdout.write(json.dumps({"version": 1, "accounts": accounts}) + "\n")


def _account(options: argparse.Namespace, settings: Settings) -> Account:
    """The account as asked for; one that is there already keeps what is not said anew."""
    same = (a for a in settings.accounts if (a.server, a.user) == (options.server, options.user))
    known = next(same, None) if not options.account else settings.account(AccountId(options.account))
    name = options.account or (known.id if known else _free_name(options, settings))
    account = replace(
        known or Account(AccountId(name), options.server, options.user),
        server=options.server,
        user=options.user,
    )
    said = {field: getattr(options, field) for field in _FIELDS if getattr(options, field) is not None}
    if "transport" in said:
        said["transport"] = Transport(said["transport"])
    if "media_encryption" in said:
        said["media_encryption"] = MediaEncryption(said["media_encryption"])
    return replace(account, **said)


def _free_name(options: argparse.Namespace, settings: Settings) -> str:
    if not settings.accounts:
        return "main"
    return re.sub(r"[^A-Za-z0-9._-]+", "-", f"{options.user}-{options.server}").strip("-.")[:64] or "second"


def _password(from_stdin: bool) -> str:
    if from_stdin:
        password = sys.stdin.readline(_LONGEST_PASSWORD + 2).rstrip("\r\n")
    elif sys.stdin.isatty():
        password = getpass.getpass("Password: ")
    else:
        raise BadInput("password", "pass it on standard input with --password-stdin")
    if not password:
        raise BadInput("password", "the password is missing")
    if len(password) > _LONGEST_PASSWORD:
        raise BadInput("password", f"longer than {_LONGEST_PASSWORD} characters")
    return password


def _put_back(secrets: KeyringSecrets, name: str, before: str | None) -> None:
    if before is None:
        secrets.delete(name)
    else:
        secrets.write(name, before)


def _advice(error: SoftphoneError) -> str:
    """What to do about a key store that cannot be used; nothing was stored then."""
    trouble = getattr(error, "trouble", None)
    return _ADVICE.get(str(trouble), "") if isinstance(error, (Broken, TryLater)) else ""


_ADVICE = {
    "missing": "The password was not stored. Start a key store (GNOME Keyring, KWallet) in this session.\n",
    "unsafe": (
        "The password was not stored: this key store would keep it in plain text or lose it.\n"
        "Choose the system's own in keyring's configuration, or unset PYTHON_KEYRING_BACKEND.\n"
    ),
    "locked": "The password was not stored. Unlock the key store and try again.\n",
    "failed": "The password was not stored.\n",
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="softphone account", description="Accounts, without a window.")
    parser.add_argument("--config-dir", type=Path, metavar="DIR", help="the profile, as for softphone itself")
    actions = parser.add_subparsers(dest="action", required=True, metavar="add|list|remove")
    add = actions.add_parser("add", help="add an account, or change the one of the same server and user")
    add.add_argument("--server", required=True, help="host name or address of the registrar")
    add.add_argument("--user", required=True, help="user part of the SIP address")
    add.add_argument("--account", metavar="NAME", help="what to call it; default: main, or user-server")
    add.add_argument("--auth-user", help="user for authentication, if another one")
    add.add_argument("--display-name")
    add.add_argument("--transport", choices=[transport.value for transport in Transport])
    add.add_argument("--port", type=int)
    add.add_argument("--domain", help="host part of the SIP address, if it is not the server")
    add.add_argument("--media-encryption", choices=[kind.value for kind in MediaEncryption])
    add.add_argument("--ca-file", metavar="PEM", help="the company's certificate authority")
    add.add_argument("--client-certificate", metavar="PEM", help="what this phone shows to the server")
    add.add_argument("--client-key", metavar="PEM", help="its key, if it is in another file")
    add.add_argument("--refuse-md5", action=argparse.BooleanOptionalAction, help="SHA-256 or nothing")
    add.add_argument("--outbound", action=argparse.BooleanOptionalAction, help="RFC 5626")
    add.add_argument("--ws-path", metavar="PATH", help="resource of the web socket, default /ws")
    add.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
    actions.add_parser("list", help="print the accounts as JSON")
    actions.add_parser("remove", help="forget an account and its password").add_argument("account")
    return parser
