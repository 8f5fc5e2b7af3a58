"""Starting the desk, or handing over to the one that runs already."""

from __future__ import annotations

import argparse
import re
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from softphone.domain.errors import SoftphoneError, TryLater
from softphone.domain.links import LONGEST_LINK
from softphone.domain.text import clean_line
from softphone.system.control_client import ControlClient
from softphone.system.folders import folders

if TYPE_CHECKING:
    from softphone.composition import Profile
    from softphone.launch import Launch

_LINK = re.compile(r"(tel|callto|sips?|softphone):\S", re.IGNORECASE)
_LONGEST_LINK = 500
_HAND_OVER_WITHIN_S = 10.0
"""An instance that has just been started holds the lock before it listens."""

_OPENED_WITHIN_S = 5.0

FAILED, NOBODY = 1, 3


def checked_link(text: str) -> str | None:
    """The link as one clean line, percent escapes of a browser undone; None when it is no link of ours."""
    if not _LINK.match(text):
        return None
    scheme, _, rest = text.partition(":")
    plain = unquote(rest) if scheme.lower() in ("tel", "callto") else rest
    limit = LONGEST_LINK if scheme.lower() == "softphone" else _LONGEST_LINK
    return clean_line(f"{scheme.lower()}:{plain}", limit)


def run(options: argparse.Namespace, link: str) -> int:
    """Run the desk until it is quit, or bring up the running one of the same profile."""
    where = folders(options.config_dir)
    if not options.profile_stdin and _handed_over(where.data, link):
        return 0
    try:
        return _run_alone(options, link, where.data)
    except SoftphoneError as exc:
        sys.stderr.write(f"softphone: {exc}\n")
        return FAILED


def _run_alone(options: argparse.Namespace, link: str, folder: Path) -> int:
    """Start the engine and run the desk; from the first on no signal must leave the engine behind.

    One that comes before there is anything to take back is put off; Qt's loop minds them later.
    """
    from softphone.launch import launch  # only now: who hands over needs no engine

    came: list[int] = []
    _on_signals(came.append)
    launched = launch(options.config_dir)
    try:
        _on_signals(_leave)
        if came:
            _leave(came[0])
        if launched is None:
            return _hand_over_patiently(folder, link)
        return _run_desk(options, link, launched)
    except (SoftphoneError, SystemExit):
        if launched is not None:
            launched.abandon()
        raise


def _run_desk(options: argparse.Namespace, link: str, launched: Launch) -> int:
    from softphone.composition import Options  # 0.1 s, while the engine that was launched loads
    from softphone.composition import run as run_desk

    return run_desk(
        Options(
            link=link,
            profile=_profile_from_stdin() if options.profile_stdin else None,
            autoplay_to=Path(options.autoplay) if options.autoplay else None,
            autoplay_calls=options.autoplay_calls,
            log_on_screen=options.verbose,
        ),
        launched,
    )


def _on_signals(act: Callable[[int], object]) -> None:
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, lambda number, _frame: act(number))


def _leave(number: int) -> None:
    sys.exit(128 + number)


def _handed_over(folder: Path, link: str) -> bool:
    try:
        client = ControlClient(folder)
    except TryLater:
        return False
    try:
        return client.ask({"command": "open", "link": link}, _OPENED_WITHIN_S).get("ok") is True
    except SoftphoneError:
        return False
    finally:
        client.close()


def _hand_over_patiently(folder: Path, link: str) -> int:
    deadline = time.monotonic() + _HAND_OVER_WITHIN_S
    while time.monotonic() < deadline:
        if _handed_over(folder, link):
            return 0
        time.sleep(0.1)
    sys.stderr.write("softphone: another softphone of this profile is running but does not respond\n")
    return NOBODY


def _profile_from_stdin() -> Profile:
    """The demo's settings and secrets: one line, never in arguments, environment or files."""
    from softphone.composition import Profile
    from softphone.demo.profile import LINE_LIMIT, from_line

    handed = from_line(sys.stdin.buffer.readline(LINE_LIMIT))
    return Profile(handed.settings, handed.secrets)
