"""Which Debian packages bring the libraries that the payload takes from the system."""

from __future__ import annotations

import re

from installer.building.tools import BuildError

PACKAGES = {
    r"libgcc_s\.so\.1": "libgcc-s1",
    r"libstdc\+\+\.so\.6": "libstdc++6",
    r"libz\.so\.1": "zlib1g",
    r"libbz2\.so\.1\.0": "libbz2-1.0",
    r"liblzma\.so\.5": "liblzma5",
    r"libffi\.so\.8": "libffi8",
    r"lib(ssl|crypto)\.so\.3": "libssl3t64 | libssl3",
    r"libuuid\.so\.1": "libuuid1",
    r"libzstd\.so\.1": "libzstd1",
    r"libEGL\.so\.1": "libegl1",
    r"libGL\.so\.1": "libgl1",
    r"libGLX\.so\.0": "libglx0",
    r"libOpenGL\.so\.0": "libopengl0",
    r"libX11\.so\.6": "libx11-6",
    r"libX11-xcb\.so\.1": "libx11-xcb1",
    r"libxcb\.so\.1": "libxcb1",
    r"libxcb-cursor\.so\.0": "libxcb-cursor0",
    r"libxcb-glx\.so\.0": "libxcb-glx0",
    r"libxcb-icccm\.so\.4": "libxcb-icccm4",
    r"libxcb-image\.so\.0": "libxcb-image0",
    r"libxcb-keysyms\.so\.1": "libxcb-keysyms1",
    r"libxcb-randr\.so\.0": "libxcb-randr0",
    r"libxcb-render\.so\.0": "libxcb-render0",
    r"libxcb-render-util\.so\.0": "libxcb-render-util0",
    r"libxcb-shape\.so\.0": "libxcb-shape0",
    r"libxcb-shm\.so\.0": "libxcb-shm0",
    r"libxcb-sync\.so\.1": "libxcb-sync1",
    r"libxcb-xfixes\.so\.0": "libxcb-xfixes0",
    r"libxcb-xkb\.so\.1": "libxcb-xkb1",
    r"libxcb-util\.so\.1": "libxcb-util1",
    r"libxkbcommon\.so\.0": "libxkbcommon0",
    r"libxkbcommon-x11\.so\.0": "libxkbcommon-x11-0",
    r"libwayland-client\.so\.0": "libwayland-client0",
    r"libwayland-cursor\.so\.0": "libwayland-cursor0",
    r"libwayland-egl\.so\.1": "libwayland-egl1",
    r"libdrm\.so\.2": "libdrm2",
    r"libfontconfig\.so\.1": "libfontconfig1",
    r"libfreetype\.so\.6": "libfreetype6",
    r"libdbus-1\.so\.3": "libdbus-1-3",
    r"lib(glib|gthread|gobject|gio)-2\.0\.so\.0": "libglib2.0-0t64 | libglib2.0-0",
    r"libgssapi_krb5\.so\.2": "libgssapi-krb5-2",
}
LOADED_BY_NAME = ("libportaudio2", "libasound2t64 | libasound2", "ca-certificates")
"""What no binary names: sound is opened at run time, and certificates are files."""

_GLIBC = re.compile(r"^(lib(c|m|pthread|dl|rt|util|resolv)\.so\.\d+|ld-linux-x86-64\.so\.2)$")


def depends(asked: dict[str, list[str]], glibc: tuple[int, int]) -> list[str]:
    """The `Depends` of the package; raises `BuildError` for a library that nobody has looked at."""
    wanted = {f"libc6 (>= {glibc[0]}.{glibc[1]})", *LOADED_BY_NAME}
    for soname, users in sorted(asked.items()):
        if _GLIBC.match(soname):
            continue
        package = next((name for known, name in PACKAGES.items() if re.fullmatch(known, soname)), None)
        if package is None:
            raise BuildError(
                f"{soname}, needed by {', '.join(users[:3])}, is neither in the payload nor known: prune "
                "what needs it, or add the package that brings it to installer/linux/libraries.py"
            )
        wanted.add(package)
    return sorted(wanted)
