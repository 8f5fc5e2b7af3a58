"""How a lead's phone asks an agent's to let it in, and to change the mode. Pure rules; thread: any.

An INVITE with `X-Softphone-Supervise: <mode>`, or with Join (RFC 3911), is no call but a wish to listen; a
re-INVITE with that header asks for another mode inside the same dialog. What is said here is never believed:
who may is decided by the server's P-Asserted-Identity and by policy. The agent's phone confirms by the same
header in its 2xx, or by digits when it is asked by one.
"""

from __future__ import annotations

from softphone.domain.call import Party
from softphone.domain.facts import dataclass
from softphone.domain.supervision import SupervisionMode, SupervisionPolicy, SupervisionRefusal
from softphone.engine.edge.messages.headers import Headers
from softphone.engine.edge.messages.message import Request, Response
from softphone.engine.edge.passages import SUPERVISE_HEADER
from softphone.engine.sip.caller import only_asserted

HEADER = SUPERVISE_HEADER
JOIN = "Join"

_CONFIRMING = {"D": "1234", "C": "5678", "B": "90*#", "A": "1234"}
ASKING_DIGITS = tuple(_CONFIRMING)
"""A lead's phone presses one after the other when an answer came without the header, as through a
back-to-back user agent; the agent's phone presses that digit again and one for the mode. Digits are what
telephone systems pass on (RFC 4733). No question is asked twice with the same digit: what is left of a lost
one must not swallow the next."""

SIP_CODE: dict[SupervisionRefusal, int] = {
    SupervisionRefusal.NOT_ASSERTED: 403,
    SupervisionRefusal.NOT_A_LEAD: 403,
    SupervisionRefusal.MODE_FORBIDDEN: 403,
    SupervisionRefusal.UNRECORDED: 403,
    SupervisionRefusal.MALFORMED: 403,
    SupervisionRefusal.NOT_SUPERVISED: 403,
    SupervisionRefusal.NO_CALL: 480,
    SupervisionRefusal.BUSY: 486,
    SupervisionRefusal.DECLINED: 603,
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What a request asks for: `mode` None is none that we know; `join` is the Call-ID of RFC 3911."""

    mode: SupervisionMode | None
    join: str | None = None


@dataclass(frozen=True, slots=True)
class Situation:
    """What an INVITE to supervise meets at this phone: its live dialogs' Call-IDs, and whether it is full."""

    talking: bool
    full: bool
    sip_call_ids: frozenset[str] = frozenset()


def wish_of(headers: Headers) -> Wish | None:
    """The wish in a request, None for an ordinary one."""
    modes, joins = headers.all(HEADER), headers.all(JOIN)
    if not modes and not joins:
        return None
    if len(modes) > 1 or len(joins) > 1:
        return Wish(None)
    join = joins[0].partition(";")[0].strip() if joins else None
    return Wish(_mode(modes[0]) if modes else SupervisionMode.LISTEN, join)


def given_mode(answer: Response | None) -> SupervisionMode | None:
    """The mode that an agent's phone says in its 2xx to be in force. None: whoever answered is none."""
    said = answer.headers.get(HEADER) if answer is not None else None
    return _mode(said) if said is not None else None


def confirmation(asked: str, mode: SupervisionMode) -> str:
    """The digits that say, when asked by that digit, which mode is in force; empty if it asks nothing."""
    codes = _CONFIRMING.get(asked, "")
    return asked + codes[list(SupervisionMode).index(mode)] if codes else ""


def refusal_of(
    request: Request, wish: Wish, policy: SupervisionPolicy, own_hosts: frozenset[str], at: Situation
) -> SupervisionRefusal | None:
    """Why this INVITE may not come in; None: it may. Who is no lead learns nothing about the phone."""
    lead = only_asserted(request.headers)
    if lead is None:
        return SupervisionRefusal.NOT_ASSERTED
    if not policy.names(lead, own_hosts):
        return SupervisionRefusal.NOT_A_LEAD
    if not policy.recordable:
        return SupervisionRefusal.UNRECORDED
    if wish.mode is None or wish.mode not in policy.modes:
        return SupervisionRefusal.MALFORMED if wish.mode is None else SupervisionRefusal.MODE_FORBIDDEN
    if not at.talking or (wish.join is not None and wish.join not in at.sip_call_ids):
        return SupervisionRefusal.NO_CALL
    return SupervisionRefusal.BUSY if at.full else None


def claimed_by(request: Request, sender: Party) -> Party:
    """Whom to name in the record of an attempt: the server's word if there is one, else what was said."""
    return only_asserted(request.headers) or sender


def _mode(text: str) -> SupervisionMode | None:
    try:
        return SupervisionMode(text.strip().lower())
    except ValueError:
        return None
