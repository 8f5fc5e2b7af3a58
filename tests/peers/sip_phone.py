"""A small scripted telephone for tests: registers, calls, answers as told, hums a tone and listens.

Enough SIP to be a customer or a colleague (RFC 3261): digest, one dialog per call, in-dialog requests
answered by themselves. Not a softphone: no retransmissions, no forking, UDP only.
"""

from __future__ import annotations

import re
import secrets
import threading
from collections.abc import Callable

from tests.peers.rtp_tone import RtpTone
from tests.peers.sip_wire import Address, SipMessage, UdpWire, digest_answer
from tests.peers.waiting import wait_for

PATIENCE_S = 120.0
ALLOW = ("Allow", "INVITE, ACK, CANCEL, BYE, OPTIONS, NOTIFY, INFO, UPDATE, REFER, MESSAGE")


class PhoneCall:
    """One call of a SipPhone: what the other side did so far, and the sound."""

    def __init__(self, phone: SipPhone, invite: SipMessage, media: RtpTone, *, outgoing: bool) -> None:
        self.invite = invite
        self.call_id = invite["Call-ID"]
        self.final_status = 0
        self.provisional: list[int] = []
        self.established = False
        self.ended = False
        self.cancelled = False
        self.requests: list[SipMessage] = []
        self.media = media
        self._phone = phone
        self._outgoing = outgoing
        self._tag = secrets.token_hex(6)
        self._remote: SipMessage = invite
        self._cseq = 100

    def ring(self) -> None:
        """Send 180."""
        self._phone.send(self.invite.reply(180, "Ringing", tag=self._tag, extra=(self._phone.contact,)))

    def answer(self, *, hum_hz: float = 0.0) -> None:
        """Send 200 and start the tone."""
        self.media.hum(hum_hz)
        extra = (self._phone.contact, ALLOW, ("Content-Type", "application/sdp"))
        body = self._phone.description(self.media.port)
        self._phone.send(self.invite.reply(200, "OK", tag=self._tag, extra=extra, body=body))
        self.media.start(media_address(self.invite))
        wait_for(lambda: self.established or self.ended, "the ACK of our answer")

    def reject(self, status: int = 486, reason: str = "Busy Here") -> None:
        """Send a final refusal."""
        self._phone.send(self.invite.reply(status, reason, tag=self._tag))
        self.ended = True

    def wait_established(self, *, timeout_s: float = 10.0) -> None:
        """Until both sides have answered and acknowledged."""
        wait_for(lambda: self.established, "the call established", timeout_s=timeout_s)

    def wait_ended(self, *, timeout_s: float = 10.0) -> None:
        """Until the other side hung up, cancelled or refused."""
        wait_for(lambda: self.ended, "the call ended", timeout_s=timeout_s)

    def hang_up(self) -> None:
        """BYE an established call, CANCEL one of ours that still rings."""
        if self.ended:
            return
        if self.established:
            self.request("BYE")
        elif self._outgoing:
            cancel = [
                (n, v)
                for n, v in self.invite.headers
                if n in ("Via", "From", "To", "Call-ID", "Max-Forwards")
            ]
            cancel.append(("CSeq", self.invite["CSeq"].replace("INVITE", "CANCEL")))
            self._phone.send(SipMessage(self.invite.start.replace("INVITE", "CANCEL"), cancel))
        self.ended = True
        self.media.stop()

    @property
    def remote_contact(self) -> str:
        """The URI under which the other side of the dialog is reached."""
        return self._remote.uri_of("Contact")

    def request(self, method: str, *extra: tuple[str, str], body: bytes = b"") -> int:
        """Send a request within the dialog and return the final status that came back."""
        mine, theirs = ("From", "To") if self._outgoing else ("To", "From")
        us = self._remote[mine] if self._outgoing else f"{self.invite['To']};tag={self._tag}"
        self._cseq += 1
        routes = self._remote.all("Record-Route")
        headers = [
            ("From", us),
            ("To", self._remote[theirs]),
            ("Call-ID", self.call_id),
            ("CSeq", f"{self._cseq} {method}"),
            *[("Route", route) for route in (reversed(routes) if self._outgoing else routes)],
            self._phone.contact,
            *extra,
        ]
        return self._phone.transact(method, self._remote.uri_of("Contact"), headers, body).status

    def on_response(self, response: SipMessage) -> None:
        """The reader's: a response to our INVITE."""
        if response.status < 200:
            self.provisional.append(response.status)
            return
        self.final_status = response.status
        if response.status >= 300:
            self.ended = True
            return
        self._remote = response
        self.media.start(media_address(response))
        self.established = True

    def on_request(self, request: SipMessage) -> None:
        """The reader's: a request within this call."""
        if request.method == "ACK":
            self.established = True
            return
        self.requests.append(request)
        if request.method == "INVITE":
            self.media.start(media_address(request))
            extra = (self._phone.contact, ("Content-Type", "application/sdp"))
            self._phone.send(
                request.reply(200, "OK", extra=extra, body=self._phone.description(self.media.port, request))
            )
            return
        self._phone.send(request.reply(202 if request.method == "REFER" else 200, "OK"))
        if request.method == "CANCEL":
            self._phone.send(self.invite.reply(487, "Request Terminated", tag=self._tag))
            self.cancelled = True
        if request.method in ("BYE", "CANCEL"):
            self.ended = True


