"""A bare pjsua2 script that registers: the yardstick. `bare_phone HOST PORT`, password on standard input."""

from __future__ import annotations

import sys

import pjsua2 as pj


def main() -> None:
    host, port = sys.argv[1:3]
    password = sys.stdin.readline().strip()
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
    endpoint.transportCreate(pj.PJSIP_TRANSPORT_UDP, transport)
    endpoint.libStart()
    account_config = pj.AccountConfig()
    account_config.idUri = f"sip:7001@{host}:{port}"
    account_config.regConfig.registrarUri = f"sip:{host}:{port}"
    account_config.sipConfig.authCreds.append(pj.AuthCredInfo("digest", "*", "7001", 0, password))
    account = pj.Account()
    account.create(account_config)
    while not account.getInfo().regIsActive:
        endpoint.libHandleEvents(5)
    sys.stdin.read()
    account.shutdown()
    del account
    endpoint.libDestroy()


if __name__ == "__main__":
    main()
