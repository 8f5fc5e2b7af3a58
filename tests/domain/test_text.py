"""Text from outside is harmless after cleaning."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from softphone.domain.text import clean_line, clean_note, mask_number


def test_bidi_overrides_and_control_characters_vanish() -> None:
    assert clean_line("Evil\u202egnp.exe\x07 \x1b[31mred\r\nVia: x") == "Evilgnp.exe [31mred Via: x"


def test_hebrew_and_greek_names_stay_as_they_are() -> None:
    assert clean_line("שרה לוי · Ελένη") == "שרה לוי · Ελένη"


def test_a_long_line_is_cut_with_a_visible_sign() -> None:
    assert clean_line("a" * 500, limit=10) == "a" * 9 + "…"


def test_line_breaks_survive_in_notes_only() -> None:
    assert clean_note("one\r\ntwo\rthree\x00") == "one\ntwo\nthree "
    assert clean_line("one\ntwo") == "one two"


def test_masked_numbers_show_three_digits() -> None:
    assert mask_number("+493012345678") == "…678"
    assert mask_number("12") == "…"


@given(st.text(max_size=300))
def test_cleaning_is_bounded_final_and_without_dangerous_characters(raw: str) -> None:
    line = clean_line(raw, limit=50)
    assert len(line) <= 50
    assert clean_line(line, limit=50) == line
    assert not {c for c in line if unicodedata.category(c) in ("Cc", "Cs", "Co", "Cn", "Zl", "Zp")}
    assert not set(line) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")
