"""Requests and answers for human eyes: secrets masked, control characters gone, bounded."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from urllib.parse import quote

from softphone.crm.exchange import Seen
from softphone.domain.crm_work import CheckedRequest
from softphone.domain.facts import dataclass
from softphone.domain.text import clean_line, clean_note

MASK = "•••"
BODY_LIMIT = 4_000
PAGE_LIMIT = 300
"""Of a web page, so much that one sees which it is."""

_URL_LIMIT = 2_000
_SHORTEST = 4
"""A shorter secret would mask half of every text."""

_SECRET_HEADERS = frozenset(
    {"authorization", "proxy-authorization", "cookie", "x-api-key", "x-hmac-authorization", "x-auth-token"}
)
_TELLING = ("token", "secret", "signature", "api-key", "apikey")
_FIELDS = (
    r"(?:access|refresh|id)_token|client_secret|password|passwd|secret|api_?key|token|code_verifier"
    r"|device_code|assertion|session_id|sid"
)
_IN_JSON = re.compile(rf'("(?:[a-z_]*_)?(?:{_FIELDS})"\s*:\s*)"(?:\\.|[^"\\])*"', re.IGNORECASE)
_IN_FORM = re.compile(rf"((?:^|[?&])(?:{_FIELDS}|code)=)[^&\s\"]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mask:
    """Replaces the known secrets of a connection, and whatever stands where secrets usually stand."""

    secrets: tuple[str, ...]

    def __call__(self, text: str) -> str:
        for secret in sorted(self.secrets, key=len, reverse=True):
            if len(secret) >= _SHORTEST:
                for form in {secret, quote(secret, safe=""), secret.replace("/", "\\/")}:
                    text = text.replace(form, MASK)
        return _IN_FORM.sub(rf"\1{MASK}", _IN_JSON.sub(rf'\1"{MASK}"', text))


def shown(seen: Seen, mask: Mask) -> CheckedRequest:
    """What a person may see of a request and its answer."""
    outgoing = seen.outgoing
    headers = tuple(
        (name, MASK if _is_secret(name) else clean_line(mask(value), _URL_LIMIT))
        for name, value in outgoing.headers
    )
    return CheckedRequest(
        method=outgoing.method,
        url=clean_line(mask(seen.url), _URL_LIMIT),
        headers=headers,
        body=_text(outgoing.body or b"", mask),
        status=seen.status,
        answer_type=clean_line(seen.answer_type),
        answer=_text(seen.answer, mask, PAGE_LIMIT if "html" in seen.answer_type.lower() else BODY_LIMIT),
        took_ms=seen.took_ms,
    )


def _is_secret(name: str) -> bool:
    lowered = name.lower()
    return lowered in _SECRET_HEADERS or any(
        word in lowered for word in ("token", "secret", "signature", "key")
    )


def _text(raw: bytes, mask: Mask, limit: int = BODY_LIMIT) -> str:
    """Masked before it is cut off: half a secret is one too. JSON gets a line for each value."""
    text = mask(raw.decode("utf-8", "replace"))
    with suppress(ValueError, RecursionError):
        text = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    shown_text = clean_note(text, limit)
    return shown_text + "…" if len(text) > limit else shown_text
