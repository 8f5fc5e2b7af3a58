"""Ed25519 signatures (RFC 8032) of company profiles: the last line, a comment over all before it."""

from __future__ import annotations

import base64
import binascii
import re
from pathlib import Path

from softphone.domain.errors import BadInput
from softphone.domain.provisioning import ProvisioningRefused, ProvisioningTrouble

_LINE = re.compile(rb"(?:^|(?<=\n))# ed25519: ([A-Za-z0-9+/]{86}==)[ \t\r\n]*\Z")


def payload_and_signature(raw: bytes) -> tuple[bytes, bytes | None]:
    """What is signed, and the signature if there is one at the very end."""
    found = _LINE.search(raw)
    if found is None:
        return raw, None
    return raw[: found.start()], base64.b64decode(found[1])


def verify(raw: bytes, public_key: str) -> None:
    """Raise `ProvisioningRefused` unless `raw` is signed by `public_key` (base64 of 32 bytes)."""
    from cryptography.exceptions import InvalidSignature  # 40 ms that only pinned profiles need
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    payload, signature = payload_and_signature(raw)
    if signature is None:
        raise ProvisioningRefused(
            ProvisioningTrouble.UNSIGNED,
            "the profile has no signature, but its public key is pinned; sign it with softphone profile sign",
        )
    try:
        Ed25519PublicKey.from_public_bytes(key_bytes(public_key)).verify(signature, payload)
    except InvalidSignature as exc:
        raise ProvisioningRefused(
            ProvisioningTrouble.TAMPERED,
            "the signature does not fit: the profile was changed after signing, or signed by another key",
        ) from exc


def key_bytes(public_key: str) -> bytes:
    """The 32 bytes of a public key in base64; raise `BadInput`."""
    try:
        raw = base64.b64decode(public_key, validate=True)
    except (binascii.Error, ValueError) as exc:
        raise BadInput("public_key", "an Ed25519 public key in base64 is expected (44 characters)") from exc
    if len(raw) != 32:
        raise BadInput("public_key", "an Ed25519 public key in base64 is expected (44 characters)")
    return raw


def signed(raw: bytes, private_key_pem: bytes) -> bytes:
    """`raw` with its signature as the last line, in place of an older one; raise `BadInput`."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(private_key_pem, None)
    except (ValueError, TypeError) as exc:
        raise BadInput("key", "no private key in PEM without a password") from exc
    if not isinstance(key, Ed25519PrivateKey):
        raise BadInput("key", "this is no Ed25519 key")
    payload, _old = payload_and_signature(raw)
    if payload and not payload.endswith(b"\n"):
        payload += b"\n"
    return payload + b"# ed25519: " + base64.b64encode(key.sign(payload)) + b"\n"


def make_key(file: Path) -> str:
    """Write a new private key, readable for this user only, to `file`; return the public key in base64.

    Raises `BadInput` when the file exists: nobody shall lose a key by a second try.
    """
    import os

    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as exc:
        raise BadInput("key", f"{file} exists already") from exc
    except OSError as exc:
        raise BadInput("key", f"cannot write {file}: {exc.strerror}") from exc
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(pem)
    raw = key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return base64.b64encode(raw).decode()
