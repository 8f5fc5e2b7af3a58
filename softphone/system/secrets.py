"""The operating system's key store through `keyring`: only backends that are known to keep secrets safe.

`keyring` can be configured, or can fall back by itself, to backends that write plain text, forget everything
or fail. Those are refused before a secret reaches them, each with its reason.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from softphone.domain.key_store import KeyStoreLocked, KeyStoreTrouble, KeyStoreUnusable

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE = "softphone"

_SAFE = {
    "keyring.backends.SecretService.Keyring": "Secret Service",
    "keyring.backends.libsecret.Keyring": "Secret Service (libsecret)",
    "keyring.backends.kwallet.DBusKeyring": "KWallet 5",
    "keyring.backends.kwallet.DBusKeyringKWallet4": "KWallet 4",
    "keyring.backends.kwallet.DBusKeyringKWallet6": "KWallet 6",
    "keyring.backends.macOS.Keyring": "macOS Keychain",
    "keyring.backends.Windows.WinVaultKeyring": "Windows Credential Manager",
}
_ABSENT = "keyring.backends.fail.Keyring"


class KeyringSecrets:
    """Port `Secrets`. Each call may wait for the user to unlock the key store: never during a call.

    `service` keeps the secrets of different profiles apart. Raises `KeyStoreUnusable` (no safe key store,
    or it failed) and `KeyStoreLocked`.
    """

    def __init__(self, service: str = SERVICE) -> None:
        self._service = service
        self._backend: KeyringBackend | None = None

    @property
    def backend_name(self) -> str:
        """What the user calls this key store."""
        return _SAFE[_path(self._chosen())]

    def read(self, name: str) -> str | None:
        with _translated():
            return self._chosen().get_password(self._service, name)

    def write(self, name: str, secret: str) -> None:
        with _translated():
            self._chosen().set_password(self._service, name, secret)

    def delete(self, name: str) -> None:
        """Forget the secret; forgetting what is not there is no error."""
        with _translated():
            backend = self._chosen()
            if backend.get_password(self._service, name) is not None:
                backend.delete_password(self._service, name)

    def _chosen(self) -> KeyringBackend:
        if self._backend is None:
            self._backend = _safe_backend()
        return self._backend


class MemorySecrets:
    """Port `Secrets` for the demo and for tests: gone with the process."""

    backend_name = "memory"

    def __init__(self, secrets: dict[str, str] | None = None) -> None:
        self._secrets = dict(secrets or {})

    def read(self, name: str) -> str | None:
        return self._secrets.get(name)

    def write(self, name: str, secret: str) -> None:
        self._secrets[name] = secret

    def delete(self, name: str) -> None:
        self._secrets.pop(name, None)


def _safe_backend() -> KeyringBackend:
    import keyring  # 0.15 s, needed by nobody who only talks to the running instance

    with _translated():
        configured = keyring.get_keyring()
    candidates: list[KeyringBackend] = getattr(configured, "backends", [configured])
    safe = [backend for backend in candidates if _path(backend) in _SAFE]
    if safe:
        # A chain would write to the next backend when the safe one cannot: its safe member is used alone.
        return safe[0]
    if not candidates or _path(configured) == _ABSENT:
        raise KeyStoreUnusable(KeyStoreTrouble.MISSING, "this session offers no key store")
    raise KeyStoreUnusable(
        KeyStoreTrouble.UNSAFE,
        f"{', '.join(map(_path, candidates))} does not keep secrets safe and is refused",
    )


def _path(backend: KeyringBackend) -> str:
    return f"{type(backend).__module__}.{type(backend).__qualname__}"


@contextmanager
def _translated() -> Iterator[None]:
    """Turn what keyring and its backends raise into our reasons."""
    import keyring.errors

    locked, failed = _foreign_errors()
    try:
        yield
    except keyring.errors.NoKeyringError as exc:
        raise KeyStoreUnusable(KeyStoreTrouble.MISSING, "this session offers no key store") from exc
    except locked as exc:
        raise KeyStoreLocked(str(exc)) from exc
    except failed as exc:
        raise KeyStoreUnusable(KeyStoreTrouble.FAILED, f"{type(exc).__name__}: {exc}") from exc


def _foreign_errors() -> tuple[tuple[type[Exception], ...], tuple[type[Exception], ...]]:
    """What means "locked" and what "failed"; keyring lets the Secret Service library's errors through."""
    from keyring.errors import KeyringError, KeyringLocked

    failed = (KeyringError, OSError, RuntimeError, ImportError, AttributeError)
    try:
        library = importlib.import_module("secretstorage.exceptions")
    except ImportError:
        return (KeyringLocked,), failed
    locked = (KeyringLocked, library.LockedException, library.PromptDismissedException)
    return locked, (*failed, library.SecretStorageException)
