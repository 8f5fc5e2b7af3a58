"""`softphone doctor` on a whole phone: real key store, the demo's telephone system and CRM, a real engine."""

from __future__ import annotations

import json
import struct
import wave
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from softphone.cli.doctor import servers, telephone
from softphone.cli.doctor.findings import failed, good, not_tried, remark, verdict
from softphone.demo.world import COLLEAGUE, DemoWorld
from softphone.domain.account import Account, Transport
from softphone.domain.audio import MediaQuality
from softphone.domain.company_settings import ProvisioningSettings
from softphone.domain.ids import AccountId, CallId
from softphone.domain.settings import CrmConnection, Settings
from tests.cli.desk_process import Program
from tests.cli.test_provision import NewDesk
from tests.peers.asterisk import Asterisk
from tests.peers.certificates import Authority
from tests.peers.http_proxy import http_proxy
from tests.peers.jack_card import JackCard
from tests.peers.secret_service import SecretService
from tests.phone import handset
from tests.system.profile_server import profile_server

SILENT = '[audio]\nmicrophone = "null"\n'


@pytest.fixture
def phone(secret_service: SecretService, tmp_path: Path) -> Program:
    program = Program(tmp_path / "profile", secret_service.environment)
    program.folder.mkdir()
    (program.folder / "settings.toml").write_text(SILENT)
    return program


@pytest.fixture
def world() -> Iterator[DemoWorld]:
    with DemoWorld() as running:
        yield running


def set_up(phone: Program, world: DemoWorld) -> None:
    done = phone.run("provision", "--token-stdin", world.provisioning.url, given=world.provisioning.code)
    assert done.returncode == 0, done.stderr


def asked(phone: Program, *arguments: str) -> tuple[int, dict[str, dict[str, Any]], str]:
    """Exit code, findings by check, verdict."""
    done = phone.run("doctor", "--json", *arguments)
    assert done.stdout, done.stderr
    told = json.loads(done.stdout)
    return done.returncode, {f["check"]: f for f in told["checks"]}, told["verdict"]


@pytest.mark.peer("secret_service")
def test_a_healthy_phone_is_fit_for_a_shift_and_says_what_was_not_tried(
    phone: Program, world: DemoWorld
) -> None:
    set_up(phone, world)
    code, found, told = asked(phone)
    assert [finding for finding in found.values() if finding["result"] == "failed"] == []
    assert code == 0
    assert told == "Fit for a shift. Not tried: TLS, microphone, speaker."
    assert found["registration demo"]["words"].startswith("registered at 127.0.0.1 in ")
    assert found["sound both ways"]["facts"]["tone_back_dbfs"] > telephone.HEARD_DBFS
    assert found["CRM demo"]["result"] == "good"
    assert abs(found["clock"]["facts"]["off_s"]) < 5
    assert found["key store"]["words"].startswith("Secret Service keeps")
    assert world.crm.records.calls == []


@pytest.mark.peer("secret_service")
def test_what_is_wrong_is_told_with_who_must_act(phone: Program, world: DemoWorld) -> None:
    set_up(phone, world)
    where = ("--server", "127.0.0.1", "--port", str(world.addresses.sip_port), "--user", "7001")
    add = ("account", "add", *where, "--account", "wrong", "--password-stdin")
    assert phone.run(*add, given="wrong").returncode == 0
    world.crm.token = "renewed"
    code, found, told = asked(phone, "--without", "computer")
    assert code == 1
    assert told.startswith("Not fit for a shift: CRM demo, registration wrong.")
    assert (found["registration wrong"]["facts"]["trouble"], found["registration demo"]["result"]) == (
        "forbidden", "good",
    )  # fmt: skip
    assert "forbids this user" in found["registration wrong"]["advice"]
    assert "renew the secret" in found["CRM demo"]["advice"]


