"""baresip 1.0 as a rival and as a colleague, at the far end of a ``Cable`` (it refuses loopback)."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

from tests import tones
from tests.peers import debian
from tests.peers.network import Cable
from tests.peers.ports import free_port
from tests.peers.process import PeerProcess
from tests.peers.waiting import wait_for

Event = dict[str, Any]
JACK_WANTS = "ausrc_srate 48000\nauplay_srate 48000\nausrc_format float\nauplay_format float"
HUM_HZ = 880
HUM_S = 120

CONFIGURATION = """\
poll_method epoll
sip_listen {there}:{sip_port}
call_max_calls 4
audio_player {player}
audio_source {source}
audio_alert nil,nil
{rates}
ausrc_channels 1
auplay_channels 1
rtp_ports 30000-30400
jitter_buffer_delay 5-10
module_path {modules}
module g711.so
module g722.so
module aubridge.so
module aufile.so
module jack.so
module sndfile.so
module_tmp uuid.so
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen {there}:{control_port}
snd_path {recordings}
"""


def tree() -> debian.UnpackedTree:
    """baresip's packages, fetched into the cache on first use. Raises PeerMissingError."""
    return debian.unpacked("baresip-bookworm", "bookworm", ["baresip-core"])


class Baresip:
    """One baresip with one account; ``source`` and ``player`` are its names for audio devices.

    Without a source it hums at ``HUM_HZ`` for two minutes. What it hears is
    dumped to ``recordings`` as long as a real player (``jack``) pulls it.
    """

    def __init__(
        self,
        folder: Path,
        cable: Cable,
        *,
        user: str,
        server: tuple[str, int],
        password: str = "",
        source: str = "",
        player: str = "aubridge,nobody",
        environment: dict[str, str] | None = None,
    ) -> None:
        self.recordings = folder / "recordings"
        self.recordings.mkdir(parents=True, exist_ok=True)
        if not source:
            hum = tones.write_wav(folder / "hum.wav", tones.tone(HUM_HZ, HUM_S, 8_000), 8_000)
            source = f"aufile,{hum}"
        self.sip_port = free_port()
        control_port = free_port()
        unpacked = tree()
        values: dict[str, object] = {
            "there": cable.there,
            "sip_port": self.sip_port,
            "control_port": control_port,
        }
        values |= {"source": source, "player": player, "recordings": self.recordings}
        values["rates"] = JACK_WANTS if source.startswith("jack") else ""
        modules = unpacked.root / "usr/lib/baresip/modules"
        (folder / "config").write_text(CONFIGURATION.format(**values, modules=modules), encoding="utf-8")
        how = f";auth_pass={password};regint=60" if password else ";regint=0"
        account = f"<sip:{user}@{server[0]}:{server[1]};transport=udp>{how};audio_codecs=PCMA/8000/1\n"
        (folder / "accounts").write_text(account, encoding="utf-8")
        (folder / "contacts").touch()
        command = cable.inside([*unpacked.command("usr/bin/baresip"), "-4", "-v", "-f", str(folder)])
        self._process = PeerProcess(command, folder / "baresip.log", environment=environment)
        self._events: list[Event] = []
        self._buffer = b""
        self._process.wait_until(
            lambda: "baresip is ready" in self._process.log.read_text(errors="replace"), "baresip is ready"
        )
        self._control = socket.create_connection((cable.there, control_port), timeout=5)

    def stop(self) -> None:
        """End it."""
        self._control.close()
        self._process.stop()

    @property
    def pid(self) -> int:
        """Of the program itself (``ip netns exec`` replaces itself by it)."""
        return self._process.pid

    def command(self, name: str, parameters: str = "") -> str:
        """Give a command (``dial``, ``accept``, ``hangup``, ``reginfo``) and return what it printed."""
        body = json.dumps({"command": name, "params": parameters, "token": name}).encode()
        self._control.sendall(f"{len(body)}:".encode() + body + b",")

        def answered() -> Event | None:
            self._read()
            answers = [event for event in self._events if event.get("response")]
            return answers[-1] if answers else None

        answer = wait_for(answered, f"baresip's answer to {name}")
        self._events.remove(answer)
        if not answer.get("ok"):
            raise AssertionError(f"baresip refused {name}: {answer}")
        return str(answer.get("data", ""))

    def wait_event(self, kind: str, *, timeout_s: float = 10.0) -> Event:
        """The next event of this kind (``REGISTER_OK``, ``CALL_INCOMING``, ``CALL_ESTABLISHED``, ...)."""

        def found() -> Event | None:
            self._read()
            return next((event for event in self._events if event.get("type") == kind), None)

        event = wait_for(found, f"baresip's event {kind}", timeout_s=timeout_s)
        self._events.remove(event)
        return event

    def _read(self) -> None:
        """Take in the netstrings that have arrived."""
        self._control.settimeout(0.02)
        try:
            self._buffer += self._control.recv(65_536)
        except TimeoutError:
            return
        while b":" in self._buffer:
            length, _, rest = self._buffer.partition(b":")
            if len(rest) < int(length) + 1:
                return
            self._events.append(json.loads(rest[: int(length)]))
            self._buffer = rest[int(length) + 1 :]
