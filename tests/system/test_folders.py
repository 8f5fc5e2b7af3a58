"""Where a profile keeps its files."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from softphone.domain.errors import Broken
from softphone.system.folders import folders


def test_a_named_folder_holds_everything_and_is_the_users_own(tmp_path: Path) -> None:
    profile = folders(tmp_path / "profile")
    profile.create()
    for folder in (profile.config, profile.data, profile.logs):
        assert folder.is_relative_to(tmp_path / "profile")
        assert os.name == "nt" or stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_profiles_do_not_share_secrets_and_one_profile_has_one_name(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "a")
    names = {folders(tmp_path / name).key_store_service for name in ("a", "link", "b/../a")}
    assert len(names) == 1
    assert folders(tmp_path / "b").key_store_service not in names
    assert folders().key_store_service == "softphone"


@pytest.mark.skipif(sys.platform != "linux", reason="the names of Linux")
def test_without_a_name_the_platforms_folders_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", "/somewhere/config")
    monkeypatch.setenv("XDG_DATA_HOME", "/somewhere/data")
    usual = folders()
    assert usual.settings_file == Path("/somewhere/config/softphone/settings.toml")
    assert usual.database == Path("/somewhere/data/softphone/softphone.db")


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Broken, match="cannot create"):
        folders(tmp_path / "file" / "profile").create()
