"""A bare pjsua2 script that answers one call: the yardstick for processor time. `bare_talk PORT`.

PJSIP's own null sound device on both sides of the call, nothing of Python in the path of the sound.
"""

from __future__ import annotations

import sys
from typing import Any

import pjsua2 as pj

_CALLS: list[pj.Call] = []


class _Call(pj.Call):  # type: ignore[misc]  # pjsua2 has no types
    def onCallMediaState(self, prm: Any) -> None:  # noqa: N802 - PJSIP's name
        devices = pj.Endpoint.instance().audDevManager()
        talk = self.getAudioMedia(-1)
        devices.getCaptureDevMedia().startTransmit(talk)
        talk.startTransmit(devices.getPlaybackDevMedia())


class _Account(pj.Account):  # type: ignore[misc]  # pjsua2 has no types
    def onIncomingCall(self, prm: Any) -> None:  # noqa: N802 - PJSIP's name
        call = _Call(self, prm.callId)
        _CALLS.append(call)
        answer = pj.CallOpParam(True)
        answer.statusCode = 200
        call.answer(answer)


def main() -> None:
    endpoint = pj.Endpoint()
    endpoint.libCreate()
    config = pj.EpConfig()
    config.uaConfig.threadCnt = 0
    config.uaConfig.mainThreadOnly = True
    config.logConfig.level = 0
    config.logConfig.consoleLevel = 0
    endpoint.libInit(config)
    transport = pj.TransportConfig()
    transport.boundAddress = "127.0.0.1"
    transport.port = int(sys.argv[1])
    endpoint.transportCreate(pj.PJSIP_TRANSPORT_UDP, transport)
    endpoint.libStart()
    endpoint.audDevManager().setNullDev()
    account_config = pj.AccountConfig()
    account_config.idUri = "sip:bare@127.0.0.1"
    account = _Account()
    account.create(account_config)
    print("ready", flush=True)
    while True:
        endpoint.libHandleEvents(5)


if __name__ == "__main__":
    main()
