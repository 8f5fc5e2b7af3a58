"""`python -m tests.installer.msi_cycle`: the whole life of the MSI in a clean Windows of Debian's wine.

Builds the MSI and a later version of it, then: wrong properties refused, silent installation with properties,
self-test and demo of what was installed, settings from registry and policy, a link to a running copy, upgrade
(also with a running copy), downgrade refused, repair of a damaged copy, uninstallation with and without the
user's data. Prints JSON; exit code 0 only if every step held. Takes some minutes.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from installer.building import product
from installer.windows import admx, identity, msi, package, signing
from softphone.system.settings_catalogue import SettingKind
from tests.installer.life import Failed, hold, prepare, run_steps
from tests.installer.windows_proxy import PROFILE_URL, new_profile_key, through_the_proxy_of_windows
from tests.installer.wine import Answer, Wine

LATER = "99.1.0"
REFUSED = 67
"""1603, "fatal error during installation", in eight bits."""

_ATTEMPTS = 2

_NEW, _GONE = "new-in-this-version.txt", "LICENSE.txt"
_UNINSTALL = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall"
_MACHINE = r"HKEY_LOCAL_MACHINE"


class Cycle:
    """One run: two packages, one Windows."""

    def __init__(self, work: Path, wine: Wine, *, keep_build: bool = False) -> None:
        self.work, self.wine, self.keep_build = work, wine, keep_build
        self.installed = wine.drive / "Program Files" / product.NAME
        self.user_data = wine.drive / "users" / "root" / "AppData" / "Local" / "softphone"
        self.first = self.later = Path()
        self.profile_key = new_profile_key(work)
        self.files: set[str] = set()

    # --- preparing ---

    def build(self) -> str:
        """The MSI as it is released, and a later version with one file more and one less."""
        build, other = self.work / "build", self.work / "later"
        if not self.keep_build:
            self._build_both(build, other)
        self.first = next((self.work / "dist").glob("*.msi"))
        self.later = self.work / "later.msi"
        self.files = _files(build / "tree")
        self.wine.create()
        self.wine.provide_icu(build / "tree" / "site" / "PySide6" / "Qt6Core.dll")
        return f"{self.first.stat().st_size / 1e6:.1f} MB, {len(self.files)} files"

    def _build_both(self, build: Path, other: Path) -> None:
        for folder in (other, self.work / "later-msi", self.work / "dist"):
            shutil.rmtree(folder, ignore_errors=True)
        package.build(self.work / "dist", build, None)
        tree = build / "tree"
        shutil.copytree(tree, other, copy_function=_link)
        (other / _NEW).write_text("new", encoding="ascii")
        (other / _GONE).unlink()
        later = self.work / "later.msi"
        msi.build(other, build / "launcher" / "softphone.ico", self.work / "later-msi", LATER, later)
        signing.for_tests(build / "signing").sign(later)

    def signatures(self) -> str:
        """Both launchers and the MSI carry a signature that fits."""
        for name in ("Softphone.exe", "softphone-cli.exe"):
            _verify(self.work / "build" / "tree" / name)
        _verify(self.first)
        return signing.TEST_NAME

    # --- the life of an installation ---

    def wrong_properties(self) -> str:
        """An installation that is told nonsense does nothing."""
        for wrong in ("LANGUAGE=fr", "AUTOSTART=yes", "PROVISIONING_URL=http://phones.example.com/p"):
            code = self.wine.msiexec("/i", self.first, "/qn", wrong)
            hold(code == REFUSED, f"{wrong}: exit code {code}")
            hold(not self.installed.exists(), f"{wrong}: something was installed")
        return "3 refused with 1603"

    def install(self) -> str:
        """Silently, with properties: every file, and what Windows is told."""
        began = time.monotonic()
        told = (f"PROVISIONING_URL={PROFILE_URL}", f"PROVISIONING_KEY={self.profile_key}", "LANGUAGE=de")
        code = self.wine.msiexec("/i", self.first, "/qn", *told, "/l*v", r"C:\install.log")
        took = time.monotonic() - began
        hold(code == 0, f"exit code {code}")
        hold(_files(self.installed) == self.files, "other files than the package has")
        self._check_registry(product.version(), autostart=True)
        links = list(self.wine.drive.rglob(f"{product.NAME}.lnk"))
        hold(links, "no entry in the start menu")
        return f"{took:.0f} s"

    def self_test(self) -> str:
        """What is installed finds everything it stands on; wine has no sound card here."""
        command = ("--self-test", "--self-test-without", "audio", "--config-dir", r"C:\self-test")
        answer = self.wine.run(self.installed / "softphone-cli.exe", *command, timeout_s=120, first=True)
        hold(answer.output.startswith("{"), answer.output)
        report = json.loads(answer.output)
        hold(report["ok"] and answer.code == 0, json.dumps(report["checks"])[-600:])
        checks = report["checks"]
        return (
            f"{checks['key_store']['backend']}, {checks['certificates']['openssl']}, Qt {checks['qt']['qt']}"
        )

    def demo(self) -> str:
        """A whole call through the installed program: both ends heard, the outcome in the CRM."""
        command = (self.installed / "softphone-cli.exe", "demo", "--auto", "--output", r"C:\demo")
        attempts, answer = 0, Answer(-1, "")
        while attempts < _ATTEMPTS:  # its sound is judged, and a busy machine garbles it
            attempts += 1
            answer = self.wine.run(*command, timeout_s=240, first=True)
            if answer.code == 0:
                break
        file = self.wine.drive / "demo" / "summary.json"
        hold(file.exists(), answer.output[-300:])
        summary = json.loads(file.read_text(encoding="utf-8"))
        hold(answer.code == 0 and summary["ok"], f"{_ATTEMPTS} times: {summary['problems']}")
        return f"registered after {summary['registered_s']} s, outcome in the CRM, attempt {attempts}"

    def properties_are_settings(self) -> str:
        """The properties arrive as settings that the user cannot change."""
        settings = self._settings()
        hold(settings["provisioning.url"]["value"] == PROFILE_URL, str(settings))
        hold(settings["provisioning.url"]["set_by"] == "install", str(settings))
        hold(settings["provisioning.public_key"]["value"] == self.profile_key, str(settings))
        hold(settings["window.language"]["value"] == "de", str(settings))
        return "provisioning.url, provisioning.public_key and window.language, set by install"

    def profile_through_a_proxy(self) -> str:
        """The signed profile of the installed address comes through the proxy of Windows' settings."""
        return through_the_proxy_of_windows(self.wine, self.installed, self.work, self.profile_key)

    def group_policy(self) -> str:
        """What each policy of the ADMX writes is read, and outranks the installation."""
        chosen = {fact.key: fact for fact in admx.facts()}
        wanted: dict[str, Any] = {
            "window.theme": "dark",
            "window.language": "it",
            "window.raise_on_call": False,
            "agent.missed_offer_after_s": 20,
            "calls.codecs": ["PCMA", "G722"],
        }
        for key, value in wanted.items():
            self._write_policy(chosen[key], value)
        settings = self._settings()
        for key, value in wanted.items():
            found = settings.get(key, {})
            hold(found.get("value") == value and found.get("set_by") == "policy", f"{key}: {found}")
        self.wine.run("reg", "delete", r"HKLM\SOFTWARE\Policies\Softphone", "/f")
        return ", ".join(wanted)

    def link_to_a_running_copy(self) -> str:
        """The registered command hands a link to the softphone that runs, which does not dial by itself."""
        key = rf"HKLM\SOFTWARE\Classes\{identity.PROGRAM_ID}\shell\open\command"
        command = next(iter(self.wine.registry(key).values()))["(Default)"]
        hold(command == r'"C:\Program Files\Softphone\Softphone.exe" "%1"', command)
        desk = self._start_desk()
        try:
            answer = self.wine.run(self.installed / "Softphone.exe", "tel:+49301234567", timeout_s=60)
            hold(answer.code == 0, f"exit code {answer.code}: {answer.output[-300:]}")
            status = json.loads(self._ctl("status").output)
            hold(status["ok"] and status["status"]["calls"] == [], str(status)[:300])
        finally:
            self._ctl("quit")
            desk.wait(30)
        hold(desk.returncode == 0, f"the desk ended with {desk.returncode}")
        return "taken, nothing dialled"

    def upgrade_beside_a_running_copy(self) -> str:
        """The new version is whole although the old one was running, and what was not said is what it was."""
        self.user_data.mkdir(parents=True, exist_ok=True)
        (self.user_data / "settings.toml").write_text('[window]\ntheme = "dark"\n', encoding="utf-8")
        desk = self._start_desk()
        code = self.wine.msiexec("/i", self.later, "/qn", "AUTOSTART=0", "/l*v", r"C:\upgrade.log")
        self._ctl("quit")
        desk.kill()
        desk.wait(30)
        self.wine.close()
        hold(code == 0, f"exit code {code}")
        found = _files(self.installed)
        hold(found == (self.files | {_NEW}) - {_GONE}, f"other files: {sorted(found ^ self.files)[:5]}")
        self._check_registry(LATER, autostart=False)
        versions = [key.get("DisplayVersion") for key in self.wine.registry(_UNINSTALL).values()]
        hold(versions.count(LATER) == 1 and product.version() not in versions, f"installed: {versions}")
        hold((self.user_data / "settings.toml").exists(), "the user's settings are gone")
        return f"{product.version()} → {LATER}; PROVISIONING_URL and LANGUAGE kept, AUTOSTART=0 taken"

    def downgrade(self) -> str:
        """The older version refuses and leaves the newer one as it was."""
        code = self.wine.msiexec("/i", self.first, "/qn", "/l*v", r"C:\downgrade.log")
        hold(code == REFUSED, f"exit code {code}")
        self._check_registry(LATER, autostart=False)
        return "refused with 1603"

    def repair(self) -> str:
        """A copy with a missing and a damaged file is whole again."""
        library = self.installed / "python" / "python312.dll"
        good = library.read_bytes()
        library.unlink()
        module = self.installed / "site" / "softphone" / "__init__.py"
        module.write_text("raise SystemExit('damaged')\n", encoding="utf-8")
        code = self.wine.msiexec("/i", self.later, "/qn", "REINSTALL=ALL", "REINSTALLMODE=amus")
        hold(code == 0, f"exit code {code}")
        hold(library.exists() and library.read_bytes() == good, "python312.dll was not put back")
        hold("damaged" not in module.read_text(encoding="utf-8"), "a damaged file was left")
        return "REINSTALL=ALL REINSTALLMODE=amus"

    def uninstall(self) -> str:
        """Nothing of ours stays but what is the user's."""
        code = self.wine.msiexec("/x", self.later, "/qn")
        hold(code == 0, f"exit code {code}")
        hold(not self.installed.exists(), "the folder stays")
        for key in (
            r"SOFTWARE\Softphone",
            r"SOFTWARE\Classes\softphone",
            rf"SOFTWARE\Classes\{identity.PROGRAM_ID}",
        ):
            hold(not self.wine.registry(rf"HKLM\{key}"), f"HKLM\\{key} stays")
        hold(not list(self.wine.drive.rglob(f"{product.NAME}.lnk")), "the start menu entry stays")
        hold((self.user_data / "settings.toml").exists(), "the user's settings are gone")
        return "program, registry and start menu; the user's data stays"

    def uninstall_with_user_data(self) -> str:
        """Told to, the user's data goes as well."""
        hold(self.wine.msiexec("/i", self.first, "/qn") == 0, "it does not install again")
        self._check_registry(product.version(), autostart=True, provisioned=False)
        code = self.wine.msiexec("/x", self.first, "/qn", "REMOVE_USER_DATA=1")
        hold(code == 0, f"exit code {code}")
        hold(not self.installed.exists(), "the folder stays")
        hold(not (self.user_data / "settings.toml").exists(), "the user's settings stay")
        return "REMOVE_USER_DATA=1"

    # --- looking ---

    def _settings(self) -> dict[str, Any]:
        answer = self.wine.run(self.installed / "softphone-cli.exe", "settings")
        try:
            found = json.loads(answer.output)["settings"]
        except (ValueError, KeyError) as exc:
            raise Failed(f"`softphone settings` said: {answer.output[-400:]}") from exc
        assert isinstance(found, dict)
        return found

    def _write_policy(self, fact: Any, value: Any) -> None:
        key = f"HKLM\\{admx.registry_key(fact)}"
        if fact.kind is SettingKind.TEXTS:
            for number, text in enumerate(value, 1):
                self.wine.write_value(f"{key}\\{fact.name}", str(number), "REG_SZ", text)
        elif fact.kind in (SettingKind.FLAG, SettingKind.INTEGER):
            self.wine.write_value(key, fact.name, "REG_DWORD", str(int(value)))
        else:
            self.wine.write_value(key, fact.name, "REG_SZ", value)

    def _check_registry(self, version: str, *, autostart: bool, provisioned: bool = True) -> None:
        found = self.wine.registry(r"HKLM\SOFTWARE\Softphone")
        setup = found.get(rf"{_MACHINE}\{identity.SETUP_KEY}", {})
        hold(setup.get("Version") == version, f"Setup says {setup}")
        hold(setup.get("InstallDir") == "C:\\Program Files\\Softphone\\", f"Setup says {setup}")
        install = found.get(rf"{_MACHINE}\{identity.INSTALL_KEY}\provisioning", {})
        hold((install.get("url") == PROFILE_URL) is provisioned, f"Install says {install}")
        started = self.wine.registry(rf"HKLM\{identity.RUN_KEY}").get(rf"{_MACHINE}\{identity.RUN_KEY}", {})
        hold((product.NAME in started) is autostart, f"Run says {started}")
        links = found.get(rf"{_MACHINE}\SOFTWARE\Softphone\Capabilities\URLAssociations", {})
        hold(set(links) == {"tel", "callto", "sip", "sips"}, f"links: {links}")
        own = self.wine.registry(r"HKLM\SOFTWARE\Classes\softphone\shell\open\command")
        hold(own, "softphone: links lead nowhere")

    def _start_desk(self) -> Any:
        desk = self.wine.start(self.installed / "Softphone.exe", first=True)
        deadline = time.monotonic() + 180
        while time.monotonic() < deadline:
            if self._ctl("status").code == 0:
                return desk
            hold(desk.poll() is None, f"the desk ended with {desk.returncode}")
        desk.kill()
        raise Failed("the desk does not answer `softphone ctl status`")

    def _ctl(self, *words: str) -> Any:
        return self.wine.run(self.installed / "softphone-cli.exe", "ctl", *words, timeout_s=60, first=True)

    def steps(self) -> dict[str, Callable[[], str]]:
        """Everything in its order; each step stands on the one before."""
        return {
            "build": self.build,
            "signatures": self.signatures,
            "wrong properties are refused": self.wrong_properties,
            "silent installation": self.install,
            "self-test of what was installed": self.self_test,
            "demo of what was installed": self.demo,
            "properties are settings": self.properties_are_settings,
            "profile through the proxy of Windows": self.profile_through_a_proxy,
            "group policy": self.group_policy,
            "a link to a running copy": self.link_to_a_running_copy,
            "upgrade beside a running copy": self.upgrade_beside_a_running_copy,
            "downgrade is refused": self.downgrade,
            "repair of a damaged copy": self.repair,
            "uninstallation keeps the user's data": self.uninstall,
            "uninstallation with the user's data": self.uninstall_with_user_data,
        }


