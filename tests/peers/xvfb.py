"""A screen of one's own: Xvfb on a display it finds itself, photographed from its frame buffer."""

from __future__ import annotations

import os
import struct
import subprocess
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.peers.availability import find_program
from tests.peers.process import PeerProcess
from tests.peers.waiting import wait_for

XWD_HEADER = struct.Struct(">25I")


@dataclass(frozen=True)
class Picture:
    """A screenshot: red, green, blue per pixel."""

    pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]

    @property
    def colours(self) -> int:
        """How many different colours are in it: 1 means that nothing was drawn."""
        red, green, blue = (self.pixels[:, :, i].astype(np.uint32) for i in range(3))
        return len(np.unique(red << 16 | green << 8 | blue))

    def save(self, path: Path) -> Path:
        """Write it as PNG."""
        path.parent.mkdir(parents=True, exist_ok=True)
        height, width, _ = self.pixels.shape
        rows = b"".join(b"\0" + row.tobytes() for row in self.pixels)
        header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
        chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 6)), (b"IEND", b""))
        path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in chunks))
        return path


class VirtualDisplay:
    """One X server without a screen, for one test or one session."""

    def __init__(self, folder: Path, *, width: int = 1_600, height: int = 1_000) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        program = find_program("Xvfb", "xvfb")
        reading, writing = os.pipe()
        command = [str(program), "-displayfd", str(writing), "-screen", "0", f"{width}x{height}x24"]
        command += ["-nolisten", "tcp", "-noreset", "-fbdir", str(folder)]
        self._process = PeerProcess(command, folder / "xvfb.log", pass_fds=[writing])
        os.close(writing)
        with os.fdopen(reading) as answer:
            number = answer.readline().strip()  # end of file if Xvfb dies
        self._process.wait_until(lambda: bool(number), "Xvfb's display number")
        self.display = f":{number}"

    @property
    def environment(self) -> dict[str, str]:
        """What a program needs to draw here."""
        return {"DISPLAY": self.display, "QT_QPA_PLATFORM": "xcb"}

    def stop(self) -> None:
        """Close the display; programs on it lose their windows."""
        self._process.stop()

    def photograph(self) -> Picture:
        """What the screen shows right now."""
        data = (self._folder / "Xvfb_screen0").read_bytes()
        header = XWD_HEADER.unpack_from(data)
        size, width, height, bits, line, colours = (header[i] for i in (0, 4, 5, 11, 12, 19))
        if bits != 32:
            raise ValueError(f"Xvfb uses {bits} bits a pixel")
        pixels = np.frombuffer(data, np.uint8, line * height, size + 12 * colours).reshape(
            height, line // 4, 4
        )
        return Picture(np.ascontiguousarray(pixels[:, :width, 2::-1]))

    def screenshot(self, path: Path) -> Path:
        """Photograph into a PNG file."""
        return self.photograph().save(path)

    # ---- hands ---------------------------------------------------------------------------------

    def window(self, title: str, *, timeout_s: float = 15.0) -> str:
        """Id of the visible window whose title matches the pattern, once it is there."""

        def found() -> str | None:
            ids = self._xdotool("search", "--onlyvisible", "--name", title, check=False).split()
            return ids[0] if ids else None

        return wait_for(found, f"a window titled {title!r}", timeout_s=timeout_s, poll_s=0.1)

    def press(self, *keys: str, window: str | None = None) -> None:
        """Press keys one by one (``Return``, ``ctrl+n``) in the window, which gets the focus first."""
        if window is not None:
            self._xdotool("windowfocus", "--sync", window)
        self._xdotool("key", *keys)

    def type(self, text: str) -> None:
        """Type a text where the focus is."""
        self._xdotool("type", "--delay", "5", text)

    def click(self, x: int, y: int) -> None:
        """Click with the left button at a place on the screen."""
        self._xdotool("mousemove", str(x), str(y), "click", "1")

    def _xdotool(self, *arguments: str, check: bool = True) -> str:
        program = find_program("xdotool", "xdotool")
        done = subprocess.run(
            [str(program), *arguments],
            env={**os.environ, "DISPLAY": self.display},
            capture_output=True,
            text=True,
            timeout=30,
            check=check,
        )
        return done.stdout


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
