"""Who is at the other end of a Windows named pipe, asked of the operating system.

The default security of a named pipe lets everybody on the computer open it for reading, so the engine says
nothing before this check. Thread: any. Windows only.
"""

from __future__ import annotations

import ctypes
import sys
from typing import Any

_PROCESS_QUERY_LIMITED_INFORMATION = 0x1000
_TOKEN_QUERY = 0x0008
_TOKEN_USER = 1


def same_user(pipe_handle: int, *, other_end_serves: bool) -> bool:
    """Tell whether the process at the other end of `pipe_handle` has our user's security identifier."""
    kernel = _library("kernel32")
    other = ctypes.c_ulong()
    ask = kernel.GetNamedPipeServerProcessId if other_end_serves else kernel.GetNamedPipeClientProcessId
    if not ask(ctypes.c_void_p(pipe_handle), ctypes.byref(other)):
        return False
    theirs = _user_of(kernel, other.value)
    return theirs is not None and theirs == _user_of(kernel, kernel.GetCurrentProcessId())


def server_pid(pipe_handle: int) -> int:
    """The process that serves the pipe, 0 if the system does not say."""
    other = ctypes.c_ulong()
    known = _library("kernel32").GetNamedPipeServerProcessId(
        ctypes.c_void_p(pipe_handle), ctypes.byref(other)
    )
    return int(other.value) if known else 0


def _user_of(kernel: Any, pid: int) -> bytes | None:
    """Return the security identifier of the user who runs `pid`, or None if it may not be known."""
    kernel.OpenProcess.restype = ctypes.c_void_p
    process = kernel.OpenProcess(_PROCESS_QUERY_LIMITED_INFORMATION, False, pid)
    if not process:
        return None
    try:
        return _user_of_process(process)
    finally:
        kernel.CloseHandle(ctypes.c_void_p(process))


def _user_of_process(process: int) -> bytes | None:
    advapi = _library("advapi32")
    token = ctypes.c_void_p()
    if not advapi.OpenProcessToken(ctypes.c_void_p(process), _TOKEN_QUERY, ctypes.byref(token)):
        return None
    size = ctypes.c_ulong()
    room = ctypes.create_string_buffer(256)
    known = advapi.GetTokenInformation(token, _TOKEN_USER, room, len(room), ctypes.byref(size))
    _library("kernel32").CloseHandle(token)
    if not known:
        return None
    sid = ctypes.c_void_p.from_buffer(room).value  # TOKEN_USER begins with the pointer to the SID
    advapi.GetLengthSid.argtypes = [ctypes.c_void_p]
    return ctypes.string_at(sid, advapi.GetLengthSid(sid)) if sid else None


def _library(name: str) -> Any:
    if sys.platform == "win32":
        return ctypes.WinDLL(name, use_last_error=True)
    raise OSError("named pipes exist on Windows only")
