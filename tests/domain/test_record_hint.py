"""Which record the telephone system names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softphone.domain.record_hint import LONGEST, record_id


@pytest.mark.parametrize(
    ("header", "value", "found"),
    [
        ("X-CRM-ID", "C001", "C001"),
        ("X-CRM-ID", "Lead:00Q5", "Lead:00Q5"),
        ("User-to-User", "C001", "C001"),
        ("user-to-user", "43303031;encoding=hex", "C001"),
        ("User-to-User", "43303031; purpose=isdn-uui ;encoding=hex", "C001"),
        ("User-to-User", "not hex;encoding=hex", ""),
        ("User-to-User", "fffe;encoding=hex", ""),
        ("Call-Info", "<https://crm.example.com/contacts/C001>;purpose=info", "C001"),
        ("Call-Info", "<https://crm.example.com/view?tab=1&id=C%20001>;purpose=info", "C 001"),
        ("Call-Info", "https://crm.example.com/contacts/C001/", "C001"),
        ("Call-Info", "<http://[broken>", ""),
        ("Call-Info", "", ""),
        ("X-CRM-ID", "x" * (LONGEST + 1), ""),
        ("X-CRM-ID", "a\r\nb\u202e", "a b"),
    ],
)
def test_the_record_is_read_from_each_header(header: str, value: str, found: str) -> None:
    assert record_id(header, value) == found


@given(st.sampled_from(["X-CRM-ID", "User-to-User", "Call-Info"]), st.text(max_size=300))
def test_nothing_that_a_header_says_makes_it_fail_or_grow(header: str, value: str) -> None:
    found = record_id(header, value)
    assert len(found) <= LONGEST
    assert found.isprintable()
