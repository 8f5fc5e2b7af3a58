"""The identities by which Windows Installer recognises us from version to version. Never change them."""

from __future__ import annotations

import uuid

from installer.building import product

UPGRADE_CODE = "8E6B2B66-5B0C-4C0D-9E57-3A0D2C9C6E11"
_SPACE = uuid.UUID("4f0c8f0a-6a0e-4b7e-9a57-6f3f2b1d7c21")

SETUP_KEY = r"SOFTWARE\Softphone\Setup"
"""What the installer itself remembers: where, which version, AUTOSTART and TEL_HANDLER."""

INSTALL_KEY = r"SOFTWARE\Softphone\Install"
"""Properties that are settings, as `softphone.system.settings_registry` reads them."""

RUN_KEY = r"SOFTWARE\Microsoft\Windows\CurrentVersion\Run"
PROGRAM_ID = "Softphone.Link"


def component(name: str) -> str:
    """The code of a component: the same in every version, because Windows counts by it who uses what."""
    return str(uuid.uuid5(_SPACE, f"component:{name}")).upper()


def product_code(version: str) -> str:
    """The code of one version of the product."""
    return str(uuid.uuid5(_SPACE, f"product:{product.NAME}:{version}")).upper()
