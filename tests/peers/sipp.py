"""SIPp 3.8 from Debian's sid: scenarios in XML, load and odd messages that no telephone sends."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.peers import debian
from tests.peers.ports import free_port, port_block
from tests.peers.process import PeerProcess

SCENARIOS = Path(__file__).parent / "sipp_scenarios"


def tree() -> debian.UnpackedTree:
    """SIPp with its libraries, fetched into the cache on first use. Raises PeerMissingError."""
    return debian.unpacked("sipp-sid", "sid", ["sip-tester"])


@dataclass(frozen=True)
class SippRun:
    """A running scenario."""

    process: PeerProcess
    port: int
    folder: Path

    def wait_passed(self, *, timeout_s: float = 60.0) -> None:
        """Until it ends; raises with SIPp's own error log unless every call went as scripted."""
        code = self.process.wait_for_end(timeout_s=timeout_s)
        if code != 0:
            errors = [
                path.read_text(encoding="utf-8", errors="replace")[-3_000:] for path in self._error_logs()
            ]
            raise AssertionError(f"SIPp ended with {code}\n{self.process.tail()}\n{''.join(errors)}")

    def stop(self) -> None:
        """End it early."""
        self.process.stop()

    def _error_logs(self) -> list[Path]:
        return sorted(self.folder.glob("*_errors.log"))


def run(
    folder: Path,
    scenario: Path | str,
    server: tuple[str, int],
    *,
    calls: int = 1,
    rate: int = 10,
    variables: dict[str, str] | None = None,
    arguments: tuple[str, ...] = (),
) -> SippRun:
    """Start a scenario (a file, or a name under sipp_scenarios/) against ``server``.

    ``variables`` become ``[name]`` keys in the scenario.
    """
    source = scenario if isinstance(scenario, Path) else SCENARIOS / f"{scenario}.xml"
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    command = [*tree().command("usr/bin/sipp"), f"{server[0]}:{server[1]}", "-sf", str(source)]
    command += [
        "-i",
        "127.0.0.1",
        "-p",
        str(port),
        "-mp",
        str(port_block(8)),
        "-m",
        str(calls),
        "-r",
        str(rate),
    ]
    command += ["-nostdin", "-trace_err", "-timeout", "60", "-timeout_error"]
    for name, value in (variables or {}).items():
        command += ["-key", name, value]
    process = PeerProcess([*command, *arguments], folder / "sipp.log", folder=folder)
    return SippRun(process, port, folder)
