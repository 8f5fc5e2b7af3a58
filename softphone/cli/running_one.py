"""A command for the softphone that runs on this profile, where there is one."""

from __future__ import annotations

from collections.abc import Mapping

from softphone.domain.errors import Refused, TryLater
from softphone.system.control_client import ControlClient
from softphone.system.folders import Folders


def ask_the_running_one(
    where: Folders, request: Mapping[str, object], thing: str
) -> Mapping[str, object] | None:
    """Its answer without the wire's own parts, None where nothing runs.

    Raises `Refused`, about `thing` where the answer does not say about what.
    """
    try:
        client = ControlClient(where.data)
    except TryLater:
        return None
    try:
        answer = client.ask(request)
    finally:
        client.close()
    if answer.get("ok") is not True:
        error = answer.get("error")
        facts = error if isinstance(error, dict) else {}
        raise Refused(str(facts.get("thing", thing)), str(facts.get("detail", "")))
    return {name: value for name, value in answer.items() if name not in ("version", "ok")}
