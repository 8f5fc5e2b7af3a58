"""When the customer's card pops up, and why it sometimes does not."""

from __future__ import annotations

from enum import StrEnum

from softphone.domain.address import PhoneNumber
from softphone.domain.call import CallView, Direction
from softphone.domain.facts import dataclass


class PopMoment(StrEnum):
    """The moment at which a call's customer is shown."""

    RINGING = "ringing"
    """With the first ring; for an outbound call while it is dialled."""
    ON_ANSWER = "on_answer"
    """Asked for with the INVITE, shown when somebody has answered."""
    NEVER = "never"
    """Only when the agent asks."""


@dataclass(frozen=True, slots=True)
class PopPolicy:
    """When a campaign's customers are shown, by the call's direction. Internal calls never ask by
    themselves, unless `internal` says so (a company whose customers have extensions)."""

    inbound: PopMoment = PopMoment.RINGING
    outbound: PopMoment = PopMoment.RINGING
    internal: bool = False

    def moment(self, direction: Direction) -> PopMoment:
        return self.inbound if direction is Direction.INBOUND else self.outbound


class NotAsked(StrEnum):
    """Why no customer is shown, although nothing went wrong. The ui has words for each."""

    NOTHING = ""
    """Something was asked."""
    NO_CRM = "no_crm"
    ANONYMOUS = "anonymous"
    """No number to ask with, and no record named by the telephone system."""
    INTERNAL = "internal"
    """A colleague's extension."""
    UNTIL_ANSWERED = "until_answered"
    ON_REQUEST = "on_request"
    """The campaign pops nothing; the agent may ask."""


def why_not_ask(
    call: CallView, number: PhoneNumber, record_hint: str, crm: str, policy: PopPolicy
) -> NotAsked:
    """Why the CRM is not asked by itself about this call; `NOTHING` if it is."""
    checks = (
        (NotAsked.NO_CRM, not crm),
        (NotAsked.ANONYMOUS, not record_hint and (call.party.anonymous or not call.party.user)),
        (NotAsked.INTERNAL, not record_hint and number.internal and not policy.internal),
        (NotAsked.ON_REQUEST, policy.moment(call.direction) is PopMoment.NEVER),
    )
    return next((reason for reason, holds in checks if holds), NotAsked.NOTHING)
