"""What a message must be before anything else looks at it.

One pass over the bytes, caps before parsing, no pattern that backtracks. A refusal names the status that
RFC 3261 and RFC 4475 ask for; a malformed response, ACK or thing that is no SIP at all deserves silence
(status 0).
"""

import re
from collections import Counter

from softphone.domain.facts import dataclass
from softphone.engine.edge.messages.headers import Headers
from softphone.engine.edge.messages.strict import check_content_type, check_name_addr, check_option_tags
from softphone.engine.edge.messages.syntax import SipSyntaxError, bounded_int, is_token, split_outside
from softphone.engine.edge.messages.uri import SipUri, Via, check_uri


@dataclass(frozen=True, slots=True)
class Limits:
    """Caps in bytes (characters for one line) that hold before and while a message is parsed."""

    message: int = 65_535
    head: int = 32_768
    headers: int = 160
    header_value: int = 8_192
    vias: int = 40
    routes: int = 40


DEFAULT_LIMITS = Limits()


class MessageRefusedError(ValueError):
    """The gate refused a message.

    `status` is the answer that a request deserves, 0 for silence; `problem` one bounded English sentence
    for logs and traces; `headers` what could be read, when an answer can be addressed at all.
    """

    def __init__(self, status: int, problem: str) -> None:
        super().__init__(problem)
        self.status = status
        self.problem = problem
        self.headers: Headers | None = None


@dataclass(frozen=True, slots=True)
class StartLine:
    """A request line (method and uri set) or a status line (status and reason set)."""

    method: str = ""
    uri: str = ""
    status: int = 0
    reason: str = ""


