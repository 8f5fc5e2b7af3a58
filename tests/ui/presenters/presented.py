"""A call as presenters are handed it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from softphone.domain.address import PhoneNumber
from softphone.domain.audio import (
    MediaQuality,
)
from softphone.domain.call import (
    CallState,
    CallView,
    Direction,
    MediaFacts,
    Party,
)
from softphone.domain.customer import Lookup
from softphone.domain.ids import AccountId, CallId
from softphone.ui.presenters.stage import (
    CallFacts,
)
from tests.fakes.world import INSURER

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CALL = CallView(
    CallId("c"),
    AccountId("work"),
    Direction.INBOUND,
    CallState.INCOMING,
    Party("+493012345678", display_name="M. Schaefer"),
    NOW,
    queue="claims",
    campaign_id=INSURER.id,
)
TALKING = replace(CALL, state=CallState.ESTABLISHED, established_at=NOW, media=MediaFacts("G722", 16_000))
NUMBER = PhoneNumber("+493012345678", "+493012345678", "030 12345678", "+49 30 12345678", "DE")


def facts(
    call: CallView = CALL, lookup: Lookup | None = None, quality: MediaQuality | None = None
) -> CallFacts:
    return CallFacts(call, NUMBER, INSURER, lookup or Lookup(), quality)
