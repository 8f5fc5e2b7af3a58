"""What one Asterisk instance is configured with: its ports, passwords and rendered files."""

from __future__ import annotations

import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

from tests import tones
from tests.peers import ports
from tests.peers.certificates import KeyPair

TEMPLATES = Path(__file__).parent / "asterisk_cfg"
# Asterisk complains about each of these that is not there.
EMPTY_FILES = """
    acl aeap ccss cel cli_aliases codecs extconfig geolocation pjproject pjsip_notify queuerules
    res_http_media_cache sorcery stasis udptl websocket_client
"""
FOLDERS = "etc varlib/agi-bin varlib/keys spool run log/cdr-custom log/cdr-csv recordings"
RTP_PORTS = 120
AGENTS = ("One", "Two", "Three", "Four", "Five", "Six")
LEAD, SECOND_LEAD = "7900", "7901"
SDES_WHERE_OFFERED = "7002"
SDES_ALWAYS = "7003"
REFRESHES_OFTEN = "7005"
"""Asterisk refreshes the sessions of calls to it every 45 s, as often as RFC 4028 allows."""
ASKS_FOR_MESSAGES = "7006"


@dataclass(frozen=True)
class Account:
    """What a phone signs in with."""

    user: str
    password: str
    display_name: str


class AsteriskConfig:
    """Ports and passwords stay the same for the life of the object, whatever is restarted."""

    def __init__(self, folder: Path, tree: Path, *, host: str, tls_method: str) -> None:
        self._folder = folder
        self._tree = tree
        self._host = host
        self._tls_method = tls_method
        self.sip_port = ports.free_port()
        self.tls_port = ports.free_port()
        self.http_port = ports.free_port()
        self.https_port = ports.free_port()
        self.ami_port = ports.free_port()
        self.rtp_first = ports.port_block(RTP_PORTS)
        self.secret = secrets.token_hex(12)
        names = {f"700{number}": f"Agent {word}" for number, word in enumerate(AGENTS, 1)}
        names |= {LEAD: "Team Lead", SECOND_LEAD: "Second Lead"}
        self.accounts = {user: Account(user, secrets.token_urlsafe(12), name) for user, name in names.items()}

    def render(self, server: KeyPair) -> None:
        """Write all files into the instance's folder."""
        for name in FOLDERS.split():
            (self._folder / name).mkdir(parents=True, exist_ok=True)
        shutil.copy(server.certificate, self._folder / "etc/server.pem")
        shutil.copy(server.key, self._folder / "etc/server.key")
        tones.write_wav(self._folder / "moh/hold.wav", tones.tone(523, 4.0, 8_000), 8_000)
        tones.write_wav(self._folder / "sounds/recording.wav", tones.tone(1_000, 4.0, 8_000), 8_000)
        for name in EMPTY_FILES.split():
            (self._folder / f"etc/{name}.conf").touch()
        values = self._values()
        for template in TEMPLATES.glob("*.conf"):
            text = template.read_text(encoding="utf-8")
            for name, value in values.items():
                text = text.replace(f"@{name}@", value)
            (self._folder / "etc" / template.name).write_text(text, encoding="utf-8")

    def _values(self) -> dict[str, str]:
        return {
            "RUN": str(self._folder),
            "TREE": str(self._tree),
            "MODULES": str(next(self._tree.glob("usr/lib/*/asterisk/modules"))),
            "SECRET": self.secret,
            "HOST": self._host,
            "SIP_PORT": str(self.sip_port),
            "TLS_PORT": str(self.tls_port),
            "TLS_METHOD": self._tls_method,
            "HTTP_PORT": str(self.http_port),
            "HTTPS_PORT": str(self.https_port),
            "AMI_PORT": str(self.ami_port),
            "RTP_FIRST": str(self.rtp_first),
            "RTP_LAST": str(self.rtp_first + RTP_PORTS - 1),
            "MAILBOXES": "\n".join(f"{user} => 1234,{user}" for user in self.accounts),
            "ENDPOINTS": "\n".join(_endpoint(account) for account in self.accounts.values()),
        }


def _endpoint(account: Account) -> str:
    """The three sections of pjsip.conf that make one account."""
    user = account.user
    lines = [
        f"[{user}](line)",
        f"context = {'from-lead' if user in (LEAD, SECOND_LEAD) else 'from-agent'}",
        f"aors = {user}",
        f"auth = {user}",
        f'callerid = "{account.display_name}" <{user}>',
    ]
    if user != ASKS_FOR_MESSAGES:  # told without being asked; who is told so may not subscribe
        lines.append(f"mailboxes = {user}@default")
        lines.append("mwi_subscribe_replaces_unsolicited = no")  # a killed phone leaves its subscription
    if user in (LEAD, SECOND_LEAD):
        lines.append("rtp_timeout = 5")  # a lead who has lost the network keeps nobody's customer
    if user in (SDES_WHERE_OFFERED, SDES_ALWAYS):
        lines.append("media_encryption = sdes")
    if user == SDES_WHERE_OFFERED:
        lines.append("media_encryption_optimistic = yes")
    if user == REFRESHES_OFTEN:
        lines += ["timers = always", "timers_min_se = 90", "timers_sess_expires = 90"]
    lines += [f"[{user}](sign-in)", f"username = {user}", f"password = {account.password}"]
    lines += [f"[{user}](place)", f"mailboxes = {user}@default", ""]
    return "\n".join(lines)
