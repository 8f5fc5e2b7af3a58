"""Contrast of two colours as WCAG 2.2 computes it, and what follows from it."""

from __future__ import annotations

import re

TEXT_RATIO = 4.5
"""Success criterion 1.4.3 (AA) for text below 18 pt."""

SHAPE_RATIO = 3.0
"""Success criterion 1.4.11 (AA) for outlines of controls, focus rings and icons that carry meaning."""

_HEX = re.compile(r"#[0-9a-fA-F]{6}")


def is_colour(text: str) -> bool:
    """Tell whether `text` is `#rrggbb`."""
    return _HEX.fullmatch(text) is not None


def luminance(colour: str) -> float:
    """Relative luminance of `#rrggbb` between 0 (black) and 1 (white), WCAG 2.2 glossary."""
    red, green, blue = (_linear(int(colour[i : i + 2], 16) / 255) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ratio(one: str, other: str) -> float:
    """Contrast ratio between 1 and 21."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def visible_against(colour: str, background: str, wanted: float = SHAPE_RATIO) -> str:
    """`colour` itself, or moved towards black or white until it stands out from `background`."""
    target = "#ffffff" if luminance(background) < 0.2 else "#000000"
    for step in range(11):
        moved = mix(colour, target, step / 10)
        if ratio(moved, background) >= wanted:
            return moved
    return target


def mix(one: str, other: str, share: float) -> str:
    """`one` with `share` (0 to 1) of `other`, per sRGB channel."""
    channels = []
    for i in (1, 3, 5):
        a, b = int(one[i : i + 2], 16), int(other[i : i + 2], 16)
        channels.append(round(a + (b - a) * share))
    return "#{:02x}{:02x}{:02x}".format(*channels)


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)
