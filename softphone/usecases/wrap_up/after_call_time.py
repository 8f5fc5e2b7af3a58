"""How long after-call work lasts: the campaign's limit, more time, and what happens at its end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from softphone.domain.campaign import AcwPolicy, Campaign
from softphone.usecases.ports import Clock
from softphone.usecases.wrap_up.sheets import Sheets
from softphone.usecases.wrap_up.wrap_up_sheet import Sheet


class AfterCallTime:
    """Runs the clocks of all sheets that have one."""

    def __init__(self, sheets: Sheets, clock: Clock) -> None:
        self._sheets = sheets
        self._clock = clock

    def begin(self, sheet: Sheet) -> None:
        """The call is over: from now on its time runs, if the campaign limits it."""
        campaign = self._sheets.campaign(sheet)
        if campaign and campaign.acw_limit_s:
            sheet.deadline = self._clock.now() + timedelta(seconds=campaign.acw_limit_s)
            sheet.must_wait = campaign.acw is AcwPolicy.TIMED_FIXED
            self._arm(sheet)

    def extend(self, sheet: Sheet, minutes: int) -> None:
        """More time, where there is a limit that may be moved."""
        if sheet.deadline and not sheet.must_wait:
            sheet.deadline = max(sheet.deadline, self._clock.now()) + timedelta(minutes=minutes)
            self._arm(sheet)
            self._sheets.publish(sheet)

    def _arm(self, sheet: Sheet) -> None:
        for timer in sheet.timers:
            timer.cancel()
        if sheet.deadline:
            delay = (sheet.deadline - self._clock.now()).total_seconds()
            sheet.timers = [self._clock.after(delay, lambda: self._is_up(sheet))]

    def _is_up(self, sheet: Sheet) -> None:
        sheet.must_wait = False
        if sheet.saving or sheet.saved:
            self._sheets.publish(sheet)
            return
        campaign = self._sheets.campaign(sheet)
        begun = bool(sheet.draft.code)
        if not begun and campaign and campaign.default_code:
            sheet.draft = replace(sheet.draft, code=campaign.default_code)
        if self._must_be_completed(sheet, campaign, begun):
            self._sheets.publish(sheet)
        else:
            self._sheets.commit(sheet, automatic=True)

    def _must_be_completed(self, sheet: Sheet, campaign: Campaign | None, begun: bool) -> bool:
        """Only the agent can end it: no outcome at all, or one that lacks what the company requires."""
        if campaign is None or not campaign.code_required:
            return False
        incomplete = begun and bool(self._sheets.picture(sheet).problems)
        return not sheet.draft.code or (incomplete and campaign.acw is AcwPolicy.REQUIRED)
