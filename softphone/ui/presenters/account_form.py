"""The form of an account: what is typed becomes an account, or words about what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass

from softphone.domain.account import Account, MediaEncryption, Transport
from softphone.domain.address import SipAddress
from softphone.domain.errors import BadInput
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
    encryption: MediaEncryption = MediaEncryption.OFF


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
    base = known or Account(AccountId(f"{address.user}@{address.host}"), "", "")
    return Account(
        id=base.id,
        server=address.host,
        user=address.user,
        display_name=entry.display_name.strip(),
        auth_user=entry.auth_user.strip(),
        port=address.port,
        transport=entry.transport,
        media_encryption=entry.encryption,
        expires_s=base.expires_s,
        backup_servers=base.backup_servers,
        ca_file=base.ca_file,
        pinned_sha256=base.pinned_sha256,
    )
