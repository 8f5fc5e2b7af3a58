"""What can be wrong with a server's certificate or with its TLS, each by a name of its own."""

from __future__ import annotations

import re
from enum import StrEnum

_FINGERPRINT = re.compile(r"(?:[0-9A-Fa-f]{2}:?){32}")


def is_fingerprint(text: str) -> bool:
    """Whether `text` is a SHA-256 fingerprint: 64 hexadecimal digits, with or without colons."""
    return _FINGERPRINT.fullmatch(text) is not None


class CertificateTrouble(StrEnum):
    """The ui has words for each."""

    NONE = "none"
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    WRONG_NAME = "wrong_name"
    NO_NAME = "no_name"
    SELF_SIGNED = "self_signed"
    UNKNOWN_ISSUER = "unknown_issuer"
    PIN_MISMATCH = "pin_mismatch"
    WEAK_KEY = "weak_key"
    WEAK_SIGNATURE = "weak_signature"
    WRONG_PURPOSE = "wrong_purpose"
    NOT_A_CA = "not_a_ca"
    REVOKED = "revoked"
    OLD_PROTOCOL = "old_protocol"
    NO_COMMON_CIPHER = "no_common_cipher"
    CLIENT_CERTIFICATE = "client_certificate"
    NOT_TLS = "not_tls"
    MALFORMED = "malformed"
    OTHER = "other"
