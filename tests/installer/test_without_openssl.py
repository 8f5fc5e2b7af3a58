"""PJSIP as the Linux packages ship it: without the wheel's OpenSSL, with the system's for what it needs."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from installer.building import native
from installer.building.product import ROOT
from installer.building.tools import BuildError, run
from installer.linux import without_openssl
from tests.peers.ports import free_port
from tests.peers.sip_wire import SipMessage

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the other wheels have no OpenSSL 1.0.2")

CHALLENGE = 'Digest realm="pbx", nonce="abc", qop="auth", algorithm={}'
HASHES = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}


def _copied(target: Path) -> Path:
    origin = find_spec("pjsua2")
    installed = Path(str(origin and origin.origin)).parent
    for folder in (installed, installed.with_name("pjsua2_python.libs")):
        shutil.copytree(folder, target / folder.name)
    return target


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """site-packages with PJSIP alone, as the packages have it."""
    site = _copied(tmp_path_factory.mktemp("site"))
    assert without_openssl.leave_out(site)
    return site


class Registrar:
    """Challenges each registration, accepts the right answer, refuses every call; keeps what came."""

    def __init__(self, algorithm: str) -> None:
        self.algorithm = algorithm
        self.came: list[SipMessage] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def close(self) -> None:
        self._socket.sendto(b"", ("127.0.0.1", self.port))
        self._thread.join(10)
        self._socket.close()

    def _serve(self) -> None:
        while True:
            data, sender = self._socket.recvfrom(65_535)
            if not data:
                return
            if not data.strip():
                continue
            request = SipMessage.parse(data)
            self.came.append(request)
            if request.method != "ACK":
                self._socket.sendto(bytes(self._answer(request)), sender)

    def _answer(self, request: SipMessage) -> SipMessage:
        status, more = "486 Busy Here", []
        if request.method == "REGISTER":
            signed = request.get("Authorization")
            status = "200 OK" if signed and self.is_right(signed) else "401 Unauthorized"
            if status.startswith("401"):
                more = [("WWW-Authenticate", CHALLENGE.format(self.algorithm))]
        headers = [(name, request[name]) for name in ("Via", "From", "Call-ID", "CSeq")]
        return SipMessage(f"SIP/2.0 {status}", [*headers, ("To", f"{request['To']};tag=x"), *more])

    def is_right(self, signed: str) -> bool:
        """RFC 7616 section 3.4, by the standard library."""
        said = dict(re.findall(r'(\w+)="?([^",]+)"?', signed))
        kind = HASHES[self.algorithm]
        secret = kind(b"7001:pbx:geheim").hexdigest()
        asked = kind(f"REGISTER:{said['uri']}".encode()).hexdigest()
        whole = f"{secret}:abc:{said['nc']}:{said['cnonce']}:auth:{asked}"
        return bool(said["response"] == kind(whole.encode()).hexdigest())


@pytest.fixture(params=HASHES)
def registrar(request: pytest.FixtureRequest) -> Iterator[Registrar]:
    server = Registrar(request.param)
    yield server
    server.close()


def test_it_answers_challenges_makes_keys_and_has_no_tls(shipped: Path, registrar: Registrar) -> None:
    command = [sys.executable, "-m", "tests.installer.pjsip_process", str(registrar.port), str(free_port())]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "PYTHONPATH": f"{shipped}:{ROOT}"},
        capture_output=True, text=True, timeout=110, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "'plain': 200" in done.stdout
    assert re.search(r"'secure': [45]\d\d", done.stdout), "TLS is refused, and nothing crashes"
    (invite,) = [message for message in registrar.came if message.method == "INVITE"][:1]
    keys = re.findall(rb"a=crypto:\d+ \S+ inline:(\S+)", invite.body)
    assert len(keys) >= 2
    assert len(set(keys)) == len(keys), "each key is another random number"
    assert all(key != b"A" * len(key) for key in keys)


def test_nothing_of_the_old_openssl_and_of_what_came_with_it_is_left(shipped: Path) -> None:
    files = list((shipped / "pjsua2_python.libs").iterdir())
    assert len(files) == 2
    assert all(file.stat().st_size < 50_000 for file in files)
    assert [found for found in native.libraries(shipped, []) if found.name == "OpenSSL"] == []
    needed = "".join(run(["readelf", "-dW", file]) for file in files)
    assert set(re.findall(r"NEEDED\).*\[(.+?)\]", needed)) == {"libcrypto.so.3", "libc.so.6"}


def test_it_is_built_the_same_byte_for_byte(shipped: Path, tmp_path: Path) -> None:
    without_openssl.leave_out(_copied(tmp_path))
    for file in (shipped / "pjsua2_python.libs").iterdir():
        assert (tmp_path / "pjsua2_python.libs" / file.name).read_bytes() == file.read_bytes()


def test_a_wheel_that_wants_more_of_openssl_stops_the_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = tmp_path / "without_tls"
    shutil.copytree(without_openssl.SOURCES, sources)
    text = (sources / "ssl.c").read_text(encoding="ascii")
    (sources / "ssl.c").write_text(
        text.replace('LEFT_OUT(SSL_write, "libssl.so.10");\n', ""), encoding="ascii"
    )
    monkeypatch.setattr(without_openssl, "SOURCES", sources)
    with pytest.raises(BuildError, match=r"what without_tls does not have: SSL_write\. Look"):
        without_openssl.leave_out(_copied(tmp_path / "site"))


def test_a_wheel_with_another_openssl_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "pjsua2").mkdir()
    (tmp_path / "pjsua2_python.libs").mkdir()
    (tmp_path / "pjsua2_python.libs" / "libssl-1.so.3").touch()
    (tmp_path / "empty.c").touch()
    run(["gcc", "-shared", "-o", tmp_path / "pjsua2" / "_pjsua2.x.so", tmp_path / "empty.c"])
    assert without_openssl.leave_out(tmp_path) == ()
    assert (tmp_path / "pjsua2_python.libs" / "libssl-1.so.3").exists()
