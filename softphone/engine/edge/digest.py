"""HTTP digest as SIP uses it (RFC 3261 section 22, RFC 8760): challenges, answers, verification.

MD5 and SHA-256, `qop` missing or `auth`. The parser is one pass, whatever a challenge contains.
"""

import hashlib
import hmac
import secrets

from softphone.domain.facts import dataclass
from softphone.engine.edge.messages.syntax import (
    Params,
    SipSyntaxError,
    param,
    parse_params,
    quote,
    split_outside,
    unquote,
)

ALGORITHMS = ("SHA-256", "MD5")
"""What can be answered and verified, best first."""

_HASHES = {"MD5": "md5", "SHA-256": "sha256"}
_MAX_PARAMS = 32


@dataclass(frozen=True, slots=True)
class Challenge:
    """One Digest challenge of WWW-Authenticate or Proxy-Authenticate."""

    realm: str
    nonce: str
    algorithm: str = "MD5"
    qop: tuple[str, ...] = ()
    opaque: str | None = None
    stale: bool = False

    @classmethod
    def parse(cls, value: str) -> "Challenge":
        """Raises SipSyntaxError when it is not a Digest challenge with realm and nonce."""
        params = _digest_params(value)
        realm, nonce = param(params, "realm"), param(params, "nonce")
        if realm is None or not nonce:
            raise SipSyntaxError("a challenge without realm or nonce")
        algorithm = unquote(param(params, "algorithm") or "MD5")
        qop = unquote(param(params, "qop") or "").split(",")
        opaque = param(params, "opaque")
        return cls(
            realm=unquote(realm),
            nonce=unquote(nonce),
            algorithm=algorithm.upper(),
            qop=tuple(word.strip().lower() for word in qop if word.strip()),
            opaque=None if opaque is None else unquote(opaque),
            stale=unquote(param(params, "stale") or "").lower() == "true",
        )

    @property
    def answerable(self) -> bool:
        """Whether algorithm and quality of protection are ones we can do."""
        return self.algorithm in _HASHES and (not self.qop or "auth" in self.qop)

    def __str__(self) -> str:
        parts = [f"realm={quote(self.realm)}", f"nonce={quote(self.nonce)}", f"algorithm={self.algorithm}"]
        if self.qop:
            parts.append(f"qop={quote(','.join(self.qop))}")
        if self.opaque is not None:
            parts.append(f"opaque={quote(self.opaque)}")
        if self.stale:
            parts.append("stale=true")
        return "Digest " + ", ".join(parts)


@dataclass(frozen=True, slots=True)
class Answer:
    """A Digest answer in Authorization or Proxy-Authorization."""

    username: str
    realm: str
    nonce: str
    uri: str
    response: str
    algorithm: str = "MD5"
    qop: str = ""
    cnonce: str = ""
    nonce_count: str = ""
    opaque: str | None = None

    @classmethod
    def parse(cls, value: str) -> "Answer":
        """Raises SipSyntaxError when a required parameter is missing."""
        params = _digest_params(value)
        needed = {name: param(params, name) for name in ("username", "realm", "nonce", "uri", "response")}
        if any(text is None for text in needed.values()):
            raise SipSyntaxError("digest credentials lack a parameter")
        opaque = param(params, "opaque")
        return cls(
            **{name: unquote(text or "") for name, text in needed.items()},
            algorithm=unquote(param(params, "algorithm") or "MD5").upper(),
            qop=unquote(param(params, "qop") or "").lower(),
            cnonce=unquote(param(params, "cnonce") or ""),
            nonce_count=param(params, "nc") or "",
            opaque=None if opaque is None else unquote(opaque),
        )

    def matches(self, method: str, password: str) -> bool:
        """Whether the answer was made with `password` for this method (constant-time compare)."""
        if self.algorithm not in _HASHES:
            return False
        expected = _response(self, method, password)
        return hmac.compare_digest(expected.encode(), self.response.lower().encode())

    def __str__(self) -> str:
        parts = [
            f"username={quote(self.username)}",
            f"realm={quote(self.realm)}",
            f"nonce={quote(self.nonce)}",
            f"uri={quote(self.uri)}",
            f"response={quote(self.response)}",
            f"algorithm={self.algorithm}",
        ]
        if self.qop:
            parts += [f"qop={self.qop}", f"nc={self.nonce_count}", f"cnonce={quote(self.cnonce)}"]
        if self.opaque is not None:
            parts.append(f"opaque={quote(self.opaque)}")
        return "Digest " + ", ".join(parts)


def answer(
    challenge: Challenge, method: str, uri: str, username: str, password: str, *, nonce_count: int = 1
) -> Answer:
    """The answer to a challenge; ValueError when `challenge.answerable` is false."""
    if not challenge.answerable:
        raise ValueError("the challenge asks for an algorithm or qop that is not supported")
    blank = Answer(
        username=username,
        realm=challenge.realm,
        nonce=challenge.nonce,
        uri=uri,
        response="",
        algorithm=challenge.algorithm,
        qop="auth" if challenge.qop else "",
        cnonce=secrets.token_hex(8) if challenge.qop else "",
        nonce_count=f"{nonce_count:08x}" if challenge.qop else "",
        opaque=challenge.opaque,
    )
    values = {name: getattr(blank, name) for name in Answer.__dataclass_fields__}
    return Answer(**{**values, "response": _response(blank, method, password)})


def strongest(challenges: list[Challenge], allowed: tuple[str, ...] = ALGORITHMS) -> Challenge | None:
    """The answerable challenge whose algorithm stands first in `allowed`, or None."""
    ranked = [
        challenge for challenge in challenges if challenge.answerable and challenge.algorithm in allowed
    ]
    return min(ranked, key=lambda challenge: allowed.index(challenge.algorithm), default=None)


def _digest_params(value: str) -> Params:
    scheme, _, rest = value.strip().partition(" ")
    if scheme.lower() != "digest":
        raise SipSyntaxError("not the Digest scheme")
    parts = split_outside(rest, ",")
    if len(parts) > _MAX_PARAMS:
        raise SipSyntaxError("too many parameters")
    return tuple(item for part in parts if part for item in parse_params(part))


def _response(given: Answer, method: str, password: str) -> str:
    name = _HASHES[given.algorithm]

    def digest(text: str) -> str:
        # MD5 is what RFC 3261 prescribes here; policy may refuse it, see `strongest`.
        return hashlib.new(name, text.encode("utf-8", "surrogateescape"), usedforsecurity=False).hexdigest()

    first = digest(f"{given.username}:{given.realm}:{password}")
    second = digest(f"{method}:{given.uri}")
    if not given.qop:
        return digest(f"{first}:{given.nonce}:{second}")
    return digest(f"{first}:{given.nonce}:{given.nonce_count}:{given.cnonce}:{given.qop}:{second}")