@pytest.mark.peer("secret_service")
def test_a_running_softphone_is_asked_and_keeps_its_line(
    secret_service: SecretService, tmp_path: Path, world: DemoWorld
) -> None:
    with NewDesk(tmp_path / "profile", secret_service.environment) as desk:
        _code, before, _ = asked(desk, "--without", "computer", "--without", "servers")
        assert before["registration"]["words"] == "no account is set"
        set_up(desk, world)
        wait = ("ctl", "--timeout", "20", "register")
        desk.run(*wait)
        code, found, _told = asked(desk, "--without", "computer", "--without", "servers")
        while code and found["registration demo"]["words"].startswith("trying"):
            code, found, _told = asked(desk, "--without", "computer", "--without", "servers")
        assert found["registration demo"]["words"] == "registered, by the softphone that is running"
        assert "keeps the line" in found["sound both ways"]["words"]
        assert len(world.system.registrar._living(COLLEAGUE)) == 1


def test_a_phone_that_nobody_has_set_up_says_so_in_words(tmp_path: Path) -> None:
    own = tmp_path / "temporary"
    own.mkdir()
    program = Program(tmp_path / "profile", {"TMPDIR": str(own)})
    done = program.run("doctor", "--without", "computer", "--without", "servers")
    assert done.returncode == 1
    assert "no account is set" in done.stdout
    assert "→ Sign in, or run softphone provision." in done.stdout
    assert done.stdout.strip().splitlines()[-1].startswith("Not fit for a shift: registration")
    assert list(own.glob("softphone-doctor-*")) == []


def test_settings_that_cannot_be_read_are_the_first_finding(tmp_path: Path) -> None:
    program = Program(tmp_path)
    (tmp_path / "settings.toml").write_text("[window\n")
    file = tmp_path / "support.zip"
    code, found, _ = asked(program, "--bundle", str(file))
    assert (code, "line 1" in found["settings"]["words"]) == (1, True)
    assert "doctor.json" in zipfile.ZipFile(file).namelist()


def test_a_certificate_is_told_with_its_end_and_a_stranger_refused(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "ca")
    keys = authority.server("localhost")
    with profile_server(keys) as server:
        port = int(server.base_url.rsplit(":", 1)[1])
        account = Account(AccountId("a"), "localhost", "1", port=port, transport=Transport.TLS)
        (stranger,) = servers.about_tls(Settings(accounts=(account,)))
        assert (stranger.result, "IT: give the server" in stranger.advice) == ("failed", True)
        provisioning = ProvisioningSettings(server.url, ca_file=str(authority.certificate))
        (trusted,) = servers.about_tls(Settings(provisioning=provisioning))
        assert trusted.result in ("good", "remark")
        assert trusted.facts["protocol"] == "TLSv1.3"
        nowhere = Settings(provisioning=ProvisioningSettings("https://localhost:9/p"))
        (away,) = servers.about_tls(nowhere)
        assert away.result == "failed"


def test_web_servers_are_asked_through_the_proxy_and_telephone_systems_directly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = "phones.example.com"
    authority = Authority(tmp_path / "ca")
    with profile_server(authority.server(host)) as server, http_proxy() as proxy:
        proxy.wanted = "Basic YW5uYTpnZWhlaW0="
        monkeypatch.setenv("https_proxy", proxy.url.replace("//", "//anna:geheim@"))
        monkeypatch.delenv("no_proxy", raising=False)
        account = Account(AccountId("a"), "localhost", "1", port=9, transport=Transport.TLS)
        web = ProvisioningSettings(f"https://{host}/p", ca_file=str(authority.certificate))
        settings = Settings(accounts=(account,), provisioning=web)
        (named,) = servers.about_proxy(settings)
        assert (named.result, named.facts["proxy"]) == ("good", f"127.0.0.1:{proxy.port}")
        telephone_system, refused = servers.about_tls(settings)
        assert "proxy" not in telephone_system.words
        assert (refused.result, "could not reach phones.example.com:443" in refused.words) == ("failed", True)
        assert "IT: let the proxy pass" in refused.advice
        proxy.names[host] = int(server.base_url.rsplit(":", 1)[1])
        _, fine = servers.about_tls(settings)
        assert fine.facts["protocol"] == "TLSv1.3"
        assert "geheim" not in str((named, telephone_system, refused, fine))
        monkeypatch.setenv("https_proxy", "socks5://127.0.0.1:1")
        (useless,) = servers.about_proxy(settings)
        assert (useless.result, "socks5" in useless.words) == ("failed", True)


