"""How a phone is set up from afar: what is asked, what can go wrong, how it stands."""

from __future__ import annotations

from enum import StrEnum
from urllib.parse import parse_qs, urlsplit

from softphone.domain.errors import BadInput, Refused, TryLater
from softphone.domain.events import Event
from softphone.domain.facts import dataclass
from softphone.domain.ids import AccountId
from softphone.domain.links import LONGEST_LINK


class ProvisioningTrouble(StrEnum):
    """Why a profile was not taken, or an enrolment did not work. The ui has words for each."""

    NONE = "none"
    UNREACHABLE = "unreachable"
    """No connection, or the server broke off."""
    SLOW = "slow"
    """Not complete in time."""
    PROXY = "proxy"
    """The company's proxy is away, refuses, or cannot be used."""
    TOO_LARGE = "too_large"
    SERVER_REFUSED = "server_refused"
    """An HTTP status that is no success."""
    CERTIFICATE = "certificate"
    INSECURE = "insecure"
    """Not https, or a redirection away from it."""
    UNSIGNED = "unsigned"
    TAMPERED = "tampered"
    """The signature is not that of the pinned key over these bytes."""
    OUTDATED = "outdated"
    """A smaller serial number than the profile in force: somebody replays an old one."""
    MALFORMED = "malformed"
    """The detail names line and key."""
    NEEDS_UPDATE = "needs_update"
    """The profile is for a newer softphone."""
    TOKEN_REFUSED = "token_refused"  # noqa: S105 - a reason, not a secret
    """Used already, expired or unknown."""
    NO_ENROLMENT = "no_enrolment"
    """There is a token, but the profile says nowhere to exchange it."""
    KEY_STORE = "key_store"
    NOT_STORED = "not_stored"
    """This computer could not write it."""


class ProvisioningRefused(Refused):
    """Somebody must act: the same attempt brings the same answer."""

    def __init__(self, trouble: ProvisioningTrouble, detail: str) -> None:
        super().__init__("profile", detail)
        self.trouble = trouble


class ProvisioningAway(TryLater):
    """Time may mend it; what was set up before stays in force."""

    def __init__(self, trouble: ProvisioningTrouble, detail: str) -> None:
        super().__init__("profile", detail)
        self.trouble = trouble


@dataclass(frozen=True, slots=True)
class ProfileHead:
    """What a profile says about itself: its table `[profile]`.

    `version` is that of the format. `serial` grows with each issue; a smaller one than the one in force is
    refused. `needs_softphone` is the oldest version of the program that understands it.
    """

    version: int
    company: str = ""
    serial: int = 0
    needs_softphone: str = ""


@dataclass(frozen=True, slots=True)
class EnrolmentSettings:
    """Where a one-time token is exchanged for credentials: the table `[enrolment]` of a profile."""

    url: str


@dataclass(frozen=True, slots=True, repr=False)
class ProvisioningOrder:
    """What to fetch. `url` may be the path of a file. `token` is used once and never shown or logged."""

    url: str
    public_key: str = ""
    ca_file: str = ""
    token: str = ""

    def __repr__(self) -> str:
        return f"ProvisioningOrder({self.url!r})"


def order_from_link(link: str) -> ProvisioningOrder:
    """What a `softphone://provision?url=…&token=…&key=…` link asks for; raise `BadInput`.

    Only `url` is needed. A link is somebody else's word: nothing is fetched before the agent has agreed.
    """
    parts = urlsplit(link[:LONGEST_LINK])
    if parts.scheme != "softphone" or parts.netloc != "provision" or parts.path not in ("", "/"):
        raise BadInput("link", "softphone://provision?url=… is expected")
    asked = parse_qs(parts.query)
    url, token, key = (asked.get(name, [""])[-1] for name in ("url", "token", "key"))
    if not url.startswith(("https://", "http://")):
        raise BadInput("link", "the link names no https address")
    return ProvisioningOrder(url, key, token=token)


@dataclass(frozen=True, slots=True)
class ProvisioningState:
    """What is known of the profile in force; kept beside it. Times are ISO 8601, UTC."""

    url: str = ""
    company: str = ""
    serial: int = 0
    etag: str = ""
    signed: bool = False
    checked_at: str = ""
    changed_at: str = ""


@dataclass(frozen=True, slots=True)
class ProvisioningChecked(Event):
    """A profile was asked for. `changed`: settings are to be read anew; `enrolled` are accounts with new
    credentials. With trouble nothing has changed, unless `changed` says so (the profile was taken, the token
    was not).
    """

    state: ProvisioningState
    changed: bool = False
    enrolled: tuple[AccountId, ...] = ()
    trouble: ProvisioningTrouble = ProvisioningTrouble.NONE
    detail: str = ""
