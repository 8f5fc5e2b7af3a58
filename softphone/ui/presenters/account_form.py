"""The form of an account: what is typed becomes an account, or words about what is wrong with it."""

from __future__ import annotations

import re
from dataclasses import replace

from softphone.domain.account import Account, MediaEncryption, Transport
from softphone.domain.address import SipAddress, is_host
from softphone.domain.certificates import is_fingerprint
from softphone.domain.company_settings import SignInTemplate
from softphone.domain.errors import BadInput
from softphone.domain.facts import dataclass
from softphone.domain.ids import AccountId
from softphone.ui.words import mark

TRANSPORTS = {
    Transport.UDP: mark("UDP"),
    Transport.TCP: mark("TCP"),
    Transport.TLS: mark("TLS (encrypted)"),
    Transport.WS: mark("WebSocket"),
    Transport.WSS: mark("WebSocket (encrypted)"),
}
ENCRYPTION = {
    MediaEncryption.AUTOMATIC: mark("Automatic: always over encrypted connections"),
    MediaEncryption.OFF: mark("Never"),
    MediaEncryption.OPTIONAL: mark("When the other side can"),
    MediaEncryption.REQUIRED: mark("Always"),
}


@dataclass(frozen=True, slots=True)
class AccountEntry:
    """What stands in the fields, as typed."""

    server: str = ""
    user: str = ""
    password: str = ""
    display_name: str = ""
    auth_user: str = ""
    transport: Transport = Transport.UDP
    encryption: MediaEncryption = MediaEncryption.AUTOMATIC
    domain: str = ""
    backup_servers: str = ""
    ca_file: str = ""
    pins: str = ""
    client_certificate: str = ""
    client_key: str = ""
    refuse_md5: bool = False


def entry_of(account: Account) -> AccountEntry:
    """The fields of a known account; its password stays in the key store."""
    server = account.server if account.port is None else f"{account.server}:{account.port}"
    return AccountEntry(
        server,
        account.user,
        "",
        account.display_name,
        account.auth_user,
        account.transport,
        account.media_encryption,
        account.domain,
        ", ".join(account.backup_servers),
        account.ca_file,
        ", ".join(account.pinned_sha256),
        account.client_certificate,
        account.client_key,
        account.refuse_md5,
    )


def empty_entry(template: SignInTemplate) -> AccountEntry:
    """The fields of a new account, with what the company has filled in already."""
    server = template.server if template.port is None else f"{template.server}:{template.port}"
    return AccountEntry(
        server if template.server else "",
        transport=template.transport,
        encryption=template.media_encryption,
        ca_file=template.ca_file,
    )


def account_of(entry: AccountEntry, known: Account | None = None) -> Account:
    """The account as typed; `known` is the one that is being changed, whose further settings stay.

    `user@server` may be typed as user. Raises `BadInput` that names the field.
    """
    user, server = entry.user.strip(), entry.server.strip()
    if "@" in user and not server:
        user, server = user.rsplit("@", 1)
    if not server:
        raise BadInput("server")
    if not user:
        raise BadInput("user")
    address = SipAddress.parse(f"{user}@{server}")
    base = known or Account(_name(address), "", "")
    return replace(
        base,
        server=address.host,
        user=address.user,
        display_name=entry.display_name.strip(),
        auth_user=entry.auth_user.strip(),
        port=address.port,
        transport=entry.transport,
        media_encryption=entry.encryption,
        domain=_domain(entry.domain.strip()),
        backup_servers=tuple(_server(text) for text in _list(entry.backup_servers)),
        ca_file=entry.ca_file.strip(),
        pinned_sha256=tuple(_pin(text) for text in _list(entry.pins)),
        client_certificate=entry.client_certificate.strip(),
        client_key=entry.client_key.strip(),
        refuse_md5=entry.refuse_md5,
    )


def _name(address: SipAddress) -> AccountId:
    """What settings and key store call a new account: its address, without what names may not have."""
    return AccountId(re.sub(r"[^A-Za-z0-9._@-]+", "-", f"{address.user}@{address.host}").lstrip("-._@")[:64])


def _list(text: str) -> list[str]:
    """What stands between commas, semicolons and blanks."""
    return text.replace(",", " ").replace(";", " ").split()


def _domain(text: str) -> str:
    if text and not is_host(text):
        raise BadInput("domain")
    return text


def _server(text: str) -> str:
    if not is_host(text, port=True):
        raise BadInput("backup_servers")
    return text


def _pin(text: str) -> str:
    if not is_fingerprint(text):
        raise BadInput("pinned_sha256")
    return text
