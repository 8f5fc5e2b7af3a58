"""Who hears whom: computed anew from the calls at every change, then laid into PJSIP's bridge.

Connecting what is connected and cutting what is not are no-ops in the bridge, so nothing depends on
remembering which ports a re-INVITE has replaced. Thread: the sip thread; `wanted_links` is a pure rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import permutations

from softphone.domain.facts import dataclass
from softphone.domain.ids import CallId
from softphone.domain.supervision import SupervisionMode, hears
from softphone.domain.supervision import Voice as Part

DESK = "desk"
"""The agent's end of a link: microphone as a source, speaker as a sink."""

Link = tuple[str, str]
"""Source and sink, each a call's id or DESK."""


@dataclass(frozen=True, slots=True)
class Voice:
    """One call's part in the mix. `talking` is False in early media: we listen only. `entertained`: we are on
    hold and hear music, which is for nobody else."""

    call_id: CallId
    flowing: bool
    talking: bool
    muted: bool
    entertained: bool = False


@dataclass(frozen=True, slots=True)
class LeadVoice:
    """A lead's part in the mix."""

    call_id: CallId
    flowing: bool
    mode: SupervisionMode


def wanted_links(
    voices: Sequence[Voice], conference: frozenset[CallId], leads: Sequence[LeadVoice] = ()
) -> frozenset[Link]:
    """Each flowing call is heard, and the music of one that holds us; the microphone goes to those that talk
    and are not muted; members of the conference hear each other; leads hear and are heard as their modes say
    (`domain.supervision`)."""
    links: set[Link] = set()
    flowing = [voice for voice in voices if voice.flowing]
    present = [lead for lead in leads if lead.flowing]
    released = any(lead.mode is SupervisionMode.TAKE_OVER for lead in present)
    for voice in flowing:
        if not (released and voice.talking):
            links.add((voice.call_id, DESK))
            if voice.talking and not voice.muted:
                links.add((DESK, voice.call_id))
    if not released:
        links.update((voice.call_id, DESK) for voice in voices if voice.entertained)
    joined = [voice.call_id for voice in flowing if voice.talking and voice.call_id in conference]
    links.update(permutations(joined, 2))
    for lead in present:
        links |= _links_of(lead, voices, released)
    links.update(_between_leads(present))
    return frozenset(links)


def _links_of(lead: LeadVoice, voices: Sequence[Voice], released: bool) -> set[Link]:
    """One lead and everybody else. An agent who is muted for all is not heard by the lead either."""
    talking = [voice for voice in voices if voice.talking]
    links: set[Link] = set()
    for voice in talking:
        if voice.flowing and hears(lead.mode, Part.LEAD, Part.CUSTOMER):
            links.add((voice.call_id, lead.call_id))
        if voice.flowing and hears(lead.mode, Part.CUSTOMER, Part.LEAD):
            links.add((lead.call_id, voice.call_id))
    if released:
        return links
    if hears(lead.mode, Part.LEAD, Part.AGENT) and not all(voice.muted for voice in talking):
        links.add((DESK, lead.call_id))
    if hears(lead.mode, Part.AGENT, Part.LEAD):
        links.add((lead.call_id, DESK))
    return links


def _between_leads(present: Sequence[LeadVoice]) -> set[Link]:
    """A lead whom the customer hears, the other leads hear too; a whisper is the agent's alone."""
    return {
        (speaker.call_id, listener.call_id)
        for speaker, listener in permutations(present, 2)
        if hears(speaker.mode, Part.CUSTOMER, Part.LEAD)
    }


def no_longer(links: Iterable[Link], wanted: frozenset[Link], alive: frozenset[str]) -> list[Link]:
    """Links to cut: unwanted ones between ends that still exist (others went with their port)."""
    return [link for link in links if link not in wanted and set(link) <= alive]
