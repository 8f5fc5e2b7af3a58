"""Who hears whom: computed anew from the calls at every change, then laid into PJSIP's bridge.

Connecting what is connected and cutting what is not are no-ops in the bridge, so nothing depends on
remembering which ports a re-INVITE has replaced. Thread: the sip thread; `wanted_links` is a pure rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from softphone.domain.ids import CallId

DESK = "desk"
"""The agent's end of a link: microphone as a source, speaker as a sink."""

Link = tuple[str, str]
"""Source and sink, each a call's id or DESK."""


@dataclass(frozen=True, slots=True)
class Voice:
    """One call's part in the mix. `talking` is False in early media: we listen only."""

    call_id: CallId
    flowing: bool
    talking: bool
    muted: bool


def wanted_links(voices: Sequence[Voice], conference: frozenset[CallId]) -> frozenset[Link]:
    """Each flowing call is heard; the microphone goes to those that talk and are not muted; members of
    the conference hear each other."""
    links: set[Link] = set()
    flowing = [voice for voice in voices if voice.flowing]
    for voice in flowing:
        links.add((voice.call_id, DESK))
        if voice.talking and not voice.muted:
            links.add((DESK, voice.call_id))
    joined = [voice.call_id for voice in flowing if voice.talking and voice.call_id in conference]
    links.update((a, b) for a in joined for b in joined if a != b)
    return frozenset(links)


def no_longer(links: Iterable[Link], wanted: frozenset[Link], alive: frozenset[str]) -> list[Link]:
    """Links to cut: unwanted ones between ends that still exist (others went with their port)."""
    return [link for link in links if link not in wanted and set(link) <= alive]
