"""The demo's settings and secrets, handed to the desk as one JSON line on its standard input.

Not by arguments, environment or files: other users of the computer could read those. The desk is started as
`softphone --profile-stdin`, reads the line to its end and keeps the secrets in memory.
"""

from __future__ import annotations

import msgspec

from softphone.demo.addresses import AGENT, Addresses
from softphone.demo.campaigns import CAMPAIGNS, CRM_NAME
from softphone.domain.account import Account, Transport
from softphone.domain.audio import AudioChoice
from softphone.domain.errors import BadInput
from softphone.domain.facts import dataclass
from softphone.domain.ids import AccountId
from softphone.domain.settings import AgentSettings, CallSettings, CrmAuth, CrmConnection, Settings

ACCOUNT_ID = AccountId("demo")
LINE_LIMIT = 1 << 20


@dataclass(frozen=True, slots=True, repr=False)
class DemoProfile:
    """Everything that the desk would otherwise find in its settings file and in the key store."""

    settings: Settings
    secrets: dict[str, str]

    def __repr__(self) -> str:
        return f"DemoProfile({len(self.secrets)} secrets)"


def demo_profile(addresses: Addresses, password: str, token: str, audio: AudioChoice) -> DemoProfile:
    """The profile of the demo's agent in a running world."""
    account = Account(
        id=ACCOUNT_ID,
        server=addresses.sip_host,
        port=addresses.sip_port,
        user=AGENT,
        display_name="Demo",
        transport=Transport.UDP,
    )
    crm = CrmConnection(CRM_NAME, "embedded", addresses.crm_url, CrmAuth.BEARER)
    settings = Settings(
        accounts=(account,),
        campaigns=CAMPAIGNS,
        crms=(crm,),
        audio=audio,
        agent=AgentSettings(ready_after_sign_in=True),
        calls=CallSettings(region="GB"),
    )
    return DemoProfile(settings, {f"account/{ACCOUNT_ID}": password, f"crm/{CRM_NAME}": token})


def to_line(profile: DemoProfile) -> bytes:
    """The profile as one line of JSON."""
    return msgspec.json.encode(profile) + b"\n"


def from_line(line: bytes) -> DemoProfile:
    """Read what `to_line` wrote; raises `BadInput`, without quoting what may be a secret."""
    try:
        return msgspec.json.decode(line, type=DemoProfile)
    except msgspec.MsgspecError as exc:
        raise BadInput("profile", "this is not a demo profile") from exc
