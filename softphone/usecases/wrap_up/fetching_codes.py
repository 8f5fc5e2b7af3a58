"""Disposition codes from the CRM: asked for in the background, the last good answer kept for bad days."""

from __future__ import annotations

from softphone.domain.campaign import Campaign, CampaignCodes, with_codes_of_crm
from softphone.domain.crm_events import CodesFetched, CrmDescribed, CrmSignInChanged
from softphone.domain.crm_work import CrmAbility, SignInStep
from softphone.domain.customer import CrmTrouble
from softphone.domain.ids import CampaignId
from softphone.domain.keeping_events import CodesKept, StoreOpened
from softphone.domain.record_settings import CrmCodes
from softphone.usecases.bus import Bus
from softphone.usecases.calls.calling import Calling
from softphone.usecases.configuring import Configuring
from softphone.usecases.customers.connecting_crms import ConnectingCrms
from softphone.usecases.ports import Clock, Crm, Records, Timer

ASK_EVERY_S = 6 * 3600.0


class FetchingCodes:
    """Completes campaigns with what their CRM knows.

    The settings win: `with_codes_of_crm` tells how both are joined. Without an answer, or with an empty one,
    what was told last stays in use; it is in the database, so that a desk without its CRM has codes too.
    """

    def __init__(
        self,
        crm: Crm,
        connecting: ConnectingCrms,
        records: Records,
        calling: Calling,
        configuring: Configuring,
        clock: Clock,
        bus: Bus,
    ) -> None:
        self._crm = crm
        self._connecting = connecting
        self._records = records
        self._configuring = configuring
        self._clock = clock
        self._known: dict[CampaignId, CampaignCodes] = {}
        self._timer: Timer | None = None
        calling.complete_campaigns(self.complete)
        bus.subscribe(StoreOpened, lambda _e: records.load_codes())
        bus.subscribe(CodesKept, self._on_kept)
        bus.subscribe(CrmDescribed, lambda e: self._ask(e.description.crm))
        bus.subscribe(CrmSignInChanged, self._on_sign_in)
        bus.subscribe(CodesFetched, self._on_fetched)

    def complete(self, campaign: Campaign) -> Campaign:
        """`campaign` with the codes that its CRM has named, as far as the settings want them."""
        known = self._known.get(campaign.id)
        return (
            with_codes_of_crm(campaign, known.dispositions) if known and wants_codes(campaign) else campaign
        )

    def look(self) -> None:
        """Ask every CRM that knows codes, and again later."""
        for connection in self._connecting.connections:
            self._ask(connection.name)

    def _ask(self, crm: str) -> None:
        if self._timer is None:
            self._timer = self._clock.after(ASK_EVERY_S, self._again)
        if self._connecting.can(crm, CrmAbility.CODES):
            for campaign in self._configuring.settings.campaigns:
                if campaign.crm == crm and wants_codes(campaign):
                    self._crm.fetch_codes(crm, campaign.id)

    def _again(self) -> None:
        self._timer = None
        self.look()

    def _on_sign_in(self, event: CrmSignInChanged) -> None:
        if event.news.step is SignInStep.DONE:
            self._ask(event.news.crm)

    def _on_fetched(self, event: CodesFetched) -> None:
        if event.trouble is CrmTrouble.NONE and event.codes:
            codes = CampaignCodes(event.campaign_id, event.codes, self._clock.now())
            self._known[event.campaign_id] = codes
            self._records.keep_codes(codes)

    def _on_kept(self, event: CodesKept) -> None:
        """What the database kept counts as long as the CRM has not answered in this life."""
        for codes in event.codes:
            self._known.setdefault(codes.campaign_id, codes)


def wants_codes(campaign: Campaign) -> bool:
    """The settings want the CRM's codes for this campaign."""
    match campaign.crm_codes:
        case CrmCodes.MERGE:
            return bool(campaign.crm)
        case CrmCodes.WHEN_NONE:
            return bool(campaign.crm) and not campaign.dispositions
        case _:
            return False
