"""What all shape servers share: HTTP on loopback, scripted trouble, and neutral views for the tests."""

from __future__ import annotations

import json
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, Protocol
from urllib.parse import parse_qsl, unquote, urlsplit

from softphone.domain.settings import CrmConnection

WRITING = frozenset({"POST", "PUT", "PATCH"})


@dataclass(frozen=True)
class Person:
    """A customer as a test describes one."""

    first_name: str
    last_name: str
    number: str
    company: str = ""
    email: str = ""
    do_not_call: bool = False


@dataclass(frozen=True)
class Logged:
    """A call or a task as the CRM holds it. `text` is all the words in it, for looking things up."""

    customer_id: str
    text: str
    direction: str = ""
    seconds: int = -1
    due: str = ""


@dataclass(frozen=True)
class Asked:
    """One request, taken apart. Header names are in lower case."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: dict[str, str]
    raw: bytes

    @property
    def segments(self) -> list[str]:
        return [unquote(part) for part in self.path.split("/") if part]

    @property
    def parameters(self) -> dict[str, str]:
        """The query; a name that comes twice is undocumented everywhere here."""
        found = dict(self.query)
        if len(found) != len(self.query):
            raise UndocumentedError(f"a query parameter twice in {self.query}")
        return found

    @property
    def json(self) -> dict[str, Any]:
        try:
            body = json.loads(self.raw)
        except ValueError as exc:
            raise UndocumentedError(f"not JSON: {self.raw[:80]!r}") from exc
        if not isinstance(body, dict):
            raise UndocumentedError("the body is not an object")
        return body

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.raw.decode(), keep_blank_values=True, strict_parsing=True))


@dataclass(frozen=True)
class Answer:
    """What the server says. `wrote` marks a change that a lost answer must not repeat."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    wrote: bool = False


class RefusedError(Exception):
    """A documented refusal, in the CRM's own shape."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


class UndocumentedError(Exception):
    """The client sent what the documentation does not know."""


class OtherEnd(Protocol):
    """A CRM that a pack is tried on: one of the shapes, or a real one."""

    base_url: str
    problems: list[str]
    """What the client sent that is documented nowhere; every entry fails the test."""

    @property
    def pack(self) -> str: ...

    @property
    def finds(self) -> tuple[str, ...]:
        """Ways of storing the number 020 7946 0018 in which this CRM's documented search finds it."""

    def connection(self) -> CrmConnection:
        """How the settings would name this CRM."""

    def secrets(self) -> dict[str, str]:
        """The key store's entries for the connection."""

    def add(self, person: Person) -> str:
        """Put a customer in, as somebody typed it; the CRM's id of it."""

    def people(self) -> list[Person]:
        """All customers, in the order of their making."""

    def calls(self) -> list[Logged]:
        """The calls that are logged."""

    def tasks(self) -> list[Logged]:
        """Callbacks and other tasks."""

    def expire(self) -> None:
        """Every token given so far, or the secret itself, is not valid any more."""

    def busy_once(self, retry_after_s: float) -> None:
        """The next request is told to come back later."""

    def lose_next_answer(self, skip: int = 0) -> None:
        """The next change (after `skip` others) is made and its answer lost on the way."""


class Shape(ABC):
    """One CRM: its data in memory, its rules, its way of refusing."""

    pack: ClassVar[str]
    media_type: ClassVar[str] = "application/json"
    finds: ClassVar[tuple[str, ...]] = ("+442079460018", "02079460018", "020 7946 0018")

    def __init__(self) -> None:
        self.base_url = ""
        self.secret = "s3cret-Key"
        self.problems: list[str] = []
        self.asked: list[Asked] = []
        self._lost: int | None = None
        self._busy: list[float] = []

    @abstractmethod
    def connection(self) -> CrmConnection:
        """How the settings would name this CRM."""

    @abstractmethod
    def handle(self, asked: Asked) -> Answer:
        """Answer one request; raises `RefusedError` or `UndocumentedError`."""

    @abstractmethod
    def refusal(self, status: int, words: str) -> Answer:
        """An error body as this CRM writes it."""

    @abstractmethod
    def add(self, person: Person) -> str:
        """Put a customer in, as somebody typed it; the id that the pack shall show."""

    @abstractmethod
    def people(self) -> list[Person]:
        """All customers, in the order of their making."""

    @abstractmethod
    def calls(self) -> list[Logged]:
        """The calls that are logged."""

    @abstractmethod
    def tasks(self) -> list[Logged]:
        """Callbacks and other tasks."""

    @abstractmethod
    def expire(self) -> None:
        """Every token given so far, or the secret itself, is not valid any more."""

    def secrets(self) -> dict[str, str]:
        """The key store's entries for the connection."""
        return {f"crm/{self.connection().name}": self.secret}

    def busy_once(self, retry_after_s: float) -> None:
        """The next request is told to come back later."""
        self._busy.append(retry_after_s)

    def lose_next_answer(self, skip: int = 0) -> None:
        """The next change (after `skip` others) is made and its answer lost on the way."""
        self._lost = skip

    def busy(self, retry_after_s: float) -> Answer:
        """Too many requests; most CRMs say 429 with Retry-After."""
        plain = self.refusal(429, "Too many requests")
        return Answer(plain.body, 429, {"Retry-After": f"{retry_after_s:g}"})

    def answer(self, asked: Asked) -> Answer | None:
        """The answer, or None when the connection is to be dropped."""
        self.asked.append(asked)
        if asked.method == "GET" and asked.path == "/" and "authorization" not in asked.headers:
            return self.refusal(404, "nothing here")  # the client opening its connection
        if self._busy:
            return self.busy(self._busy.pop())
        try:
            answer = self.handle(asked)
        except RefusedError as refused:
            return refused.answer
        except UndocumentedError as undocumented:
            self.problems.append(f"{asked.method} {asked.path}: {undocumented}")
            return self.refusal(400, str(undocumented))
        return None if answer.wrote and self._loses() else answer

    def _loses(self) -> bool:
        if self._lost is None:
            return False
        self._lost -= 1
        if self._lost >= 0:
            return False
        self._lost = None
        return True


