"""`python -m tests.installer.deb_cycle`: the whole life of the Linux packages in a fresh Debian.

Builds them twice and compares every byte, asks lintian, then in a chroot that has never seen the softphone:
preseeded installation, self-test and demo for an ordinary user under Xvfb, a `tel:` link through xdg-open,
autostart by the session, upgrade, removal, purge; the tar.xz unpacked by a user. As root. Prints JSON; exit
code 0 only if every step held.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from installer.building import checksums, product
from installer.building.tools import need, run
from installer.linux import package
from tests.installer.debian_root import USER, DebianRoot, Said
from tests.installer.life import hold, prepare, run_steps

LATER = "99.1.0"
BUILT, INSTALLED = "built twice, the same bytes", "preseeded installation"
PROFILE_URL = "https://phones.example.com/profile.toml"
PROFILE_KEY = "p2q0c9Y0S7Y0wqL0l5p0dQbJm5uWQxv9rT8w2K3vM1s="
_ATTEMPTS = 2
_SCREEN = "xvfb-run -a -s '-screen 0 1280x1024x24' dbus-run-session --"
_ANSWERS = "for i in $(seq 60); do softphone ctl status >/dev/null 2>&1 && break; sleep 1; done;"


class Cycle:
    """One run: packages built twice, one Debian."""

    def __init__(self, work: Path, cache: Path, *, keep_build: bool = False) -> None:
        self.work, self.cache, self.keep_build = work, cache, keep_build
        self.root = DebianRoot(work / "root")
        self.packages: list[Path] = []

    # --- what was built ---

    def build_twice(self) -> str:
        """Two builds in two folders are the same byte for byte."""
        os.environ["SOURCE_DATE_EPOCH"] = str(product.source_date())  # commits may come between
        folders = [self.work / "dist-1", self.work / "dist-2"]
        if not self.keep_build:
            for number, folder in enumerate(folders, 1):
                shutil.rmtree(folder, ignore_errors=True)
                package.build(folder, self.work / f"build-{number}", compression=0)
        made = [[next(folder.glob("*.deb")), next(folder.glob("*.tar.xz"))] for folder in folders]
        self.packages = made[0]
        for one, other in zip(*made, strict=True):
            hold(checksums.digest(one) == checksums.digest(other), f"{one.name} differs")
        return ", ".join(f"{path.name} {checksums.digest(path)[:16]}…" for path in self.packages)

    def lintian(self) -> str:
        """No error and no warning that is not explained in the overrides."""
        need("lintian")
        run(["lintian", "--allow-root", "--fail-on", "error,warning", self.packages[0]])
        return "no errors, no warnings"

    # --- the life of an installation ---

    def install(self) -> str:
        """Answers are preseeded, apt brings what is needed, nothing is asked."""
        shutil.copy(self.packages[0], self.root.folder / "tmp")
        answers = (
            f"softphone softphone/provisioning_url string {PROFILE_URL}\n"
            f"softphone softphone/provisioning_key string {PROFILE_KEY}\n"
            "softphone softphone/language select de\n"
        )
        self._root("apt-get update -qq")
        self._root("debconf-set-selections", given=answers)
        file = self.packages[0].name
        self._root(f"apt-get install -y -qq --no-install-recommends /tmp/{file}", timeout_s=900)
        text = self._root("cat /etc/softphone/install.toml")
        for line in (f'url = "{PROFILE_URL}"', f'public_key = "{PROFILE_KEY}"', 'language = "de"'):
            hold(line in text.splitlines(), text)
        return f"dpkg has {self._root('dpkg-query -W softphone').strip()}"

    def self_test(self) -> str:
        """For an ordinary user; a chroot has neither key store nor sound card."""
        without = "--self-test-without key_store --self-test-without audio"
        report = json.loads(_json(self._user(f"{_SCREEN} softphone --self-test {without}")))
        hold(report["ok"], json.dumps(report["checks"])[-600:])
        return f"{report['checks']['certificates']['openssl']}, Qt on {report['checks']['qt']['platform']}"

    def properties(self) -> str:
        """The answers are settings that the user cannot change."""
        found = json.loads(_json(self._user("softphone settings")))["settings"]
        hold(found["provisioning.url"] | {"source": ""} == _set_by_install(PROFILE_URL), str(found))
        hold(found["window.language"] | {"source": ""} == _set_by_install("de"), str(found))
        return "provisioning.url and window.language, set by install"

    def bad_policy(self) -> str:
        """A policy with mistakes keeps nobody from working; the log names file, line and key of each."""
        text = (
            '[window]\nthemes = "dark"\ntheme = "dark"\n'
            '[[campaigns]]\nid = "a"\nname = "A"\ncrm = "none"\n'
            "[provisioning]\nurl = 1\n"
        )
        place = self.root.folder / "etc" / "softphone" / "policy.toml"
        place.write_text(text, encoding="utf-8")
        try:
            script = f"softphone & {_ANSWERS} softphone ctl status && softphone ctl quit; wait"
            answered = self._user(f'{_SCREEN} sh -c "{_quoted(script)}"')
            told = self.root.user("softphone settings")
        finally:
            place.unlink()
        hold('"ok"' in answered, answered[-500:])
        log = self._user("cat $(find . -name desk.log)")
        left_out = [line for line in log.splitlines() if "setting_left_out" in line]
        for words in ("line 2, key window.themes", "campaigns.a.crm", "line 9, key provisioning.url"):
            hold(any(words in line and "policy.toml" in line for line in left_out), "\n".join(left_out))
        found = json.loads(_json(told.output))["settings"]
        hold(told.code == 1, "`softphone settings` does not say that something was left out")
        theme = found["window.theme"]
        hold((theme["value"], theme["set_by"]) == ("dark", "policy"), str(theme))
        hold(found["provisioning.url"]["value"] == PROFILE_URL, str(found["provisioning.url"]))
        return f"{len(left_out)} mistakes named, everything else of the policy in force"

    def demo(self) -> str:
        """A whole call through the installed program, in a window under Xvfb."""
        attempts, said = 0, Said(-1, "")
        while attempts < _ATTEMPTS:  # its sound is judged, and a busy machine garbles it
            attempts += 1
            command = f"{_SCREEN} softphone demo --auto --output /home/{USER}/demo"
            said = self.root.user(command, 240, first=True)
            if said.code == 0:
                break
        hold(said.code == 0, said.output[-800:])
        file = self.root.folder / "home" / USER / "demo" / "summary.json"
        summary = json.loads(file.read_text(encoding="utf-8"))
        facts = f"registered after {summary['registered_s']} s, {summary['crm_records']} outcome in the CRM"
        return f"{facts}, attempt {attempts}"

    def link(self) -> str:
        """xdg-open finds the softphone for tel: and starts it; a second link goes to the one that runs."""
        known = self._user(
            "for s in tel callto sip sips softphone; do xdg-mime query default x-scheme-handler/$s; done"
        )
        hold(known.split() == ["softphone.desktop"] * 5, known)
        script = (
            "xdg-open tel:+49301234567 >/dev/null 2>&1 & "
            f"{_ANSWERS}"
            "xdg-open tel:+49307654321 >/dev/null 2>&1; "
            "echo desks=$(pgrep -u agent -c -f 's[o]ftphone tel:'); "
            "softphone ctl status; softphone ctl quit"
        )
        said = self._user(f'{_SCREEN} sh -c "{_quoted(script)}"', timeout_s=300)
        hold("desks=1" in said, said[-500:])
        hold('"calls": []' in said or '"calls":[]' in said, said[-500:])
        return "first link starts it, second is taken by it, nothing dialled"

    def autostart(self) -> str:
        """The session starts it (XDG autostart, run by dex)."""
        script = (
            "dex --autostart --environment GNOME >/dev/null 2>&1; "
            f"{_ANSWERS} softphone ctl status >/dev/null && echo started; softphone ctl quit"
        )
        said = self._user(f'{_SCREEN} sh -c "{_quoted(script)}"', timeout_s=300)
        hold("started" in said, said[-500:])
        self._root("debconf-set-selections", given="softphone softphone/autostart boolean false\n")
        self._root("dpkg-reconfigure -f noninteractive softphone")
        hold("Hidden=true" in self._root("cat /etc/xdg/autostart/softphone.desktop"), "autostart stays")
        return "started; softphone/autostart false switches it off"

    def upgrade(self) -> str:
        """A later version takes over beside a running copy, the administrator's choices stay."""
        later = self.work / "later"
        shutil.rmtree(later, ignore_errors=True)
        run(["dpkg-deb", "-R", self.packages[0], later])
        control = later / "DEBIAN" / "control"
        control.write_text(
            re.sub(r"(?m)^Version: .*$", f"Version: {LATER}", control.read_text(encoding="utf-8")),
            encoding="utf-8",
        )
        file = self.root.folder / "tmp" / "later.deb"
        run(["dpkg-deb", "--root-owner-group", "-Znone", "--build", later, file])
        self._user(f"setsid nohup {_SCREEN} softphone >/dev/null 2>&1 & {_ANSWERS} softphone ctl status")
        said = self._root("apt-get install -y -qq --no-install-recommends /tmp/later.deb", timeout_s=600)
        hold(re.search(rf"process \d+ of {USER} goes on with the version before", said), said[-800:])
        self._user("softphone ctl status && softphone ctl quit")
        hold(LATER in self._root("dpkg-query -W softphone"), "the later version is not there")
        hold(PROFILE_URL in self._root("cat /etc/softphone/install.toml"), "install.toml is another one")
        hold("Hidden=true" in self._root("cat /etc/xdg/autostart/softphone.desktop"), "autostart is on again")
        return f"{product.version()} → {LATER}, beside a running copy that is named and goes on"

    def downgrade(self) -> str:
        """apt takes no older version by itself, and says so."""
        command = f"apt-get install -y --no-install-recommends /tmp/{self.packages[0].name}"
        said = self.root.root(command)
        hold(said.code != 0 and "downgrade" in said.output.lower(), said.output[-800:])
        hold(LATER in self._root("dpkg-query -W softphone"), "the later version is gone")
        return "refused: " + said.output.strip().splitlines()[-1]

    def repair(self) -> str:
        """A damaged copy is named by dpkg and whole again after it was installed once more."""
        program = self.root.folder / "opt" / "softphone"
        module = next(program.rglob("softphone/__init__.py"))
        module.write_text("raise SystemExit('damaged')\n", encoding="utf-8")
        next(program.rglob("msgspec/_core*.so")).unlink()
        damage = self.root.root("dpkg --verify softphone").output
        hold("softphone/__init__.py" in damage and "msgspec" in damage, damage)
        self._root("apt-get install -y -qq --reinstall --no-install-recommends /tmp/later.deb", timeout_s=600)
        hold(not self._root("dpkg --verify softphone").strip(), "dpkg still finds damage")
        hold(product.version() in self._user("softphone --version"), "it does not start")
        return "dpkg --verify names the damage, apt-get install --reinstall mends it"

    def remove_and_purge(self) -> str:
        """Nothing stays but what is the user's."""
        data = f"/home/{USER}/.config/softphone/settings.toml"
        self._user(f"mkdir -p $(dirname {data}); echo '[window]' > {data}")
        self._root("apt-get remove -y -qq softphone")
        hold(not (self.root.folder / "opt" / "softphone").exists(), "/opt/softphone stays after removal")
        hold("install.toml" in self._root("ls /etc/softphone"), "removal took the configuration")
        self._root("apt-get purge -y -qq softphone")
        left = self._root(
            "find / -xdev \\( -path /proc -o -path /home -o -path /tmp -o -path /var/cache -o -path /var/log"
            " -o -path /var/lib/apt \\) -prune -o -iname '*softphone*' -print"
        )
        hold(not left.strip(), f"left behind: {left}")
        hold((self.root.folder / data.lstrip("/")).exists(), "the user's settings are gone")
        return "nothing left; the user's data stays"

    def archive(self) -> str:
        """The tar.xz runs where a user unpacks it and gets into the menu."""
        shutil.copy(self.packages[1], self.root.folder / "tmp" / "softphone.tar.xz")
        self._root("apt-get install -y -qq xz-utils")
        folder = f"/home/{USER}/apps dir"
        self._user(f"mkdir -p '{folder}' && tar -C '{folder}' -xf /tmp/softphone.tar.xz")
        program = f"{folder}/softphone-{product.version()}"
        hold(product.version() in self._user(f"'{program}/bin/softphone' --version"), "it does not start")
        self._user(f"'{program}/install-for-me.sh'")
        self._user(f"desktop-file-validate /home/{USER}/.local/share/applications/softphone.desktop")
        known = self._user("xdg-mime query default x-scheme-handler/tel")
        hold(known.strip() == "softphone.desktop", known)
        self._user(f"'{program}/install-for-me.sh' --remove")
        return "starts from a folder with a blank in its name, menu entry made and removed"

    # --- looking ---

    def _root(self, command: str, timeout_s: float = 300, given: str = "") -> str:
        said = self.root.root(command, timeout_s, given)
        hold(said.code == 0, f"{command}: {said.code}: {said.output[-800:]}")
        return said.output

    def _user(self, command: str, timeout_s: float = 120) -> str:
        said = self.root.user(command, timeout_s)
        hold(said.code == 0, f"{command}: {said.code}: {said.output[-800:]}")
        return said.output

    def steps(self) -> dict[str, Callable[[], str]]:
        """Everything in its order; each step stands on the ones before."""
        return {
            BUILT: self.build_twice,
            INSTALLED: self._mounted(self.install),
            "self-test for an ordinary user": self._mounted(self.self_test),
            "answers are settings": self._mounted(self.properties),
            "policy with mistakes": self._mounted(self.bad_policy),
            "demo under Xvfb": self._mounted(self.demo),
            "tel: links": self._mounted(self.link),
            "autostart": self._mounted(self.autostart),
            "upgrade beside a running copy": self._mounted(self.upgrade),
            "downgrade is refused": self._mounted(self.downgrade),
            "repair of a damaged copy": self._mounted(self.repair),
            "removal and purge": self._mounted(self.remove_and_purge),
            "tar.xz": self._mounted(self.archive),
            "lintian": self.lintian,
        }

    def _mounted(self, step: Callable[[], str]) -> Callable[[], str]:
        def inside() -> str:
            if step == self.install:
                self.root.create(self.cache / "debian.tar")
            with self.root.mounted():
                return step()

        return inside


