"""Which system packages are missing is read from dpkg's own database."""

from __future__ import annotations

from pathlib import Path

import pytest

from installer import system_packages

STATUS = """\
Package: libegl1
Status: install ok installed
Version: 1

Package: libgl1
Status: deinstall ok config-files

Package: libglib2.0-0t64
Status: install ok installed
"""


@pytest.fixture
def dpkg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with some packages."""
    status = tmp_path / "status"
    status.write_text(STATUS, encoding="utf-8")
    monkeypatch.setattr(system_packages, "STATUS", status)
    return status


def test_removed_and_unknown_packages_are_missing_and_any_of_several_names_counts(dpkg: Path) -> None:
    wanted = ("libegl1", "libgl1", "xvfb", "libglib2.0-0t64|libglib2.0-0")
    lacking = system_packages.missing(wanted)
    assert lacking.names == ("libgl1", "xvfb")
    assert lacking.command == "apt-get install -y --no-install-recommends libgl1 xvfb"


def test_nothing_is_missing_where_there_is_no_dpkg(dpkg: Path) -> None:
    dpkg.unlink()
    assert system_packages.missing(("xvfb",)).names == ()
