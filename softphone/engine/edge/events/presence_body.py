"""What an agent publishes about itself: PIDF (RFC 3863) with an element of our own, written and read.

Any watcher understands open and closed and the note; the team view reads our element. A document without it
tells only whether the agent is signed in, which is not enough for a state: it stays unknown, unless closed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape

from softphone.domain.agent_state import AgentState
from softphone.domain.facts import dataclass
from softphone.domain.supervision import REASON_LIMIT
from softphone.domain.team import Activity, AgentPresence, CurrentCall
from softphone.domain.text import NAME_LIMIT, clean_line
from softphone.engine.edge.events.careful_xml import BodyRefusedError, Caps, read_xml

_PIDF = "urn:ietf:params:xml:ns:pidf"
_OURS = "urn:softphone:params:xml:ns:agent"
_CAPS = Caps(size=20_000, elements=200, depth=8)
_YES_NO = {"true": True, "false": False}


def write_presence(entity: str, presence: AgentPresence) -> bytes:
    """The document of `entity` (a sip: URI)."""
    state = presence.state or AgentState.OFFLINE
    basic = "closed" if state is AgentState.OFFLINE else "open"
    agent = {"state": state.value, "reason": presence.reason, "help": presence.help}
    if presence.since is not None:
        agent["since"] = presence.since.isoformat()
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<presence xmlns="{_PIDF}" xmlns:a="{_OURS}" entity="{escape(entity)}">'
        f'<tuple id="agent"><status><basic>{basic}</basic><a:agent{_attributes(agent)}>{_call(presence.call)}'
        f"</a:agent></status><note>{escape(presence.reason or state.value)}</note></tuple></presence>\n"
    ).encode()


def read_presence(body: bytes) -> AgentPresence:
    """Raises BodyRefusedError. Every text is cleaned; what is not understood is left out."""
    found = _Found()
    read_xml(body, _CAPS, found)
    if not found.is_presence:
        raise BodyRefusedError("no presence element")
    return found.presence()


def _attributes(values: dict[str, str]) -> str:
    return "".join(f' {name}="{escape(value)}"' for name, value in values.items() if value)


def _call(call: CurrentCall | None) -> str:
    if call is None:
        return ""
    facts = {"activity": call.activity.value, "number": call.number, "campaign": call.campaign}
    if call.since is not None:
        facts["since"] = call.since.isoformat()
    if call.inbound is not None:
        facts["inbound"] = "true" if call.inbound else "false"
    return f"<a:call{_attributes(facts)}/>"


@dataclass(slots=True)
class _Found:
    is_presence: bool = False
    agent: Mapping[str, str] | None = None
    call: Mapping[str, str] | None = None
    basic: str = ""

    def presence(self) -> AgentPresence:
        if self.basic.strip() == "closed":
            # a server that closes the document of somebody who left keeps the rest of it as it was (Kamailio)
            return AgentPresence(AgentState.OFFLINE)
        if self.agent is None:
            return AgentPresence()
        states = {state.value: state for state in AgentState}
        return AgentPresence(
            states.get(self.agent.get("state", "")),
            clean_line(self.agent.get("reason", "")),
            _moment(self.agent.get("since", "")),
            _call_of(self.call),
            clean_line(self.agent.get("help", ""), REASON_LIMIT),
        )

    def began(self, path: Sequence[str], attributes: Mapping[str, str]) -> None:
        if path == [f"{_PIDF} presence"]:
            self.is_presence = True
        elif path[-1] == f"{_OURS} agent":
            self.agent = attributes  # of several documents in one, the last is the newest
            self.call = None
        elif path[-1] == f"{_OURS} call":
            self.call = attributes
        elif path[-1] == f"{_PIDF} basic":
            self.basic = ""

    def said(self, path: Sequence[str], text: str) -> None:
        if path and path[-1] == f"{_PIDF} basic" and len(self.basic) < NAME_LIMIT:
            self.basic += text

    def ended(self, path: Sequence[str]) -> None:
        """Nothing waits for an end."""


def _call_of(facts: Mapping[str, str] | None) -> CurrentCall | None:
    if facts is None:
        return None
    activities = {activity.value: activity for activity in Activity}
    return CurrentCall(
        activities.get(facts.get("activity", ""), Activity.TALKING),
        _moment(facts.get("since", "")),
        clean_line(facts.get("number", "")),
        clean_line(facts.get("campaign", "")),
        _YES_NO.get(facts.get("inbound", "")),
    )


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text[:40])
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
