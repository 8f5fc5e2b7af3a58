"""`softphone crm sign-in` and `sign-out`."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from softphone.crm.auth import signing_in
from softphone.crm.auth.secrets import Vault
from softphone.crm.connecting import Line
from softphone.crm.packs.reading import load_pack
from softphone.crm.session import CrmSession
from softphone.domain.crm_work import BrowserWords, SignInNews, SignInStep
from softphone.domain.errors import BadInput
from softphone.domain.settings import CrmAuth, CrmConnection
from softphone.system.desktop import BrowserDesktop
from softphone.system.secrets import KeyringSecrets

_LONGEST = 8_000
_Act: TypeAlias = Callable[[CrmSession], Awaitable[str]]


async def sign_in(options: argparse.Namespace, connection: CrmConnection, secrets: KeyringSecrets) -> int:
    """Sign in; the secret is stored only when the CRM has taken it. Raises `CrmFault` and `BadInput`."""
    vault = Vault(connection.name, secrets.read, writing(secrets))
    if options.client_secret_stdin:
        secrets.write(f"crm/{connection.name}/client", given_secret("client secret", from_stdin=True))
    if connection.auth in (CrmAuth.OAUTH, CrmAuth.DEVICE):
        agent = await _with_session(connection, vault, lambda session: _by_browser(options, session))
    elif connection.auth is CrmAuth.NONE:
        raise BadInput("crm", f"{connection.name} needs no secret: auth is none")
    else:
        agent = await _with_secret(options, connection, vault)
    sys.stdout.write(f"signed in{f' as {agent}' if agent else ''}\n")
    return 0


async def sign_out(connection: CrmConnection, secrets: KeyringSecrets) -> int:
    """Forget the secret here and, where the CRM offers it, there."""
    vault = Vault(connection.name, secrets.read, writing(secrets))

    async def out(session: CrmSession) -> str:
        await session.warm_up()
        await signing_in.sign_out(session)
        return ""

    await _with_session(connection, vault, out)
    return 0


async def _with_secret(options: argparse.Namespace, connection: CrmConnection, vault: Vault) -> str:
    secret = given_secret("secret", from_stdin=options.secret_stdin)
    agent = ""
    if not options.untried:
        own = f"crm/{connection.name}"
        trial = Vault(connection.name, lambda name: secret if name == own else vault.read(name))
        agent = await _with_session(connection, trial, signing_in.prove)
    await vault.keep(secret)
    return agent


async def _with_session(connection: CrmConnection, vault: Vault, act: _Act) -> str:
    session = CrmSession(Line(connection, load_pack(connection.pack), vault))
    try:
        return await act(session)
    finally:
        await session.close()


def _by_browser(options: argparse.Namespace, session: CrmSession) -> Awaitable[str]:
    def tell(news: SignInNews) -> None:
        if news.step is SignInStep.TYPE_CODE:
            sys.stdout.write(f"Open {news.url} and type {news.code}\n")
        elif options.no_browser or not BrowserDesktop().open_link(news.url):
            sys.stdout.write(f"Open {news.url}\n")
        else:
            sys.stdout.write("Sign in in the browser that has just been opened.\n")
        sys.stdout.flush()

    return signing_in.sign_in(session, BrowserWords(), tell)


def writing(secrets: KeyringSecrets) -> Callable[[str, str | None], None]:
    """Writes a secret, or forgets it when there is none."""

    def write(name: str, secret: str | None) -> None:
        if secret is None:
            secrets.delete(name)
        else:
            secrets.write(name, secret)

    return write


def given_secret(what: str, *, from_stdin: bool) -> str:
    """What was typed or piped in; raises `BadInput`."""
    if from_stdin:
        secret = sys.stdin.readline(_LONGEST + 2).rstrip("\r\n")
    elif sys.stdin.isatty():
        secret = getpass.getpass(f"{what.capitalize()}: ")
    else:
        raise BadInput("crm", f"pass the {what} on standard input with --secret-stdin")
    if not secret or len(secret) > _LONGEST:
        raise BadInput("crm", f"the {what} is missing, or longer than {_LONGEST} characters")
    return secret
