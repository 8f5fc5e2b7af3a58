"""What can be dialled: extensions for trying things out, and people out in the world."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

from softphone.demo.pbx.call import Call
from softphone.demo.pbx.news import CallState
from softphone.demo.pbx.sound import Clip, Echo, Silence, Source, Tone, ringback, speech
from softphone.domain.facts import dataclass

_PUBLIC_NUMBER = re.compile(r"(\+|00)?[0-9]{6,15}\Z")
_PAUSE_S = 1.2


@dataclass(frozen=True, slots=True)
class Extension:
    """`refusal` is a final status and nothing else happens; otherwise it rings, then perhaps answers.

    `answers_after_s` None rings for ever; `hangs_up_after_s` None leaves hanging up to the phone.
    """

    title: str
    refusal: int = 0
    silent: bool = False
    """Not even ringing is signalled, only that the request arrived."""
    early_media: bool = False
    answers_after_s: float | None = 0.2
    hangs_up_after_s: float | None = None
    source: Callable[[], Source] = Silence


EXTENSIONS: dict[str, Extension] = {
    "600": Extension("speech", source=lambda: Clip(speech("en-welcome"), pause_s=_PAUSE_S)),
    "601": Extension("echo", source=Echo),
    "602": Extension("rings for ever", answers_after_s=None),
    "603": Extension("declines", refusal=603),
    "604": Extension("does not exist", refusal=404),
    "605": Extension("busy", refusal=486),
    "606": Extension("440 Hz", source=lambda: Tone(440.0)),
    "607": Extension(
        "early media, then speech",
        early_media=True,
        answers_after_s=2.0,
        source=lambda: Clip(speech("en-welcome"), pause_s=_PAUSE_S),
    ),
    "608": Extension("unavailable", refusal=480),
    "609": Extension("never says anything", silent=True, answers_after_s=None),
    "610": Extension("no common codec", refusal=488),
    "611": Extension("answers and hangs up", hangs_up_after_s=1.0, source=lambda: Tone(440.0)),
}

SOMEBODY = Extension(
    "somebody out there",
    answers_after_s=1.0,
    source=lambda: Clip(speech("en-policy"), pause_s=_PAUSE_S),
)


def extension_for(user: str) -> Extension | None:
    """Who answers a dialled number, or None when it leads nowhere."""
    if user in EXTENSIONS:
        return EXTENSIONS[user]
    return SOMEBODY if _PUBLIC_NUMBER.match(user) else None


async def serve(call: Call, extension: Extension) -> None:
    """Behave as the extension until the call is over or answered for good."""
    if extension.refusal:
        call.refuse(extension.refusal)
        return
    if not extension.silent:
        call.ring(early_media=extension.early_media)
    if extension.early_media:
        call.say(ringback())
    if extension.answers_after_s is None:
        return
    await asyncio.sleep(extension.answers_after_s)
    if call.state is not CallState.RINGING:
        return
    call.say(extension.source())
    call.answer()
    if extension.hangs_up_after_s is not None:
        await asyncio.sleep(extension.hangs_up_after_s)
        call.give_up()
