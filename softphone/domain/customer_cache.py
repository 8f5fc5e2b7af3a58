"""What may be kept of customers on this computer, and where one company's end and the next one's begin."""

from __future__ import annotations

from datetime import datetime

from softphone.domain.customer import Customer, CustomerQuery
from softphone.domain.facts import dataclass
from softphone.domain.ids import CampaignId


@dataclass(frozen=True, slots=True)
class CustomerSettings:
    """How long and how many customers are kept, encrypted, so that their card is there at once the next
    time. 0 days or 0 customers: none are."""

    keep_days: int = 7
    keep_at_most: int = 2_000

    @property
    def kept(self) -> bool:
        return self.keep_days > 0 and self.keep_at_most > 0


@dataclass(frozen=True, slots=True)
class CacheScope:
    """The company and the CRM connection that customers were found for: nothing crosses from one to another,
    not even between two companies in the same CRM, nor after a connection got another address."""

    campaign_id: CampaignId
    crm: str
    base_url: str = ""


@dataclass(frozen=True, slots=True)
class CacheKey:
    """`caller` is the number in E.164, as signalled where it is no public one, or a record's id after `#`."""

    scope: CacheScope
    caller: str


@dataclass(frozen=True, slots=True)
class KeptCustomers:
    """What the CRM answered at `at` (UTC)."""

    matches: tuple[Customer, ...]
    at: datetime


def caller_of(query: CustomerQuery) -> str:
    """The part of a key that says who calls; empty when there is nothing to know somebody again by."""
    if query.record_hint:
        return f"#{query.record_hint}"
    return query.number.e164 or query.number.raw