class SipPhone:
    """A user agent at ``server``. Close it at the end; it hangs up what is left."""

    def __init__(
        self, server: Address, user: str, password: str = "", *, domain: str = "", host: str = "127.0.0.1"
    ) -> None:
        self._server = server
        self._user = user
        self._password = password
        self._wire = UdpWire(host)
        self.host = host
        self._domain = domain or f"{server[0]}:{server[1]}"
        host, port = self._wire.address
        self.contact = ("Contact", f"<sip:{user}@{host}:{port}>")
        self.incoming: list[PhoneCall] = []
        self.messages: list[SipMessage] = []
        self._calls: dict[str, PhoneCall] = {}
        self._responses: dict[str, list[SipMessage]] = {}
        self._closing = False
        self._reader = threading.Thread(target=self._read, name=f"phone-{user}", daemon=True)
        self._reader.start()

    def close(self) -> None:
        """Hang up everything and leave."""
        for call in list(self._calls.values()):
            call.hang_up()
            call.media.stop()
        self._closing = True
        self._reader.join(2)
        self._wire.close()

    def vanish(self) -> None:
        """Be gone without a word, as one whose network breaks."""
        for call in self._calls.values():
            call.media.stop()
        self._calls.clear()
        self.close()

    def register(self, *, expires_s: int = 300) -> int:
        """REGISTER, answering the challenge. Returns the final status."""
        aor = f"sip:{self._user}@{self._domain}"
        headers = [*self.identity(aor), ("CSeq", "1 REGISTER"), self.contact, ("Expires", str(expires_s))]
        return self.transact("REGISTER", f"sip:{self._domain}", headers).status

    def forget_contacts(self) -> int:
        """Have the registrar forget every contact of this user (RFC 3261, section 10.2.2), those of phones
        that were killed too. Returns the final status."""
        headers = [*self.identity(f"sip:{self._user}@{self._domain}"), ("CSeq", "1 REGISTER")]
        headers += [("Contact", "*"), ("Expires", "0")]
        return self.transact("REGISTER", f"sip:{self._domain}", headers).status

    def call(
        self,
        number: str,
        *extra: tuple[str, str],
        hum_hz: float = 0.0,
        display: str = "",
        media: RtpTone | None = None,
    ) -> PhoneCall:
        """Call a number; the returned call goes on by itself. `media` replaces the humming."""
        target = f"sip:{number}@{self._domain}"
        media = media or RtpTone(hum_hz, host=self.host)
        headers = [*self.identity(target, display), ("CSeq", "1 INVITE"), self.contact, ALLOW, *extra]
        headers.append(("Content-Type", "application/sdp"))
        branch = self._branch()
        invite = self._build("INVITE", target, headers, self.description(media.port), branch)
        call = PhoneCall(self, invite, media, outgoing=True)
        self._calls[call.call_id] = call
        threading.Thread(
            target=self._transact, args=(invite, branch, call.on_response), daemon=True, name="phone-invite"
        ).start()
        return call

    def wait_incoming(self, *, timeout_s: float = 10.0) -> PhoneCall:
        """The next call that rings here."""
        wait_for(lambda: self.incoming, f"a call for {self._user}", timeout_s=timeout_s)
        return self.incoming.pop(0)

    def send(self, message: SipMessage) -> None:
        """Send any message to the server."""
        self._wire.send(message, self._server)

    def transact(
        self, method: str, uri: str, headers: list[tuple[str, str]], body: bytes = b""
    ) -> SipMessage:
        """Send a request, answer a challenge once, and return the final response."""
        branch = self._branch()
        return self._transact(self._build(method, uri, headers, body, branch), branch, None)

    def description(self, port: int, offer: SipMessage | None = None) -> bytes:
        """Our SDP: PCMA and telephone events, with the direction that answers ``offer``'s hold."""
        asked = re.search(rb"a=(sendonly|inactive|recvonly)", offer.body) if offer else None
        direction = {b"sendonly": "recvonly", b"inactive": "inactive", b"recvonly": "sendonly"}
        mode = direction[asked.group(1)] if asked else "sendrecv"
        lines = ["v=0", f"o=- 1 1 IN IP4 {self.host}", "s=-", f"c=IN IP4 {self.host}", "t=0 0"]
        lines += [
            f"m=audio {port} RTP/AVP 8 101",
            "a=rtpmap:8 PCMA/8000",
            "a=rtpmap:101 telephone-event/8000",
        ]
        return ("\r\n".join([*lines, "a=fmtp:101 0-15", f"a={mode}"]) + "\r\n").encode()

    def _transact(
        self, request: SipMessage, branch: str, each: Callable[[SipMessage], None] | None
    ) -> SipMessage:
        final = self._exchange(request, branch, each)
        challenge = final.get("WWW-Authenticate") or final.get("Proxy-Authenticate")
        if final.status in (401, 407) and challenge and not request.get("Authorization"):
            name = "Authorization" if final.status == 401 else "Proxy-Authorization"
            method, uri = request.start.split()[:2]
            answer = digest_answer(
                challenge, method=method, uri=uri, user=self._user, password=self._password
            )
            number, _ = request["CSeq"].split()
            request.headers = [(n, v) for n, v in request.headers if n not in ("Via", "CSeq")]
            again = self._branch()
            request.headers += [("CSeq", f"{int(number) + 1} {method}"), (name, answer)]
            request.headers.insert(0, self._via(again))
            final = self._exchange(request, again, each)
        if each is not None:
            each(final)
        return final

    def _exchange(
        self, request: SipMessage, branch: str, each: Callable[[SipMessage], None] | None
    ) -> SipMessage:
        inbox = self._responses.setdefault(branch, [])
        self.send(request)
        while True:
            wait_for(
                lambda: inbox or self._closing,
                f"a response to {request.start}",
                timeout_s=PATIENCE_S,
                poll_s=0.005,
            )
            if not inbox:
                raise ConnectionError("the phone was closed")
            response = inbox.pop(0)
            if response.method != request.method:
                continue  # the answer to a CANCEL, which shares the INVITE's branch
            if response.status >= 200:
                if request.method == "INVITE":
                    self._acknowledge(request, response)
                return response
            if each is not None:
                each(response)

    def _acknowledge(self, invite: SipMessage, final: SipMessage) -> None:
        number = invite["CSeq"].split()[0]
        kept = [("From", invite["From"]), ("To", final["To"]), ("Call-ID", invite["Call-ID"])]
        headers = [*kept, ("CSeq", f"{number} ACK"), ("Max-Forwards", "70")]
        if final.status < 300:
            routes = invite.all("Route") or list(reversed(final.all("Record-Route")))
            headers += [("Route", route) for route in routes]
            self.send(
                SipMessage(f"ACK {final.uri_of('Contact')} SIP/2.0", [self._via(self._branch()), *headers])
            )
        else:  # RFC 3261, section 17.1.1.3: same branch as the INVITE
            self.send(SipMessage(invite.start.replace("INVITE", "ACK"), [("Via", invite["Via"]), *headers]))

    def _build(
        self, method: str, uri: str, headers: list[tuple[str, str]], body: bytes, branch: str
    ) -> SipMessage:
        return SipMessage(
            f"{method} {uri} SIP/2.0", [self._via(branch), ("Max-Forwards", "70"), *headers], body
        )

    def identity(self, to: str, display: str = "") -> list[tuple[str, str]]:
        """From, To and Call-ID of a new dialog or request to ``to``."""
        own = f"sip:{self._user}@{self._domain}"
        name = f'"{display}" ' if display else ""
        tag = secrets.token_hex(6)
        return [("From", f"{name}<{own}>;tag={tag}"), ("To", f"<{to}>"), ("Call-ID", secrets.token_hex(12))]

    def _via(self, branch: str) -> tuple[str, str]:
        host, port = self._wire.address
        return "Via", f"SIP/2.0/UDP {host}:{port};rport;branch={branch}"

    def _branch(self) -> str:
        return f"z9hG4bK{secrets.token_hex(8)}"

    def _read(self) -> None:
        while not self._closing:
            try:
                message, _ = self._wire.receive(timeout_s=0.05)
            except TimeoutError:
                continue
            if message.is_request:
                self._on_request(message)
            elif branch := re.search(r"branch=([^;,\s]+)", message["Via"]):
                self._responses.setdefault(branch.group(1), []).append(message)

    def _on_request(self, request: SipMessage) -> None:
        call = self._calls.get(request["Call-ID"])
        if call is not None:
            repeated = request.method == "INVITE" and request.tag_of("To") is None
            if not repeated:
                call.on_request(request)
            return
        if request.method == "INVITE":
            call = PhoneCall(self, request, RtpTone(host=self.host), outgoing=False)
            self._calls[call.call_id] = call
            self.send(request.reply(100, "Trying"))
            self.incoming.append(call)
            return
        self.messages.append(request)
        if request.method != "ACK":
            self.send(request.reply(200, "OK", tag=secrets.token_hex(6)))


def media_address(message: SipMessage) -> Address:
    """Where the sender of this SDP wants its sound."""
    host = re.search(rb"^c=IN IP4 (\S+)", message.body, re.MULTILINE)
    port = re.search(rb"^m=audio (\d+)", message.body, re.MULTILINE)
    if host is None or port is None:
        raise ValueError(f"no audio in {message.body!r}")
    return host.group(1).decode(), int(port.group(1))
