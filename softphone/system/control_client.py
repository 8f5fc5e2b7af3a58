"""The asking end of the control socket. Imports little: `softphone ctl status` shall answer at once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from softphone.domain.errors import Broken, TryLater
from softphone.system.local_channel import Channel, connect

ANSWER_WITHIN_S = 15.0


class NoAnswer(TryLater):
    """Somebody listens but does not answer: the desk hangs, or is stopped."""


class ControlClient:
    """A connection to the running instance of one profile. Raises `TryLater` when there is none."""

    def __init__(self, folder: Path) -> None:
        self._channel: Channel = connect(folder)

    def ask(self, request: Mapping[str, object], within_s: float = ANSWER_WITHIN_S) -> dict[str, object]:
        """Send one request and wait for its answer.

        Raises `NoAnswer` when the instance hangs, `Broken` when it goes away meanwhile.
        """
        try:
            self._channel.write_line(json.dumps(request).encode("ascii"))
            heard = self._channel.wait(within_s)
        except OSError as exc:
            raise Broken("instance", "the running softphone went away") from exc
        if not heard:
            raise NoAnswer("instance", f"the running softphone did not answer within {within_s:g} s")
        answer = self._next()
        if answer is None:
            raise Broken("instance", "the running softphone went away")
        return answer

    def stream(self) -> Iterator[dict[str, object]]:
        """What follows an `events` request, until the instance ends."""
        while (message := self._next()) is not None:
            yield message

    def close(self) -> None:
        self._channel.close()

    def _next(self) -> dict[str, object] | None:
        try:
            line = self._channel.read_line()
            message = json.loads(line) if line is not None else None
        except (OSError, ValueError) as exc:
            raise Broken("instance", "the answer cannot be read") from exc
        return message if isinstance(message, dict) else None
