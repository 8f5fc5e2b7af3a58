"""The operating system's key store through `keyring`: only backends that are known to keep secrets safe.

`keyring` can be configured, or can fall back by itself, to backends that write plain text, forget everything
or fail. Those are refused before a secret reaches them, each with its reason.
"""

from __future__ import annotations

import importlib
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from softphone.domain.errors import SoftphoneError
from softphone.domain.key_store import KeyStoreLocked, KeyStoreTrouble, KeyStoreUnusable

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE = "softphone"
_ABSENT = "keyring.backends.fail.Keyring"

_SAFE = {
    "keyring.backends.SecretService.Keyring": "Secret Service",
    "keyring.backends.libsecret.Keyring": "Secret Service (libsecret)",
    "keyring.backends.kwallet.DBusKeyring": "KWallet",
    "keyring.backends.kwallet.DBusKeyringKWallet4": "KWallet 4",
    "keyring.backends.macOS.Keyring": "macOS Keychain",
    "keyring.backends.Windows.WinVaultKeyring": "Windows Credential Manager",
}
_OF_SYSTEM = {
    "win32": ("keyring.backends.Windows.WinVaultKeyring",),
    "darwin": ("keyring.backends.macOS.Keyring",),
}
_OF_OTHERS = ("keyring.backends.SecretService.Keyring", "keyring.backends.kwallet.DBusKeyring")


def _nobody(_name: str, _secret: str) -> None:
    """Nobody wants to hear of secrets at once."""


class KeyringSecrets:
    """Port `Secrets`. Each call may wait for the user to unlock the key store: never during a call.

    `service` keeps the secrets of different profiles apart. Raises `KeyStoreUnusable` (no safe key store,
    or it failed) and `KeyStoreLocked`.
    """

    def __init__(self, service: str = SERVICE) -> None:
        self._service = service
        self._backend: KeyringBackend | None = None
        self._ahead: dict[str, str | SoftphoneError | None] = {}
        self._reading_ahead: threading.Thread | None = None

    def read_ahead(self, names: Iterable[str], found: Callable[[str, str], None] = _nobody) -> None:
        """Begin to read `names` in the background: loading and asking takes 0.2 s that a start can use.

        `found` is called with name and secret on the background thread, of each that there is. To be called
        before Qt is imported. Of keyring so much is loaded before this returns as replaces the interpreter's
        own import for a moment (importlib_metadata, under Python 3.11): Qt replaces it, too, for good, and in
        the midst of the other's moment both end up calling each other, and no import works any more.
        """
        wanted = tuple(names)
        with suppress(KeyStoreUnusable):  # whoever reads is told
            _load_keyring()
        self._reading_ahead = threading.Thread(
            target=lambda: self._read_ahead(wanted, found), name="key-store", daemon=True
        )
        self._reading_ahead.start()

    @property
    def asking(self) -> bool:
        """What is read ahead is not there yet: the key store may be waiting for its user's password."""
        return self._reading_ahead is not None and self._reading_ahead.is_alive()

    @property
    def backend_name(self) -> str:
        """What the user calls this key store."""
        return _SAFE[_path(self._chosen())]

    def read(self, name: str) -> str | None:
        self._await_reading_ahead()
        if name in self._ahead:
            known = self._ahead.pop(name)
            if isinstance(known, SoftphoneError):
                raise known
            return known
        return self._ask(name)

    def write(self, name: str, secret: str) -> None:
        self._await_reading_ahead()
        self._ahead.pop(name, None)
        with _translated():
            self._chosen().set_password(self._service, name, secret)

    def delete(self, name: str) -> None:
        """Forget the secret; forgetting what is not there is no error."""
        self._await_reading_ahead()
        self._ahead.pop(name, None)
        with _translated():
            backend = self._chosen()
            if backend.get_password(self._service, name) is not None:
                backend.delete_password(self._service, name)

    def _ask(self, name: str) -> str | None:
        with _translated():
            return self._chosen().get_password(self._service, name)

    def _read_ahead(self, names: tuple[str, ...], found: Callable[[str, str], None]) -> None:
        for name in names:
            try:
                secret = self._ahead[name] = self._ask(name)
            except SoftphoneError as exc:
                self._ahead[name] = exc
                return  # the next one would only ask the user again
            if secret is not None:
                found(name, secret)

    def _await_reading_ahead(self) -> None:
        if self._reading_ahead is not None:
            self._reading_ahead.join()

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


def _load_keyring() -> None:
    try:
        importlib.import_module("keyring.errors")
    except ImportError as exc:
        raise KeyStoreUnusable(KeyStoreTrouble.FAILED, f"keyring cannot be loaded: {exc}") from exc


def _safe_backend() -> KeyringBackend:
    """The configured backend if it is safe, else the best safe one of this system; raises why not."""
    from keyring import core

    with _translated():
        configured = core.load_env() or core.load_config()
    if configured is not None:
        return _safe_one_of(configured)
    # Not keyring's own search: it loads every backend and plug-in there is (0.2 s, a compiler among them).
    viable = [found for found in map(_viable, _OF_SYSTEM.get(sys.platform, _OF_OTHERS)) if found]
    if viable:
        return max(viable, key=lambda kind: float(kind.priority))()
    with _translated():
        return _safe_one_of(core.get_keyring())


def _safe_one_of(found: KeyringBackend) -> KeyringBackend:
    """`found`, or the safe member of a chain: a chain would write to the next one when that cannot."""
    candidates: list[KeyringBackend] = getattr(found, "backends", [found])
    safe = [backend for backend in candidates if _path(backend) in _SAFE]
    if safe:
        return safe[0]
    if not candidates or _path(found) == _ABSENT:
        raise KeyStoreUnusable(KeyStoreTrouble.MISSING, "this session offers no key store")
    raise KeyStoreUnusable(
        KeyStoreTrouble.UNSAFE,
        f"{', '.join(map(_path, candidates))} does not keep secrets safe and is refused",
    )


def _viable(path: str) -> type[KeyringBackend] | None:
    module, _, name = path.rpartition(".")
    try:
        kind: type[KeyringBackend] = getattr(importlib.import_module(module), name)
    except ImportError:
        return None
    return kind if kind.viable else None


def _path(backend: KeyringBackend) -> str:
    return f"{type(backend).__module__}.{type(backend).__qualname__}"


@contextmanager
def _translated() -> Iterator[None]:
    """Turn what keyring and its backends raise into our reasons."""
    _load_keyring()
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
