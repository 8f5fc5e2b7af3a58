"""Asterisk 22 as the company's telephone system, on ports of its own.

``asterisk_cfg/extensions.conf`` says which numbers behave how. Accounts: agents 7001 to 7006 (7002 offers
SDES where the phone does, 7003 insists on it), leads 7900 and 7901, and ``pstn`` for a bare SIP peer.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import signal
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tests import tones
from tests.peers import certificates, debian
from tests.peers.asterisk_ami import Manager, ManagerError, Message
from tests.peers.asterisk_config import Account, AsteriskConfig
from tests.peers.process import PeerProcess
from tests.peers.waiting import wait_for


@dataclass(frozen=True)
class Recording:
    """The two directions of one leg while it is recorded, 16-bit mono WAV each."""

    from_leg: Path
    to_leg: Path

    def heard_from_leg_dbfs(self, frequency_hz: float) -> float:
        """How loud the leg's own voice arrived at the telephone system, at its loudest."""
        return _loudest(self.from_leg, frequency_hz)

    def sent_to_leg_dbfs(self, frequency_hz: float) -> float:
        """How loud the frequency was in what the telephone system sent to the leg."""
        return _loudest(self.to_leg, frequency_hz)


@dataclass(frozen=True)
class CustomerRecording:
    """What the customer hears and says, 16-bit mono WAV each."""

    hears: Path
    says: Path

    def hears_dbfs(self, frequency_hz: float) -> float:
        """How loud the frequency was in what the customer heard, at its loudest."""
        return _loudest(self.hears, frequency_hz)

    def says_dbfs(self, frequency_hz: float) -> float:
        """How loud the frequency was in what the customer said, at its loudest."""
        return _loudest(self.says, frequency_hz)


def tree() -> debian.UnpackedTree:
    """Asterisk's packages, fetched into the cache on first use. Raises PeerMissingError."""
    return debian.unpacked("asterisk-sid", "sid", ["asterisk", "asterisk-modules"])


