"""Zendesk's Support API v2 (documentation: "Users", "Search", "Tickets", "Security and authentication")."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from typing import Any, ClassVar

from softphone.domain.settings import CrmAuth, CrmConnection
from tests.crm.shapes.oauth_desk import OAuthDesk
from tests.crm.shapes.shape import (
    Answer,
    Asked,
    Logged,
    Person,
    RefusedError,
    Shape,
    UndocumentedError,
    demand_json,
    digits,
    moment,
    need,
    only,
    routed,
)

_USER = {
    "name", "phone", "email", "role", "external_id", "organization_id", "notes", "details", "tags",
    "user_fields", "skip_verify_email", "verified", "organization",
}  # fmt: skip
_TICKET = {
    "subject", "comment", "requester_id", "external_id", "tags", "status", "type", "due_at", "priority",
    "assignee_id", "group_id", "custom_fields",
}  # fmt: skip
_OPTIONS = {
    "status": {"new", "open", "pending", "hold", "solved", "closed"},
    "type": {"problem", "incident", "question", "task"},
    "priority": {"urgent", "high", "normal", "low"},
}
_WORD = re.compile(r'(?:(\w+):)?("(?:\\.|[^"\\])*"|\S+)')
_RESERVED = set("<>(){}[]^~\"'")


class ZendeskShape(Shape):
    """Basic authentication with an agent's address and an API token, or OAuth 2."""

    pack: ClassVar[str] = "zendesk"
    finds = ("+442079460018", "020 7946 0018", "+44 (0)20 7946 0018")

    def __init__(self, auth: CrmAuth = CrmAuth.BASIC) -> None:
        super().__init__()
        self._auth = auth
        scopes = frozenset({"read", "write"})
        self.desk = OAuthDesk("client-1", "client-secret", "http://localhost:47823/", scopes)
        self._users: dict[int, dict[str, Any]] = {}
        self._tickets: dict[int, dict[str, Any]] = {}
        self._comments: dict[int, list[dict[str, Any]]] = {}
        self._keys: dict[str, tuple[bytes, int]] = {}
        self._valid = True

    def connection(self) -> CrmConnection:
        user = "agent@example.com"
        return CrmConnection("zen", "zendesk", self.base_url, self._auth, user=user, client_id="client-1")

    def refusal(self, status: int, words: str) -> Answer:
        codes = {401: "Couldn't authenticate you", 404: "RecordNotFound", 422: "RecordInvalid"}
        return Answer({"error": codes.get(status, "BadRequest"), "description": words}, status)

    def handle(self, asked: Asked) -> Answer:
        expected = base64.b64encode(f"agent@example.com/token:{self.secret}".encode()).decode()
        if asked.method == "POST" and asked.segments == ["oauth", "tokens"]:
            return Answer(self.desk.grant(asked.form))
        header = asked.headers.get("authorization", "")
        if not (self.desk.shown(header) or (header == f"Basic {expected}" and self._valid)):
            raise RefusedError(Answer({"error": "Couldn't authenticate you"}, 401))
        demand_json(asked)
        table: dict[str, Callable[..., Answer]] = {
            "GET users/me.json": self._me,
            "GET search.json": self._search,
            "GET users/*": self._get_user,
            "POST users/create_or_update.json": self._upsert_user,
            "PUT users/*": self._update_user,
            "GET tickets.json": self._tickets_by,
            "POST tickets.json": self._create_ticket,
            "PUT tickets/*": self._update_ticket,
            "GET tickets/*/comments.json": self._get_comments,
            "GET tickets/*/tags.json": self._tags,
            "PUT tickets/*/tags.json": self._tags,
            "DELETE tickets/*/tags.json": self._tags,
        }
        return routed(asked, table, "api/v2")

    def _me(self, asked: Asked) -> Answer:
        return Answer({"user": {"id": 7, "name": "Agent One", "role": "agent"}})

    def _get_user(self, asked: Asked, user_id: str) -> Answer:
        return Answer({"user": self._user(user_id)})

    def _get_comments(self, asked: Asked, ticket_id: str) -> Answer:
        return Answer({"comments": self._comments[int(ticket_id)], "next_page": None})

    def _search(self, asked: Asked) -> Answer:
        given = asked.parameters
        only(given, {"query", "sort_by", "sort_order", "page", "per_page"}, "a search")
        found = list(self._users.values())
        for name, value in _WORD.findall(given["query"]):
            found = [user for user in found if _matches(user, name, value)]
        results = [{**user, "result_type": "user"} for user in found]
        return Answer({"results": results, "count": len(results), "next_page": None, "facets": None})

    def _user(self, name: str) -> dict[str, Any]:
        user_id = name.removesuffix(".json")
        if not user_id.isdecimal() or int(user_id) not in self._users:
            raise RefusedError(self.refusal(404, "Not found"))
        return self._users[int(user_id)]

    def _check_user(self, body: dict[str, Any]) -> dict[str, Any]:
        only(body, {"user"}, "the body")
        user: dict[str, Any] = body["user"]
        only(user, _USER, "a user")
        if user.get("role", "end-user") != "end-user":
            raise RefusedError(self.refusal(403, "only end users"))
        return user

    def _upsert_user(self, asked: Asked) -> Answer:
        user = self._check_user(asked.json)
        need(user, ("name",), "a user")
        for stored in self._users.values():
            if user.get("external_id") and stored.get("external_id") == user["external_id"]:
                stored.update(user)
                return Answer({"user": stored}, 200, wrote=True)
        user_id = 9000 + len(self._users)
        self._users[user_id] = {"id": user_id, "role": "end-user", "tags": [], **user}
        return Answer({"user": self._users[user_id]}, 201, wrote=True)

    def _update_user(self, asked: Asked, user_id: str) -> Answer:
        stored = self._user(user_id)
        stored |= self._check_user(asked.json)
        return Answer({"user": stored}, 200, wrote=True)

    def _tickets_by(self, asked: Asked) -> Answer:
        only(asked.parameters, {"external_id", "page", "per_page"}, "a list of tickets")
        wanted = asked.parameters.get("external_id", "")
        found = [t for t in self._tickets.values() if t.get("external_id") in wanted.split(",")]
        return Answer({"tickets": found, "count": len(found), "next_page": None})

    def _check_ticket(self, body: dict[str, Any]) -> dict[str, Any]:
        only(body, {"ticket"}, "the body")
        ticket: dict[str, Any] = body["ticket"]
        only(ticket, _TICKET, "a ticket")
        only(ticket.get("comment", {}), {"body", "html_body", "public", "author_id"}, "a comment")
        for name, options in _OPTIONS.items():
            if name in ticket and ticket[name] not in options:
                raise UndocumentedError(f"{name} cannot be {ticket[name]!r}")
        if "due_at" in ticket:
            moment(ticket["due_at"])
            if ticket.get("type") != "task":
                raise UndocumentedError("only a task is due")
        if any(not re.fullmatch(r"[^\s]+", tag) for tag in ticket.get("tags", [])):
            raise UndocumentedError(f"tags {ticket['tags']}")
        requester = ticket.get("requester_id")
        if requester is not None and requester not in self._users:
            raise RefusedError(self.refusal(422, "Requester: is invalid"))
        return ticket

    def _create_ticket(self, asked: Asked) -> Answer:
        ticket = self._check_ticket(asked.json)
        if not ticket.get("comment", {}).get("body"):
            raise RefusedError(self.refusal(422, "Description: cannot be blank"))
        key = asked.headers.get("idempotency-key", "")
        if key in self._keys:
            raw, ticket_id = self._keys[key]
            if raw != asked.raw:
                raise RefusedError(Answer({"error": "IdempotentRequestError", "description": "differs"}, 400))
            return Answer({"ticket": self._tickets[ticket_id]}, 201, {"x-idempotency-lookup": "hit"})
        ticket_id = 100 + len(self._tickets)
        self._tickets[ticket_id] = {"id": ticket_id, "status": "new", **ticket}
        self._comments[ticket_id] = [{"id": 1, **ticket["comment"]}]
        if key:
            self._keys[key] = asked.raw, ticket_id
        return Answer({"ticket": self._tickets[ticket_id]}, 201, {"x-idempotency-lookup": "miss"}, wrote=True)

    def _update_ticket(self, asked: Asked, name: str) -> Answer:
        ticket, ticket_id = self._check_ticket(asked.json), name.removesuffix(".json")
        if not ticket_id.isdecimal() or int(ticket_id) not in self._tickets:
            raise RefusedError(self.refusal(404, "Not found"))
        if comment := ticket.pop("comment", None):
            self._comments[int(ticket_id)].append({"id": len(self._comments[int(ticket_id)]) + 1, **comment})
        self._tickets[int(ticket_id)] |= ticket
        return Answer({"ticket": self._tickets[int(ticket_id)]}, 200, wrote=True)

    def _tags(self, asked: Asked, name: str) -> Answer:
        """Documentation "Tags": PUT adds to what is there, DELETE takes away what it names."""
        if not name.isdecimal() or int(name) not in self._tickets:
            raise RefusedError(self.refusal(404, "Not found"))
        ticket = self._tickets[int(name)]
        tags: list[str] = ticket.setdefault("tags", [])
        if asked.method == "GET":
            return Answer({"tags": tags})
        only(asked.json, {"tags"}, "the body")
        named: list[str] = asked.json["tags"]
        if ticket["status"] == "closed":
            raise RefusedError(self.refusal(422, "Status: closed prevents ticket update"))
        if asked.method == "PUT":
            ticket["tags"] = [*tags, *(tag for tag in named if tag not in tags)]
            return Answer({"tags": ticket["tags"]}, wrote=True)
        ticket["tags"] = [tag for tag in tags if tag not in named]
        return Answer({"tags": ticket["tags"]}, wrote=True)

    def tag(self, *tags: str) -> None:
        """A trigger of the company's tags the newest ticket."""
        self._tickets[max(self._tickets)]["tags"] += tags

    def tags(self) -> list[str]:
        """Of the newest ticket."""
        found: list[str] = self._tickets[max(self._tickets)]["tags"]
        return found

    def add(self, person: Person) -> str:
        user_id = 9000 + len(self._users)
        self._users[user_id] = {
            "id": user_id,
            "role": "end-user",
            "name": f"{person.first_name} {person.last_name}",
            "phone": person.number,
            "email": person.email,
            "tags": ["do_not_call"] if person.do_not_call else [],
            "notes": "",
            "details": "",
        }
        return str(user_id)

    def people(self) -> list[Person]:
        return [
            Person(
                *_split(user["name"]), user.get("phone", ""), "", user.get("email", ""),
                "do_not_call" in user.get("tags", []),
            )
            for user in self._users.values()
        ]  # fmt: skip

    def _logged(self, ticket: dict[str, Any]) -> Logged:
        comments = "\n".join(comment["body"] for comment in self._comments[ticket["id"]])
        text = f"{ticket['subject']}\n{comments}\n{' '.join(ticket.get('tags', []))}"
        direction = "inbound" if "inbound" in ticket.get("tags", []) else "outbound"
        seconds = re.search(r"(\d+) s\b", comments)
        return Logged(
            str(ticket.get("requester_id", "")), text, direction, int(seconds[1]) if seconds else -1,
            ticket.get("due_at", ""),
        )  # fmt: skip

    def calls(self) -> list[Logged]:
        return [self._logged(ticket) for ticket in self._tickets.values() if ticket.get("type") != "task"]

    def tasks(self) -> list[Logged]:
        return [self._logged(ticket) for ticket in self._tickets.values() if ticket.get("type") == "task"]

    def expire(self) -> None:
        self._valid = False
        self.desk.tokens.clear()


def _split(name: str) -> tuple[str, str]:
    first, _, last = name.partition(" ")
    return first, last


def _matches(user: dict[str, Any], name: str, value: str) -> bool:
    if _RESERVED & set(value.strip('"')):
        raise UndocumentedError(f"reserved characters in {value}")
    match name:
        case "type":
            return value == "user"
        case "role":
            return bool(user["role"] == value)
        case "phone":
            wanted = digits(value)
            if not re.fullmatch(r"\*?\d+", value):
                raise UndocumentedError(f"phone:{value} is digits, with * before them")
            stored = digits(str(user.get("phone", "")))
            return stored.endswith(wanted) if value.startswith("*") else stored == wanted
        case "":
            words = f"{user['name']} {user.get('email', '')}".lower().split()
            return any(word.startswith(value.strip('"').rstrip("*").lower()) for word in words)
    raise UndocumentedError(f"{name}: is no keyword of a user search")
