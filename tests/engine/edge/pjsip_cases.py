"""PJSIP's own raw-message cases, read from its test scripts and made into messages for our phone."""

from __future__ import annotations

import random
import re
import shlex
import sys
import types
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_REPLACED = re.compile(
    r";tag=(?=\$FROM_TAG)|\$(LOCAL_IP|LOCAL_PORT|FROM_TAG|TO_TAG|CALL_ID|CSEQ|BRANCH|TARGET_URI)"
)


@dataclass(frozen=True)
class Case:
    """What a script asks for: a message to send, options of the phone, what the answer must be."""

    name: str
    title: str
    options: tuple[str, ...]
    sdp: str
    status: int
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    headers: str
    body: str
    whole: str

    def option(self, name: str) -> str | None:
        """The value after an option of pjsua's command line."""
        return self.options[self.options.index(name) + 1] if name in self.options else None

    def message(self, contact: str, host: str, port: int) -> bytes:
        """The request as it is sent, aimed at our contact."""
        dice = random.Random(self.name)
        values = {
            "LOCAL_IP": host,
            "LOCAL_PORT": str(port),
            "FROM_TAG": f";tag={dice.randrange(10**9)}",
            "TO_TAG": "",
            "CALL_ID": str(dice.randrange(10**9)),
            "CSEQ": "1",
            "BRANCH": str(dice.randrange(10**9)),
            "TARGET_URI": contact,
        }
        text = _REPLACED.sub(lambda found: values[found[1]] if found[1] else "", self.whole or self._invite())
        head, _, body = text.replace("\r\n", "\n").partition("\n\n")
        first, _, rest = head.partition("\n")
        method, _, _ = first.partition(" ")
        data = body.replace("\n", "\r\n").encode()
        lines = re.sub(r"(?im)^(content-length|l)[ \t]*:.*$", f"Content-Length: {len(data)}", rest)
        return f"{method} {contact} SIP/2.0\n{lines}\n\n".replace("\n", "\r\n").encode() + data

    def _invite(self) -> str:
        lines = [
            "INVITE $TARGET_URI SIP/2.0",
            "Via: SIP/2.0/UDP $LOCAL_IP:$LOCAL_PORT;rport;branch=z9hG4bK$BRANCH",
            "Max-Forwards: 70",
            "From: <sip:caller@pjsip.org>$FROM_TAG",
            "To: <$TARGET_URI>",
            "Contact: <sip:$LOCAL_IP:$LOCAL_PORT;transport=udp>",
            "Call-ID: $CALL_ID@pjsip.org",
            "CSeq: $CSEQ INVITE",
            "Allow: PRACK, INVITE, ACK, BYE, CANCEL, UPDATE, REFER",
            "Supported: replaces, 100rel, norefersub",
            "Content-Length: 0",
        ]
        lines += [line for line in self.headers.replace("\r", "").split("\n") if line]
        if self.sdp:
            return "\n".join([*lines, "Content-Type: application/sdp", "", self.sdp.lstrip("\n")])
        return (
            "\n".join([*lines, *self.body.replace("\r", "").split("\n")])
            if self.body
            else "\n".join([*lines, "", ""])
        )


def load(folder: Path) -> list[Case]:
    """All cases, by name."""
    return [_read(path) for path in sorted(folder.glob("*.py"))]


def _read(path: Path) -> Case:
    found: list[Case] = []

    def config(
        name: str, pjsua_args: str, sdp: str, resp_code: int, resp_inc: Any = (), resp_exc: Any = (),
        use_tcp: bool = False, extra_headers: str = "", body: str = "", complete_msg: str = "",
        enable_buffer: bool = False,
    ) -> None:  # fmt: skip
        del use_tcp, enable_buffer
        options = tuple(shlex.split(pjsua_args))
        found.append(
            Case(path.stem, name, options, sdp, resp_code, tuple(resp_inc), tuple(resp_exc), extra_headers,
                 body, complete_msg)
        )  # fmt: skip

    stubs = {name: types.ModuleType(name) for name in ("inc_sip", "inc_sdp", "inc_const", "inc_util")}
    stubs["inc_sip"].SendtoCfg = config  # type: ignore[attr-defined]  # that is what a stub is for
    before = {name: sys.modules.get(name) for name in stubs}
    sys.modules.update(stubs)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # they are Python of an older kind
            # The scripts are data that happen to be Python; they come signed from Debian's archive.
            exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), {"__name__": path.stem})
    finally:
        for name, module in before.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module
    return found[0]
