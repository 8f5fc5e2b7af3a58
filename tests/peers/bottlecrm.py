"""BottleCRM, a CRM that none of us wrote (django-crm from PyPI), on SQLite and loopback.

It needs a newer Python than the softphone may have: Debian's, unpacked like the other peers, with BottleCRM
and its locked dependencies in a folder beside it. A database that holds one organisation and one agent is
made once and copied for each server.
"""

from __future__ import annotations

import contextlib
import fcntl
import http.client
import json
import os
import shutil
import signal
import sqlite3
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.peers import debian, ports
from tests.peers.availability import PeerMissingError, cache_folder
from tests.peers.process import PeerProcess

HERE = Path(__file__).parent
REQUIREMENTS = HERE / "bottlecrm_requirements.txt"
SITE = HERE / "bottlecrm_site"
INSTALLATION = "bottlecrm-1.35.0"
TABLES = ("interaction", "task_contacts", "task", "contacts")
_INSTALL_S = 600
_PREPARE_S = 120


@dataclass(frozen=True)
class Installation:
    """BottleCRM in the peers' cache. `root` holds its packages, the empty database and the agent's token."""

    root: Path
    interpreter: debian.UnpackedTree

    @property
    def python(self) -> list[str]:
        """The command of the interpreter that runs it."""
        program = sorted((self.interpreter.root / "usr/bin").glob("python3.*"))
        return self.interpreter.command(f"usr/bin/{program[-1].name}")

    def environment(self, database: Path) -> dict[str, str]:
        """What BottleCRM reads from its environment."""
        return {
            "PATH": os.defpath,
            "LANG": "C.UTF-8",
            "PYTHONPATH": f"{self.root / 'packages'}:{SITE}",
            "DJANGO_SETTINGS_MODULE": "peer_settings",
            "PEER_DATABASE": str(database),
            "SECRET_KEY": "only-for-tests-on-loopback-0123456789abcdef",
            "ENV_TYPE": "dev",
            "ALLOWED_HOSTS": "127.0.0.1",
            "CELERY_BROKER_URL": "memory://",
            "CELERY_RESULT_BACKEND": "cache+memory://",
            "DOMAIN_NAME": "127.0.0.1",
            "FRONTEND_URL": "http://127.0.0.1",
            "PYTHONDONTWRITEBYTECODE": "1",
        }


def installation() -> Installation:
    """Fetch, install and prepare it on first use; raises PeerMissingError with the reason where it cannot."""
    tree = debian.unpacked("python-trixie", "trixie", ["python3", "python3-pip-whl"])
    found = Installation(cache_folder() / INSTALLATION, tree)
    if not (found.root / "token").exists():
        with (cache_folder() / f"{INSTALLATION}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # another worker may be installing it right now
            if not (found.root / "token").exists():
                _install(found)
    return found


def _install(target: Installation) -> None:
    staged = Installation(target.root.with_name(f"{INSTALLATION}.new"), target.interpreter)
    shutil.rmtree(staged.root, ignore_errors=True)
    staged.root.mkdir()
    wheel = next((staged.interpreter.root / "usr/share/python-wheels").glob("pip-*.whl"))
    pip = [*staged.python, f"{wheel}/pip", "--disable-pip-version-check", "install", "--quiet", "--no-deps"]
    where = ["--only-binary", ":all:", "--target", str(staged.root / "packages")]
    _run([*pip, *where, "--requirement", str(REQUIREMENTS)], dict(os.environ), _INSTALL_S)
    environment = staged.environment(staged.root / "empty.sqlite")
    _run([*staged.python, "-m", "django", "migrate", "--run-syncdb", "-v0"], environment, _PREPARE_S)
    token = _run([*staged.python, str(SITE / "peer_people.py")], environment, _PREPARE_S)
    (staged.root / "token").write_text(token.split()[-1], encoding="utf-8")
    shutil.rmtree(target.root, ignore_errors=True)
    staged.root.rename(target.root)  # atomic: an installation that is killed leaves no half one behind


def _run(command: list[str], environment: dict[str, str], limit_s: float) -> str:
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=limit_s, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise PeerMissingError(f"BottleCRM was not ready after {limit_s:g} s") from error
    if done.returncode != 0:
        raise PeerMissingError(f"BottleCRM cannot be prepared: {done.stderr.strip()[-1_500:]}")
    return done.stdout


class BottleCrm:
    """One server with its own database; port and data survive `kill()` and `start()`."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._installed = installation()
        self._folder = folder
        self._database = folder / "crm.sqlite"
        shutil.copy(self._installed.root / "empty.sqlite", self._database)
        self.port = ports.free_port()
        self._process: PeerProcess | None = None

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @cached_property
    def token(self) -> str:
        """The agent's personal access token."""
        return (self._installed.root / "token").read_text(encoding="utf-8")

    def start(self) -> None:
        """Start and wait until it answers."""
        server = ["-m", "uvicorn", "crm.asgi:application", "--port", str(self.port), "--lifespan", "off"]
        self._process = PeerProcess(
            [*self._installed.python, *server, "--no-access-log"],
            self._folder / "bottlecrm.log",
            environment=self._installed.environment(self._database),
            folder=self._folder,
        )
        self._process.wait_until(self._answers, "BottleCRM answers", timeout_s=60.0)

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.running

    def ensure_started(self) -> None:
        """Start it again if a test has killed it."""
        if not self.running:
            self.start()

    def kill(self) -> None:
        """End it at once, as a crash would."""
        process = self._process
        if process is None:
            return
        process.stop(first=signal.SIGKILL)
        if self._process is process:  # another thread may have seen the end and started it anew
            self._process = None

    def stop(self) -> None:
        """End it. Idempotent."""
        if self._process is not None:
            self._process.stop()
            self._process = None

    def empty(self) -> None:
        """No contacts, calls and tasks any more, and the token valid."""
        with contextlib.closing(sqlite3.connect(self._database, timeout=20.0)) as database:
            for table in TABLES:
                database.execute(f"DELETE FROM {table}")
            database.execute("UPDATE personal_access_token SET revoked_at = NULL")
            database.commit()

    def revoke(self) -> None:
        """The agent's token is not valid any more, as if an administrator had revoked it."""
        with contextlib.closing(sqlite3.connect(self._database, timeout=20.0)) as database:
            database.execute("UPDATE personal_access_token SET revoked_at = '2026-01-01 00:00:00'")
            database.commit()

    def count(self, table: str) -> int:
        """Rows that are committed."""
        return int(self.rows(f"SELECT COUNT(*) FROM {table}")[0][0])

    def rows(self, select: str) -> list[tuple[Any, ...]]:
        """What the database answers, whatever the server thinks of the token."""
        with contextlib.closing(sqlite3.connect(self._database, timeout=20.0)) as database:
            return database.execute(select).fetchall()

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """What it answers the agent, decoded; an `AssertionError` unless it is a success."""
        status, raw = self._exchange(method, path, body)
        assert 200 <= status < 300, f"{method} {path}: {status} {raw[:500]!r}"
        return json.loads(raw) if raw else None

    def _exchange(self, method: str, path: str, body: object = None) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60.0)
        try:
            headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def _answers(self) -> bool:
        try:
            return self._exchange("GET", "/healthz/")[0] == 200
        except OSError:
            return False
