"""A second machine on a cable: a network namespace joined to this one by a veth pair. Root only.

For what loopback cannot show: a peer that refuses ``lo``, a pulled cable, a changed address.
"""

from __future__ import annotations

import itertools
import os
import subprocess

from tests.peers.availability import PeerMissingError, find_program

_counter = itertools.count()


class Cable:
    """``here`` is our end's address, ``there`` the namespace's; ``inside`` runs a program over there."""

    def __init__(self) -> None:
        self._ip = find_program("ip", "iproute2")
        number = next(_counter)
        self._name = f"sp{os.getpid()}x{number}"
        self.near_end = f"{self._name}a"[-15:]
        self._far_end = f"{self._name}b"[-15:]
        subnet, base = f"10.231.{os.getpid() % 250}", number * 8 % 248
        self.here, self.there = f"{subnet}.{base + 1}", f"{subnet}.{base + 2}"
        try:
            self._lay()
        except PeerMissingError:
            self.remove()
            raise

    def inside(self, command: list[str]) -> list[str]:
        """The command that runs ``command`` on the far side."""
        return [str(self._ip), "netns", "exec", self._name, *command]

    def pull(self) -> None:
        """Pull the cable on our side: the address and its routes are gone."""
        self._run("link", "set", self.near_end, "down")

    def plug(self) -> None:
        """Plug it in again."""
        self._run("link", "set", self.near_end, "up")

    def unplug_there(self) -> None:
        """Pull the cable on the far side: what runs there loses address and routes."""
        self._run("-n", self._name, "link", "set", self._far_end, "down")

    def plug_in_there(self) -> None:
        """Plug it in again over there."""
        self._run("-n", self._name, "link", "set", self._far_end, "up")

    def change_address(self, address: str) -> None:
        """Give our end another address of the same subnet (as a new lease does)."""
        self._run("addr", "flush", "dev", self.near_end)
        self._run("addr", "add", f"{address}/29", "dev", self.near_end)
        self.here = address

    def remove(self) -> None:
        """Take the namespace away; the veth pair goes with it. Idempotent."""
        subprocess.run([str(self._ip), "netns", "del", self._name], capture_output=True, check=False)

    def _lay(self) -> None:
        self._run("netns", "add", self._name)
        self._run(
            "link", "add", self.near_end, "type", "veth", "peer", "name", self._far_end, "netns", self._name
        )
        self._run("addr", "add", f"{self.here}/29", "dev", self.near_end)
        self._run("link", "set", self.near_end, "up")
        self._run("-n", self._name, "addr", "add", f"{self.there}/29", "dev", self._far_end)
        self._run("-n", self._name, "link", "set", self._far_end, "up")
        self._run("-n", self._name, "link", "set", "lo", "up")

    def _run(self, *arguments: str) -> None:
        done = subprocess.run([str(self._ip), *arguments], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise PeerMissingError(f"no network namespaces here (root only): {done.stderr.strip()}")
