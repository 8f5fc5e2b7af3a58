"""The company's profile through the proxy of Windows' own settings, for the life of the MSI."""

from __future__ import annotations

import json
from pathlib import Path

from softphone.system import profile_signature
from tests.installer.life import hold
from tests.installer.wine import Wine
from tests.peers.certificates import Authority
from tests.peers.http_proxy import HttpProxy, http_proxy
from tests.system.profile_server import profile_server

HOST = "phones.example.com"
PROFILE_URL = f"https://{HOST}/profile.toml"
_SETTINGS = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Internet Settings"
_KEY = "profile-key.pem"


def new_profile_key(work: Path) -> str:
    """The public half of a key that signs this run's profile."""
    (work / _KEY).unlink(missing_ok=True)
    return profile_signature.make_key(work / _KEY)


def through_the_proxy_of_windows(wine: Wine, installed: Path, work: Path, public_key: str) -> str:
    """Fetched through it, refused by it in words, and not asked where an exception says so."""
    authority = Authority(work / "ca")
    command = (
        *(installed / "softphone-cli.exe", "provision", "--config-dir", r"C:\proxy"),
        *("--ca-file", f"Z:{authority.certificate}"),
    )
    profile = b'[profile]\nversion = 1\ncompany = "Behind a proxy"\n'
    with http_proxy() as proxy, profile_server(authority.server(HOST)) as server:
        server.profile = profile_signature.signed(profile, (work / _KEY).read_bytes())
        _set(wine, proxy, exceptions="<local>;*.intranet.example")
        refused = wine.run(*command)
        hold(refused.code == 1, f"refused by the proxy: {refused}")
        hold("could not reach phones.example.com:443 (502" in _last_refusal(wine), _last_refusal(wine))
        proxy.names[HOST] = int(server.base_url.rpartition(":")[2])
        fetched = wine.run(*command)
        hold(fetched.code == 0, f"{fetched} {_last_refusal(wine)}")
        hold(json.loads(fetched.output)["company"] == "Behind a proxy", fetched.output)
        asked = len(proxy.asked)
        _set(wine, proxy, exceptions="*.example.com")
        hold(wine.run(*command).code == 1, "fetched although nobody is there")
        hold(len(proxy.asked) == asked, "the proxy was asked in spite of the exception")
    for name in ("ProxyEnable", "ProxyServer", "ProxyOverride"):
        wine.run("reg", "delete", _SETTINGS, "/v", name, "/f")
    return f"signed by {public_key[:6]}…, refused in words, exceptions kept"


def _set(wine: Wine, proxy: HttpProxy, exceptions: str) -> None:
    for name, kind, value in (
        ("ProxyEnable", "REG_DWORD", "1"),
        ("ProxyServer", "REG_SZ", proxy.url.removeprefix("http://")),
        ("ProxyOverride", "REG_SZ", exceptions),
    ):
        wine.write_value(_SETTINGS, name, kind, value)


def _last_refusal(wine: Wine) -> str:
    logs = sorted((wine.drive / "proxy").rglob("provision.log"))
    lines = logs[-1].read_text(encoding="utf-8").splitlines() if logs else []
    return next((line for line in reversed(lines) if "profile_not_taken" in line), "")
