"""PJSIP in a process of its own, from the folder that stands first on the path: registers, calls, tries TLS.

`python -m tests.installer.pjsip_process REGISTRAR_PORT DEAD_TLS_PORT`. Ends with 0 unless something crashes.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable
from typing import Any

import pjsua2 as pj

codes: dict[str, int] = {}


class Account(pj.Account):  # type: ignore[misc]  # pjsua2 has no types
    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def onRegState(self, prm: Any) -> None:  # noqa: N802 - PJSIP's name
        codes[self.name] = prm.code


class Call(pj.Call):  # type: ignore[misc]
    over = False

    def onCallState(self, _prm: Any) -> None:  # noqa: N802
        info = self.getInfo()
        self.over = info.state == pj.PJSIP_INV_STATE_DISCONNECTED


def main(registrar: int, dead: int) -> int:
    endpoint = pj.Endpoint()
    endpoint.libCreate()
    settings = pj.EpConfig()
    settings.uaConfig.threadCnt = 0
    settings.uaConfig.mainThreadOnly = True
    settings.logConfig.consoleLevel = 0
    endpoint.libInit(settings)
    transport = pj.TransportConfig()
    transport.boundAddress = "127.0.0.1"
    endpoint.transportCreate(pj.PJSIP_TRANSPORT_UDP, transport)
    endpoint.transportCreate(pj.PJSIP_TRANSPORT_TLS, transport)
    endpoint.libStart()
    endpoint.audDevManager().setNullDev()
    plain = _account("plain", f"sip:127.0.0.1:{registrar}")
    secure = _account("secure", f"sip:127.0.0.1:{dead};transport=tls")
    _until(endpoint, lambda: len(codes) == 2)
    _call(endpoint, plain, f"sip:callee@127.0.0.1:{registrar}")
    del plain, secure
    gc.collect()
    endpoint.libDestroy()
    sys.stdout.write(f"{codes}\n")
    return 0


def _account(name: str, registrar: str) -> Account:
    settings = pj.AccountConfig()
    settings.idUri = "sip:7001@127.0.0.1"
    settings.regConfig.registrarUri = registrar
    settings.regConfig.retryIntervalSec = 0
    settings.sipConfig.authCreds.append(pj.AuthCredInfo("digest", "*", "7001", 0, "geheim"))
    settings.mediaConfig.srtpUse = pj.PJMEDIA_SRTP_MANDATORY
    settings.mediaConfig.srtpSecureSignaling = 0
    account = Account(name)
    account.create(settings)
    return account


def _call(endpoint: Any, account: Account, uri: str) -> None:
    call = Call(account)
    call.makeCall(uri, pj.CallOpParam(True))
    _until(endpoint, lambda: call.over)


def _until(endpoint: Any, done: Callable[[], bool]) -> None:
    ends_at = time.monotonic() + 40
    while not done():
        if time.monotonic() > ends_at:
            raise SystemExit(f"nothing happens; so far {codes}")
        endpoint.libHandleEvents(5)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