def main(arguments: list[str]) -> int:
    """Run every step and say how each went; returns the exit code."""
    parser = argparse.ArgumentParser(prog="msi_cycle", description=__doc__)
    parser.add_argument("--work", type=Path, help="keep everything in this folder")
    parser.add_argument("--keep-build", action="store_true", help="take the packages that are there already")
    options = parser.parse_args(arguments)
    prepare()
    work = options.work or Path(tempfile.mkdtemp(prefix="softphone-msi-"))
    work.mkdir(parents=True, exist_ok=True)
    wine = Wine(work / "wine")
    cycle = Cycle(work, wine, keep_build=options.keep_build)
    try:
        report = run_steps(cycle.steps(), needed=("build", "silent installation"))
    finally:
        wine.close()
    if options.work is None:
        shutil.rmtree(work, ignore_errors=True)
    print(json.dumps(report, indent=1, ensure_ascii=False))
    return 0 if report["ok"] else 1


def _files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def _link(source: str, target: str) -> None:
    Path(target).hardlink_to(source)


def _verify(file: Path) -> None:
    """osslsigncode knows no chain for our certificate: what counts is that the digests fit."""
    command = ["osslsigncode", "verify", "-in", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    hold("Softphone TEST" in said and "MISMATCH" not in said, f"{file.name}: {said[-300:]}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
