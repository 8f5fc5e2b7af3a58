"""The key ring: another process finds a secret again, and not when the ring is locked."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.peers.secret_service import SecretService


def test_a_stored_secret_is_found_by_another_process(secret_service: SecretService) -> None:
    _python(secret_service, "keyring.set_password('service', 'user', 'made up')")
    found = _python(secret_service, "print(keyring.get_password('service', 'user'))")
    assert found.stdout.strip() == "made up"


def test_a_locked_key_ring_gives_nothing_away(secret_service: SecretService) -> None:
    _python(secret_service, "keyring.set_password('service', 'user', 'made up')")
    secret_service.lock()
    refused = _python(secret_service, "print(keyring.get_password('service', 'user'))", check=False)
    assert refused.returncode != 0
    assert "KeyringLocked" in refused.stderr
    assert "made up" not in refused.stdout


def _python(service: SecretService, code: str, *, check: bool = True) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", f"import keyring; {code}"],
        env={**os.environ, **service.environment},
        capture_output=True,
        text=True,
        timeout=20,
        check=check,
    )
