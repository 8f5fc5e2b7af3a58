"""A SIP account and the state of its registration."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from softphone.domain.ids import AccountId


class Transport(StrEnum):
    """How signalling travels to the server (RFC 3261 section 18, RFC 7118 for the web sockets)."""

    UDP = "udp"
    TCP = "tcp"
    TLS = "tls"
    WS = "ws"
    WSS = "wss"


class MediaEncryption(StrEnum):
    """SRTP with SDES keys (RFC 4568)."""

    OFF = "off"
    OPTIONAL = "optional"
    REQUIRED = "required"


@dataclass(frozen=True, slots=True)
class Account:
    """What is needed to register, except the password, which lives in the key store alone.

    `server` is the registrar's host name or address, `port` None means SRV or the transport's default.
    `user` is the user part of the AOR; `auth_user` is for digest and defaults to it.
    """

    id: AccountId
    server: str
    user: str
    display_name: str = ""
    auth_user: str = ""
    port: int | None = None
    transport: Transport = Transport.UDP
    media_encryption: MediaEncryption = MediaEncryption.OFF
    expires_s: int = 300
    backup_servers: tuple[str, ...] = ()
    ca_file: str = ""
    pinned_sha256: tuple[str, ...] = ()

    @property
    def digest_user(self) -> str:
        return self.auth_user or self.user

    @property
    def aor(self) -> str:
        """Address of record (RFC 3261 section 6), without the scheme."""
        return f"{self.user}@{self.server}"


class RegistrationState(StrEnum):
    OFF = "off"
    """Nothing is asked of the server: never signed in, or signed out."""
    TRYING = "trying"
    REGISTERED = "registered"
    WAITING = "waiting"
    """Failed for a reason that time can mend; another attempt follows after `retry_in_s`."""
    REFUSED = "refused"
    """The server said no (password, unknown user); no attempt follows until the user acts."""


class RegistrationTrouble(StrEnum):
    """Why an account is not registered, as far as we know. The ui has words for each."""

    NONE = "none"
    WRONG_CREDENTIALS = "wrong_credentials"
    UNKNOWN_USER = "unknown_user"
    FORBIDDEN = "forbidden"
    UNKNOWN_HOST = "unknown_host"
    NO_ANSWER = "no_answer"
    CONNECTION_REFUSED = "connection_refused"
    CERTIFICATE = "certificate"
    SERVER_ERROR = "server_error"
    NETWORK_DOWN = "network_down"
    NO_PASSWORD = "no_password"  # noqa: S105 - a reason, not a secret
    ENGINE_DOWN = "engine_down"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Registration:
    """The state of one account's registration.

    `sip_code` is the last final status (0 if there was none), `detail` the server's words, cleaned.
    """

    account_id: AccountId
    state: RegistrationState = RegistrationState.OFF
    trouble: RegistrationTrouble = RegistrationTrouble.NONE
    sip_code: int = 0
    detail: str = ""
    retry_in_s: float = 0.0
    expires_s: int = 0
