"""`softphone provision`: set this phone up from the company's profile, without a window.

Exit codes: 0 done, 1 not done (standard error says why and who must act), 2 wrong usage.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from softphone.domain.company_settings import ProvisioningSettings
from softphone.domain.errors import BadInput, Refused, SoftphoneError, TryLater
from softphone.domain.links import LINK_SCHEME
from softphone.domain.provisioning import (
    ProvisioningChecked,
    ProvisioningOrder,
    ProvisioningTrouble,
    order_from_link,
)
from softphone.system.control_client import ControlClient
from softphone.system.folders import Folders, folders
from softphone.system.logs import start_logging
from softphone.system.provisioning import TOKEN_LIMIT, Provisioning
from softphone.system.secrets import KeyringSecrets
from softphone.system.settings_file import LayeredSettings
from softphone.system.settings_sources import layered_settings

DONE, NOT_DONE = 0, 1

ADVICE = {
    ProvisioningTrouble.UNREACHABLE: "Check address and network; the softphone keeps trying.",
    ProvisioningTrouble.SLOW: "The server takes too long; the softphone keeps trying.",
    ProvisioningTrouble.PROXY: (
        "Let the proxy pass this address without a sign-in, or leave it out of the proxy: no_proxy."
    ),
    ProvisioningTrouble.TOO_LARGE: "A profile has at most 1,000,000 bytes. Is this the right address?",
    ProvisioningTrouble.SERVER_REFUSED: "Check the address, and the server's log.",
    ProvisioningTrouble.CERTIFICATE: (
        "Give the server a certificate that this computer trusts, or name its authority: --ca-file."
    ),
    ProvisioningTrouble.INSECURE: "Serve the profile by https, without redirections to http.",
    ProvisioningTrouble.UNSIGNED: "Sign the profile: softphone profile sign FILE --key KEY.",
    ProvisioningTrouble.TAMPERED: "Sign the profile anew with the pinned key, and find out who changed it.",
    ProvisioningTrouble.OUTDATED: "Raise serial with each issue of the profile.",
    ProvisioningTrouble.MALFORMED: "Correct the profile: softphone profile check FILE.",
    ProvisioningTrouble.NEEDS_UPDATE: "Update the softphone on this computer.",
    ProvisioningTrouble.TOKEN_REFUSED: "Make a new code for this agent.",
    ProvisioningTrouble.NO_ENROLMENT: "Add [enrolment] with a url to the profile, or leave the code out.",
    ProvisioningTrouble.KEY_STORE: "Unlock or start this session's key store; the code was not used.",
    ProvisioningTrouble.NOT_STORED: "Make room on the disk, or check the settings folder's permissions.",
}
"""What IT does about it."""


def run(arguments: Sequence[str], config_dir: Path | None) -> int:
    """Do what `arguments` say; returns the exit code."""
    options = _parser().parse_args(arguments)
    where = folders(options.config_dir or config_dir)
    try:
        where.create()
        start_logging(where.logs, "provision")
        file = layered_settings(where)
        wanted = file.load().provisioning
        if options.show:
            return _show(where, file)
        order = _order(options, wanted)
        _refuse_other_address(order, file, wanted)
        done = Provisioning(where, KeyringSecrets(where.key_store_service)).carry_out(order)
        if done.changed or done.trouble is ProvisioningTrouble.NONE:
            _remember(order, where)
            _tell_the_running_one(where, done)
    except SoftphoneError as exc:
        sys.stderr.write(f"softphone: {exc}\n")
        return NOT_DONE
    return _report(done)


def _order(options: argparse.Namespace, wanted: ProvisioningSettings) -> ProvisioningOrder:
    """What to fetch: the argument, else the address that is set already."""
    place = options.place or wanted.url
    if not place:
        raise BadInput("profile", "no address is set; give one, or the path of a profile")
    order = order_from_link(place) if place.startswith(LINK_SCHEME) else ProvisioningOrder(place)
    if "://" not in order.url:
        order = replace(order, url=str(Path(order.url).resolve()))
    token = sys.stdin.readline(TOKEN_LIMIT + 2).strip() if options.token_stdin else order.token
    if options.token_stdin and not 0 < len(token) <= TOKEN_LIMIT:
        raise BadInput("token", f"1 to {TOKEN_LIMIT} characters are expected on standard input")
    return replace(
        order,
        public_key=options.public_key or wanted.public_key or order.public_key,
        ca_file=options.ca_file or wanted.ca_file,
        token=token,
    )


def _refuse_other_address(
    order: ProvisioningOrder, file: LayeredSettings, wanted: ProvisioningSettings
) -> None:
    locked = file.locked()
    for name, given in (("url", order.url), ("public_key", order.public_key)):
        by = locked.get(f"provisioning.{name}")
        if by is not None and given != getattr(wanted, name):
            raise Refused("profile", f"provisioning.{name} is fixed by {by.source}")


def _remember(order: ProvisioningOrder, where: Folders) -> None:
    """An address is asked again at each start and daily; a file was fetched once and for all."""
    file = layered_settings(where)
    settings = file.load()
    said = {
        "url": order.url if "://" in order.url else "",
        "public_key": order.public_key,
        "ca_file": order.ca_file,
    }
    free = {name: value for name, value in said.items() if f"provisioning.{name}" not in file.locked()}
    changed = replace(settings, provisioning=replace(settings.provisioning, **free))
    if changed != settings:
        file.save(changed)


def _tell_the_running_one(where: Folders, done: ProvisioningChecked) -> None:
    try:
        client = ControlClient(where.data)
    except TryLater:
        return
    try:
        told = client.ask({"command": "read-settings", "renewed": list(done.enrolled)}).get("ok") is True
    except SoftphoneError:
        told = False
    finally:
        client.close()
    if not told:
        sys.stderr.write("softphone: the running softphone was not told; restart it to use this\n")


def _report(done: ProvisioningChecked) -> int:
    if done.trouble is ProvisioningTrouble.NONE:
        facts = {"company": done.state.company, "changed": done.changed, "enrolled": list(done.enrolled)}
        sys.stdout.write(json.dumps({"version": 1, "ok": True, **facts}, ensure_ascii=False) + "\n")
        return DONE
    kept = (
        f"\nWhat was set up before ({done.state.company or done.state.url}) stays." if done.state.url else ""
    )
    sys.stderr.write(f"softphone: {done.trouble}: {done.detail}\n{ADVICE[done.trouble]}{kept}\n")
    return NOT_DONE


def _show(where: Folders, file: LayeredSettings) -> int:
    state = Provisioning(where, KeyringSecrets(where.key_store_service)).state
    url = file.load().provisioning.url
    by = file.locked().get("provisioning.url")
    facts = {
        "url": url.split("?")[0],
        "set_by": str(by.layer) if by else "user" if url else "",
        "company": state.company,
        "serial": state.serial,
        "signed": state.signed,
        "checked_at": state.checked_at,
        "changed_at": state.changed_at,
    }
    sys.stdout.write(json.dumps({"version": 1, **facts}, ensure_ascii=False) + "\n")
    return DONE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="softphone provision", description="Set this phone up from the company's profile."
    )
    parser.add_argument("--config-dir", type=Path, metavar="DIR", help="the profile, as for softphone itself")
    parser.add_argument(
        "place",
        nargs="?",
        default="",
        metavar="URL|FILE|LINK",
        help="default: the address that is set already",
    )
    parser.add_argument("--token-stdin", action="store_true", help="read a one-time code from standard input")
    parser.add_argument(
        "--public-key", default="", metavar="BASE64", help="take only what this key has signed"
    )
    parser.add_argument(
        "--ca-file", default="", metavar="PEM", help="authorities to trust for this address too"
    )
    parser.add_argument("--show", action="store_true", help="print what is in force, as JSON, and do nothing")
    return parser
