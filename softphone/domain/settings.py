"""Everything that can be configured, as one frozen value with its defaults.

`softphone.system` reads it in five layers: defaults < user < provisioned < install properties <
policy. Field names are the keys of the file; they are a promise. Secrets are never here: they live in the key
store.
"""

from __future__ import annotations

from dataclasses import field, replace
from enum import StrEnum

from softphone.domain.account import Account
from softphone.domain.audio import AudioChoice
from softphone.domain.call import DtmfMethod
from softphone.domain.campaign import Campaign
from softphone.domain.company_settings import DiagnosticsSettings, ProvisioningSettings, SignInTemplate
from softphone.domain.customer_cache import CustomerSettings
from softphone.domain.facts import dataclass
from softphone.domain.ids import AccountId
from softphone.domain.record_settings import RecordSettings
from softphone.domain.team_settings import TeamSettings


class Theme(StrEnum):
    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class CrmAuth(StrEnum):
    """How this desk signs in to a CRM; the pack says how that is done."""

    NONE = "none"
    BEARER = "bearer"
    API_KEY = "api_key"
    BASIC = "basic"
    HMAC = "hmac"
    """Every request is signed with the secret."""
    OAUTH = "oauth"
    """OAuth 2 authorization code with PKCE, in the system's browser."""
    DEVICE = "device"
    """OAuth 2 device code: a short code, typed on any device."""
    CLIENT_CREDENTIALS = "client_credentials"
    SESSION = "session"
    """A login request first, then a session."""


@dataclass(frozen=True, slots=True)
class CrmConnection:
    """A CRM that campaigns refer to by `name`. Its secret lives in the key store under `crm/<name>`.

    `pack` names a shipped pack or the path of a pack file; `user` is for basic authentication and sessions,
    `client_id` for OAuth 2 (the client's own secret, if it has one, is `crm/<name>/client` in the key store).
    `parameters` are name and value of what the pack wants to know besides, like a database's name.
    """

    name: str
    pack: str
    base_url: str
    auth: CrmAuth = CrmAuth.BEARER
    user: str = ""
    timeout_s: float = 10.0
    client_id: str = ""
    parameters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class NotReadyReason:
    """A reason for Not ready. `paid` counts the time as worked in the agent's statement."""

    name: str
    paid: bool = False


@dataclass(frozen=True, slots=True)
class AgentSettings:
    """`missed_offer_after_s`: a queue's call that rang this long unanswered counts as missed, whoever ended
    it (on the wire a queue's time-out and a caller who gives up look the same)."""

    not_ready_reasons: tuple[NotReadyReason, ...] = (
        NotReadyReason("break"),
        NotReadyReason("lunch"),
        NotReadyReason("training", paid=True),
        NotReadyReason("meeting", paid=True),
        NotReadyReason("technical", paid=True),
    )
    ready_after_sign_in: bool = False
    not_ready_after_missed_offer: bool = True
    missed_offer_after_s: int = 12


@dataclass(frozen=True, slots=True)
class CallSettings:
    """`region` is the ISO 3166 country in which national numbers are meant; empty: that of the locale."""

    region: str = ""
    dtmf: DtmfMethod = DtmfMethod.RFC4733
    codecs: tuple[str, ...] = ("G722", "PCMA", "PCMU")
    ringtone: str = ""
    queue_headers: tuple[str, ...] = ("X-Queue", "X-Queue-Name")
    record_id_headers: tuple[str, ...] = ("X-CRM-ID",)
    recording_link_headers: tuple[str, ...] = ("X-Recording-URL",)


@dataclass(frozen=True, slots=True)
class WindowSettings:
    """`language` is one of en, de, it, el, he; empty follows the system."""

    theme: Theme = Theme.SYSTEM
    language: str = ""
    raise_on_call: bool = True
    open_record_on_answer: bool = False


@dataclass(frozen=True, slots=True)
class Settings:
    accounts: tuple[Account, ...] = ()
    campaigns: tuple[Campaign, ...] = ()
    crms: tuple[CrmConnection, ...] = ()
    audio: AudioChoice = field(default_factory=AudioChoice)
    agent: AgentSettings = field(default_factory=AgentSettings)
    calls: CallSettings = field(default_factory=CallSettings)
    window: WindowSettings = field(default_factory=WindowSettings)
    customers: CustomerSettings = field(default_factory=CustomerSettings)
    provisioning: ProvisioningSettings = field(default_factory=ProvisioningSettings)
    sign_in: SignInTemplate = field(default_factory=SignInTemplate)
    diagnostics: DiagnosticsSettings = field(default_factory=DiagnosticsSettings)
    team: TeamSettings = field(default_factory=TeamSettings)
    records: RecordSettings = field(default_factory=RecordSettings)

    def with_account(self, account: Account) -> Settings:
        """With `account` in the place of the one of the same id (the first one dials), else at the end."""
        if self.account(account.id) is None:
            return replace(self, accounts=(*self.accounts, account))
        return replace(self, accounts=tuple(account if a.id == account.id else a for a in self.accounts))

    def account(self, account_id: AccountId) -> Account | None:
        return next((a for a in self.accounts if a.id == account_id), None)
