"""One PJSIP dialog. Its callbacks copy what they need into values and tell the owner; nothing else.

Thread: the sip thread. Keep every leg alive until its DISCONNECTED was handled and the loop turned once
more: a late-collected Call hangs up whatever call reuses its slot (pjproject #3856).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pjsua2 as pj

from softphone.domain.call import DtmfMethod, MediaFacts
from softphone.domain.errors import Refused
from softphone.domain.text import clean_line
from softphone.engine.edge.messages.message import Response
from softphone.engine.sip.caller import read_request, read_response
from softphone.engine.sip.dialog import Dialog, DialogOwner, LegMedia, LegState, TransactionStep
from softphone.engine.sip.encryption import demand
from softphone.engine.sip.guard import Faults, guarded
from softphone.engine.sip.quality import RtpCounters
from softphone.engine.sip.stream_statistics import counters_of


class Leg(pj.Call):  # type: ignore[misc]  # pjsua2 has no types
    """A dialog of `account`. Commands raise `Refused` when PJSIP will not have them now."""

    def __init__(
        self,
        account: Any,
        owner: DialogOwner,
        faults: Faults,
        *,
        must_encrypt: bool = False,
        pj_id: int | None = None,
    ) -> None:
        if pj_id is None:
            super().__init__(account)
        else:
            super().__init__(account, pj_id)
        self.account = account
        faults.survivors.watch(self)
        self.faults = faults
        self._must_encrypt = must_encrypt
        self.over = False
        """DISCONNECTED was handled: it may be let go once the callback has returned."""
        self._owner = owner

    # --- commands ------------------------------------------------------------------------------------

    def place(self, uri: str, headers: tuple[tuple[str, str], ...]) -> None:
        prm = _parameters()
        _add_headers(prm, headers)
        _try("INVITE", lambda: self.makeCall(uri, prm))

    def respond(self, sip_code: int) -> None:
        """Answer the INVITE: 180 rings, 200 accepts, 300 and above refuse."""
        prm = _parameters()
        prm.statusCode = sip_code
        _try(f"answer {sip_code}", lambda: self.answer(prm))

    def hang_up(self, sip_code: int = 0) -> None:
        """CANCEL, BYE or refuse with `sip_code`, whatever fits the state; over is over."""
        if not self.isActive():
            return
        prm = pj.CallOpParam()
        prm.statusCode = sip_code
        _try("hang up", lambda: self.hangup(prm))

    def hold(self) -> None:
        prm = _parameters()
        _try("hold", lambda: self.setHold(prm))

    def resume(self) -> None:
        prm = _parameters()
        prm.opt.flag = pj.PJSUA_CALL_UNHOLD
        _try("resume", lambda: super(Leg, self).reinvite(prm))

    def refresh(self, new_media: bool, held: bool) -> None:
        prm = _parameters()
        prm.opt.flag = pj.PJSUA_CALL_REINIT_MEDIA if new_media else 0
        act = self.setHold if held else super().reinvite
        _try("refresh", lambda: act(prm))

    def reinvite(self, headers: tuple[tuple[str, str], ...]) -> None:
        prm = _parameters()
        _add_headers(prm, headers)
        _try("re-INVITE", lambda: super(Leg, self).reinvite(prm))

    def hand_to(self, owner: DialogOwner) -> None:
        """From now on `owner` hears what happens."""
        self._owner = owner

    def send_digits(self, digits: str, method: DtmfMethod) -> None:
        prm = pj.CallSendDtmfParam()
        prm.digits = digits
        prm.method = (
            pj.PJSUA_DTMF_METHOD_SIP_INFO if method is DtmfMethod.INFO else pj.PJSUA_DTMF_METHOD_RFC2833
        )
        _try("DTMF", lambda: self.sendDtmf(prm))

    def refer(self, uri: str) -> None:
        _try("REFER", lambda: self.xfer(uri, pj.CallOpParam(True)))

    def refer_to_replace(self, other: Dialog) -> None:
        _try("REFER", lambda: self.xferReplaces(other, pj.CallOpParam(True)))

    @property
    def sip_call_id(self) -> str:
        """The Call-ID header of the dialog, empty when PJSIP has forgotten it."""
        return str(self.getInfo().callIdString) if not self.over else ""

    # --- looking -------------------------------------------------------------------------------------

    def look_at_media(self) -> LegMedia:
        info = self.getInfo()  # kept in a variable: iterating over a temporary corrupts the heap
        for index in range(len(info.media)):
            media = info.media[index]
            if media.type == pj.PJMEDIA_TYPE_AUDIO and media.status != pj.PJSUA_CALL_MEDIA_NONE:
                return self._describe(index, int(media.status))
        return LegMedia()

    def audio(self, index: int) -> Any:
        """The stream's port in the conference bridge; not to be kept."""
        return self.getAudioMedia(index)

    def counters(self, index: int) -> RtpCounters:
        """RTP totals up to now; raises `Refused` when there is no stream."""
        return counters_of(_try("statistics", lambda: self.getStreamStat(index)))

    def _describe(self, index: int, status: int) -> LegMedia:
        return LegMedia(
            flowing=status == pj.PJSUA_CALL_MEDIA_ACTIVE,
            local_hold=status == pj.PJSUA_CALL_MEDIA_LOCAL_HOLD,
            remote_hold=status == pj.PJSUA_CALL_MEDIA_REMOTE_HOLD,
            held_with_sound=status == pj.PJSUA_CALL_MEDIA_REMOTE_HOLD and self._receives(index),
            index=index,
            facts=self._facts(index),
        )

    def _receives(self, index: int) -> bool:
        try:
            return bool(int(self.getStreamInfo(index).dir) & pj.PJMEDIA_DIR_DECODING)
        except pj.Error:
            return False  # inactive: no stream exists

    def _facts(self, index: int) -> MediaFacts:
        try:
            stream = self.getStreamInfo(index)
        except pj.Error:
            return MediaFacts()  # both sides on hold: no stream exists
        encrypted = "SRTP status: Active" in self.dump(True, "")
        codec, clock_hz = clean_line(stream.codecName), int(stream.codecClockRate)
        return MediaFacts(codec, clock_hz, encrypted, self.account.signalling)

    # --- callbacks -----------------------------------------------------------------------------------

    @guarded
    def onCallState(self, prm: Any) -> None:  # noqa: N802, ARG002 - PJSIP's name and signature
        info = self.getInfo()
        state = LegState(info.state)
        self.over = state is LegState.DISCONNECTED
        self._owner.leg_changed(self, state, int(info.lastStatusCode), clean_line(info.lastReason))

    @guarded
    def onCallMediaState(self, prm: Any) -> None:  # noqa: N802, ARG002 - PJSIP's name and signature
        self._owner.leg_media_changed(self, self.look_at_media())

    @guarded
    def onCallTsxState(self, prm: Any) -> None:  # noqa: N802 - PJSIP's name
        change = prm.e.body.tsxState
        transaction = change.tsx
        if transaction.role == pj.PJSIP_ROLE_UAS and change.type == pj.PJSIP_EVENT_RX_MSG:
            request = read_request(change.src.rdata.wholeMsg)
            if request is not None:
                self._owner.leg_received(self, request)
        elif transaction.role == pj.PJSIP_ROLE_UAC and transaction.method == "INVITE":
            step = TransactionStep(int(change.prevState), int(transaction.state), int(transaction.statusCode))
            answer = _response_in(change)
            if self.getInfo().state != pj.PJSIP_INV_STATE_CONFIRMED:
                if answer is not None and 100 < answer.status < 200:
                    self._owner.leg_rang(self, answer)
            elif step.is_refusal:
                self._owner.leg_reinvite_refused(self, step.sip_code)
            elif step.is_acceptance:
                self._owner.leg_invite_accepted(self, answer)

    @guarded
    def onCallRxReinvite(self, prm: Any) -> None:  # noqa: N802 - PJSIP's name
        request = read_request(prm.rdata.wholeMsg)
        status = self._owner.leg_reinvited(self, request) if request is not None else 200
        if status != 200:
            prm.statusCode = status

    @guarded
    def onCallSdpCreated(self, prm: Any) -> None:  # noqa: N802 - PJSIP's name
        if self._must_encrypt and not prm.remSdp.wholeSdp:
            prm.sdp.wholeSdp = demand(prm.sdp.wholeSdp)

    @guarded
    def onDtmfDigit(self, prm: Any) -> None:  # noqa: N802 - PJSIP's name
        self._owner.leg_digit_received(self, clean_line(prm.digit, 1))

    @guarded
    def onCallTransferStatus(self, prm: Any) -> None:  # noqa: N802 - PJSIP's name
        final = bool(prm.finalNotify)
        prm.cont = not final
        self._owner.leg_transfer_progressed(self, int(prm.statusCode), clean_line(prm.reason), final)

    @guarded
    def onCallTransferRequest(self, prm: Any) -> None:  # noqa: N802 - PJSIP's name
        successor = self._owner.leg_referred(self, prm.dstUri)
        if successor is None:
            prm.statusCode = pj.PJSIP_SC_DECLINE
        else:
            prm.newCall = successor

    @guarded
    def onCallReplaceRequest(self, prm: Any) -> None:  # noqa: N802 - PJSIP's name
        successor = self._owner.leg_to_be_replaced(self, read_request(prm.rdata.wholeMsg))
        if successor is None:
            prm.statusCode = pj.PJSIP_SC_DECLINE
        else:
            # made here and not in onCallReplaced: until then PJSIP would hand us the new call's events
            # through this object and overwrite its id
            prm.newCall = successor

    @guarded
    def onCallReplaced(self, prm: Any) -> None:  # noqa: N802, ARG002 - PJSIP's name and signature
        self._owner.leg_replaced(self)


def _response_in(change: Any) -> Response | None:
    """The response that a change of a client transaction is about."""
    came = change.type == pj.PJSIP_EVENT_RX_MSG
    return read_response(change.src.rdata.wholeMsg) if came else None


def _parameters() -> Any:
    prm = pj.CallOpParam(True)
    prm.opt.audioCount = 1
    prm.opt.videoCount = 0
    return prm


def _add_headers(prm: Any, headers: tuple[tuple[str, str], ...]) -> None:
    for name, value in headers:
        header = pj.SipHeader()
        header.hName, header.hValue = name, value
        prm.txOption.headers.append(header)


def _try(what: str, act: Callable[[], Any]) -> Any:
    try:
        return act()
    except pj.Error as exc:
        raise Refused("sip", clean_line(f"{what}: {exc.reason}", 300)) from exc
