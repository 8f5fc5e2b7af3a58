"""One account at PJSIP: registered, kept registered, and where its INVITEs come in.

PJSIP would wait 300 s after a failure; its own retries are off and ours follow `registration.py`. Thread:
the sip thread.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pjsua2 as pj
import structlog

from softphone.domain.account import (
    Account,
    MediaEncryption,
    Registration,
    RegistrationState,
    Signalling,
    Transport,
)
from softphone.domain.account import RegistrationTrouble as Trouble
from softphone.domain.certificates import CertificateTrouble
from softphone.domain.events import MessageWaitingChanged, RegistrationChanged
from softphone.domain.ids import AccountId
from softphone.domain.text import clean_line
from softphone.engine.edge.events.careful_xml import BodyRefusedError
from softphone.engine.edge.events.event_bodies import MessageSummary, parse_message_summary
from softphone.engine.edge.messages.syntax import quote
from softphone.engine.schedule import Appointment
from softphone.engine.sip.caller import read_request, read_response
from softphone.engine.sip.dialling import authority, quote_user
from softphone.engine.sip.guard import Faults, guarded
from softphone.engine.sip.registration import Attempts, Failure, failure_of, refresh_delay_s
from softphone.engine.sip.route import FlowNews
from softphone.engine.sip.surroundings import Surroundings

_log = structlog.get_logger(__name__)
_SRTP = {
    MediaEncryption.OFF: pj.PJMEDIA_SRTP_DISABLED,
    MediaEncryption.OPTIONAL: pj.PJMEDIA_SRTP_OPTIONAL,
    MediaEncryption.REQUIRED: pj.PJMEDIA_SRTP_OPTIONAL,  # see encryption.py for what makes it a demand
}


class Line(pj.Account):  # type: ignore[misc]  # pjsua2 has no types
    """`on_invite` gets PJSIP's call id and the text of each INVITE, and must make a call of it at once;
    `on_off` is called when nothing is bound any more after `close`."""

    def __init__(
        self,
        around: Surroundings,
        faults: Faults,
        on_invite: Callable[[Line, int, str], None],
        on_off: Callable[[AccountId], None],
    ) -> None:
        super().__init__()
        faults.survivors.watch(self)
        self.faults = faults
        self._around = around
        self._on_invite = on_invite
        self._on_off = on_off
        self._account: Account | None = None
        self._password = ""
        self._proxy = ""
        self._media_address = ""
        self._flow_up = False
        self._signalling: Signalling | None = None
        self._mailbox = MessageSummary(waiting=False)
        self._registration: Registration | None = None
        self._attempts = Attempts()
        self._next: Appointment | None = None
        self._created = False
        self._wanted = False

    @property
    def account(self) -> Account:
        assert self._account is not None  # noqa: S101 - opened right after it is made
        return self._account

    @property
    def registration(self) -> Registration:
        return self._registration or Registration(self.account.id)

    @property
    def must_encrypt(self) -> bool:
        """Whether calls without encrypted media are to be refused."""
        return self.account.call_encryption is MediaEncryption.REQUIRED

    @property
    def signalling(self) -> str:
        """The protocol that protects the signalling now, empty when none does."""
        return self._signalling.protocol if self._signalling is not None else ""

    @property
    def wanted(self) -> bool:
        """Whether it was opened and not closed since."""
        return self._wanted

    @property
    def ready(self) -> bool:
        """Whether calls can be made: registered, or on the way to it again."""
        return self._wanted and self._attempts.ever_succeeded

    def is_open_with(self, account: Account, password: str) -> bool:
        """Whether it is already open with these settings."""
        return self._wanted and self._account == account and self._password == password

    def tell(self) -> None:
        """Say again how registering stands: a desk that attached asks for what is so already."""
        self._around.publish(RegistrationChanged(self.registration))

    def open(self, account: Account, password: str, proxy: str) -> None:
        """Take these settings; registering begins when there is a way to the server."""
        self._account, self._password, self._proxy, self._wanted = account, password, proxy, True
        self._attempts = Attempts()
        self._flow_up, self._signalling = False, None
        if self._configure():
            self._set(RegistrationState.TRYING)

    def flow_changed(self, news: FlowNews) -> bool:
        """There is a way to the server, or none any more; True if our own address is another now."""
        self._flow_up, self._signalling = news.up, news.signalling
        if not self._wanted:
            return False
        if not news.up:
            self._cancel_next()
            if news.trouble is Trouble.NONE:  # another way is being taken, nothing is wrong
                self._set(RegistrationState.TRYING)
                return False
            detail = clean_line(news.detail)
            self._set(
                RegistrationState.WAITING,
                news.trouble,
                0,
                detail,
                news.retry_in_s,
                certificate=news.certificate,
            )
            return False
        moved = news.local_address != self._media_address
        if moved:
            self._media_address = news.local_address
            self._configure()
        self.register()
        return moved

    def mailbox_changed(self, summary: MessageSummary) -> None:
        """Tell what waits, once, whether the server says it unasked or to our subscription."""
        if summary != self._mailbox:
            self._mailbox = summary
            self._around.publish(
                MessageWaitingChanged(self.account.id, summary.waiting, summary.new, summary.old)
            )

    def register(self) -> None:
        """Send REGISTER now, if there is a way to the server."""
        self._cancel_next()
        if not (self._wanted and self._created and self._flow_up):
            return
        if self.registration.state is not RegistrationState.REGISTERED:
            self._set(RegistrationState.TRYING, self.registration.trouble)
        try:
            self.setRegistration(True)
        except pj.Error as exc:
            # a REGISTER is under way; its end, or this timer, brings the next
            _log.info("register_not_sent", account=self.account.id, detail=exc.reason)
            self._next = self._around.schedule.after(1.0, self.register)

    def try_refused_again(self) -> None:
        """The user asks again for what the server refused: perhaps it was mended over there."""
        if self.registration.state is RegistrationState.REFUSED:
            self._attempts = Attempts()
            self.register()

    def _configure(self) -> bool:
        """Give PJSIP the settings; False when it refuses them."""
        config = _configure(self.account, self._password, self._proxy, self._media_address)
        try:
            if self._created:
                self.modify(config)
            else:
                self.create(config)
                self._created = True
        except pj.Error as exc:
            self._set(RegistrationState.REFUSED, Trouble.UNKNOWN_HOST, detail=clean_line(exc.reason))
            return False
        return True

    def close(self) -> None:
        """Un-register; the server's answer is not waited for here."""
        self._wanted = False
        self._cancel_next()
        if self._created and self._flow_up and self.getInfo().regIsActive:
            try:
                self.setRegistration(False)
                return
            except pj.Error as exc:
                _log.info("unregister_not_sent", account=self.account.id, detail=exc.reason)
        self._off()

    @property
    def unregistering(self) -> bool:
        """Whether the answer to the last REGISTER with expires 0 is still to come."""
        return not self._wanted and self.registration.state is not RegistrationState.OFF

    def _failed(self, failure: Failure, sip_code: int, detail: str) -> None:
        """A registration attempt failed, by the server's answer or because none came."""
        state, delay_s = self._attempts.failed(failure, self._around.chance())
        self._cancel_next()
        if state is RegistrationState.WAITING:
            self._next = self._around.schedule.after(delay_s, self.register)
        self._set(state, failure.trouble, sip_code, detail, retry_in_s=delay_s)

    @guarded
    def onRegState(self, prm: Any) -> None:  # noqa: N802 - PJSIP's name
        code = int(prm.code)
        if not self._wanted:
            self._off()
        elif code // 100 == 2 and int(prm.expiration) > 0:
            self._attempts.succeeded()
            self._set(RegistrationState.REGISTERED, sip_code=code, expires_s=int(prm.expiration))
            self._refresh_later()
        elif code // 100 != 2:
            failure = failure_of(code, prm.reason, read_response(prm.rdata.wholeMsg))
            self._failed(failure, code, clean_line(prm.reason))

    @guarded
    def onIncomingCall(self, prm: Any) -> None:  # noqa: N802 - PJSIP's name
        self._on_invite(self, int(prm.callId), prm.rdata.wholeMsg)

    @guarded
    def onMwiInfo(self, prm: Any) -> None:  # noqa: N802 - PJSIP's name
        request = read_request(prm.rdata.wholeMsg)
        if request is None:
            return
        try:
            self.mailbox_changed(parse_message_summary(request.body))
        except BodyRefusedError as exc:
            _log.info("mailbox_unreadable", account=self.account.id, detail=str(exc))

    def _set(
        self,
        state: RegistrationState,
        trouble: Trouble = Trouble.NONE,
        sip_code: int = 0,
        detail: str = "",
        retry_in_s: float = 0.0,
        expires_s: int = 0,
        certificate: CertificateTrouble = CertificateTrouble.NONE,
    ) -> None:
        new = Registration(
            self.account.id, state, trouble, sip_code, detail, retry_in_s, expires_s, certificate,
            self._signalling,
        )  # fmt: skip
        if new != self._registration:
            self._registration = new
            _log.info("registration", account=new.account_id, state=state, trouble=trouble, code=sip_code)
            self._around.publish(RegistrationChanged(new))

    def _off(self) -> None:
        self._flow_up, self._signalling = False, None
        self._set(RegistrationState.OFF)
        account_id = self.account.id
        self._around.schedule.after(0.0, lambda: None if self._wanted else self._on_off(account_id))

    def _refresh_later(self) -> None:
        self._cancel_next()
        if self.account.transport is Transport.UDP:
            self._next = self._around.schedule.after(refresh_delay_s(self._around.chance()), self.register)

    def _cancel_next(self) -> None:
        if self._next is not None:
            self._next.cancel()
            self._next = None


