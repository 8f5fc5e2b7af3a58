"""A scriptable telephone in a process of its own: PJSIP on loopback behind the product's edge.

Run as `python -m tests.engine.edge.pjsip_child`: one JSON configuration line on standard input, then one
JSON command a line; events come as JSON lines on standard output. The crash rules of pjsua2 are kept: one
thread touches pj, every callback is guarded, calls stay alive until DISCONNECTED was handled.
"""

from __future__ import annotations

import dataclasses
import gc
import json
import queue
import sys
import threading
import traceback
from collections.abc import Callable
from typing import Any

import pjsua2 as pj

from softphone.domain.account import Transport
from softphone.engine.composition import SWITCH_INTERVAL_S
from softphone.engine.edge.edge import Edge
from softphone.engine.edge.types import (
    AccountRoute,
    Credentials,
    EdgeConfig,
    EdgeEvent,
    FlowOpened,
    Package,
    TlsPolicy,
)

SESSION_TERMINATED = 171140
"""PJSIP_ESESSIONTERMINATED: there is nothing left to hang up."""

_lock = threading.Lock()


def say(event: str, **facts: object) -> None:
    with _lock:
        sys.stdout.write(json.dumps({"event": event, **facts}, default=str) + "\n")
        sys.stdout.flush()


def guarded(method: Callable[..., None]) -> Callable[..., None]:
    def call(*args: Any) -> None:
        try:
            method(*args)
        except Exception:  # noqa: BLE001 - an exception in a callback would abort PJSIP at exit
            say("fault", text=traceback.format_exc())

    return call


class Call(pj.Call):  # type: ignore[misc]  # pjsua2 has no types
    def __init__(self, phone: Phone, account: Any, call_id: int = pj.PJSUA_INVALID_ID) -> None:
        super().__init__(account, call_id)
        self.phone = phone
        self.number = phone.next_number()
        phone.calls[self.number] = self

    @guarded
    def onCallState(self, _prm: Any) -> None:  # noqa: N802 - PJSIP's name
        info = self.getInfo()
        say("call", number=self.number, state=info.stateText, code=info.lastStatusCode, text=info.lastReason)
        if info.state == pj.PJSIP_INV_STATE_DISCONNECTED:
            self.phone.finished.append(self.phone.calls.pop(self.number))

    @guarded
    def onCallMediaState(self, _prm: Any) -> None:  # noqa: N802
        info = self.getInfo()
        for index, media in enumerate(info.media):
            if media.type == pj.PJMEDIA_TYPE_AUDIO:
                say("media", number=self.number, status=media.status, index=index)
                if media.status in {pj.PJSUA_CALL_MEDIA_ACTIVE, pj.PJSUA_CALL_MEDIA_REMOTE_HOLD}:
                    self.phone.tone.startTransmit(self.getAudioMedia(index))

    @guarded
    def onDtmfDigit(self, prm: Any) -> None:  # noqa: N802
        say("dtmf", number=self.number, digit=prm.digit)

    @guarded
    def onCallTransferRequest(self, prm: Any) -> None:  # noqa: N802
        say("refer", number=self.number, target=prm.dstUri)
        prm.newCall = Call(self.phone, self.phone.account)

    @guarded
    def onCallReplaced(self, prm: Any) -> None:  # noqa: N802
        new = Call(self.phone, self.phone.account, prm.newCallId)
        prm.newCall = new
        say("replaced", number=self.number, by=new.number)

    @guarded
    def onCallTransferStatus(self, prm: Any) -> None:  # noqa: N802
        say("transfer", number=self.number, code=prm.statusCode, final=prm.finalNotify)


class Account(pj.Account):  # type: ignore[misc]
    def __init__(self, phone: Phone) -> None:
        super().__init__()
        self.phone = phone

    @guarded
    def onRegState(self, prm: Any) -> None:  # noqa: N802
        say("registration", code=prm.code, expires=prm.expiration, active=self.getInfo().regIsActive)

    @guarded
    def onIncomingCall(self, prm: Any) -> None:  # noqa: N802
        call = Call(self.phone, self, prm.callId)
        answer = pj.CallOpParam()
        answer.statusCode = 180
        call.answer(answer)
        if self.phone.refuse:
            # Not here: PJSIP aborts when an INVITE without SDP is refused inside this callback.
            self.phone.commands.put({"do": "hangup", "number": call.number, "code": self.phone.refuse})
        elif self.phone.config.get("answer"):
            self.phone.commands.put({"do": "answer", "number": call.number})
        else:
            say("incoming", number=call.number, message=prm.rdata.wholeMsg)

    @guarded
    def onInstantMessage(self, prm: Any) -> None:  # noqa: N802
        say("message", body=prm.msgBody, sender=prm.fromUri)

    @guarded
    def onInstantMessageStatus(self, prm: Any) -> None:  # noqa: N802
        say("message_status", code=prm.code)


