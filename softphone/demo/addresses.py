"""Where the demo's world listens and who its agent is: what the desk knows of it without loading it."""

from __future__ import annotations

from softphone.domain.facts import dataclass

AGENT = "7001"


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the world listens, on loopback."""

    sip_host: str
    sip_port: int
    crm_url: str
