"""Servers whose TLS must not be trusted, each bad in one way."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
DAY = datetime.timedelta(days=1)


def strong_key() -> Key:
    return ec.generate_private_key(ec.SECP256R1())


@dataclass(frozen=True)
class Recipe:
    """What a server's certificate is made of; the default is a good one for localhost and 127.0.0.1."""

    common_name: str = "localhost"
    names: tuple[x509.GeneralName, ...] = (
        x509.DNSName("localhost"),
        x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
    )
    starts: datetime.timedelta = -DAY
    ends: datetime.timedelta = 30 * DAY
    key: Callable[[], Key] = strong_key
    sha1: bool = False
    use: x509.ObjectIdentifier = ExtendedKeyUsageOID.SERVER_AUTH
    self_signed: bool = False
    issuer_is_ca: bool = True
    trusted: bool = True


class Forge:
    """Makes certificates into a folder; `authority` is the CA that the phone trusts."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ca_key: Key = rsa.generate_private_key(65537, 2048)
        self._ca_name = _name("Trusted CA")
        now = datetime.datetime.now(datetime.UTC)
        self._ca = _sign(
            _builder(self._ca_name, self._ca_name, self._ca_key, now - DAY, now + 30 * DAY).add_extension(
                x509.BasicConstraints(ca=True, path_length=None), critical=True
            ),
            self._ca_key,
        )
        self.authority = self._write("ca", [self._ca], None)

    def client(self) -> Path:
        """A certificate with its key for a client."""
        key = strong_key()
        return self._write(
            "client", self._chain(replace(GOOD, use=ExtendedKeyUsageOID.CLIENT_AUTH), key), key
        )

    def context(self, recipe: Recipe) -> tuple[ssl.SSLContext, str]:
        """A server context with such a certificate, and the certificate's SHA-256."""
        key = recipe.key()
        chain = self._chain(recipe, key)
        path = self._write("server", chain, key)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.load_cert_chain(path)
        return context, chain[0].fingerprint(hashes.SHA256()).hex()

    def _chain(self, recipe: Recipe, key: Key) -> list[x509.Certificate]:
        now = datetime.datetime.now(datetime.UTC)
        subject = _name(recipe.common_name)
        issuer, issuer_key, rest = self._issuer(recipe, subject, key)
        builder = _builder(subject, issuer, key, now + recipe.starts, now + recipe.ends)
        if recipe.names:
            builder = builder.add_extension(x509.SubjectAlternativeName(recipe.names), critical=False)
        builder = builder.add_extension(x509.ExtendedKeyUsage([recipe.use]), critical=False)
        made = _sign(builder, issuer_key)
        return [_with_sha1(made, issuer_key) if recipe.sha1 else made, *rest]

    def _issuer(
        self, recipe: Recipe, subject: x509.Name, key: Key
    ) -> tuple[x509.Name, Key, list[x509.Certificate]]:
        if recipe.self_signed:
            return subject, key, []
        if not recipe.trusted:
            return _name("Somebody Else"), strong_key(), []
        if recipe.issuer_is_ca:
            return self._ca_name, self._ca_key, []
        # An ordinary server certificate of the trusted CA that signs another one.
        now, middle_key = datetime.datetime.now(datetime.UTC), strong_key()
        name = _name("Not a CA")
        builder = _builder(name, self._ca_name, middle_key, now - DAY, now + DAY)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        return name, middle_key, [_sign(builder, self._ca_key)]

    def _write(self, label: str, chain: list[x509.Certificate], key: Key | None) -> Path:
        path = self._folder / f"{label}.pem"
        data = b"".join(one.public_bytes(serialization.Encoding.PEM) for one in chain)
        if key is not None:
            data += key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        path.write_bytes(data)
        return path


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: Key, starts: datetime.datetime, ends: datetime.datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(starts)
        .not_valid_after(ends)
    )


def _sign(builder: x509.CertificateBuilder, key: Key) -> x509.Certificate:
    return builder.sign(key, hashes.SHA256())


def _with_sha1(certificate: x509.Certificate, key: Key) -> x509.Certificate:
    # The library signs nothing with SHA-1 any more; the identifiers of both RSA signatures are equally long.
    assert isinstance(key, rsa.RSAPrivateKey)
    rsa_with_sha256, rsa_with_sha1 = (bytes.fromhex(f"2a864886f70d0101{last}") for last in ("0b", "05"))
    body = certificate.tbs_certificate_bytes.replace(rsa_with_sha256, rsa_with_sha1)
    signature = key.sign(body, padding.PKCS1v15(), hashes.SHA1())
    whole = certificate.public_bytes(serialization.Encoding.DER).replace(rsa_with_sha256, rsa_with_sha1)
    return x509.load_der_x509_certificate(whole[: -len(signature)] + signature)


def names(*texts: str) -> tuple[x509.GeneralName, ...]:
    return tuple(x509.DNSName(text) for text in texts)


GOOD = Recipe()
BAD: dict[str, tuple[Recipe, str]] = {
    "expired": (replace(GOOD, starts=-3 * DAY, ends=-DAY), "expired"),
    "not yet valid": (replace(GOOD, starts=DAY), "not_yet_valid"),
    "another name": (replace(GOOD, names=names("pbx.example")), "wrong_name"),
    "a name that only begins alike": (replace(GOOD, names=names("localhost.evil.example")), "wrong_name"),
    "a NUL inside the name": (replace(GOOD, names=names("localhost\0.evil.example")), "wrong_name"),
    "a wildcard": (replace(GOOD, names=names("*")), "wrong_name"),
    "the name in CN only": (replace(GOOD, names=()), "no_name"),
    "a SIP URI of another domain beside our DNS name": (
        replace(GOOD, names=(x509.UniformResourceIdentifier("sip:evil.example"), *names("localhost"))),
        "wrong_name",
    ),
    "self-signed": (replace(GOOD, self_signed=True), "self_signed"),
    "an unknown issuer": (replace(GOOD, trusted=False), "unknown_issuer"),
    "issued by a certificate that is no CA": (replace(GOOD, issuer_is_ca=False), "not_a_ca"),
    "for clients only": (replace(GOOD, use=ExtendedKeyUsageOID.CLIENT_AUTH), "wrong_purpose"),
    "an RSA key of 1024 bits": (
        replace(GOOD, key=lambda: rsa.generate_private_key(65537, 1024)),
        "weak_key",
    ),
    "a SHA-1 signature": (replace(GOOD, sha1=True), "weak_signature"),
}
