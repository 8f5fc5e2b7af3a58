"""The compiled `[auth]` of a pack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softphone.crm.mapping import Query
from softphone.crm.packs.template import Template
from softphone.domain.facts import dataclass

if TYPE_CHECKING:
    from softphone.crm.packs.plans import RequestPlan


@dataclass(frozen=True, slots=True)
class HmacPlan:
    message: Template
    hash: str
    signature: str
    header: str
    value: Template
    encode_value: bool
    headers: tuple[tuple[str, Template], ...]


@dataclass(frozen=True, slots=True)
class OAuthPlan:
    """Addresses are templates with the pack's parameters and `base_url`; None where the pack has none."""

    token_url: Template
    authorize_url: Template | None
    device_url: Template | None
    revoke_url: Template | None
    scope: str
    extra: tuple[tuple[str, str], ...]
    client_in_header: bool
    redirect_host: str
    redirect_port: int
    redirect_path: str
    lifetime_s: int


@dataclass(frozen=True, slots=True)
class SessionPlan:
    """`request` is None when nothing has to be asked: the secret goes along in every body."""

    request: RequestPlan | None
    save: tuple[tuple[str, Query], ...]
    cookie: str
    headers: tuple[tuple[str, Template], ...]
    expired: Query | None
    secret_in_body: bool
    lifetime_s: int


@dataclass(frozen=True, slots=True)
class AuthPlan:
    """How credentials are sent. `kinds` is empty when the pack does not say."""

    kinds: tuple[str, ...]
    header: str
    prefix: str
    query: str
    path: Template | None
    basic_user: Template
    hmac: HmacPlan | None
    oauth: OAuthPlan | None
    session: SessionPlan | None
