"""`softphone crm`: connections to CRMs without a window, for IT and for scripts.

Exit codes: 0 done (a check: usable), 1 refused or not usable (standard error or the report says why), 2 wrong
usage.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from softphone.cli import crm_check, crm_sign_in
from softphone.crm.fault import CrmFault
from softphone.crm.packs.plans import Pack
from softphone.crm.packs.reading import load_pack, shipped_packs
from softphone.domain.errors import BadInput, Refused, SoftphoneError
from softphone.domain.settings import CrmAuth, CrmConnection, Settings
from softphone.system.folders import Folders, folders
from softphone.system.secrets import KeyringSecrets
from softphone.system.settings_sources import layered_settings

DONE, REFUSED = 0, 1


def run(arguments: Sequence[str], config_dir: Path | None) -> int:
    """Do what `arguments` say; returns the exit code."""
    options = _parser().parse_args(arguments)
    where = folders(options.config_dir or config_dir)
    try:
        return _do(options, where)
    except CrmFault as fault:
        sys.stderr.write(f"softphone: {fault.trouble.value}: {fault.detail}\n")
    except SoftphoneError as exc:
        sys.stderr.write(f"softphone: {exc}\n")
    except KeyboardInterrupt:
        sys.stderr.write("\n")
    return REFUSED


def _do(options: argparse.Namespace, where: Folders) -> int:
    if options.action == "packs":
        _packs(as_json=options.json)
        return DONE
    settings = layered_settings(where).load()
    secrets = KeyringSecrets(where.key_store_service)
    if options.action == "check":
        return asyncio.run(crm_check.run(options, _checked(options, settings), settings, secrets))
    connection = _connection(options.connection, settings)
    if options.action == "sign-in":
        return asyncio.run(crm_sign_in.sign_in(options, connection, secrets))
    return asyncio.run(crm_sign_in.sign_out(connection, secrets))


def _connection(name: str, settings: Settings) -> CrmConnection:
    found = next((crm for crm in settings.crms if crm.name == name), None)
    if found is None:
        names = ", ".join(crm.name for crm in settings.crms) or "none"
        raise Refused("crm", f"no connection is called {name!r}; there are: {names}")
    return found


def _checked(options: argparse.Namespace, settings: Settings) -> CrmConnection:
    """The connection to check: one of the settings, or a pack alone, with what the command line adds."""
    known = next((crm for crm in settings.crms if crm.name == options.name), None)
    if known is not None and not options.base_url:
        return known
    load_pack(options.name)  # a name that is neither is told as a pack that is missing
    return CrmConnection(
        name="check",
        pack=options.name,
        base_url=options.base_url,
        auth=CrmAuth(options.auth),
        user=options.user,
        client_id=options.client_id,
        parameters=tuple(_parameter(text) for text in options.parameter),
    )


def _parameter(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise BadInput("parameter", f"NAME=VALUE is expected, not {text!r}")
    return name, value


def _packs(*, as_json: bool) -> None:
    packs = [load_pack(name) for name in shipped_packs()]
    if as_json:
        sys.stdout.write(json.dumps({"version": 1, "packs": [_pack_facts(pack) for pack in packs]}) + "\n")
        return
    for pack in packs:
        facts = _pack_facts(pack)
        sys.stdout.write(f"{pack.name:<14} {pack.title}\n")
        for label in ("auth", "parameters", "can"):
            values = facts[label]
            if values:
                sys.stdout.write(f"{'':<14}   {label}: {', '.join(values)}\n")


def _pack_facts(pack: Pack) -> dict[str, list[str] | str]:
    offered = {
        "record": pack.record,
        "search": pack.text_search,
        "create": pack.create,
        "update": pack.update,
        "log update": pack.log.update,
        "task": pack.task,
        "codes": pack.codes,
        "do not call": pack.do_not_call or pack.customer.do_not_call,
        "team state": pack.team_state,
    }
    return {
        "name": pack.name,
        "title": pack.title,
        "auth": list(pack.auth.kinds),
        "parameters": [f"{each.name}{'' if each.required else '?'}" for each in pack.parameters],
        "can": ["find", "log", *(name for name, plan in offered.items() if plan is not None)],
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="softphone crm", description="Connections to CRMs.")
    parser.add_argument("--config-dir", type=Path, metavar="DIR", help="the profile, as for softphone itself")
    actions = parser.add_subparsers(dest="action", required=True, metavar="check|sign-in|sign-out|packs")
    _add_check(actions.add_parser("check", help="try everything a call needs; nothing is changed"))
    sign_in = actions.add_parser("sign-in", help="store the secret, or sign in in the browser")
    sign_in.add_argument("connection", help="its name in the settings")
    sign_in.add_argument("--secret-stdin", action="store_true", help="read the secret from standard input")
    sign_in.add_argument(
        "--client-secret-stdin",
        action="store_true",
        help="read the OAuth client's own secret from standard input and store it first",
    )
    sign_in.add_argument("--untried", action="store_true", help="store the secret without asking the CRM")
    sign_in.add_argument("--no-browser", action="store_true", help="print the address instead of opening it")
    sign_out = actions.add_parser("sign-out", help="forget the secret")
    sign_out.add_argument("connection", help="its name in the settings")
    packs = actions.add_parser("packs", help="list the packs that are shipped")
    packs.add_argument("--json", action="store_true")
    return parser


def _add_check(check: argparse.ArgumentParser) -> None:
    check.add_argument("name", help="a connection of the settings, a shipped pack, or the path of a pack")
    check.add_argument("--number", default="", help="a telephone number that the CRM knows")
    check.add_argument("--text", default="", help="for the search box; default: the name that was found")
    check.add_argument("--region", default="", metavar="CC", help="the country of a national number, like DE")
    check.add_argument("--json", action="store_true", help="one JSON object on standard output")
    check.add_argument("--brief", action="store_true", help="without requests and answers")
    alone = check.add_argument_group("a pack without a connection in the settings")
    alone.add_argument("--base-url", default="", metavar="URL", help="without it only the file is checked")
    alone.add_argument("--auth", default="bearer", choices=[auth.value for auth in CrmAuth])
    alone.add_argument("--user", default="")
    alone.add_argument("--client-id", default="", metavar="ID")
    alone.add_argument("--parameter", action="append", default=[], metavar="NAME=VALUE")
    alone.add_argument("--secret-stdin", action="store_true", help="read the secret from standard input")
