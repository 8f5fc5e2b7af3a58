"""What all work on customers stands on: the calls, whose company each is, and what its CRM can do."""

from __future__ import annotations

from softphone.domain.call import CallView
from softphone.domain.campaign import Campaign
from softphone.domain.facts import dataclass
from softphone.domain.ids import CallId
from softphone.usecases.bus import Bus
from softphone.usecases.calls.calling import Calling
from softphone.usecases.customers.connecting_crms import ConnectingCrms
from softphone.usecases.customers.recognising import Recognising
from softphone.usecases.ports import Clock, Crm, Identities


@dataclass(frozen=True, slots=True)
class Ground:
    """`connecting` tells what each CRM can do, `recognising` who a call's customer is."""

    crm: Crm
    calling: Calling
    connecting: ConnectingCrms
    recognising: Recognising
    clock: Clock
    identities: Identities
    bus: Bus

    def company_of(self, call_id: CallId) -> tuple[CallView | None, Campaign | None]:
        """A call and its company, if that has a CRM."""
        call = self.calling.call(call_id)
        campaign = self.calling.campaign(call) if call else None
        return call, campaign if campaign and campaign.crm else None

    def crm_of(self, call_id: CallId) -> str:
        """The CRM of a call's company, empty for none."""
        _, campaign = self.company_of(call_id)
        return campaign.crm if campaign else ""
