"""Who may register and call: digest (RFC 3261 section 22) with passwords made anew for each run."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from dataclasses import field
from enum import StrEnum

from softphone.domain.facts import dataclass
from softphone.engine.edge.digest import Answer, Challenge
from softphone.engine.edge.messages.message import Request
from softphone.engine.edge.messages.syntax import SipSyntaxError

_NONCE_LIFE_S = 300


class Verdict(StrEnum):
    GRANTED = "granted"
    CHALLENGE = "challenge"
    """No answer to a challenge of ours, or one that has grown old: ask (again)."""
    WRONG = "wrong"
    """A wrong user or password."""


@dataclass(slots=True)
class Access:
    """Accounts and the challenges put to them. Nonces carry their time and need no memory."""

    realm: str
    passwords: dict[str, str]
    algorithm: str = "MD5"
    _key: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def challenge(self, *, stale: bool = False) -> str:
        """A value for WWW-Authenticate or Proxy-Authenticate."""
        stamp = f"{int(time.monotonic()):x}.{secrets.token_hex(6)}"
        nonce = f"{stamp}.{self._seal(stamp)}"
        return str(Challenge(self.realm, nonce, self.algorithm, ("auth",), stale=stale))

    def judge(self, request: Request, header: str) -> tuple[Verdict, str]:
        """Whether the credentials in `header` are right, and for which user."""
        for value in request.headers.all(header):
            try:
                answer = Answer.parse(value)
            except SipSyntaxError:
                continue
            if answer.realm == self.realm:
                return self._judge(answer, request.method)
        return Verdict.CHALLENGE, ""

    def _judge(self, answer: Answer, method: str) -> tuple[Verdict, str]:
        password = self.passwords.get(answer.username)
        if password is None or not answer.matches(method, password):
            return Verdict.WRONG, answer.username
        return (Verdict.GRANTED if self._fresh(answer.nonce) else Verdict.CHALLENGE), answer.username

    def _fresh(self, nonce: str) -> bool:
        stamp, _, seal = nonce.rpartition(".")
        if not hmac.compare_digest(seal.encode(), self._seal(stamp).encode()):
            return False
        age_s = time.monotonic() - int(stamp.partition(".")[0], 16)
        return age_s <= _NONCE_LIFE_S

    def _seal(self, stamp: str) -> str:
        return hmac.new(self._key, stamp.encode(), hashlib.sha256).hexdigest()[:24]
