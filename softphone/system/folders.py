"""Where this profile keeps its files: the platform's folders, or one folder named on the command line."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from softphone.domain.errors import Broken
from softphone.domain.facts import dataclass

NAME = "softphone"


@dataclass(frozen=True, slots=True)
class Folders:
    """The folders of one profile. `config` holds settings, `data` the database, `logs` the log files.

    `profile` is empty for the usual one and otherwise a short hash of the folder; it keeps control sockets
    and secrets of several profiles apart.
    """

    config: Path
    data: Path
    logs: Path
    profile: str = ""

    @property
    def settings_file(self) -> Path:
        return self.config / "settings.toml"

    @property
    def provisioned_file(self) -> Path:
        return self.config / "provisioned.toml"

    @property
    def enrolled_file(self) -> Path:
        """What the company said about this agent when the phone was enrolled."""
        return self.config / "enrolled.toml"

    @property
    def provisioning_state(self) -> Path:
        return self.config / "provisioning.json"

    @property
    def last_good(self) -> Path:
        """The last faultless state of each layer above the user's."""
        return self.config / "last-good"

    @property
    def database(self) -> Path:
        return self.data / "softphone.db"

    @property
    def customers(self) -> Path:
        """What is kept of customers, expendable."""
        return self.data / "customers.db"

    @property
    def audit_log(self) -> Path:
        return self.data / "audit.db"

    @property
    def key_store_service(self) -> str:
        """The name under which secrets of this profile lie in the key store."""
        return f"{NAME}/{self.profile}" if self.profile else NAME

    def create(self) -> None:
        """Make what is missing, readable for this user only; raise `Broken` when that is impossible."""
        for folder in (self.config, self.data, self.logs):
            try:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            except OSError as exc:
                raise Broken("folder", f"cannot create {folder}: {exc.strerror}") from exc


def folders(config_dir: Path | None = None) -> Folders:
    """The folders of the profile in `config_dir`, or of the usual one."""
    if config_dir is not None:
        root = Path(os.path.realpath(config_dir))
        return Folders(root, root / "data", root / "logs", profile_of(root))
    from platformdirs import PlatformDirs  # 30 ms that a named folder does not need

    usual = PlatformDirs(NAME, appauthor=False)
    return Folders(usual.user_config_path, usual.user_data_path, usual.user_log_path)


def profile_of(root: Path) -> str:
    """A short stable name for a profile's folder."""
    return hashlib.sha256(os.fsencode(root)).hexdigest()[:12]
