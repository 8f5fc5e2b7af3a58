"""Whether the operating system withholds the microphone from us, which sounds like a microphone of zeros.

Windows keeps the user's consent in the registry, macOS answers by AVFoundation, others withhold nothing.
Not yet proven on a Windows or macOS desktop: only what is read and how it is judged is tested.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable, Iterable
from typing import Any

_STORE = r"Software\Microsoft\Windows\CurrentVersion\CapabilityAccessManager\ConsentStore\microphone"
_DESKTOP_PROGRAMS = _STORE + r"\NonPackaged"
_DENY = "Deny"
_AV_FOUNDATION = "/System/Library/Frameworks/AVFoundation.framework/AVFoundation"
_WITHHELD = (1, 2)
"""AVAuthorizationStatusRestricted and -Denied."""

ReadValue = Callable[[bool, str], str | None]
"""`Value` below a key, of this user or (False) of the machine; None if it is not there."""


def microphone_withheld(platform: str = sys.platform) -> bool:
    """Return True only if the system says so."""
    if platform == "win32":
        return denied_in_registry(_registry_value)
    if platform == "darwin":
        return _av_status() in _WITHHELD
    return False


def denied_in_registry(read: ReadValue) -> bool:
    """The machine, the user, or the user for desktop programs may each say no."""
    places: Iterable[tuple[bool, str]] = ((False, _STORE), (True, _STORE), (True, _DESKTOP_PROGRAMS))
    return any(read(of_user, key) == _DENY for of_user, key in places)


def _registry_value(of_user: bool, key: str) -> str | None:
    import winreg  # exists on Windows only

    registry: Any = winreg
    root = registry.HKEY_CURRENT_USER if of_user else registry.HKEY_LOCAL_MACHINE
    try:
        with registry.OpenKey(root, key) as opened:
            return str(registry.QueryValueEx(opened, "Value")[0])
    except OSError:
        return None


def _av_status() -> int:
    try:
        objc = ctypes.CDLL("/usr/lib/libobjc.dylib")
        framework = ctypes.CDLL(_AV_FOUNDATION)
        media_type = ctypes.c_void_p.in_dll(framework, "AVMediaTypeAudio")
    except (OSError, ValueError):
        return 0
    objc.objc_getClass.restype = objc.sel_registerName.restype = ctypes.c_void_p
    device = ctypes.c_void_p(objc.objc_getClass(b"AVCaptureDevice"))
    selector = ctypes.c_void_p(objc.sel_registerName(b"authorizationStatusForMediaType:"))
    ask = objc.objc_msgSend
    ask.restype = ctypes.c_long
    ask.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)
    return int(ask(device, selector, media_type))
