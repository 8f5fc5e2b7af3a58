"""Only web links leave for the browser."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from softphone.system.desktop import BrowserDesktop, is_web_link
from tests.peers.waiting import wait_for

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="stands in for xdg-open")


@pytest.mark.parametrize(
    "url",
    ["https://crm.example.org/c/17?tab=1#x", "http://127.0.0.1:8080/", "https://[::1]:8443/a%20b"],
)
def test_a_web_link_is_accepted(url: str) -> None:
    assert is_web_link(url)


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which a program named xdg-open writes down what it was asked to open."""
    program = tmp_path / "bin" / "xdg-open"
    program.parent.mkdir()
    program.write_text(
        f'#!/bin/sh\nprintf "%s|" "$@" > {tmp_path}/part\nmv {tmp_path}/part {tmp_path}/asked\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    return tmp_path / "asked"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https:///no-host",
        "https://user:word@example.org/",
        "https://example.org/a b",
        "https://example.org/\n--new-window",
        "https://example.org/\u202e",
        "--help",
        "example.org",
        "https://example.org:99999/",
        "https://[::1/",
        "https://example.org/" + "a" * 2_000,
    ],
)
def test_anything_else_is_refused_and_opens_nothing(url: str, opened: Path) -> None:
    assert BrowserDesktop().open_link(url) is False
    assert BrowserDesktop().open_link("https://crm.example.org/marker") is True
    assert wait_for(lambda: opened.exists() and opened.read_text(), "the browser") == (
        "https://crm.example.org/marker|"
    )


def test_a_web_link_is_handed_to_the_browser_as_it_is_and_without_a_shell(opened: Path) -> None:
    link = "https://crm.example.org/c/1;$(touch${IFS}x)&`id`"
    assert BrowserDesktop().open_link(link) is True
    assert wait_for(lambda: opened.exists() and opened.read_text(), "the browser") == link + "|"


def test_without_any_browser_the_answer_is_no(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("webbrowser._tryorder", [])
    assert BrowserDesktop().open_link("https://crm.example.org/") is False
