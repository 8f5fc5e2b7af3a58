"""The account that a program on this computer asks for: what it leaves empty stays as it was."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import TypeVar

from softphone.domain.account import Account, MediaEncryption, Transport
from softphone.domain.errors import BadInput
from softphone.domain.ids import AccountId
from softphone.usecases.remote.requests import AddAccount

E = TypeVar("E", bound=StrEnum)


def account_asked_for(request: AddAccount, known: Account | None) -> Account:
    """`known` changed as asked, or a new account; raises `BadInput` that names the field."""
    base = known or Account(AccountId(request.account), request.server, request.user)
    return replace(
        base,
        server=request.server,
        user=request.user,
        display_name=request.display_name or base.display_name,
        auth_user=request.auth_user or base.auth_user,
        port=request.port or base.port,
        transport=_one_of(Transport, "transport", request.transport) or base.transport,
        media_encryption=_one_of(MediaEncryption, "media_encryption", request.media_encryption)
        or base.media_encryption,
        domain=request.domain or base.domain,
        ca_file=request.ca_file or base.ca_file,
        client_certificate=request.client_certificate or base.client_certificate,
        client_key=request.client_key or base.client_key,
        refuse_md5=base.refuse_md5 if request.refuse_md5 is None else request.refuse_md5,
        outbound=base.outbound if request.outbound is None else request.outbound,
        ws_path=request.ws_path or base.ws_path,
    )


def _one_of(kind: type[E], field: str, text: str) -> E | None:
    try:
        return kind(text) if text else None
    except ValueError as exc:
        raise BadInput(field, f"one of {', '.join(kind)}") from exc
