"""What the settings say about being set up from afar; how that goes is in `domain.provisioning`."""

from __future__ import annotations

from softphone.domain.account import MediaEncryption, Transport
from softphone.domain.facts import dataclass


@dataclass(frozen=True, slots=True)
class ProvisioningSettings:
    """Where this phone fetches the company's profile. Empty `url`: it is set up by hand.

    `public_key` is the Ed25519 key (RFC 8032) in base64 by which the profile must be signed; whoever sets it
    in policy or at installation pins it. `ca_file` holds certificates to trust for `url` beside the system's.
    """

    url: str = ""
    public_key: str = ""
    ca_file: str = ""


@dataclass(frozen=True, slots=True)
class SignInTemplate:
    """What stands in the sign-in form already, so that agents type user and password only."""

    server: str = ""
    port: int | None = None
    transport: Transport = Transport.UDP
    media_encryption: MediaEncryption = MediaEncryption.AUTOMATIC
    ca_file: str = ""


@dataclass(frozen=True, slots=True)
class DiagnosticsSettings:
    """`echo_extension` is a number of the telephone system that answers and returns what it hears."""

    echo_extension: str = ""