_ONCE = frozenset({"from", "to", "call-id", "cseq"})
_AT_MOST_ONCE = frozenset(
    {
        "content-length",
        "content-type",
        "max-forwards",
        "expires",
        "min-expires",
        "session-expires",
        "min-se",
        "refer-to",
        "referred-by",
        "replaces",
        "event",
        "subscription-state",
        "date",
        "subject",
        "user-agent",
        "server",
        "rseq",
        "rack",
        "mime-version",
        "content-disposition",
        "timestamp",
        "retry-after",
    }
)
_REQUEST_URI = re.compile(r"[\x21\x23-\x3b\x3d\x3f-\x7e]+\Z")
_STATUS = re.compile(r"[1-6][0-9]{2}\Z")
_CALL_ID = re.compile(r"[^\s,;]{1,256}\Z")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
# Legal in quoted strings (RFC 3261 quoted-pair), but nothing that anybody should have to read.
_ESCAPED_CONTROL = re.compile(r"\\[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_ENDS_SOMETHING = frozenset({"ACK", "BYE", "CANCEL"})
_MAX_METHOD = 64
_MAX_CSEQ = 2**31 - 1
_MAX_REASON = 256
_MAGIC_COOKIE = "z9hG4bK"


def split_message(data: bytes, limits: Limits) -> tuple[str, list[tuple[str, str]], bytes]:
    """First line, unfolded header lines and everything after the empty line."""
    if len(data) > limits.message:
        raise MessageRefusedError(0, "larger than the limit")
    head, separator, body = data.lstrip(b"\r\n").partition(b"\r\n\r\n")
    if not separator:
        raise MessageRefusedError(0, "no empty line ends the headers")
    if len(head) > limits.head:
        raise MessageRefusedError(0, "the headers are larger than the limit")
    text = head.decode("utf-8", "surrogateescape")
    first, *rest = text.split("\r\n")
    if _CONTROL.search(first):
        raise MessageRefusedError(0, "a control character in the start line")
    if len(rest) > 2 * limits.headers:
        raise MessageRefusedError(0, "too many header lines")
    return first, _header_lines(rest, limits), body


def _header_lines(raw: list[str], limits: Limits) -> list[tuple[str, str]]:
    lines: list[tuple[str, str]] = []
    suspicious = _CONTROL.search("".join(raw)) is not None
    for line in raw:
        if suspicious and _CONTROL.search(line):
            line = _ESCAPED_CONTROL.sub("", line)  # noqa: PLW2901 - the rest of the loop sees it clean
            if _CONTROL.search(line):
                raise MessageRefusedError(0, "a control character in the headers")
        if line[:1] in {" ", "\t"}:
            if not lines:
                raise MessageRefusedError(0, "a continuation line before the first header")
            name, value = lines[-1]
            lines[-1] = (name, f"{value} {line.strip()}".strip())
            continue
        name, colon, value = line.partition(":")
        name = name.rstrip(" \t")
        if not colon or not is_token(name):
            raise MessageRefusedError(0, "a header line without a proper name")
        lines.append((name, value.strip(" \t")))
    if len(lines) > limits.headers:
        raise MessageRefusedError(0, "too many headers")
    if any(len(value) > limits.header_value for _, value in lines):
        raise MessageRefusedError(0, "a header is longer than the limit")
    return lines


def read_start_line(line: str) -> StartLine:
    """A request line or status line; anything else is refused."""
    if line[:8].upper() == "SIP/2.0 ":
        return _status_line(line)
    parts = line.split(" ")
    method = parts[0]
    if len(parts) < 3 or not is_token(method) or len(method) > _MAX_METHOD:
        raise MessageRefusedError(0, "not a SIP message")
    version = parts[-1].upper()
    if len(parts) == 3 and version == "SIP/2.0":
        return StartLine(method=method, uri=parts[1])
    # Kept as a request with a broken URI so that the header check can still address a 400 or 505.
    return StartLine(method=method, uri=" ".join(parts[1:]))


def _status_line(line: str) -> StartLine:
    _, _, rest = line.partition(" ")
    code, _, reason = rest.partition(" ")
    if not _STATUS.match(code) or len(reason) > _MAX_REASON:
        raise MessageRefusedError(0, "not a status line")
    return StartLine(status=int(code), reason=reason)


def check_headers(start: StartLine, headers: Headers, body: bytes, limits: Limits) -> bytes:
    """Refuse what another parser could read differently; returns the body cut to its announced length."""
    answerable = bool(start.method) and start.method != "ACK"
    try:
        _count(headers)
        if start.method:
            _check_version(start)
        _check_vias(headers, limits)
        _check_cseq(start, headers)
        _check_addresses(headers, limits)
        body = _cut_body(headers, body)
        if start.method:
            _check_request(start, headers)
            body = _typed_body(start, headers, body)
    except SipSyntaxError as broken:
        raise MessageRefusedError(400 if answerable else 0, str(broken)) from broken
    except MessageRefusedError as refused:
        raise MessageRefusedError(refused.status if answerable else 0, refused.problem) from refused
    return body


def _count(headers: Headers) -> None:
    seen = Counter(headers.keys())
    if "via" not in seen:
        raise MessageRefusedError(0, "no Via")
    for key in _ONCE:
        if seen[key] != 1:
            raise MessageRefusedError(400, f"needs exactly one {key}")
    for key, count in seen.items():
        if count > 1 and key in _AT_MOST_ONCE:
            raise MessageRefusedError(400, f"more than one {key}")
    if not _CALL_ID.match(headers.get("call-id") or ""):
        raise MessageRefusedError(400, "malformed call-id")


def _check_version(start: StartLine) -> None:
    # A request line of another version was kept with its version in the URI.
    version = start.uri.rpartition(" ")[2].upper()
    if version.startswith("SIP/") and version != "SIP/2.0" and start.uri.count(" ") == 1:
        raise MessageRefusedError(505, "another version of SIP")


def _check_vias(headers: Headers, limits: Limits) -> None:
    try:
        values = headers.split("via")
        if len(values) > limits.vias:
            raise MessageRefusedError(0, "too many Vias")
        top = Via.parse(values[0])
    except SipSyntaxError as broken:
        raise MessageRefusedError(0, "malformed Via") from broken
    if top.branch == _MAGIC_COOKIE:
        raise MessageRefusedError(400, "the branch is only the magic cookie")


def _check_cseq(start: StartLine, headers: Headers) -> None:
    number, _, method = (headers.get("cseq") or "").replace("\t", " ").partition(" ")
    if bounded_int(number, _MAX_CSEQ) is None or not is_token(method.strip()):
        raise MessageRefusedError(400, "malformed CSeq")
    headers.set("CSeq", f"{int(number)} {method.strip()}")
    if start.method and method.strip() != start.method:
        raise MessageRefusedError(400, "CSeq names another method")


def _check_addresses(headers: Headers, limits: Limits) -> None:
    for name in ("from", "to"):
        check_name_addr(headers.get(name) or "")
    for name in ("route", "record-route"):
        values = headers.split(name)
        if len(values) > limits.routes:
            raise MessageRefusedError(400, f"too many {name}s")
        for value in values:
            check_name_addr(value)
    for value in headers.split("contact"):
        if value != "*":
            check_name_addr(value)


def _cut_body(headers: Headers, body: bytes) -> bytes:
    announced = headers.get("content-length")
    if announced is None:
        return body
    length = bounded_int(announced, 2**24)
    if length is None or length > len(body):
        raise MessageRefusedError(400, "Content-Length does not fit the body")
    return body[:length]


def _typed_body(start: StartLine, headers: Headers, body: bytes) -> bytes:
    # RFC 3261 section 20.15. PJSIP aborts on some of these; what ends a call passes without its body.
    content_type = headers.get("content-type")
    if content_type:
        check_content_type(content_type)
    if not body or content_type:
        return body
    if start.method in _ENDS_SOMETHING:
        return b""
    raise MessageRefusedError(400, "a body without Content-Type")


def _check_request(start: StartLine, headers: Headers) -> None:
    if " " in start.uri or not _REQUEST_URI.match(start.uri):
        raise MessageRefusedError(400, "malformed request line")
    if check_uri(start.uri) in {"sip", "sips"} and SipUri.parse(start.uri).headers:
        raise MessageRefusedError(400, "headers in the Request-URI")
    check_option_tags(headers)
    hops = headers.get("max-forwards")
    if hops is not None and bounded_int(hops, 255) is None:
        raise MessageRefusedError(400, "malformed Max-Forwards")
    if any(not part for part in split_outside(headers.get("contact") or "x", ",")):
        raise MessageRefusedError(400, "an empty Contact value")
