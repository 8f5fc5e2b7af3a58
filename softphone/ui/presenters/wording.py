"""Words and formats together: what every presenter needs to speak."""

from __future__ import annotations

from datetime import datetime

from softphone.domain.address import PhoneNumber
from softphone.domain.call import Party
from softphone.domain.facts import dataclass
from softphone.ui.formats import Formats
from softphone.ui.words import Words, ltr

STARTED_AGO_LIMIT_S = 86_400


@dataclass(frozen=True, slots=True)
class Wording:
    words: Words
    formats: Formats

    def when(self, moment: datetime, now: datetime) -> str:
        """A time of today as a time, any other with its day."""
        time = ltr(self.formats.time(moment)) if self.words.right_to_left else self.formats.time(moment)
        if moment.astimezone().date() == now.astimezone().date():
            return time
        return f"{self.formats.day(moment)} {time}"

    def ago(self, moment: datetime, now: datetime) -> str:
        """How long ago that was, in the largest unit that is not zero."""
        seconds = max(0.0, (now - moment).total_seconds())
        minutes, hours, days = int(seconds // 60), int(seconds // 3_600), int(seconds // 86_400)
        if days:
            return self.words.n("{count} day ago", "{count} days ago", days)
        if hours:
            return self.words.n("{count} hour ago", "{count} hours ago", hours)
        if minutes:
            return self.words.n("{count} minute ago", "{count} minutes ago", minutes)
        return self.words.t("a moment ago")

    def party(self, party: Party, number: PhoneNumber, customer: str = "") -> tuple[str, str]:
        """Name and number of the other side; the number is empty where the name already is the number."""
        if party.anonymous or not (party.user or party.display_name or customer):
            return customer or self.words.t("Anonymous caller"), ""
        shown = self.number(number)
        name = customer or party.display_name
        if not name or name in (number.raw, number.e164):
            return shown, ""
        return name, shown

    def number(self, number: PhoneNumber) -> str:
        return ltr(number.shown) if self.words.right_to_left else number.shown