class Phone:
    def __init__(self, config: dict[str, Any]) -> None:
        self.config = config
        self.calls: dict[int, Call] = {}
        self.finished: list[Call] = []
        self.tone: Any = None
        self._numbers = 0
        self.commands: queue.Queue[dict[str, Any]] = queue.Queue()
        self.edge = Edge(EdgeConfig(**config.get("edge", {})), self._on_edge)
        self.endpoint = pj.Endpoint()
        self.account: Any = None
        self.running = True
        self.refuse: int = config.get("refuse", 0)
        """Final status for every call that comes in, after a short ring; 0: it goes on ringing."""
        self.direct: bool = config.get("direct", False)
        """Whether PJSIP speaks to the server itself, to compare."""

    def next_number(self) -> int:
        self._numbers += 1
        return self._numbers

    def _on_edge(self, event: EdgeEvent) -> None:
        say(f"edge.{type(event).__name__}", **dataclasses.asdict(event))  # type: ignore[call-overload]  # all events are dataclasses
        if isinstance(event, FlowOpened):
            self.commands.put({"do": "flow", "address": event.local_address, "again": event.again})

    def start(self) -> None:
        if not self.direct:
            self.edge.start()
        settings = pj.EpConfig()
        settings.uaConfig.threadCnt = 0
        settings.uaConfig.mainThreadOnly = True
        settings.logConfig.level = self.config.get("log", 0)
        settings.logConfig.consoleLevel = 0
        settings.logConfig.filename = self.config.get("log_file", "")
        settings.medConfig.noVad = True
        settings.medConfig.ecTailLen = 0
        self.endpoint.libCreate()
        self.endpoint.libInit(settings)
        transport = pj.TransportConfig()
        transport.boundAddress = "127.0.0.1"
        made = self.endpoint.transportCreate(pj.PJSIP_TRANSPORT_UDP, transport)
        self.endpoint.libStart()
        self.endpoint.audDevManager().setNullDev()
        for codec in self.endpoint.codecEnum2():
            wanted = codec.codecId.startswith(("PCMA", "PCMU", "G722"))
            self.endpoint.codecSetPriority(codec.codecId, 200 if wanted else 0)
        self.tone = pj.ToneGenerator()
        self.tone.createToneGenerator()
        tone = pj.ToneDesc()
        tone.freq1, tone.on_msec = 880, 1000
        tones = pj.ToneDescVector()
        tones.append(tone)
        self.tone.play(tones, True)
        name = self.endpoint.transportGetInfo(made).localName
        if not self.direct:
            self.edge.set_local_peer(int(name.rpartition(":")[2]))
        self._open()

    def _open(self) -> None:
        given = self.config["route"]
        route = AccountRoute(
            **{
                **given,
                "transport": Transport(given["transport"]),
                "tls": TlsPolicy(ca_file=given.get("tls", "")),
                "backups": tuple(given.get("backups", ())),
                "credentials": Credentials(given["user"], self.config["password"]),
            }
        )
        self.settings = pj.AccountConfig()
        self.settings.idUri = f"sip:{route.user}@{route.domain}"
        self.settings.regConfig.registrarUri = f"sip:{route.domain}"
        self.settings.regConfig.registerOnAdd = False
        self.settings.regConfig.timeoutSec = self.config.get("expires", 300)
        self.settings.regConfig.retryIntervalSec = 0
        if self.direct:
            self.settings.regConfig.registrarUri = f"sip:{route.server}:{route.port}"
            self.commands.put({"do": "flow", "address": "127.0.0.1", "again": False})
        else:
            self.settings.sipConfig.proxies.append(self.edge.open_account(route))
        password = self.config["password"]
        self.settings.sipConfig.authCreds.append(pj.AuthCredInfo("digest", "*", route.user, 0, password))
        nat = self.settings.natConfig
        nat.contactRewriteUse = nat.viaRewriteUse = nat.sdpNatRewriteUse = nat.sipOutboundUse = 0
        nat.iceEnabled = False
        timer = self.settings.callConfig
        timer.timerUse = self.config.get("timer_use", pj.PJSUA_SIP_TIMER_OPTIONAL)
        timer.timerMinSESec = self.config.get("timer_min_s", 90)
        timer.timerSessExpiresSec = self.config.get("session_s", 1800)
        self.settings.mediaConfig.srtpUse = self.config.get("srtp", pj.PJMEDIA_SRTP_DISABLED)
        self.settings.mediaConfig.srtpSecureSignaling = 0
        self.account = Account(self)
        self.account.create(self.settings)

    def run(self) -> None:
        while self.running:
            self.endpoint.libHandleEvents(5)
            self.finished.clear()
            while not self.commands.empty():
                command = self.commands.get()
                try:
                    getattr(self, f"do_{command.pop('do')}")(**command)
                except Exception:  # noqa: BLE001 - told to the test
                    say("refused", command=command, text=traceback.format_exc())

    # --- commands ----------------------------------------------------------------------------------------

    def do_flow(self, address: str, again: bool) -> None:
        self.settings.mediaConfig.transportConfig.boundAddress = address
        self.account.modify(self.settings)
        self.do_register(True)
        for call in list(self.calls.values()) if again else []:
            if call.getInfo().state == pj.PJSIP_INV_STATE_CONFIRMED:
                parameters = pj.CallOpParam(True)
                parameters.opt.flag = pj.PJSUA_CALL_REINIT_MEDIA | pj.PJSUA_CALL_UPDATE_CONTACT
                call.reinvite(parameters)

    def do_register(self, on: bool) -> None:
        try:
            self.account.setRegistration(on)
        except pj.Error as error:
            say("busy", text=error.reason)

    def do_call(self, uri: str, headers: dict[str, str] | None = None) -> None:
        parameters = pj.CallOpParam(True)
        for name, value in (headers or {}).items():
            header = pj.SipHeader()
            header.hName, header.hValue = name, value
            parameters.txOption.headers.append(header)
        call = Call(self, self.account)
        call.makeCall(uri, parameters)

    def do_answer(self, number: int, code: int = 200) -> None:
        parameters = pj.CallOpParam()
        parameters.statusCode = code
        if number in self.calls:
            self.calls[number].answer(parameters)

    def do_hangup(self, number: int, code: int = 0) -> None:
        parameters = pj.CallOpParam()
        parameters.statusCode = code
        if number not in self.calls:
            return
        try:
            self.calls[number].hangup(parameters)
        except pj.Error as error:
            if error.status != SESSION_TERMINATED:  # a mutant ended it while the order waited
                raise RuntimeError(error.info()) from error

    def do_hold(self, number: int) -> None:
        self.calls[number].setHold(pj.CallOpParam(True))

    def do_resume(self, number: int) -> None:
        parameters = pj.CallOpParam(True)
        parameters.opt.flag = pj.PJSUA_CALL_UNHOLD
        self.calls[number].reinvite(parameters)

    def do_update(self, number: int) -> None:
        self.calls[number].update(pj.CallOpParam(True))

    def do_dtmf(self, number: int, digits: str) -> None:
        self.calls[number].dialDtmf(digits)

    def do_info_digit(self, number: int, digit: str) -> None:
        parameters = pj.CallSendDtmfParam()
        parameters.digits, parameters.method = digit, pj.PJSUA_DTMF_METHOD_SIP_INFO
        self.calls[number].sendDtmf(parameters)

    def do_transfer(self, number: int, uri: str) -> None:
        self.calls[number].xfer(uri, pj.CallOpParam(True))

    def do_transfer_to(self, number: int, other: int) -> None:
        parameters = pj.CallOpParam()
        self.calls[number].xferReplaces(self.calls[other], parameters)

    def do_message(self, uri: str, body: str) -> None:
        buddy = pj.BuddyConfig()
        buddy.uri = uri
        self.buddy = pj.Buddy()
        self.buddy.create(self.account, buddy)
        parameters = pj.SendInstantMessageParam()
        parameters.content = body
        self.buddy.sendInstantMessage(parameters)

    def do_statistics(self, number: int) -> None:
        statistics = self.calls[number].getStreamStat(0)
        say("statistics", number=number, received=statistics.rtcp.rxStat.pkt, sent=statistics.rtcp.txStat.pkt)

    def do_drop_flow(self) -> None:
        """Cut the connection as a broken NAT would, by the edge's own hand."""
        loop = self.edge._loop
        for account in self.edge._border.accounts.values():
            stream = getattr(account.flow, "_stream", None) or account.flow._connection.transport  # type: ignore[union-attr]  # TCP, TLS or web socket
            loop.call_soon_threadsafe(stream.abort)

    def do_ring(self) -> None:
        self.refuse = 0
        say("willing")

    def do_subscribe(self, package: str, target: str) -> None:
        self.edge.subscribe(self.config["route"]["account_id"], Package(package), target)

    def do_counters(self) -> None:
        say("counters", **dataclasses.asdict(self.edge.counters()))

    def do_trace(self) -> None:
        entries = [[e.direction, e.data.decode("utf-8", "replace")] for e in self.edge.trace.entries()]
        say("trace", entries=entries)

    def do_quit(self) -> None:
        self.running = False

    def stop(self) -> None:
        for number in list(self.calls):  # no variable may keep a Call beyond libDestroy
            self.do_hangup(number)
        for _ in range(1_000):
            self.endpoint.libHandleEvents(5)
            if not self.calls:
                break
        self.finished.clear()
        self.calls.clear()
        self.buddy = None
        self.account.shutdown()
        self.account = self.settings = self.tone = None
        gc.collect()
        for name in ("last_exc", "last_type", "last_value", "last_traceback"):
            if hasattr(sys, name):
                delattr(sys, name)
        self.endpoint.libDestroy(pj.PJSUA_DESTROY_NO_RX_MSG)  # else it waits a second for nothing
        self.edge.stop()


def main() -> None:
    sys.setswitchinterval(SWITCH_INTERVAL_S)  # as the product does
    phone = Phone(json.loads(sys.stdin.readline()))
    phone.start()

    def read() -> None:
        for line in sys.stdin:
            phone.commands.put(json.loads(line))
        phone.commands.put({"do": "quit"})

    threading.Thread(target=read, daemon=True).start()
    say("ready")
    phone.run()
    phone.stop()
    say("stopped")


if __name__ == "__main__":
    main()
