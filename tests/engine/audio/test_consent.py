"""A microphone that the system withholds is told apart from one that is merely silent."""

from __future__ import annotations

import pytest

from softphone.engine.audio.consent import denied_in_registry, microphone_withheld


@pytest.mark.parametrize(
    ("values", "denied"),
    [
        ({}, False),
        ({(True, "microphone"): "Allow", (False, "microphone"): "Allow"}, False),
        ({(True, "microphone"): "Deny"}, True),
        ({(False, "microphone"): "Deny"}, True),
        ({(True, "microphone"): "Allow", (True, "NonPackaged"): "Deny"}, True),
    ],
)
def test_on_windows_machine_user_and_desktop_programs_may_each_say_no(
    values: dict[tuple[bool, str], str], denied: bool
) -> None:
    def read(of_user: bool, key: str) -> str | None:
        return values.get((of_user, key.rpartition("\\")[2]))

    assert denied_in_registry(read) is denied


def test_where_no_system_keeps_a_consent_nothing_is_withheld() -> None:
    assert not microphone_withheld("linux")
