"""Judging the server's certificate beyond its chain: pin, names by RFC 5922, strength.

The chain itself was verified during the handshake by OpenSSL or the operating system.
"""

from __future__ import annotations

import hashlib
import ipaddress
import ssl
from typing import TYPE_CHECKING

from softphone.domain.certificates import CertificateTrouble
from softphone.engine.edge.flows.dialing import DialError
from softphone.engine.edge.types import FlowSecurity, FlowTrouble, TlsPolicy

if TYPE_CHECKING:
    from cryptography import x509

_LEAST_RSA_BITS = 2048
_LEAST_EC_BITS = 224
_WEAK_HASHES = frozenset({"md5", "sha1"})


def examine(tls: ssl.SSLObject, server: str, policy: TlsPolicy, *, web: bool = False) -> FlowSecurity:
    """Facts about an established TLS connection to `server`; raises DialError when it is not good enough.

    With `web` the handshake has verified the name by HTTPS rules already.
    """
    der = tls.getpeercert(binary_form=True)
    if der is None:
        raise _bad(CertificateTrouble.MALFORMED, "the server showed no certificate")
    fingerprint = hashlib.sha256(der).hexdigest()
    pins = {pin.replace(":", "").strip().lower() for pin in policy.pinned_sha256}
    if pins and fingerprint not in pins:
        raise _bad(CertificateTrouble.PIN_MISMATCH, fingerprint)
    certificate = _load(der)
    _check_strength(certificate)
    if not web:
        _check_names(certificate, server)
    cipher = tls.cipher()
    return FlowSecurity(
        tls.version() or "TLS",
        cipher[0] if cipher else "",
        fingerprint,
        certificate.issuer.rfc4514_string()[:200],
        certificate.not_valid_after_utc.isoformat(),
    )


def _bad(trouble: CertificateTrouble, detail: str) -> DialError:
    return DialError(FlowTrouble.CERTIFICATE, detail[:300], trouble)


def _load(der: bytes) -> x509.Certificate:
    # Imported here: it costs 40 ms, and accounts without TLS never need it.
    from cryptography import x509

    try:
        return x509.load_der_x509_certificate(der)
    except ValueError as error:
        raise _bad(CertificateTrouble.MALFORMED, str(error)) from error


def _check_strength(certificate: x509.Certificate) -> None:
    # OpenSSL's security level checks this too; the verifiers of Windows and macOS have other floors.
    from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa

    key = certificate.public_key()
    weak = (isinstance(key, rsa.RSAPublicKey | dsa.DSAPublicKey) and key.key_size < _LEAST_RSA_BITS) or (
        isinstance(key, ec.EllipticCurvePublicKey) and key.key_size < _LEAST_EC_BITS
    )
    if weak:
        raise _bad(CertificateTrouble.WEAK_KEY, "the key is too short")
    algorithm = certificate.signature_hash_algorithm
    if algorithm is not None and algorithm.name in _WEAK_HASHES:
        raise _bad(CertificateTrouble.WEAK_SIGNATURE, algorithm.name)


def _check_names(certificate: x509.Certificate, server: str) -> None:
    """RFC 5922 section 7: subjectAltName only, `sip:` URIs before DNS names, never a wildcard."""
    addresses, domains = _names(certificate)
    wanted = _normal(server)
    names = addresses if _is_address(wanted) else domains
    if not addresses | domains:
        raise _bad(CertificateTrouble.NO_NAME, "no usable subjectAltName")
    if wanted not in names:
        raise _bad(CertificateTrouble.WRONG_NAME, ", ".join(sorted(addresses | domains)))


def _names(certificate: x509.Certificate) -> tuple[set[str], set[str]]:
    from cryptography import x509

    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return set(), set()
    except ValueError as error:
        raise _bad(CertificateTrouble.MALFORMED, str(error)) from error
    addresses = {str(address) for address in extension.get_values_for_type(x509.IPAddress)}
    uris = extension.get_values_for_type(x509.UniformResourceIdentifier)
    domains = {uri[4:].lower() for uri in uris if uri.lower().startswith("sip:") and "@" not in uri}
    if not domains:
        domains = {name.lower() for name in extension.get_values_for_type(x509.DNSName)}
    return addresses, {name.rstrip(".") for name in domains}


def _is_address(server: str) -> bool:
    try:
        ipaddress.ip_address(server)
    except ValueError:
        return False
    return True


def _normal(server: str) -> str:
    if _is_address(server):
        return str(ipaddress.ip_address(server))
    try:
        return server.rstrip(".").encode("idna").decode("ascii").lower()
    except UnicodeError:
        return server.rstrip(".").lower()
