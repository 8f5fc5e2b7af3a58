"""Kamailio as a provider's registrar and proxy: digest, Record-Route, presence; UDP, TCP, TLS, WebSocket.

Users 8001 to 8004 in the domain ``kam.test``. It asserts identities (RFC 3325): P-Asserted-Identity from
a phone is removed, the authenticated user's put in.
"""

from __future__ import annotations

import secrets
import shutil
import sqlite3
from collections.abc import Mapping
from pathlib import Path

from tests.peers import certificates, debian, ports
from tests.peers.process import PeerProcess
from tests.peers.sip_wire import SipMessage, UdpWire

TEMPLATE = Path(__file__).parent / "kamailio_cfg/kamailio.cfg"
SCHEMAS = "usr/share/kamailio/db_sqlite"
MODULES = "usr/lib/*/kamailio/modules"
PACKAGES = (
    "",
    "-outbound-modules",
    "-presence-modules",
    "-sqlite-modules",
    "-tls-modules",
    "-websocket-modules",
)
DOMAIN = "kam.test"
USERS = ("8001", "8002", "8003", "8004")


def tree() -> debian.UnpackedTree:
    """Kamailio's packages, fetched into the cache: installing them would start a server on this machine."""
    return debian.unpacked("kamailio-bookworm", "bookworm", [f"kamailio{part}" for part in PACKAGES])


class Kamailio:
    """One proxy in ``folder``; ports and passwords survive ``stop()`` and ``start()``."""

    def __init__(
        self,
        folder: Path,
        users: tuple[str, ...] = USERS,
        workers: int = 2,
        drops: tuple[str, ...] = (),
        refuses: Mapping[str, int] | None = None,
        answers_within_s: int = 5,
    ) -> None:
        """`workers` 1: nobody is told 500 because another process has locked the presence database. `drops`
        are headers that it takes out of calls, as telephone systems do with what they do not know. `refuses`
        are users whose REGISTER gets that status without being asked for a password, until `let_in`. Who
        has not answered a request for `answers_within_s` counts as lost."""
        folder.mkdir(parents=True, exist_ok=True)
        self._tree = tree()
        self._folder = folder
        self.host = "127.0.0.1"
        self.sip_port, self.tls_port, self.ws_port = (ports.free_port() for _ in range(3))
        self.passwords = {user: secrets.token_urlsafe(12) for user in users}
        self.authority = certificates.Authority(folder / "ca")
        self._process: PeerProcess | None = None
        self._workers = workers
        self._drops = drops
        self._answers_within_s = answers_within_s
        self._refuses = dict(refuses or {})
        self._render()

    def start(self) -> None:
        """Start and wait until it answers OPTIONS."""
        self._create_database()
        configuration = str(self._folder / "kamailio.cfg")
        modules = next(self._tree.root.glob(MODULES))
        command = [
            *self._tree.command("usr/sbin/kamailio"),
            "-L",
            str(modules),
            "-f",
            configuration,
            "-DD",
            "-E",
            "-m",
            "64",
            "-M",
            "8",
        ]
        command += ["-Y", str(self._folder), "-w", str(self._folder)]
        self._process = PeerProcess(command, self._folder / "kamailio.log", folder=self._folder)
        self._process.wait_until(self._answers, "Kamailio answers")

    def stop(self) -> None:
        """End it and its workers. Idempotent."""
        if self._process is not None:
            self._process.stop()
            self._process = None

    def let_in(self) -> None:
        """Restart in a moment as one that knows its users."""
        self.stop()
        self._refuses.clear()
        self._render()
        self.start()

    @property
    def log(self) -> Path:
        """What it printed."""
        return self._folder / "kamailio.log"

    def _answers(self) -> bool:
        wire = UdpWire()
        host, port = wire.address
        options = SipMessage(
            f"OPTIONS sip:{self.host}:{self.sip_port} SIP/2.0",
            [
                ("Via", f"SIP/2.0/UDP {host}:{port};rport;branch=z9hG4bK{secrets.token_hex(6)}"),
                ("From", "<sip:probe@kam.test>;tag=1"),
                ("To", "<sip:kam.test>"),
                ("Call-ID", secrets.token_hex(8)),
                ("CSeq", "1 OPTIONS"),
                ("Max-Forwards", "70"),
            ],
        )
        try:
            wire.send(options, (self.host, self.sip_port))
            return wire.receive(timeout_s=0.2)[0].status == 200
        except (TimeoutError, ConnectionError):
            return False
        finally:
            wire.close()

    def _create_database(self) -> None:
        path = self._folder / "presence.sqlite"
        path.unlink(missing_ok=True)
        connection = sqlite3.connect(path)
        connection.execute("PRAGMA journal_mode = WAL")
        for name in ("standard", "presence"):
            schema = self._tree.root / SCHEMAS / f"{name}-create.sql"
            connection.executescript(schema.read_text(encoding="utf-8"))
        connection.close()

    def _render(self) -> None:
        pair = self.authority.server("localhost", DOMAIN, "127.0.0.1")
        shutil.copy(pair.certificate, self._folder / "server.pem")
        shutil.copy(pair.key, self._folder / "server.key")
        users = [f'    $sht(users=>{user}) = "{password}";' for user, password in self.passwords.items()]
        values = {
            "RUN": str(self._folder),
            "DOMAIN": DOMAIN,
            "WORKERS": str(self._workers),
            "SIP_PORT": str(self.sip_port),
            "TLS_PORT": str(self.tls_port),
            "WS_PORT": str(self.ws_port),
            "USERS": "\n".join(users),
            "PATIENCE_MS": str(self._answers_within_s * 1_000),
            "REFUSALS": "\n".join(_refusal(user, status) for user, status in self._refuses.items()),
            "DROPS": "\n".join(f'    remove_hf("{name}");' for name in self._drops),
        }
        text = TEMPLATE.read_text(encoding="utf-8")
        for name, value in values.items():
            text = text.replace(f"@{name}@", value)
        (self._folder / "kamailio.cfg").write_text(text, encoding="utf-8")


def _refusal(user: str, status: int) -> str:
    condition = f'is_method("REGISTER") && $fU == "{user}"'
    return f'    if ({condition}) {{ sl_send_reply("{status}", "Starting"); exit; }}'
