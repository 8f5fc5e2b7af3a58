"""Only key stores that keep secrets safe are used; every other one is refused with its reason."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.peers.secret_service import SecretService

TRY = """
import sys
from softphone.domain.key_store import KeyStoreLocked, KeyStoreUnusable
from softphone.system.secrets import KeyringSecrets
store = KeyringSecrets()
try:
    store.write("account/main", "hunter2")
    print("kept in", store.backend_name, "and read:", store.read("account/main") == "hunter2")
except (KeyStoreLocked, KeyStoreUnusable) as error:
    print(type(error).__name__, error.trouble.value, error.detail)
"""

READ_AHEAD = """
from softphone.domain.key_store import KeyStoreUnusable
from softphone.system.secrets import KeyringSecrets
before, store = KeyringSecrets(), KeyringSecrets()
try:
    for name, secret in (("a", "one"), ("b", "two"), ("c", "three")):
        before.write(name, secret)
except KeyStoreUnusable:
    pass
heard = []
store.read_ahead(["a", "b", "c", "d"], lambda name, secret: heard.append(name + "=" + secret))
try:
    store.write("a", "new one")
    store.delete("c")
    print(store.read("a"), store.read("d"))
    print(store.read("b"))
    print(store.read("c"))
    print(*heard)
except KeyStoreUnusable as error:
    print(error.trouble.value)
"""

PLAIN_TEXT = """
import keyring.backend
class PlainTextKeyring(keyring.backend.KeyringBackend):
    priority = 1
    def get_password(self, service, username): raise AssertionError("asked")
    def set_password(self, service, username, password): raise AssertionError("given a secret")
    def delete_password(self, service, username): raise AssertionError("asked")
"""


def attempt(environment: dict[str, str], script: str = TRY) -> str:
    lonely = {k: v for k, v in os.environ.items() if not k.startswith(("DBUS_", "XDG_", "PYTHON_KEYRING"))}
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**lonely, **environment},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return done.stdout.strip()


def with_plain_text_backend(folder: Path) -> dict[str, str]:
    """An environment in which keyring finds a plug-in that writes plain text, as keyrings.alt brings one."""
    (folder / "plain_text_store.py").write_text(PLAIN_TEXT)
    info = folder / "plain_text_store-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: plain-text-store\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[keyring.backends]\nplain = plain_text_store\n")
    path = os.environ.get("PYTHONPATH", "")
    return {"PYTHONPATH": os.pathsep.join(filter(None, [str(folder), os.getcwd(), path]))}


@pytest.mark.parametrize("backend", ["keyring.backends.null.Keyring", "plain_text_store.PlainTextKeyring"])
def test_a_configured_backend_that_is_not_safe_is_refused_by_name(tmp_path: Path, backend: str) -> None:
    said = attempt({**with_plain_text_backend(tmp_path), "PYTHON_KEYRING_BACKEND": backend})
    assert said == f"KeyStoreUnusable unsafe {backend} does not keep secrets safe and is refused"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a key store")
def test_a_session_without_a_key_store_is_told_apart(tmp_path: Path) -> None:
    said = attempt({"HOME": str(tmp_path)})
    assert said == "KeyStoreUnusable missing this session offers no key store"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a key store")
def test_a_plug_in_that_would_take_over_where_nothing_else_is_there_is_refused(tmp_path: Path) -> None:
    said = attempt({**with_plain_text_backend(tmp_path), "HOME": str(tmp_path)})
    assert said.startswith("KeyStoreUnusable unsafe plain_text_store.PlainTextKeyring")


@pytest.mark.peer("secret_service")
def test_beside_a_plain_text_plug_in_the_safe_one_is_used_alone(
    secret_service: SecretService, tmp_path: Path
) -> None:
    said = attempt({**with_plain_text_backend(tmp_path), **secret_service.environment})
    assert said == "kept in Secret Service and read: True"


@pytest.mark.peer("secret_service")
def test_of_a_configured_chain_the_safe_member_is_used_alone(
    secret_service: SecretService, tmp_path: Path
) -> None:
    chain = {"PYTHON_KEYRING_BACKEND": "keyring.backends.chainer.ChainerBackend"}
    plug_in = with_plain_text_backend(tmp_path)
    assert attempt({**plug_in, **chain, **secret_service.environment}) == (
        "kept in Secret Service and read: True"
    )
    assert attempt({**plug_in, **chain, "HOME": str(tmp_path)}).startswith("KeyStoreUnusable unsafe")


@pytest.mark.peer("secret_service")
def test_secrets_read_ahead_are_there_and_changes_count(secret_service: SecretService) -> None:
    assert attempt(secret_service.environment, READ_AHEAD).splitlines() == [
        "new one None",
        "two",
        "None",
        "a=one b=two c=three",
    ]
    assert attempt({"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}, READ_AHEAD).startswith(
        "unsafe"
    )


@pytest.mark.peer("secret_service")
def test_a_locked_key_store_means_try_later(secret_service: SecretService) -> None:
    assert attempt(secret_service.environment) == "kept in Secret Service and read: True"
    secret_service.lock()
    said = attempt(secret_service.environment)
    assert said.startswith("KeyStoreLocked locked")


@pytest.mark.peer("secret_service")
def test_a_key_store_that_vanished_is_told(secret_service: SecretService) -> None:
    secret_service.stop()
    assert attempt(secret_service.environment).startswith("KeyStoreUnusable missing")
