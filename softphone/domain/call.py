"""One call as the agent sees it: state table, flags, times, who and why it ended."""

from __future__ import annotations

from dataclasses import field, replace
from datetime import datetime
from enum import StrEnum

from softphone.domain.errors import WrongState
from softphone.domain.facts import dataclass
from softphone.domain.ids import AccountId, CallId, CampaignId


class Direction(StrEnum):
    INBOUND = "inbound"
    OUTBOUND = "outbound"


class CallState(StrEnum):
    """baresip's vocabulary; hold and mute are flags beside it."""

    INCOMING = "incoming"
    """It rings here."""
    OUTGOING = "outgoing"
    """INVITE sent, nothing heard yet."""
    RINGING = "ringing"
    """It rings there (180)."""
    EARLY = "early"
    """Early media from there (183 with SDP): announcements, ringback tone."""
    ESTABLISHED = "established"
    TERMINATED = "terminated"


_NEXT: dict[CallState, frozenset[CallState]] = {
    CallState.INCOMING: frozenset({CallState.ESTABLISHED, CallState.TERMINATED}),
    CallState.OUTGOING: frozenset(
        {CallState.RINGING, CallState.EARLY, CallState.ESTABLISHED, CallState.TERMINATED}
    ),
    CallState.RINGING: frozenset({CallState.EARLY, CallState.ESTABLISHED, CallState.TERMINATED}),
    CallState.EARLY: frozenset({CallState.RINGING, CallState.ESTABLISHED, CallState.TERMINATED}),
    CallState.ESTABLISHED: frozenset({CallState.TERMINATED}),
    CallState.TERMINATED: frozenset(),
}


class EndCause(StrEnum):
    """Why a call ended. The ui has words for each; `sip_code` stands beside it."""

    NORMAL = "normal"
    """Somebody hung up an established call."""
    ABANDONED = "abandoned"
    """The caller gave up while it rang here."""
    ANSWERED_ELSEWHERE = "answered_elsewhere"
    MISSED = "missed"
    """It rang here until the server took the offer back (RONA)."""
    REJECTED = "rejected"
    """We declined."""
    CANCELLED = "cancelled"
    """We gave up before they answered."""
    BUSY = "busy"
    DECLINED = "declined"
    NOT_FOUND = "not_found"
    NO_ANSWER = "no_answer"
    NOT_REACHABLE = "not_reachable"
    NO_COMMON_CODEC = "no_common_codec"
    FORBIDDEN = "forbidden"
    TIMEOUT = "timeout"
    SERVER_ERROR = "server_error"
    TRANSFERRED = "transferred"
    NETWORK_LOST = "network_lost"
    ENGINE_LOST = "engine_lost"
    REFUSED_HERE = "refused_here"
    """Our own phone could not place it: not registered, too many calls, bad address."""
    DO_NOT_CALL = "do_not_call"
    """The CRM says that this number must not be called; nothing was dialled."""
    NOT_OFFERED = "not_offered"
    """A queue's call that came while the company wanted the last outcome first; the queue was told busy."""
    UNKNOWN = "unknown"


class DtmfMethod(StrEnum):
    RFC4733 = "rfc4733"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Party:
    """The other side as signalled; every text is cleaned (`domain.text`).

    `user` is the calling number or SIP user, empty when anonymous. `asserted` tells that it comes from
    P-Asserted-Identity (RFC 3325) of our own server and not from the From header alone.
    """

    user: str = ""
    host: str = ""
    display_name: str = ""
    anonymous: bool = False
    asserted: bool = False


@dataclass(frozen=True, slots=True)
class Invitation:
    """What an INVITE said beyond the caller: the called number and the headers a campaign may look at.

    `headers` are those beginning with X-, and Call-Info, User-to-User, Alert-Info, Diversion,
    History-Info: name as received, value cleaned, at most 40 of them.
    """

    dnis: str = ""
    """User part of the To header or of the last Diversion: the number that the customer dialled."""
    to_user: str = ""
    diverted_by: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    sip_call_id: str = ""

    def header(self, name: str) -> str:
        """The first header of that name (case-insensitive), or an empty string."""
        wanted = name.lower()
        return next((v for n, v in self.headers if n.lower() == wanted), "")


@dataclass(frozen=True, slots=True)
class MediaFacts:
    """What the media path of an established call is made of.

    `signalling` is the protocol that protects the signalling, in which the media's keys travel; empty when
    anybody on the way can read them.
    """

    codec: str = ""
    clock_hz: int = 0
    encrypted: bool = False
    signalling: str = ""


@dataclass(frozen=True, slots=True)
class CallView:
    """A frozen picture of a call for presenters, `softphone ctl` and the store."""

    id: CallId
    account_id: AccountId
    direction: Direction
    state: CallState
    party: Party
    started_at: datetime
    invitation: Invitation = field(default_factory=Invitation)
    campaign_id: CampaignId | None = None
    queue: str = ""
    established_at: datetime | None = None
    ended_at: datetime | None = None
    local_hold: bool = False
    remote_hold: bool = False
    muted: bool = False
    silenced: bool = False
    answering: bool = False
    ending: bool = False
    media: MediaFacts = field(default_factory=MediaFacts)
    end_cause: EndCause | None = None
    ended_by_us: bool = False
    sip_code: int = 0
    transfer_code: int = 0
    """Last status of a running transfer (RFC 3515 section 2.4.5), 0 when none runs."""
    supervision: bool = False
    """A lead's own leg to a telephone system or an agent's phone: no customer's call, no after-call work."""

    @property
    def live(self) -> bool:
        return self.state is not CallState.TERMINATED

    @property
    def talked(self) -> bool:
        return self.established_at is not None

    def talk_seconds(self, now: datetime) -> float:
        """Seconds since it was answered, up to its end."""
        if self.established_at is None:
            return 0.0
        return max(0.0, ((self.ended_at or now) - self.established_at).total_seconds())


class Call:
    """A call with a life. Only the desk's main thread touches it; others get `view`."""

    def __init__(self, view: CallView) -> None:
        self.view = view

    def advance(self, state: CallState, **facts: object) -> bool:
        """Move to `state` and set `facts` (fields of CallView); tell whether anything changed.

        A repeated state is no change of state but may carry facts. An ended call stays as it is: news of
        it is an expected race. Anything else outside the table raises `WrongState`.
        """
        before = self.view
        if before.state is CallState.TERMINATED:
            return False
        if state is not before.state and state not in _NEXT[before.state]:
            raise WrongState("call", f"{before.state} cannot become {state}")
        self.view = replace(before, state=state, **facts)  # type: ignore[arg-type]  # fields by name
        return self.view != before

    def note(self, **facts: object) -> bool:
        """Set flags without changing the state; tell whether anything changed."""
        return self.advance(self.view.state, **facts)