def test_a_clock_that_is_wrong_is_found_by_the_servers_date(monkeypatch: pytest.MonkeyPatch) -> None:
    assert servers._clock("Mon, 01 Jan 2001 00:00:00 GMT", "host").result == "failed"
    assert servers._clock("nonsense", "host").result == "not_tried"
    crm = CrmConnection("c", "rest", "http://127.0.0.1:9")
    assert servers.about_clock(Settings(crms=(crm,))).result == "not_tried"


def test_the_verdict_names_what_failed_what_is_odd_and_what_was_not_tried() -> None:
    assert verdict([good("a", "")]) == "Fit for a shift."
    assert verdict([good("a", ""), remark("b", "", "")]) == "Fit for a shift, with remarks on b."
    assert verdict([failed("a", "", ""), remark("b", "", ""), not_tried("c", "")]) == (
        "Not fit for a shift: a. Not tried: c."
    )


def test_our_tone_is_told_from_silence_and_from_another(tmp_path: Path) -> None:
    tone = tmp_path / "tone.wav"
    telephone._write_tone(tone)
    assert -13.5 < telephone._tone_dbfs(tone) < -11.5
    other = tmp_path / "other.wav"
    with wave.open(str(other), "wb") as out:
        out.setparams((1, 2, 16_000, 0, "NONE", ""))
        out.writeframes(struct.pack("<32000h", *([8_000, -8_000] * 16_000)))
    assert telephone._tone_dbfs(other) < telephone.HEARD_DBFS
    assert telephone._tone_dbfs(tmp_path / "none.wav") == -96.0


@pytest.mark.peer("jack")
def test_a_microphone_that_speaks_is_told_from_one_that_delivers_zeros(
    jack_card: JackCard, tmp_path: Path
) -> None:
    program = Program(tmp_path / "profile", jack_card.environment)
    card = jack_card.tap()
    card.say(440.0, level_dbfs=-12.0)
    without = ("--without", "computer", "--without", "servers")
    _code, found, _ = asked(program, *without)
    assert found["microphone"]["result"] == "good", found["microphone"]
    assert found["microphone"]["facts"]["peak_dbfs"] > -40
    assert found["speaker"]["result"] == "good", found["speaker"]
    card.be_silent()
    _code, found, _ = asked(program, *without)
    assert found["microphone"]["result"] == "failed", found["microphone"]
    assert "zeros only" in found["microphone"]["words"]


@pytest.mark.peer("asterisk")
@pytest.mark.peer("secret_service")
def test_asterisk_sends_back_what_was_said(phone: Program, asterisk: Asterisk) -> None:
    settings = phone.folder / "settings.toml"
    settings.write_text(SILENT + '[diagnostics]\necho_extension = "601"\n')
    where = ("--server", asterisk.host, "--port", str(asterisk.sip_port), "--user", "7001")
    password = handset._password(asterisk, "7001")
    assert phone.run("account", "add", *where, "--password-stdin", given=password).returncode == 0
    code, found, _ = asked(phone, "--without", "computer", "--without", "servers")
    assert (code, found["sound both ways"]["result"]) == (0, "good"), found["sound both ways"]
    asterisk.wait_no_channels()
    assert asterisk.contacts("7001") == []


def test_one_way_sound_is_a_failure_and_a_lossy_line_a_remark() -> None:
    check, call = "sound both ways", CallId("c")
    silent = telephone._judged(check, -96.0, None)
    assert (silent.result, "firewall" in silent.advice) == ("failed", True)
    assert telephone._judged(check, -20.0, MediaQuality(call)).result == "good"
    lossy = telephone._judged(check, -20.0, MediaQuality(call, rx_loss_percent=8.0))
    assert (lossy.result, "cable" in lossy.advice) == ("remark", True)
