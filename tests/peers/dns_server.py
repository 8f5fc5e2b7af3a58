"""dnsmasq on loopback with the SRV, A and AAAA records that a test needs, and nothing else."""

from __future__ import annotations

import socket
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.peers.availability import find_program
from tests.peers.ports import free_port
from tests.peers.process import PeerProcess

ANSWER_BIT = 0x8000


@dataclass(frozen=True)
class Srv:
    """One SRV record (RFC 2782): ``service`` like ``_sip._udp.example.test``."""

    service: str
    target: str
    port: int
    priority: int = 0
    weight: int = 0


class DnsServer:
    """Answers on ``host``:``port``; names it does not know do not exist."""

    def __init__(
        self,
        folder: Path,
        *,
        hosts: Mapping[str, str],
        services: Sequence[Srv] = (),
        naptr: Sequence[str] = (),
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        program = find_program("dnsmasq", "dnsmasq-base")
        self.host = "127.0.0.1"
        self.port = free_port()
        command = [str(program), "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts"]
        command += [f"--port={self.port}", f"--listen-address={self.host}", "--bind-interfaces", "--pid-file"]
        command += ["--log-facility=-", "--log-queries", "--user=", "--local=/#/", "--local-ttl=0"]
        command += [f"--host-record={name},{address}" for name, address in hosts.items()]
        command += [f"--srv-host={s.service},{s.target},{s.port},{s.priority},{s.weight}" for s in services]
        command += [f"--naptr-record={record}" for record in naptr]
        self._process = PeerProcess(command, folder / "dnsmasq.log")
        self._process.wait_until(self._answers, "dnsmasq answers")

    def stop(self) -> None:
        """End it; questions are then refused by the system."""
        self._process.stop()

    def _answers(self) -> bool:
        question = (
            struct.pack("!6H", 1, 0x0100, 1, 0, 0, 0) + b"\x05probe\x04test\x00" + struct.pack("!2H", 1, 1)
        )
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            asking.settimeout(0.2)
            try:
                asking.sendto(question, (self.host, self.port))
                return bool(struct.unpack_from("!H", asking.recv(512), 2)[0] & ANSWER_BIT)
            except OSError:
                return False