def _set_by_install(value: str) -> dict[str, str]:
    return {"value": value, "set_by": "install", "source": ""}


def _json(text: str) -> str:
    """The JSON in what was said: libraries chatter before it."""
    return text[text.index("{") : text.rindex("}") + 1]


def _quoted(script: str) -> str:
    return re.sub(r'(["$`\\])', r"\\\1", script)


def main(arguments: list[str]) -> int:
    """Run every step and say how each went; returns the exit code."""
    parser = argparse.ArgumentParser(prog="deb_cycle", description=__doc__)
    parser.add_argument("--work", type=Path, help="keep everything in this folder, the pristine Debian too")
    parser.add_argument("--keep-build", action="store_true", help="take the packages that are there already")
    options = parser.parse_args(arguments)
    prepare()
    work = (options.work or Path(tempfile.mkdtemp(prefix="softphone-deb-"))).absolute()
    work.mkdir(parents=True, exist_ok=True)
    cycle = Cycle(work, work, keep_build=options.keep_build)
    try:
        report: dict[str, Any] = run_steps(cycle.steps(), needed=(BUILT, INSTALLED))
    finally:
        if options.work is None:
            shutil.rmtree(work, ignore_errors=True)
    print(json.dumps(report, indent=1, ensure_ascii=False))
    return 0 if report["ok"] else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
