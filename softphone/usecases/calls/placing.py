"""Which queue and campaign a call belongs to, and in which country its numbers are read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from softphone.domain.call import CallView, Direction
from softphone.domain.campaign import Campaign, campaign_for, queue_of
from softphone.domain.ids import CampaignId
from softphone.usecases.configuring import Configuring


class Placing:
    def __init__(self, configuring: Configuring) -> None:
        self._configuring = configuring
        self._completed: Callable[[Campaign], Campaign] = lambda campaign: campaign

    def complete(self, rule: Callable[[Campaign], Campaign]) -> None:
        """What the settings say of a campaign is completed by `rule` (codes that its CRM knows)."""
        self._completed = rule

    def campaign(self, call: CallView) -> Campaign | None:
        found = self._find(call.campaign_id)
        return self._completed(found) if found else None

    def region(self, campaign_id: CampaignId | None) -> str:
        """The country of the campaign, else that of the settings."""
        campaign = self._find(campaign_id)
        return (campaign.region if campaign else "") or self._configuring.settings.calls.region

    def placed(self, call: CallView) -> CallView:
        """The call with its queue and campaign."""
        settings = self._configuring.settings
        queue = queue_of(call.invitation, settings.calls.queue_headers)
        campaign = campaign_for(call.invitation, queue, settings.campaigns)
        outbound = call.direction is Direction.OUTBOUND
        campaign_id = campaign.id if campaign else self.only() if outbound else None
        return replace(call, queue=queue, campaign_id=call.campaign_id or campaign_id)

    def only(self) -> CampaignId | None:
        """The campaign where there is just one."""
        campaigns = self._configuring.settings.campaigns
        return campaigns[0].id if len(campaigns) == 1 else None

    def _find(self, campaign_id: CampaignId | None) -> Campaign | None:
        return next((c for c in self._configuring.settings.campaigns if c.id == campaign_id), None)
