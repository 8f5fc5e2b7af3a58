"""What goes wrong while somebody waits for it is said in words: also a fault of the program itself."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType

from softphone.domain.errors import Broken, SoftphoneError

FAULT, SIGN_IN_FAULT = "fault", "sign_in_fault"


class Told:
    """`with Told(tell):` An error of ours ends there, told. A bug is told as `fault` and goes on to the guard
    that logs it with its traceback."""

    def __init__(self, tell: Callable[[SoftphoneError], None], fault: str = FAULT) -> None:
        self._tell = tell
        self._fault = fault

    def __enter__(self) -> None: ...

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> bool:
        if isinstance(error, SoftphoneError):
            self._tell(error)
            return True
        if isinstance(error, Exception):
            self._tell(Broken(self._fault, "see the log"))
        return False
