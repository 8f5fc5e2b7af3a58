"""All sizes and colours of the interface. Nothing else in `ui` writes a number of pixels or a colour.

Sizes are device-independent pixels; Qt multiplies them by the screen's scale, and the theme by the system's
text size. docs/design-language.md says what each role is for.
"""

from __future__ import annotations

from enum import StrEnum

from softphone.domain.facts import dataclass

UNIT = 4
"""The grid: every distance is a multiple of it."""


class Space:
    """Distances by purpose."""

    HAIR = 2
    TIGHT = 1 * UNIT
    SMALL = 2 * UNIT
    MEDIUM = 3 * UNIT
    LARGE = 4 * UNIT
    HUGE = 6 * UNIT


class Size:
    """Heights and widths that several widgets share."""

    CONTROL = 9 * UNIT
    CONTROL_LARGE = 11 * UNIT
    STACKED = 14 * UNIT
    LIST_ROW = 8 * UNIT
    HISTORY_ROW = 13 * UNIT
    TARGET_MIN = 6 * UNIT
    """WCAG 2.2 criterion 2.5.8: nothing that can be clicked is smaller than 24 by 24."""
    ICON_SMALL = 4 * UNIT
    ICON = 5 * UNIT
    ICON_LARGE = 6 * UNIT
    ICON_HUGE = 10 * UNIT
    RADIUS = 2 * UNIT
    RADIUS_SMALL = 6
    RADIUS_TINY = 3
    RADIUS_CHIP = 8
    SCROLL_BAR = 10
    STRIPE = 6
    FOCUS = 2
    PHONE_WIDTH = 380
    WIDE_FROM = 880
    STAGE_HEIGHT = 272
    STAGE_HEIGHT_SHORT = 256
    RECORDING_LINE = 44
    WINDOW_HEIGHT = 880
    WINDOW_MIN_HEIGHT = 660
    TALL_FROM = 860
    NOTES_MIN = 72
    NOTES_MIN_SHORT = 44
    BRAND = 56
    NOTICES_MAX = 190
    FORM_WIDTH = 400
    DIALOG_WIDTH = 560
    TEAM_WIDTH = 1_240
    TEAM_HEIGHT = 720
    TEAM_MIN_WIDTH = 720
    SIDE_WIDTH = 320
    HEARING_HEIGHT = 200
    TILE_WIDTH = 260
    TILE_HEIGHT = 116
    DIALOG_HEIGHT = 640


class Text:
    """The type scale in pixels; weights are 400 and 600."""

    CAPTION = 12
    BODY = 14
    SUBTITLE = 16
    TITLE = 20
    DISPLAY = 28


class Tone(StrEnum):
    """What a colour wants to say. Never the only sign: a word or an icon stands beside it."""

    NEUTRAL = "neutral"
    ACCENT = "accent"
    GOOD = "good"
    WARNING = "warning"
    DANGER = "danger"


@dataclass(frozen=True, slots=True)
class Colours:
    """Colour roles of one theme. A role named `on_x` is text or icon on `x`."""

    canvas: str
    surface: str
    field: str
    hover: str
    pressed: str
    line: str
    outline: str
    focus: str
    text: str
    text_muted: str
    text_disabled: str
    accent: str
    accent_hover: str
    on_accent: str
    accent_text: str
    accent_tint: str
    good: str
    good_hover: str
    on_good: str
    good_text: str
    good_tint: str
    warning_text: str
    warning_tint: str
    danger: str
    danger_hover: str
    on_danger: str
    danger_text: str
    danger_tint: str

    def text_of(self, tone: Tone) -> str:
        return {
            Tone.NEUTRAL: self.text_muted,
            Tone.ACCENT: self.accent_text,
            Tone.GOOD: self.good_text,
            Tone.WARNING: self.warning_text,
            Tone.DANGER: self.danger_text,
        }[tone]

    def tint_of(self, tone: Tone) -> str:
        return {
            Tone.NEUTRAL: self.hover,
            Tone.ACCENT: self.accent_tint,
            Tone.GOOD: self.good_tint,
            Tone.WARNING: self.warning_tint,
            Tone.DANGER: self.danger_tint,
        }[tone]


LIGHT = Colours(
    canvas="#f3f5f8",
    surface="#ffffff",
    field="#ffffff",
    hover="#eaeef3",
    pressed="#dce2ea",
    line="#dbe1e8",
    outline="#7d8897",
    focus="#1b57c4",
    text="#171c24",
    text_muted="#515c6b",
    text_disabled="#8d97a5",
    accent="#1b57c4",
    accent_hover="#1649a6",
    on_accent="#ffffff",
    accent_text="#1a52b8",
    accent_tint="#e6eefb",
    good="#117a43",
    good_hover="#0d6437",
    on_good="#ffffff",
    good_text="#0f6a3b",
    good_tint="#e2f4e9",
    warning_text="#7c4a00",
    warning_tint="#fff0d2",
    danger="#bf2a2a",
    danger_hover="#a22020",
    on_danger="#ffffff",
    danger_text="#a82222",
    danger_tint="#fde9e7",
)

DARK = Colours(
    canvas="#12151a",
    surface="#1b2028",
    field="#14181e",
    hover="#272e38",
    pressed="#333c48",
    line="#2f3742",
    outline="#75808f",
    focus="#8db8ff",
    text="#eceff4",
    text_muted="#aab4c2",
    text_disabled="#697483",
    accent="#82b1ff",
    accent_hover="#a3c6ff",
    on_accent="#0a1c38",
    accent_text="#93bbff",
    accent_tint="#1b2b47",
    good="#4fcb86",
    good_hover="#77dba2",
    on_good="#04240f",
    good_text="#63d396",
    good_tint="#15301f",
    warning_text="#f3bd57",
    warning_tint="#352a11",
    danger="#ff8b83",
    danger_hover="#ffaaa4",
    on_danger="#3a0705",
    danger_text="#ff9a93",
    danger_tint="#3b1e1c",
)

_GROUNDS = ("canvas", "surface", "field", "hover")

TEXT_PAIRS: tuple[tuple[str, str], ...] = (
    *(
        (text, ground)
        for text in ("text", "text_muted")
        for ground in ("canvas", "surface", "field", "hover")
    ),
    ("text", "pressed"),
    *(("text", f"{tone}_tint") for tone in ("accent", "good", "warning", "danger")),
    *(("text_muted", f"{tone}_tint") for tone in ("accent", "good", "warning", "danger")),
    *(
        (f"{tone}_text", ground)
        for tone in ("accent", "good", "warning", "danger")
        for ground in (*_GROUNDS, f"{tone}_tint")
    ),
    *((f"on_{tone}", f"{tone}{state}") for tone in ("accent", "good", "danger") for state in ("", "_hover")),
)
"""Every text role with every background role it is used on: all must reach 4.5."""

SHAPE_PAIRS: tuple[tuple[str, str], ...] = (
    *(("outline", ground) for ground in ("canvas", "surface", "field")),
    *(("focus", ground) for ground in ("canvas", "surface", "field", "hover")),
    *((tone, ground) for tone in ("accent", "good", "danger") for ground in ("canvas", "surface")),
)
"""Outlines, focus rings and filled buttons against what is behind them: all must reach 3."""
