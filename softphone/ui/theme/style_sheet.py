"""The Qt style sheet: resources/styles/softphone.qss with the tokens of one theme and text size put in."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import fields

from softphone.ui.resources import RESOURCES
from softphone.ui.theme.tokens import Colours, Size, Space, Text, Tone

SHEET = RESOURCES / "styles" / "softphone.qss"
_PLACEHOLDER = re.compile(r"\$([a-z][a-z0-9_-]*)")


def style_sheet(colours: Colours, px: Callable[[float], int]) -> str:
    """Everything, for one theme and one text scale (`px` scales a token). An unknown `$name` is KeyError."""
    values = {field.name: str(getattr(colours, field.name)) for field in fields(colours)}
    for group in (Size, Space, Text):
        for name, token in vars(group).items():
            if isinstance(token, int):
                key = f"{group.__name__}-{name}".lower().replace("_", "-")
                values[key] = f"{px(token)}px"
    values["size-control-inner"] = f"{px(Size.CONTROL) - 2}px"
    values["size-control-large-inner"] = f"{px(Size.CONTROL_LARGE) - 2}px"
    sheet = _PLACEHOLDER.sub(lambda match: values[match[1]], SHEET.read_text(encoding="utf-8"))
    return sheet + _tones(colours)


def _tones(colours: Colours) -> str:
    """Labels take a tone as text colour, tinted frames and chips as ground."""
    rules = []
    for tone in Tone:
        text, tint = colours.text_of(tone), colours.tint_of(tone)
        rules.append(f'QFrame[role="tinted"][tone="{tone}"] {{ background: {tint}; }}')
        rules.append(f'QLabel[role="chip"][tone="{tone}"] {{ background: {tint}; color: {text}; }}')
        if tone is not Tone.NEUTRAL:
            rules.append(f'QLabel[tone="{tone}"] {{ color: {text}; }}')
    return "\n".join(rules)
