"""When the account demands encrypted media (SRTP with SDES keys, RFC 4568): what an offer must bring.

Asterisk offers keys under the profile RTP/AVP, which PJSIP's "mandatory" refuses although the call would be
encrypted. So PJSIP is told "optional", and we demand: our own offers carry the profile RTP/SAVP, an offer
without keys is turned away before it rings, and a stream that comes out unencrypted all the same ends the
call. Pure rules; thread: any.
"""

from __future__ import annotations

import re


def offers_keys(sdp: bytes) -> bool:
    """Whether each active audio stream of an offer brings keys; an offer without audio brings none."""
    sections = sdp.decode("utf-8", "replace").replace("\r\n", "\n").split("\nm=")[1:]
    audio = [section for section in sections if section.startswith("audio ") and not _is_disabled(section)]
    return bool(audio) and all(_has_key(section) for section in audio)


def demand(offer: str) -> str:
    """Our offer with the profile that admits nothing but SRTP (RFC 3711 section 12)."""
    return re.sub(r"^(m=audio \d+) RTP/AVP ", r"\1 RTP/SAVP ", offer, flags=re.MULTILINE)


def _is_disabled(section: str) -> bool:
    return section.split(" ", 2)[1].split("/", 1)[0] == "0"


def _has_key(section: str) -> bool:
    return any(line.startswith("a=crypto:") and " inline:" in line for line in section.split("\n"))
