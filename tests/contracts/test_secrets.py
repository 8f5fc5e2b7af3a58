"""What every key store must do: the one in memory and the operating system's own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from softphone.system.secrets import MemorySecrets
from softphone.usecases.ports import Secrets
from tests.peers.secret_service import SecretService

Steps = list[list[str]]
Play = Callable[[Steps], list[str | None]]

PLAYER = """
import json, sys
from softphone.system.secrets import KeyringSecrets
store = KeyringSecrets("softphone-contract")
print(json.dumps([getattr(store, step[0])(*step[1:]) for step in json.load(sys.stdin)]))
"""


def in_memory(steps: Steps) -> list[str | None]:
    store: Secrets = MemorySecrets()
    return [getattr(store, step[0])(*step[1:]) for step in steps]


def in_the_secret_service(service: SecretService) -> Play:
    """In a process of its own, because the session bus is part of a process's environment."""

    def play(steps: Steps) -> list[str | None]:
        done = subprocess.run(
            [sys.executable, "-c", PLAYER],
            input=json.dumps(steps),
            env={**os.environ, **service.environment},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        answers: list[str | None] = json.loads(done.stdout)
        return answers

    return play


@pytest.fixture(params=["memory", pytest.param("keyring", marks=pytest.mark.peer("secret_service"))])
def play(request: pytest.FixtureRequest) -> Play:
    if request.param == "memory":
        return in_memory
    return in_the_secret_service(request.getfixturevalue("secret_service"))


def test_what_is_written_is_read_until_it_is_deleted(play: Play) -> None:
    odd = "pässwörd שלום \U0001f510 'quote' \\ \n line"
    steps = [
        ["read", "account/main"],
        ["write", "account/main", "first"],
        ["write", "account/main", odd],
        ["write", "crm/main", "token"],
        ["read", "account/main"],
        ["delete", "account/main"],
        ["read", "account/main"],
        ["delete", "account/main"],
        ["read", "crm/main"],
        ["write", "long", "x" * 1_000],
        ["read", "long"],
    ]
    assert play(steps) == [
        None, None, None, None, odd, None, None, None, "token", None, "x" * 1_000,
    ]  # fmt: skip
