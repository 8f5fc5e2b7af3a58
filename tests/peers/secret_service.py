"""A session bus with GNOME's key ring on it: the real Secret Service, unlocked by a password made up here."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
from pathlib import Path

import secretstorage
from jeepney import DBusAddress, new_method_call
from jeepney.io.blocking import open_dbus_connection
from secretstorage.exceptions import ItemNotFoundException

from tests.peers.availability import find_program
from tests.peers.process import PeerProcess

SERVICE = DBusAddress("/org/freedesktop/secrets", "org.freedesktop.secrets", "org.freedesktop.Secret.Service")
# A bus that starts nothing by itself: activated by name, a second key ring would race ours.
BUS_CONFIGURATION = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""
LOGIN_COLLECTION = "/org/freedesktop/secrets/collection/login"


class SecretService:
    """A key ring of its own in ``folder``: start, lock, stop. Programs find it by ``environment``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._password = secrets.token_urlsafe(12)
        self._bus = self._ring = None  # type: PeerProcess | None
        self.environment: dict[str, str] = {}

    def start(self) -> None:
        """Start bus and key ring and wait until a secret can be stored."""
        dbus = find_program("dbus-daemon", "dbus")
        keyring = find_program("gnome-keyring-daemon", "gnome-keyring")
        runtime = self._folder / "runtime"
        for folder in (runtime, self._folder / "data", self._folder / "home"):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._folder / "bus"
        address = f"unix:path={path}"
        self.environment = {
            "DBUS_SESSION_BUS_ADDRESS": address,
            "XDG_RUNTIME_DIR": str(runtime),
            "XDG_DATA_HOME": str(self._folder / "data"),
            "HOME": str(self._folder / "home"),
        }
        everything = {**os.environ, **self.environment}
        configuration = self._folder / "bus.conf"
        configuration.write_text(BUS_CONFIGURATION.format(socket=path), encoding="utf-8")
        bus = PeerProcess(
            [str(dbus), f"--config-file={configuration}", "--nofork", "--nopidfile"],
            self._folder / "dbus.log",
            environment=everything,
        )
        self._bus = bus
        bus.wait_until(lambda: _accepts(path), "the session bus")
        ring = PeerProcess(
            [str(keyring), "--foreground", "--components=secrets", "--unlock"],
            self._folder / "keyring.log",
            environment=everything,
            stdin=subprocess.PIPE,
        )
        self._ring = ring
        ring.write(self._password.encode())
        ring.wait_until(self._is_unlocked, "the unlocked key ring")

    def stop(self) -> None:
        """End both. Idempotent."""
        for process in (self._ring, self._bus):
            if process is not None:
                process.stop()
        self._bus = self._ring = None

    def lock(self) -> None:
        """Lock the key ring, as after the screen saver: from now on secrets need a password prompt."""
        with open_dbus_connection(bus=self.environment["DBUS_SESSION_BUS_ADDRESS"]) as connection:
            connection.send_and_get_reply(new_method_call(SERVICE, "Lock", "ao", ([LOGIN_COLLECTION],)))

    def _is_unlocked(self) -> bool:
        address = self.environment["DBUS_SESSION_BUS_ADDRESS"]
        with open_dbus_connection(bus=address) as connection:
            if not secretstorage.check_service_availability(connection):
                return False
            try:  # get_default_collection() would ask to make one while the ring is still loading its own
                return not secretstorage.get_collection_by_alias(connection, "default").is_locked()
            except ItemNotFoundException:
                return False


def _accepts(path: Path) -> bool:
    """Whether somebody listens there: the file alone appears a moment earlier."""
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0
