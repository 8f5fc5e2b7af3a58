"""SIP messages as text: read through a strict gate, edited as raw header lines, written anew.

`parse(data)` is the only way in. It unfolds header lines and refuses everything that another parser
could read differently: bare CR, LF or NUL, malformed start lines or names, a missing or doubled key
header, a body that is not as long as announced. What it returns can be edited through `headers` and is
written by `to_bytes()`, which computes Content-Length. Thread: any; a message belongs to one thread.
"""

from dataclasses import field

from softphone.domain.facts import dataclass
from softphone.engine.edge.messages.gate import (
    DEFAULT_LIMITS,
    Limits,
    MessageRefusedError,
    StartLine,
    check_headers,
    read_start_line,
    split_message,
)
from softphone.engine.edge.messages.headers import Headers, canonical
from softphone.engine.edge.messages.syntax import SipSyntaxError
from softphone.engine.edge.messages.uri import NameAddr, Via

__all__ = [
    "Headers",
    "Limits",
    "MessageRefusedError",
    "Request",
    "Response",
    "answer_refused",
    "parse",
    "reason_phrase",
]

_REASONS = {
    100: "Trying",
    180: "Ringing",
    181: "Call Is Being Forwarded",
    183: "Session Progress",
    200: "OK",
    202: "Accepted",
    302: "Moved Temporarily",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    407: "Proxy Authentication Required",
    408: "Request Timeout",
    413: "Request Entity Too Large",
    415: "Unsupported Media Type",
    416: "Unsupported URI Scheme",
    420: "Bad Extension",
    423: "Interval Too Brief",
    480: "Temporarily Unavailable",
    481: "Call/Transaction Does Not Exist",
    482: "Loop Detected",
    483: "Too Many Hops",
    486: "Busy Here",
    487: "Request Terminated",
    488: "Not Acceptable Here",
    489: "Bad Event",
    491: "Request Pending",
    500: "Server Internal Error",
    501: "Not Implemented",
    503: "Service Unavailable",
    504: "Server Time-out",
    505: "Version Not Supported",
    513: "Message Too Large",
    600: "Busy Everywhere",
    603: "Decline",
}


def reason_phrase(status: int) -> str:
    """The usual reason phrase of a status code (RFC 3261 section 21)."""
    return _REASONS.get(status, "Unknown")


@dataclass(slots=True)
class _Message:
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""

    @property
    def start_line(self) -> str:
        raise NotImplementedError

    @property
    def call_id(self) -> str:
        """The Call-ID."""
        return self.headers.get("Call-ID") or ""

    @property
    def cseq(self) -> tuple[int, str]:
        """Number and method of CSeq."""
        number, _, method = (self.headers.get("CSeq") or "0").partition(" ")
        return int(number), method.strip()

    @property
    def from_(self) -> NameAddr:
        """The From value; its `tag` is the caller's."""
        return NameAddr.parse(self.headers.get("From") or "")

    @property
    def to(self) -> NameAddr:
        """The To value; its `tag` is None outside dialogs."""
        return NameAddr.parse(self.headers.get("To") or "")

    @property
    def top_via(self) -> Via:
        """The first Via value; SipSyntaxError when there is none."""
        values = self.headers.split("Via")
        if not values:
            raise SipSyntaxError("no Via")
        return Via.parse(values[0])

    def pop_via(self) -> Via:
        """Remove and return the first Via value."""
        values = self.headers.split("Via")
        if not values:
            raise SipSyntaxError("no Via")
        self.headers.replace("Via", values[1:])
        return Via.parse(values[0])

    def to_bytes(self) -> bytes:
        """The message for the wire; Content-Length is set to the body's length."""
        self.headers.set("Content-Length", str(len(self.body)))
        lines = [self.start_line, *(f"{name}: {value}" for name, value in self.headers), "", ""]
        return "\r\n".join(lines).encode("utf-8", "surrogateescape") + self.body


@dataclass(slots=True)
class Request(_Message):
    """A request: `method uri SIP/2.0`, headers, body."""

    method: str = ""
    uri: str = ""

    @property
    def start_line(self) -> str:
        """The request line."""
        return f"{self.method} {self.uri} SIP/2.0"

    @property
    def in_dialog(self) -> bool:
        """Whether the To header carries a tag."""
        return self.to.tag is not None

    def response(
        self, status: int, reason: str = "", *, to_tag: str = "", record_route: bool = False
    ) -> "Response":
        """A response with this request's Via, From, To, Call-ID and CSeq (RFC 3261 section 8.2.6).

        `to_tag` is appended to To unless it has one; `record_route` copies Record-Route, as responses that
        make a dialog must (section 12.1.1).
        """
        tag = "" if not to_tag or self.in_dialog else f";tag={to_tag}"
        return _answer(self.headers, status, reason, tag, record_route=record_route)

    def copy(self) -> "Request":
        """An independent request with the same content."""
        return Request(self.headers.copy(), self.body, self.method, self.uri)


_WRITTEN = {
    "via": "Via",
    "from": "From",
    "to": "To",
    "call-id": "Call-ID",
    "cseq": "CSeq",
    "timestamp": "Timestamp",
}


@dataclass(slots=True)
class Response(_Message):
    """A response: `SIP/2.0 status reason`, headers, body."""

    status: int = 0
    reason: str = ""

    @property
    def start_line(self) -> str:
        """The status line."""
        return f"SIP/2.0 {self.status} {self.reason}"

    @property
    def is_final(self) -> bool:
        """Whether the transaction ends with it (200 and above)."""
        return self.status >= 200

    def copy(self) -> "Response":
        """An independent response with the same content."""
        return Response(self.headers.copy(), self.body, self.status, self.reason)


def parse(data: bytes, limits: Limits = DEFAULT_LIMITS) -> Request | Response:
    """Read one whole message (a datagram, or what the framer cut from a stream).

    Raises MessageRefusedError; its `status` is what a request deserves as an answer (0: none, stay
    silent), which `answer_refused` writes.
    """
    first_line, lines, body = split_message(data, limits)
    start = read_start_line(first_line)
    message = _build(start, Headers(lines), body)
    try:
        message.body = check_headers(start, message.headers, body, limits)
    except MessageRefusedError as refused:
        refused.headers = message.headers
        raise
    return message


def answer_refused(refused: MessageRefusedError, to_tag: str) -> Response | None:
    """The response to a request that the gate refused, or None when it deserves silence."""
    if not refused.status or refused.headers is None:
        return None
    to = refused.headers.get("To") or ""
    tag = "" if ";tag=" in to.lower() else f";tag={to_tag}"
    return _answer(refused.headers, refused.status, "", tag, record_route=False)


def _answer(headers: Headers, status: int, reason: str, tag: str, *, record_route: bool) -> Response:
    response = Response(status=status, reason=reason or reason_phrase(status))
    copied = {**_WRITTEN, "record-route": "Record-Route"} if record_route else _WRITTEN
    for name, value in headers:
        key = canonical(name)
        if key in copied:
            response.headers.add(copied[key], value + tag if key == "to" else value)
    return response


def _build(start: StartLine, headers: Headers, body: bytes) -> Request | Response:
    if start.method:
        return Request(headers, body, start.method, start.uri)
    return Response(headers, body, start.status, start.reason)
