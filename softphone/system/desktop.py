"""Hands links to the system's browser: http and https only, never through a shell."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
import webbrowser
from urllib.parse import urlsplit

import structlog

_LONGEST = 2_000
_log = structlog.get_logger()


class BrowserDesktop:
    """Port `Desktop`. Returns at once; the browser starts by itself."""

    def open_link(self, url: str) -> bool:
        """Open `url` in the browser; tell whether the system took it. Anything but http(s) is refused."""
        if not is_web_link(url):
            _log.warning("link_refused", scheme=url.split(":", 1)[0][:20])
            return False
        try:
            return self._hand_over(url)
        except (webbrowser.Error, OSError) as exc:
            _log.warning("link_not_opened", reason=type(exc).__name__)
            return False

    def _hand_over(self, url: str) -> bool:
        opener = shutil.which("xdg-open") if sys.platform.startswith("linux") else None
        if opener is None:
            return webbrowser.open(url, new=2)
        # Not through webbrowser: it first asks xdg-settings, and waits for the answer on our main thread.
        quiet = subprocess.DEVNULL
        process = subprocess.Popen(  # noqa: S603 - a checked link, as one argument, to a program of the system
            [opener, url], stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True
        )
        threading.Thread(target=process.wait, name="browser", daemon=True).start()  # leaves no zombie
        return True


def is_web_link(url: str) -> bool:
    """Whether `url` is an absolute http or https link without credentials, blanks or control characters."""
    if len(url) > _LONGEST or not url.isprintable() or " " in url:
        return False
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises for a port that is none
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.username is None
