"""One archive for support: what the doctor found, settings in force, logs. No secret, no customer data.

Records, recordings and the customers' database are never opened for it. Before it is written, every byte of
it is searched for every secret of this phone.
"""

from __future__ import annotations

import importlib.metadata
import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from softphone.cli.doctor.scrub import LEFT_OUT, Scrubber
from softphone.domain.errors import Broken, SoftphoneError
from softphone.domain.provisioning import ProvisioningState
from softphone.domain.settings import Settings
from softphone.store.key import SECRET_NAME
from softphone.system.atomic_write import write_atomically
from softphone.system.folders import Folders
from softphone.system.settings_catalogue import SettingKind, settings_catalogue
from softphone.usecases.ports import Secrets
from softphone.usecases.signing_in import secret_name

LOG_BYTES = 2_000_000
"""Of each log file its end."""

_ADDRESSES = ("base_url", "url")
_TECHNICAL = frozenset(
    {
        *("server", "domain", "backup_servers", "ca_file", "pack", "crm", "region", "codecs", "language"),
        *(
            "queue_headers",
            "record_id_headers",
            "recording_link_headers",
            "public_key",
            "echo_extension",
            "also_ring_on",
        ),
        *("microphone", "speaker", "ringer", "microphone_fallback", "speaker_fallback", "ringer_fallback"),
    }
)
"""Texts that hold no person and no company's script; of every other text only that it is set."""


def known_secrets(settings: Settings, secrets: Secrets) -> tuple[str, ...]:
    """Every secret of this phone that the key store gives out; raises nothing when it is locked."""
    names = [
        *(secret_name(account.id) for account in settings.accounts),
        *(f"crm/{crm.name}" for crm in settings.crms),
        SECRET_NAME,
    ]
    found = []
    for name in names:
        try:
            found.append(secrets.read(name) or "")
        except SoftphoneError:
            return tuple(found)
    return tuple(filter(None, found))


def write_bundle(
    file: Path,
    where: Folders,
    found: Mapping[str, object],
    settings_report: Mapping[str, Any],
    state: ProvisioningState,
    secrets: Iterable[str],
) -> None:
    """Write the archive, readable for this user only; raise `Broken` if a secret were in it."""
    scrubber = Scrubber(secrets)
    parts = {
        "doctor.json": _json(scrubber, found),
        "settings.json": _json(scrubber, _without_persons(settings_report)),
        "provisioning.json": _json(scrubber, _of_state(state)),
        "packages.txt": "\n".join(_packages()).encode(),
        **{f"logs/{path.name}": _log(scrubber, path) for path in sorted(where.logs.glob("*.log*"))},
    }
    for name, content in parts.items():
        _refuse_secrets(name, content, scrubber.secrets)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    write_atomically(file, packed.getvalue())


def _json(scrubber: Scrubber, value: object) -> bytes:
    return json.dumps(scrubber.everything(value), indent=1, ensure_ascii=False, default=str).encode()


def _without_persons(report: Mapping[str, Any]) -> dict[str, Any]:
    """Which settings there are and who has set them; values without persons, scripts and address details."""
    kept = {key: {**entry, "value": _shown(key, entry["value"])} for key, entry in report["settings"].items()}
    return {"settings": kept, "left_out": report["left_out"]}


def _shown(key: str, value: Any) -> Any:
    name = key.rsplit(".", 1)[-1]
    if name in _ADDRESSES:
        parts = urlsplit(str(value))
        return f"{parts.scheme}://{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}/{LEFT_OUT}"
    harmless = name in _TECHNICAL or isinstance(value, (bool, int, float)) or name in _choices()
    return value if harmless else "(set)"


def _choices() -> frozenset[str]:
    """Settings whose values are words of ours."""
    return frozenset(fact.name for fact in settings_catalogue() if fact.kind is SettingKind.CHOICE)


def _of_state(state: ProvisioningState) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.to_builtins(state)
    return {**told, "url": _shown("url", state.url) if "://" in state.url else ""}


def _packages() -> list[str]:
    return sorted(f"{d.name}=={d.version}" for d in importlib.metadata.distributions() if d.name)


def _log(scrubber: Scrubber, path: Path) -> bytes:
    try:
        raw = path.read_bytes()[-LOG_BYTES:]
    except OSError as exc:
        return f"cannot be read: {exc.strerror}\n".encode()
    lines = raw.decode(errors="replace").splitlines()
    return "".join(scrubber.log_line(line) + "\n" for line in lines).encode()


def _refuse_secrets(name: str, content: bytes, secrets: Iterable[str]) -> None:
    if any(secret.encode() in content for secret in secrets):
        raise Broken("bundle", f"{name} would hold a secret; nothing was written. Please report this")