def only(given: dict[str, Any], allowed: frozenset[str] | set[str], what: str) -> None:
    """Refuse members that the documentation does not name."""
    if unknown := set(given) - allowed:
        raise UndocumentedError(f"{what} has no {', '.join(sorted(unknown))}")


def need(given: dict[str, Any], required: tuple[str, ...], what: str) -> None:
    """Refuse a thing without what the documentation says it must have."""
    if missing := [name for name in required if given.get(name) in (None, "")]:
        raise UndocumentedError(f"{what} needs {', '.join(missing)}")


def demand_json(asked: Asked, media_type: str = "application/json") -> None:
    """Requests with a body must say that it is JSON."""
    said = asked.headers.get("content-type", "").split(";")[0].strip().lower()
    if asked.method in WRITING and asked.raw and said != media_type:
        raise UndocumentedError(f"content type {said!r}, documented is {media_type}")


def moment(text: str, pattern: str = "%Y-%m-%dT%H:%M:%SZ") -> datetime:
    """A time in UTC as the documentation writes it; `ValueError` is undocumented."""
    try:
        return datetime.strptime(text, pattern).replace(tzinfo=UTC)
    except ValueError as exc:
        raise UndocumentedError(str(exc)) from exc


def routed(asked: Asked, table: Mapping[str, Callable[..., Answer]], prefix: str = "") -> Answer:
    """Call what `table` has for the request: `GET users/*` gets it and what stands for each `*`."""
    path = asked.path.strip("/")
    if prefix and not f"{path}/".startswith(f"{prefix}/"):
        raise UndocumentedError(f"paths begin with /{prefix}")
    given = [unquote(part) for part in path.removeprefix(prefix).split("/") if part]
    for line, handler in table.items():
        method, _, pattern = line.partition(" ")
        parts = pattern.split("/")
        if method != asked.method or len(parts) != len(given):
            continue
        pairs = list(zip(parts, given, strict=True))
        if all(part in ("*", name) for part, name in pairs):
            return handler(asked, *(name for part, name in pairs if part == "*"))
    raise UndocumentedError(f"no {asked.method} {asked.path}")


def digits(text: str) -> str:
    return "".join(c for c in text if c.isdecimal())


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    shape: ClassVar[Shape]

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        raw = self.rfile.read(length) if length else b""
        if len(raw) < length:  # whoever asked has gone, in the middle of a word: that says nothing about it
            self.close_connection = True
            return
        parts = urlsplit(self.path)
        query = tuple(parse_qsl(parts.query, keep_blank_values=True))
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = self.shape.answer(Asked(self.command, parts.path, query, headers, raw))
        if answer is None:
            self.close_connection = True
            return
        self._say(answer)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815 - the library's names

    def _say(self, answer: Answer) -> None:
        body = b"" if answer.body is None else json.dumps(answer.body).encode()
        self.send_response(answer.status)
        if body:
            self.send_header("Content-Type", self.shape.media_type)
        self.send_header("Content-Length", str(len(body)))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        return


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64  # a pack asks several things at once

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is nothing to report."""


@contextmanager
def running(shape: Shape) -> Iterator[Shape]:
    """Serve `shape` on a free port of this computer."""
    handler = type("Handler", (_Handler,), {"shape": shape})
    server = _Server(("127.0.0.1", 0), handler)
    shape.base_url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), name=f"shape-{shape.pack}")
    thread.start()
    try:
        yield shape
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
