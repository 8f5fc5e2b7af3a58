"""TLS towards the server: the context, and what OpenSSL's errors mean for the person who must act."""

from __future__ import annotations

import asyncio
import ssl

import truststore

from softphone.domain.certificates import CertificateTrouble
from softphone.engine.edge.flows.dialing import DialError
from softphone.engine.edge.types import FlowTrouble, TlsPolicy

# RSA and DH of 2048 bits or more, no SHA-1 signatures, forward secrecy.
_CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:DHE+CHACHA20:@SECLEVEL=2"

# X509_V_ERR_* of OpenSSL's x509_vfy.h
_BY_CODE = {
    9: CertificateTrouble.NOT_YET_VALID,
    10: CertificateTrouble.EXPIRED,
    18: CertificateTrouble.SELF_SIGNED,
    19: CertificateTrouble.UNKNOWN_ISSUER,
    20: CertificateTrouble.UNKNOWN_ISSUER,
    21: CertificateTrouble.UNKNOWN_ISSUER,
    23: CertificateTrouble.REVOKED,
    24: CertificateTrouble.NOT_A_CA,
    25: CertificateTrouble.NOT_A_CA,
    26: CertificateTrouble.WRONG_PURPOSE,
    32: CertificateTrouble.NOT_A_CA,
    62: CertificateTrouble.WRONG_NAME,
    64: CertificateTrouble.WRONG_NAME,
    66: CertificateTrouble.WEAK_KEY,
    67: CertificateTrouble.WEAK_KEY,
    68: CertificateTrouble.WEAK_SIGNATURE,
    79: CertificateTrouble.NOT_A_CA,
}
# OpenSSL's reason words; alerts are what the server says of us.
_BY_REASON = (
    ("UNSUPPORTED_PROTOCOL", CertificateTrouble.OLD_PROTOCOL),
    ("PROTOCOL_VERSION", CertificateTrouble.OLD_PROTOCOL),
    ("WRONG_SSL_VERSION", CertificateTrouble.OLD_PROTOCOL),
    ("WRONG_VERSION_NUMBER", CertificateTrouble.NOT_TLS),
    ("RECORD_LAYER_FAILURE", CertificateTrouble.NOT_TLS),
    ("HTTP_REQUEST", CertificateTrouble.NOT_TLS),
    ("CERTIFICATE_REQUIRED", CertificateTrouble.CLIENT_CERTIFICATE),
    ("ALERT_BAD_CERTIFICATE", CertificateTrouble.CLIENT_CERTIFICATE),
    ("ALERT_UNKNOWN_CA", CertificateTrouble.CLIENT_CERTIFICATE),
    ("ALERT_CERTIFICATE", CertificateTrouble.CLIENT_CERTIFICATE),
    ("UNSUPPORTED_CERTIFICATE", CertificateTrouble.CLIENT_CERTIFICATE),
    ("HANDSHAKE_FAILURE", CertificateTrouble.NO_COMMON_CIPHER),
    ("DH_KEY_TOO_SMALL", CertificateTrouble.WEAK_KEY),
    ("KEY_TOO_SMALL", CertificateTrouble.WEAK_KEY),
    ("MD_TOO_WEAK", CertificateTrouble.WEAK_SIGNATURE),
    ("WRONG_SIGNATURE_TYPE", CertificateTrouble.WEAK_SIGNATURE),
    ("ASN1", CertificateTrouble.MALFORMED),
    ("BAD_ECPOINT", CertificateTrouble.MALFORMED),
)


async def tls_context(policy: TlsPolicy, *, web: bool = False) -> ssl.SSLContext:
    """A client context; `web` lets OpenSSL verify the host name by HTTPS rules (wildcards allowed).

    Raises DialError with BAD_CONFIGURATION when a file of the policy cannot be used.
    """
    return await asyncio.to_thread(_context, policy, web)


def _context(policy: TlsPolicy, web: bool) -> ssl.SSLContext:
    context = _trusting(policy.ca_file)
    # RFC 5922 names are verified in `certificate`, because OpenSSL would accept wildcards.
    context.check_hostname = web
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(_CIPHERS)
    if policy.certificate_file:
        try:
            context.load_cert_chain(policy.certificate_file, policy.key_file or None, lambda: "")
        except (OSError, ValueError) as error:
            raise DialError(
                FlowTrouble.BAD_CONFIGURATION, f"client certificate {policy.certificate_file}: {error}"
            ) from error
    return context


def _trusting(ca_file: str) -> ssl.SSLContext:
    system = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context: ssl.SSLContext = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if ca_file else system
    context.hostname_checks_common_name = False
    if not ca_file:
        return context
    try:
        context.load_verify_locations(ca_file)
    except (OSError, ValueError) as error:
        raise DialError(FlowTrouble.BAD_CONFIGURATION, f"company CA {ca_file}: {error}") from error
    return context


def tls_error(error: ssl.SSLError) -> DialError:
    """What a failed handshake means."""
    if isinstance(error, ssl.SSLCertVerificationError):
        trouble = _BY_CODE.get(getattr(error, "verify_code", 0), CertificateTrouble.OTHER)
        message = getattr(error, "verify_message", "") or str(error)
        return DialError(FlowTrouble.CERTIFICATE, message, trouble)
    reason = error.reason or str(error)
    for word, trouble in _BY_REASON:
        if word in reason.upper().replace(" ", "_"):
            return DialError(FlowTrouble.TLS, reason, trouble)
    return DialError(FlowTrouble.TLS, reason, CertificateTrouble.OTHER)
