"""Which codecs this build of PJSIP brings; for `softphone --self-test`, in a process of its own."""

from __future__ import annotations

import pjsua2 as pj

from softphone.domain.errors import Broken


def codec_names() -> tuple[str, ...]:
    """Start PJSIP, list its codecs as `NAME/clock rate`, end it again; raises `Broken`. Once per process."""
    endpoint = pj.Endpoint()
    settings = pj.EpConfig()
    settings.uaConfig.threadCnt = 0
    settings.logConfig.level = settings.logConfig.consoleLevel = 0
    try:
        endpoint.libCreate()
        endpoint.libInit(settings)
        listed = endpoint.codecEnum2()  # kept in a variable: the vector owns its elements
        names = tuple("/".join(codec.codecId.split("/")[:2]) for codec in listed)
        del listed
        endpoint.libDestroy()
    except pj.Error as exc:
        raise Broken("pjsip", exc.info()) from exc
    return names