def _configure(account: Account, password: str, proxy: str, media_address: str) -> Any:
    config = pj.AccountConfig()
    aor = f"sip:{quote_user(account.user)}@{authority(account)}"
    config.idUri = f"{quote(clean_line(account.display_name))} <{aor}>" if account.display_name else aor
    config.regConfig.registrarUri = f"sip:{authority(account)}"
    config.regConfig.registerOnAdd = False
    config.regConfig.disableRegOnModify = True
    config.regConfig.timeoutSec = account.expires_s
    config.regConfig.retryIntervalSec = 0
    config.regConfig.firstRetryIntervalSec = 0
    # the realm stays open: the edge passes on only challenges of this account's registrar
    config.sipConfig.authCreds.append(pj.AuthCredInfo("digest", "*", account.digest_user, 0, password))
    if proxy:
        config.sipConfig.proxies.append(proxy)
    _switch_off_nat_tricks(config)
    config.mediaConfig.transportConfig.boundAddress = media_address
    config.mediaConfig.srtpUse = _SRTP[account.call_encryption]
    config.mediaConfig.srtpSecureSignaling = 0  # the far transport is the edge's, PJSIP sees loopback UDP
    config.callConfig.timerUse = pj.PJSUA_SIP_TIMER_OPTIONAL
    return config


def _switch_off_nat_tricks(config: Any) -> None:
    nat = config.natConfig
    nat.iceEnabled = False
    nat.turnEnabled = False
    nat.sipOutboundUse = 0
    nat.contactRewriteUse = 0
    nat.viaRewriteUse = 0
    nat.sdpNatRewriteUse = 0
    nat.udpKaIntervalSec = 0
    config.presConfig.publishEnabled = False
    config.mwiConfig.enabled = False
