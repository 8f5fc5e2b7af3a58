"""What a CRM has answered beside `CustomerLookedUp` and `DeliveryAttempted`. Posted by `softphone.crm`."""

from __future__ import annotations

from softphone.domain.campaign import Disposition
from softphone.domain.crm_work import CheckStep, CrmDescription, Permission, SignInNews
from softphone.domain.customer import CrmTrouble, Customer, Lookup
from softphone.domain.events import Event
from softphone.domain.facts import dataclass
from softphone.domain.ids import CallId, CampaignId, DeliveryId, QueryId


@dataclass(frozen=True, slots=True)
class CrmDescribed(Event):
    """What a connection can do; posted at the start and whenever connections were changed."""

    description: CrmDescription


@dataclass(frozen=True, slots=True)
class CustomersFound(Event):
    """The answer to a `TextQuery`."""

    query_id: QueryId
    campaign_id: CampaignId | None
    lookup: Lookup


@dataclass(frozen=True, slots=True)
class CustomerCreated(Event):
    """The answer to a `NewCustomer`: `customer`, or None with the trouble.

    After a trouble that may have lost the answer, ask again with the same id and `attempts` one higher.
    """

    request_id: DeliveryId
    campaign_id: CampaignId | None
    call_id: CallId | None
    customer: Customer | None
    trouble: CrmTrouble = CrmTrouble.NONE
    detail: str = ""


@dataclass(frozen=True, slots=True)
class CodesFetched(Event):
    """The campaign's disposition codes as the CRM has them; empty with the trouble if it did not say."""

    campaign_id: CampaignId
    crm: str
    codes: tuple[Disposition, ...]
    trouble: CrmTrouble = CrmTrouble.NONE
    detail: str = ""


@dataclass(frozen=True, slots=True)
class DoNotCallChecked(Event):
    query_id: QueryId
    permission: Permission
    trouble: CrmTrouble = CrmTrouble.NONE
    detail: str = ""


@dataclass(frozen=True, slots=True)
class CrmSignInNeeded(Event):
    """The CRM takes the credentials no more (401 in mid-shift): sign in again; calls are not concerned.

    Posted once; `CrmSignInChanged` with step DONE, or any answered question, ends it.
    """

    crm: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class CrmSignInChanged(Event):
    news: SignInNews


@dataclass(frozen=True, slots=True)
class CrmStepChecked(Event):
    """One step of a check is done; more follow until `CrmCheckEnded`."""

    crm: str
    step: CheckStep


@dataclass(frozen=True, slots=True)
class CrmCheckEnded(Event):
    """`usable` means: customers can be found and calls logged, as far as a check can tell."""

    crm: str
    usable: bool
