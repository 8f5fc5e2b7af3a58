"""What is configured about the records on this computer."""

from __future__ import annotations

from enum import StrEnum

from softphone.domain.errors import Refused
from softphone.domain.facts import dataclass


class CloseStuck(StrEnum):
    """Who may close a record that the CRM does not take, at the desk where it lies."""

    NOBODY = "nobody"
    LEAD = "lead"
    """A desk whose `team.role` is lead, if the company has set that."""
    AGENT = "agent"
    """Every desk for which the company has set this."""


class CrmCodes(StrEnum):
    """What is done with the disposition codes that the campaign's CRM knows."""

    WHEN_NONE = "when_none"
    """Used where the settings name none for the campaign."""
    MERGE = "merge"
    """Added to those of the settings, which win."""
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class RecordSettings:
    """`keep_days`: settled calls, their notes and customers are gone from the disk after that time; 0 keeps
    them. What is not in the CRM yet is never purged. `close_stuck` counts only where provisioning or policy
    has set what it needs."""

    keep_days: int = 90
    close_stuck: CloseStuck = CloseStuck.LEAD


def days_to_keep(settings: RecordSettings, wanted: int | None, fixed: bool) -> int:
    """How many days a purge that somebody asks for must leave; None asks for what the settings say.

    Raises `Refused` where nothing is to be purged, or where the company (`fixed`) keeps records longer.
    """
    days = settings.keep_days if wanted is None else wanted
    if days < 0 or (days == 0 and wanted is None):
        raise Refused("records", "the settings keep records for ever; say how many days")
    if fixed and (settings.keep_days == 0 or days < settings.keep_days):
        raise Refused("records", f"the company keeps records for {settings.keep_days or 'all'} days")
    return days
