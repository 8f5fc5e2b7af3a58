"""Signs programs, libraries and the MSI (Authenticode) with osslsigncode.

Without a certificate of the company's a test certificate is made: it shows that signing works and is trusted
by nobody. The real one comes by `--certificate FILE.p12` (its password in the file named by
`--certificate-password-file`) or, in a token or an HSM, by `--pkcs11-module` and `--pkcs11-certificate`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from installer.building import product
from installer.building.binaries import pe_files
from installer.building.tools import need, run

TEST_NAME = "Softphone TEST, do not trust"


@dataclass(frozen=True)
class Signer:
    """How to sign. `timestamp_url` is the service that attests the time (RFC 3161); a signature without it
    ends with the certificate."""

    arguments: tuple[str, ...]
    timestamp_url: str = ""
    trusted: bool = True

    def sign(self, file: Path) -> None:
        """Sign `file` in place."""
        signed = file.with_name(f"{file.name}.signed")
        command = ["osslsigncode", "sign", *self.arguments, "-h", "sha256", "-n", product.NAME]
        if self.timestamp_url:
            command += ["-ts", self.timestamp_url]
        run([*command, "-in", file, "-out", signed])
        signed.replace(file)


def from_file(certificate: Path, password_file: Path | None, timestamp_url: str) -> Signer:
    """A certificate with its key in a PKCS#12 file."""
    need("osslsigncode")
    password = ("-readpass", str(password_file)) if password_file else ()
    return Signer(("-pkcs12", str(certificate), *password), timestamp_url)


def from_token(module: Path, certificate: str, timestamp_url: str) -> Signer:
    """A certificate whose key never leaves a token or an HSM."""
    need("osslsigncode")
    return Signer(
        ("-pkcs11module", str(module), "-pkcs11cert", certificate, "-key", certificate), timestamp_url
    )


def for_tests(folder: Path) -> Signer:
    """A certificate that was made a moment ago and that no computer trusts."""
    need("osslsigncode")
    folder.mkdir(parents=True, exist_ok=True)
    certificate, key = folder / "test-certificate.pem", folder / "test-key.pem"
    if not certificate.exists():
        _make(certificate, key)
    return Signer(("-certs", str(certificate), "-key", str(key)), trusted=False)


def sign_unsigned(signer: Signer, tree: Path) -> int:
    """Sign every program and library in `tree` that nobody has signed; tell how many."""
    unsigned = [file for file in pe_files(tree) if not is_signed(file)]
    for file in unsigned:
        signer.sign(file)
    return len(unsigned)


def is_signed(file: Path) -> bool:
    """Whether the file carries an Authenticode signature: the fifth data directory is not empty."""
    content = file.read_bytes()
    at = int.from_bytes(content[0x3C:0x40], "little") + 24
    directories = at + (112 if content[at : at + 2] == b"\x0b\x02" else 96)
    return int.from_bytes(content[directories + 36 : directories + 40], "little") > 0


def _make(certificate: Path, key: Path) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    secret, now = rsa.generate_private_key(65_537, 3_072), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, TEST_NAME)])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(secret.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), critical=True)
        .sign(secret, hashes.SHA256())
    )
    key.touch(mode=0o600)
    key.write_bytes(
        secret.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