class Asterisk:
    """One running telephone system in ``folder``. ``stop()`` and ``start()`` keep ports and passwords."""

    def __init__(self, folder: Path, *, host: str = "127.0.0.1", tls_method: str = "tlsv1_3") -> None:
        self.folder = folder
        self.host = host
        self.authority = certificates.Authority(folder / "ca")
        self._tree = tree()
        self.config = AsteriskConfig(folder, self._tree.root, host=host, tls_method=tls_method)
        self.config.render(self.authority.server("localhost", "pbx.test", host))
        self.accounts = self.config.accounts
        self.sip_port = self.config.sip_port
        self.tls_port = self.config.tls_port
        self.http_port = self.config.http_port
        self.https_port = self.config.https_port
        self._counter = itertools.count(1)
        self._process: PeerProcess | None = None
        self._manager: Manager | None = None

    # ---- life ----------------------------------------------------------------------------------

    def start(self) -> None:
        """Start and wait until everything is loaded."""
        binary = self._tree.command("usr/sbin/asterisk")
        command = [*binary, "-f", "-C", str(self.folder / "etc/asterisk.conf")]
        self._process = PeerProcess(command, self.folder / "asterisk.out", folder=self.folder)
        self._process.wait_until(self._is_booted, "Asterisk is fully booted", timeout_s=60)

    def ensure_started(self) -> None:
        """Start unless it runs: for tests that follow one which stopped it."""
        if self._process is None or not self._process.running:
            self.stop()
            self.start()

    def stop(self) -> None:
        """End at once, as in a power cut: nobody is told. Idempotent."""
        if self._manager is not None:
            self._manager.close()
            self._manager = None
        if self._process is not None:
            self._process.stop(first=signal.SIGKILL)
            self._process = None

    def wait_written(self, account: str, *, timeout_s: float = 10.0) -> None:
        """Until the disk has the account's contacts as they are: Asterisk writes once a second, and a power
        cut in between brings back contacts that had signed out."""
        wait_for(
            lambda: self._written(account) == sorted(self.contacts(account)),
            f"the contacts of {account} on the disk",
            timeout_s=timeout_s,
            poll_s=0.05,
        )

    def freeze(self) -> None:
        """Stop answering without closing anything, as a hung server does."""
        os.kill(self._running().pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Go on after ``freeze()``."""
        os.kill(self._running().pid, signal.SIGCONT)

    def reset(self) -> None:
        """Back to the state after start: no calls, registrations or messages, queues as configured."""
        self.hang_up_everything()
        for box in (self.folder / "spool/voicemail/default").glob("*"):
            self.set_waiting_messages(box.name, 0)
        for account in self.accounts:
            self.cli(f"database deltree registrar/contact {account}")
        self.cli("database deltree registrar/contact")
        for member in self.ami.listing("QueueStatus"):
            if member.get("Membership") == "dynamic":
                self.ami.act("QueueRemove", Queue=member["Queue"], Interface=member["Location"])
            elif member.get("Paused") == "1":
                self.ami.act("QueuePause", Interface=member["Location"], Paused="false")

    @property
    def log(self) -> Path:
        """Asterisk's own log."""
        return self.folder / "log/messages.log"

    # ---- looking -------------------------------------------------------------------------------

    @property
    def ami(self) -> Manager:
        """The manager connection, with all events."""
        if self._manager is None:
            raise RuntimeError("Asterisk is not running")
        return self._manager

    def cli(self, command: str) -> str:
        """Run a console command and return what it printed."""
        try:
            return self.ami.act("Command", Command=command).get("Output", "")
        except ManagerError as refused:
            return str(refused)

    def channels(self, account: str | None = None) -> list[Message]:
        """The channels that exist, of one account or all (fields of AMI's CoreShowChannel)."""
        listed = self.ami.listing("CoreShowChannels")
        found = [c for c in listed if not c["Channel"].startswith("Message/")]  # lives on after a MESSAGE
        return [c for c in found if account is None or c["Channel"].startswith(f"PJSIP/{account}-")]

    def wait_channel(self, account: str, state: str = "Up", *, timeout_s: float = 10.0) -> str:
        """Name of the account's channel once it is in this state (Ring, Ringing, Up, ...)."""

        def named() -> str | None:
            fitting = [c["Channel"] for c in self.channels(account) if c["ChannelStateDesc"] == state]
            return fitting[0] if fitting else None

        return wait_for(named, f"a channel of {account} in state {state}", timeout_s=timeout_s, poll_s=0.05)

    def wait_no_channels(self, account: str | None = None, *, timeout_s: float = 10.0) -> None:
        """Until no channel (of the account) is left."""
        wait_for(
            lambda: not self.channels(account), f"no channels of {account}", timeout_s=timeout_s, poll_s=0.05
        )

    def contacts(self, account: str) -> list[str]:
        """Where the account is registered at the moment (contact URIs)."""
        output = self.cli(f"database show registrar/contact {account}") + self.cli(
            "database show registrar/contact"
        )
        return [
            line.split('"uri":"')[1].split('"')[0] for line in output.splitlines() if f"/{account};@" in line
        ]

    def _written(self, account: str) -> list[str]:
        database = (self.folder / "varlib/astdb.sqlite3").as_uri() + "?mode=ro"
        with closing(sqlite3.connect(database, uri=True)) as connection:
            found = connection.execute(
                "SELECT value FROM astdb WHERE key LIKE ?", (f"/registrar/contact/{account};@%",)
            ).fetchall()
        return sorted(json.loads(value)["uri"] for (value,) in found)

    def wait_registered(self, account: str, *, timeout_s: float = 10.0) -> None:
        """Until the account has a contact."""
        wait_for(lambda: self.contacts(account), f"{account} registered", timeout_s=timeout_s, poll_s=0.05)

    # ---- doing ---------------------------------------------------------------------------------

    def customer_calls(
        self,
        dials: str = "5000",
        *,
        number: str = "+49301234567",
        name: str = "",
        tone_hz: int = 440,
        variables: Mapping[str, str] | None = None,
    ) -> CustomerCall:
        """Somebody from outside calls a number and hums a tone (0: silence) as long as the call lasts.

        ``variables`` are channel variables for the dialplan: ``__X_CRM_ID``, ``__X_EXTRA_NAME`` with
        ``__X_EXTRA_VALUE`` for one header more.
        """
        call_id = f"customer-{next(self._counter)}"
        self.ami.act(
            "Originate",
            {
                "__CUSTOMER_DIALS": dials,
                "__CUSTOMER_NUMBER": number,
                "__CUSTOMER_NAME": name,
                **(variables or {}),
            },
            Channel=f"Local/{tone_hz}@customer/n",
            Context="from-customer",
            Exten="s",
            Priority="1",
            Timeout="30000",
            Async="true",
            ChannelId=f"{call_id};1",
            OtherChannelId=f"{call_id};2",
        )
        return CustomerCall(self, call_id)

    def record(self, channel: str) -> Recording:
        """Record both directions of a channel from now on, each into its own file."""
        base = self.folder / "recordings" / f"{next(self._counter):04d}"
        recording = Recording(Path(f"{base}-from.wav"), Path(f"{base}-to.wav"))
        options = f"r({recording.from_leg})t({recording.to_leg})"
        self.ami.act("MixMonitor", Channel=channel, File=f"{base}-both.wav", options=options)
        return recording

    def send_dtmf(self, channel: str, digits: str) -> None:
        """Press keys towards the channel."""
        for digit in digits:
            self.ami.act("PlayDTMF", Channel=channel, Digit=digit, Duration="120", Receive="false")

    def hang_up(self, channel: str) -> None:
        """End one channel (a name, or a pattern in slashes)."""
        self.ami.act("Hangup", Channel=channel, Cause="16")

    def hang_up_everything(self) -> None:
        """End all calls and wait until they are gone."""
        if self.channels():
            self.cli("channel request hangup all")
            self.wait_no_channels()

    def set_waiting_messages(self, account: str, new: int, old: int = 0) -> None:
        """Put messages into the account's mailbox, which its phones are told by NOTIFY."""
        for name, count in (("INBOX", new), ("Old", old)):
            box = self.folder / "spool/voicemail/default" / account / name
            shutil.rmtree(box, ignore_errors=True)
            box.mkdir(parents=True)
            for number in range(count):
                (box / f"msg{number:04d}.txt").write_text("[message]\n", encoding="utf-8")
        self.ami.act("VoicemailRefresh", Context="default", Mailbox=account)

    def queue_add(self, account: str, queue: str = "support") -> None:
        """Make an account a member of a queue until ``reset()``."""
        self.ami.act("QueueAdd", Queue=queue, Interface=f"PJSIP/{account}", MemberName=account)

    def queue_remove(self, account: str, queue: str = "support") -> None:
        """Take an account out of a queue that it joined (7001 belongs to support for good)."""
        self.ami.act("QueueRemove", Queue=queue, Interface=f"PJSIP/{account}")

    # ---- inside --------------------------------------------------------------------------------

    def _running(self) -> PeerProcess:
        if self._process is None:
            raise RuntimeError("Asterisk is not running")
        return self._process

    def _is_booted(self) -> bool:
        if self._manager is None:
            try:
                self._manager = Manager(self.config.ami_port, self.config.secret)
            except OSError:
                return False
        return "fully booted" in self.cli("core waitfullybooted").lower()


class CustomerCall:
    """One call from outside, seen from the customer's end."""

    def __init__(self, asterisk: Asterisk, call_id: str) -> None:
        self._asterisk = asterisk
        self._id = call_id

    @property
    def alive(self) -> bool:
        """Whether the customer is still on the line."""
        return self._channel() is not None

    def wait_alive(self) -> str:
        """Name of the customer's channel once it exists."""
        return wait_for(self._channel, "the customer's channel")

    def record(self) -> CustomerRecording:
        """Record the customer's end from now on.

        The customer is the dialplan's half of a Local channel: what reaches that half is what he hears.
        """
        recording = self._asterisk.record(self.wait_alive())
        return CustomerRecording(hears=recording.from_leg, says=recording.to_leg)

    def hang_up(self) -> None:
        """The customer puts the receiver down."""
        channel = self._channel()
        if channel is not None:
            self._asterisk.hang_up(channel)

    def wait_ended(self, *, timeout_s: float = 10.0) -> None:
        """Until the customer's line is free again."""
        wait_for(lambda: not self.alive, "the customer's call ended", timeout_s=timeout_s, poll_s=0.05)

    def _channel(self) -> str | None:
        wanted = f"{self._id};2"
        return next((c["Channel"] for c in self._asterisk.channels() if c["Uniqueid"] == wanted), None)


def _loudest(path: Path, frequency_hz: float) -> float:
    if not tones.is_begun(path):
        return tones.SILENCE_DBFS  # the recorder has not begun yet
    samples, rate_hz = tones.read_wav(path)
    return tones.loudest_dbfs(samples, frequency_hz, rate_hz)


__all__ = ["Account", "Asterisk", "CustomerCall", "CustomerRecording", "Recording", "tree"]
