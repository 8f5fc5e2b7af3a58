"""A SIP account and the state of its registration."""

from __future__ import annotations

from enum import StrEnum

from softphone.domain.certificates import CertificateTrouble
from softphone.domain.facts import dataclass
from softphone.domain.ids import AccountId


class Transport(StrEnum):
    """How signalling travels to the server (RFC 3261 section 18, RFC 7118 for the web sockets)."""

    UDP = "udp"
    TCP = "tcp"
    TLS = "tls"
    WS = "ws"
    WSS = "wss"

    @property
    def encrypted(self) -> bool:
        """Whether nobody on the way can read the signalling, and with it the keys of the calls."""
        return self in (Transport.TLS, Transport.WSS)


class MediaEncryption(StrEnum):
    """SRTP with SDES keys (RFC 4568)."""

    AUTOMATIC = "automatic"
    """REQUIRED over TLS and secure web sockets; OFF elsewhere, where anybody could read the keys."""
    OFF = "off"
    OPTIONAL = "optional"
    REQUIRED = "required"


@dataclass(frozen=True, slots=True)
class Account:
    """What is needed to register, except the password, which lives in the key store alone.

    `server` is the registrar's host name or address, `port` None means SRV or the transport's default.
    `user` is the user part of the AOR; `auth_user` is for digest and defaults to it. `domain` is the host
    part of the AOR where it is another than `server`. `ca_file`, `client_certificate` and `client_key` are
    paths of PEM files; the key may stand in the certificate's file, and has no password. `refuse_md5`
    answers SHA-256 challenges only (RFC 8760). `ws_path` is the resource of the web socket. `outbound` lets
    the registrar know our connections (RFC 5626), for those that support it.
    """

    id: AccountId
    server: str
    user: str
    display_name: str = ""
    auth_user: str = ""
    port: int | None = None
    transport: Transport = Transport.UDP
    media_encryption: MediaEncryption = MediaEncryption.AUTOMATIC
    expires_s: int = 300
    backup_servers: tuple[str, ...] = ()
    ca_file: str = ""
    pinned_sha256: tuple[str, ...] = ()
    domain: str = ""
    client_certificate: str = ""
    client_key: str = ""
    refuse_md5: bool = False
    ws_path: str = "/ws"
    outbound: bool = False

    @property
    def digest_user(self) -> str:
        return self.auth_user or self.user

    @property
    def aor(self) -> str:
        """Address of record (RFC 3261 section 6), without the scheme."""
        return f"{self.user}@{self.sip_domain}"

    @property
    def sip_domain(self) -> str:
        """The host part of the AOR."""
        return self.domain or self.server

    @property
    def call_encryption(self) -> MediaEncryption:
        """How calls are encrypted: never AUTOMATIC."""
        if self.media_encryption is not MediaEncryption.AUTOMATIC:
            return self.media_encryption
        return MediaEncryption.REQUIRED if self.transport.encrypted else MediaEncryption.OFF


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
    BAD_SETTINGS = "bad_settings"
    """A setting of the account cannot be used, for instance a certificate file that cannot be read."""
    WEAK_CHALLENGE = "weak_challenge"
    """The server wants the password protected by MD5 only, which the settings forbid."""
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Signalling:
    """The connection to the server as it was negotiated.

    `protocol` and `cipher` are empty when anybody on the way can read along. `certificate_sha256` (hex),
    `issuer` and `expires` (ISO 8601) are those of the server's certificate. `backup`: the primary does not
    answer.
    """

    server: str = ""
    backup: bool = False
    protocol: str = ""
    cipher: str = ""
    certificate_sha256: str = ""
    issuer: str = ""
    expires: str = ""

    @property
    def encrypted(self) -> bool:
        return bool(self.protocol)


@dataclass(frozen=True, slots=True)
class Registration:
    """The state of one account's registration.

    `sip_code` is the last final status (0 if there was none), `detail` the server's words, cleaned.
    `certificate` says what is wrong with the server's TLS when `trouble` is CERTIFICATE; `signalling` is
    None while there is no connection.
    """

    account_id: AccountId
    state: RegistrationState = RegistrationState.OFF
    trouble: RegistrationTrouble = RegistrationTrouble.NONE
    sip_code: int = 0
    detail: str = ""
    retry_in_s: float = 0.0
    expires_s: int = 0
    certificate: CertificateTrouble = CertificateTrouble.NONE
    signalling: Signalling | None = None
