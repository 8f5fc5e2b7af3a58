"""The computer itself: version, settings, what the company has set up, disk, key store, installation."""

from __future__ import annotations

import platform
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import softphone
from softphone.cli.doctor.findings import Finding, failed, good, remark
from softphone.cli.self_test import check as self_test
from softphone.domain.provisioning import ProvisioningState
from softphone.domain.settings import Settings
from softphone.system.folders import Folders
from softphone.system.settings_file import LayeredSettings

ROOM_NEEDED, ROOM_WISHED = 50_000_000, 500_000_000
STALE_AFTER = timedelta(days=3)


def about_version() -> Finding:
    """Which copy this is."""
    facts = {"softphone": softphone.__version__, "python": platform.python_version()}
    return good("version", f"softphone {softphone.__version__} on {platform.platform()}", **facts)


def about_settings(file: LayeredSettings, settings: Settings) -> Finding:
    """Whether everything that IT and the company have said is in force."""
    faults = [str(fault) for fault in file.faults]
    if faults:
        advice = "IT: correct these keys; the last good state is in force meanwhile."
        return remark("settings", "; ".join(faults), advice, left_out=faults)
    count = len(settings.accounts)
    words = f"{count} account{'s' if count != 1 else ''}, {len(file.locked())} settings fixed from above"
    return good("settings", words, accounts=count, locked=len(file.locked()))


def about_provisioning(settings: Settings, state: ProvisioningState) -> Finding:
    """When the company's profile was last looked at."""
    url = settings.provisioning.url.split("?")[0]
    if not url:
        return good("provisioning", "set up by hand, no address of a profile")
    if not state.checked_at:
        return failed(
            "provisioning", f"nothing was ever fetched from {url}", "Run softphone provision.", url=url
        )
    age = datetime.now(UTC) - datetime.fromisoformat(state.checked_at)
    signed = "signed" if state.signed else "not signed"
    words = f"{state.company or url}, serial {state.serial}, {signed}, checked {_ago(age)}"
    facts = {"url": url, "serial": state.serial, "signed": state.signed, "checked_at": state.checked_at}
    if age > STALE_AFTER:
        return remark("provisioning", words, "Run softphone provision: it says why nothing comes.", **facts)
    return good("provisioning", words, **facts)


def about_disk(where: Folders) -> Finding:
    """Room, and whether the folders can be written."""
    for folder in (where.config, where.data, where.logs):
        try:
            with tempfile.NamedTemporaryFile(dir=folder) as probe:
                probe.write(b"softphone doctor")
        except OSError as exc:
            return failed("disk", f"{folder}: {exc.strerror}", "IT: let this user write there.")
    free = shutil.disk_usage(where.data).free
    words = f"{free // 1_000_000:,} MB free"
    if free < ROOM_NEEDED:
        return failed("disk", words, "Make room: outcomes can hardly be saved.", free_bytes=free)
    if free < ROOM_WISHED:
        return remark("disk", words, "Make room before it fills up.", free_bytes=free)
    return good("disk", words, free_bytes=free)


def about_installation(where: Folders) -> Iterator[Finding]:
    """What the self-test knows to check, with words and advice."""
    for part, (name, fine, advice) in _PARTS.items():
        found = self_test(part, where.config if where.profile else None)
        facts = {key: value for key, value in found.items() if key not in ("ok", "detail", "ms")}
        if found.get("ok") is True:
            yield good(name, fine.format(**{**_BLANK, **facts}), **facts)
        else:
            yield failed(
                name, str(found.get("detail") or found.get("reason") or "does not work"), advice, **facts
            )


_BLANK = {"backend": "key store", "openssl": "OpenSSL"}
_PARTS = {
    "key_store": (
        "key store",
        "{backend} keeps, returns and forgets a secret",
        "Unlock the key store, or start one in this session (GNOME Keyring, KWallet).",
    ),
    "database": ("database", "can be made, encrypted and read again", "IT: install the softphone anew."),
    "codecs": ("codecs", "all of ours are there", "IT: install the softphone anew."),
    "certificates": (
        "certificates",
        "{openssl}, the system's authorities are there",
        "IT: install the system's certificate authorities.",
    ),
}


def _ago(age: timedelta) -> str:
    if age < timedelta(hours=1):
        return f"{int(age.total_seconds() // 60)} minutes ago"
    return f"{int(age.total_seconds() // 3600)} hours ago" if age < STALE_AFTER else f"{age.days} days ago"
