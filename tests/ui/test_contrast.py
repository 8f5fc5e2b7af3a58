"""Colours that people can read, in both themes (WCAG 2.2 AA)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softphone.ui.theme.contrast import (
    SHAPE_RATIO,
    TEXT_RATIO,
    is_colour,
    ratio,
    visible_against,
)
from softphone.ui.theme.style_sheet import style_sheet
from softphone.ui.theme.tokens import DARK, LIGHT, SHAPE_PAIRS, TEXT_PAIRS, Colours

THEMES = pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
colour = st.integers(0, 0xFFFFFF).map("#{:06x}".format)


def test_the_ratio_is_that_of_the_recommendation() -> None:
    assert ratio("#000000", "#ffffff") == pytest.approx(21)
    assert ratio("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@THEMES
@pytest.mark.parametrize(("text", "ground"), TEXT_PAIRS)
def test_every_text_role_can_be_read_on_every_ground_it_is_used_on(
    colours: Colours, text: str, ground: str
) -> None:
    assert ratio(getattr(colours, text), getattr(colours, ground)) >= TEXT_RATIO


@THEMES
@pytest.mark.parametrize(("shape", "ground"), SHAPE_PAIRS)
def test_every_outline_and_focus_ring_stands_out(colours: Colours, shape: str, ground: str) -> None:
    assert ratio(getattr(colours, shape), getattr(colours, ground)) >= SHAPE_RATIO


@given(colour, st.sampled_from([LIGHT.surface, DARK.surface, LIGHT.good_tint, DARK.good_tint]))
def test_a_company_colour_is_moved_until_it_shows(company: str, ground: str) -> None:
    assert ratio(visible_against(company, ground), ground) >= SHAPE_RATIO


@pytest.mark.parametrize("text", ["red", "#12345", "#1234567", "", "url(x)", "#12345g"])
def test_only_plain_hexadecimal_colours_are_taken_from_settings(text: str) -> None:
    assert not is_colour(text)


@THEMES
def test_the_style_sheet_knows_every_token_it_names(colours: Colours) -> None:
    assert "$" not in style_sheet(colours, round)


def test_the_style_sheet_scales_with_the_text() -> None:
    assert "font-size: 28px" in style_sheet(LIGHT, lambda token: round(token * 2))
