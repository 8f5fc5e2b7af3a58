"""linphonec 5.1 as a rival: it answers by itself, plays silence and records what it hears into a file.

It knows no JACK card, so its sound goes into a file at the codec's rate: what it records has passed its
jitter buffer and concealment like that of the others, and no sound card.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests import tones
from tests.peers.availability import find_program
from tests.peers.ports import free_port, port_block
from tests.peers.process import PeerProcess

CONFIGURATION = """\
[sip]
auto_net_state_mon=0
sip_port={sip_port}
sip_tcp_port=0
sip_tls_port=0
guess_hostname=0
contact=sip:rival@127.0.0.1
inc_timeout=30
use_ipv6=0
[rtp]
audio_rtp_port={rtp_port}
[sound]
echocancellation=0
[audio_codec_0]
mime=PCMA
rate=8000
channels=1
enabled=1
"""


class Linphone:
    """One linphonec on loopback, without an account; `recording` is complete once it has stopped."""

    def __init__(self, folder: Path) -> None:
        program = find_program("linphonec", "linphone-cli")
        # without this folder its database cannot be opened, and without that it listens nowhere
        (folder / ".local/share/linphone").mkdir(parents=True, exist_ok=True)
        self.recording = folder / "heard.wav"
        self.sip_port = free_port()
        settings = folder / "linphonerc"
        settings.write_text(
            CONFIGURATION.format(sip_port=self.sip_port, rtp_port=port_block(2)), encoding="utf-8"
        )
        silence = tones.write_wav(folder / "silence.wav", tones.silence(60, 8_000), 8_000)
        self._process = PeerProcess(
            [str(program), "-a", "-c", str(settings), "-d", "1"],
            folder / "linphonec.log",
            environment={"HOME": str(folder), "PATH": "/usr/bin:/bin", "LANG": "C"},
            folder=folder,
            stdin=subprocess.PIPE,
        )
        self._process.wait_until(lambda: "linphonec>" in self._process.tail(), "linphonec's prompt")
        for order in ("soundcard use files", f"play {silence}", f"record {self.recording}"):
            self._process.send_line(order)

    @property
    def pid(self) -> int:
        """Of the program itself."""
        return self._process.pid

    def hang_up(self) -> None:
        """End the call and with it the recording."""
        self._process.send_line("terminate")
        self._process.wait_until(lambda: "ended (" in self._process.tail(), "linphone's end of the call")

    def stop(self) -> None:
        """End it."""
        if self._process.running:
            self._process.send_line("quit")
        self._process.stop()
