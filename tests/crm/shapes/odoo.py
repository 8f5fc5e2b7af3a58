"""Odoo's external API, as JSON-2 (Odoo 19) and as JSON-RPC (before): the same models behind both.

Documentation: "External JSON-2 API", "External RPC API", "ORM API"; `mail.thread` and
`phone.validation` for chatter, activities and the number search.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Callable
from datetime import date
from typing import Any, ClassVar

from softphone.domain.settings import CrmAuth, CrmConnection
from tests.crm.shapes.shape import (
    Answer,
    Asked,
    Logged,
    Person,
    RefusedError,
    Shape,
    UndocumentedError,
    demand_json,
    only,
)

_PARTNER = {
    "id", "name", "phone", "email", "parent_id", "is_company", "company_name", "category_id", "function",
    "city", "comment", "ref", "display_name",
}  # fmt: skip
_PARAMETERS = {
    "search_read": {"domain", "fields", "offset", "limit", "order"},
    "search": {"domain", "offset", "limit", "order"},
    "read": {"fields", "load"},
    "create": {"vals_list"},
    "load": {"fields", "data"},
    "write": {"vals"},
    "message_post": {"body", "subject", "message_type", "subtype_xmlid", "body_is_html", "partner_ids"},
    "activity_schedule": {"act_type_xmlid", "date_deadline", "summary", "note", "user_id"},
    "context_get": set(),
}
_ON_RECORDS = {"read", "write", "message_post", "activity_schedule"}


class ModelError(Exception):
    """An exception of Odoo: its Python name and its words."""

    def __init__(self, name: str, words: str) -> None:
        super().__init__(words)
        self.name, self.words = name, words


class OdooShape(Shape):
    """The models; the two subclasses differ in how they are called."""

    finds = ("+442079460018", "020 7946 0018", "+44 20 7946 0018")
    _mobile: ClassVar[bool] = False

    def __init__(self) -> None:
        super().__init__()
        self._partners: dict[int, dict[str, Any]] = {}
        self._messages: dict[int, dict[str, Any]] = {}
        self._activities: dict[int, dict[str, Any]] = {}
        self._external: dict[str, int] = {}
        self._valid = True
        self._wrote = False

    @abstractmethod
    def handle(self, asked: Asked) -> Answer:
        """Take the call out of its wrapping."""

    def run(self, model: str, method: str, ids: list[int], given: dict[str, Any]) -> Any:
        """Call `model.method` with its parameters by name."""
        if method not in _PARAMETERS:
            raise UndocumentedError(f"{model}.{method}")
        only(given, _PARAMETERS[method], f"{model}.{method}")
        if (method in _ON_RECORDS) != bool(ids):
            raise ModelError("ValueError", f"{method}: expected singleton: {model}()")
        self._wrote = method in ("create", "load", "write", "message_post", "activity_schedule")
        if model in ("mail.message", "mail.activity") and method == "search":
            return self._search_ids(model, given)
        table: dict[str, Callable[[list[int], dict[str, Any]], Any]] = {
            "res.users.context_get": lambda _, __: {"lang": "en_US", "tz": "Europe/London", "uid": 2},
            "res.partner.search_read": lambda _, given: self._search_partners(given),
            "res.partner.read": self._read,
            "res.partner.load": lambda _, given: self._load(given["fields"], given["data"]),
            "res.partner.write": self._write_partner,
            "res.partner.message_post": self._post,
            "res.partner.activity_schedule": self._schedule,
            "mail.message.write": self._write_message,
        }
        if f"{model}.{method}" not in table:
            raise UndocumentedError(f"{model}.{method}")
        return table[f"{model}.{method}"](ids, given)

    def _read(self, ids: list[int], given: dict[str, Any]) -> Any:
        return [self._shown(self._partner(i), given["fields"]) for i in ids]

    def _write_partner(self, ids: list[int], given: dict[str, Any]) -> Any:
        only(given["vals"], self._partner_fields() - {"id"}, "res.partner")
        self._partner(ids[0]).update(given["vals"])
        return True

    def _write_message(self, ids: list[int], given: dict[str, Any]) -> Any:
        only(given["vals"], {"body", "subject"}, "mail.message")
        if ids[0] not in self._messages:
            raise ModelError("odoo.exceptions.MissingError", "Record does not exist or has been deleted.")
        self._messages[ids[0]].update(given["vals"])
        return True

    def _partner_fields(self) -> set[str]:
        return _PARTNER | ({"mobile"} if self._mobile else set())

    def _partner(self, partner_id: int) -> dict[str, Any]:
        if partner_id not in self._partners:
            raise ModelError("odoo.exceptions.MissingError", "Record does not exist or has been deleted.")
        return self._partners[partner_id]

    def _shown(self, partner: dict[str, Any], fields: list[str]) -> dict[str, Any]:
        if unknown := set(fields) - self._partner_fields():
            raise ModelError("ValueError", f"Invalid field {unknown} on 'res.partner'")
        return {"id": partner["id"], **{name: partner.get(name) or False for name in fields if name != "id"}}

    def _search_partners(self, given: dict[str, Any]) -> list[dict[str, Any]]:
        found = [p for p in self._partners.values() if _holds(given["domain"], p)]
        return [self._shown(partner, given["fields"]) for partner in found[: given.get("limit", 80)]]

    def _search_ids(self, model: str, given: dict[str, Any]) -> list[int]:
        store = self._messages if model == "mail.message" else self._activities
        return [key for key, record in store.items() if _holds(given["domain"], record)][: given["limit"]]

    def _load(self, fields: list[str], data: list[list[str]]) -> dict[str, Any]:
        if unknown := set(fields) - self._partner_fields():
            raise ModelError("ValueError", f"Invalid field {unknown}")
        ids = []
        for row in data:
            values = dict(zip(fields, row, strict=True))
            external = values.pop("id")
            if not re.fullmatch(r"[a-z_]+\.[\w-]+", external):
                raise UndocumentedError(f"external id {external}")
            if not values.get("name"):
                return {"ids": False, "messages": [{"type": "error", "message": "Missing required value"}]}
            partner_id = self._external.setdefault(external, 10 + len(self._partners))
            self._partners.setdefault(partner_id, {"id": partner_id}).update(values)
            ids.append(partner_id)
        return {"ids": ids, "messages": [], "nextrow": 0}

    def _post(self, ids: list[int], given: dict[str, Any]) -> Any:
        self._partner(ids[0])
        message_id = 500 + len(self._messages)
        self._messages[message_id] = {"model": "res.partner", "res_id": ids[0], "body": given["body"]}
        return [message_id]

    def _schedule(self, ids: list[int], given: dict[str, Any]) -> Any:
        self._partner(ids[0])
        date.fromisoformat(given["date_deadline"])
        if given["act_type_xmlid"] not in ("mail.mail_activity_data_call", "mail.mail_activity_data_todo"):
            raise ModelError("ValueError", f"External ID not found: {given['act_type_xmlid']}")
        activity_id = 700 + len(self._activities)
        self._activities[activity_id] = {"res_model": "res.partner", "res_id": ids[0], **given}
        return [activity_id]

    def add(self, person: Person) -> str:
        partner_id = 10 + len(self._partners)
        self._partners[partner_id] = {
            "id": partner_id,
            "name": f"{person.first_name} {person.last_name}",
            "phone": person.number,
            "email": person.email,
            "parent_id": [3, person.company] if person.company else False,
        }
        return str(partner_id)

    def people(self) -> list[Person]:
        return [
            Person(
                *_split(p["name"]), p.get("phone") or "", (p.get("parent_id") or [0, ""])[1],
                p.get("email") or "",
            )
            for p in self._partners.values()
        ]  # fmt: skip

    def calls(self) -> list[Logged]:
        found = []
        for message in self._messages.values():
            seconds = re.search(r"(\d+) s\b", message["body"])
            direction = re.search(r"\b(inbound|outbound)\b", message["body"])
            found.append(
                Logged(
                    str(message["res_id"]), message["body"], direction[1] if direction else "",
                    int(seconds[1]) if seconds else -1,
                )
            )  # fmt: skip
        return found

    def tasks(self) -> list[Logged]:
        return [
            Logged(str(a["res_id"]), f"{a.get('summary', '')}\n{a.get('note', '')}", due=a["date_deadline"])
            for a in self._activities.values()
        ]

    def expire(self) -> None:
        self._valid = False


class OdooJson2Shape(OdooShape):
    """`POST /json/2/<model>/<method>` with a bearer key."""

    pack: ClassVar[str] = "odoo"

    def connection(self) -> CrmConnection:
        return CrmConnection(
            "odoo", "odoo", self.base_url, CrmAuth.BEARER, parameters=(("database", "meridian"),)
        )

    def refusal(self, status: int, words: str) -> Answer:
        return self._error(status, "werkzeug.exceptions.HTTPException", words)

    def _error(self, status: int, name: str, words: str) -> Answer:
        body = {"name": name, "message": words, "arguments": [words], "context": {}, "debug": "Traceback …"}
        return Answer(body, status)

    def handle(self, asked: Asked) -> Answer:
        scheme, _, key = asked.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or key != self.secret or not self._valid:
            raise RefusedError(self._error(401, "werkzeug.exceptions.Unauthorized", "Invalid apikey"))
        if asked.headers.get("x-odoo-database") != "meridian":
            raise UndocumentedError("which database?")
        demand_json(asked)
        match asked.method, asked.segments:
            case "POST", ["json", "2", model, method]:
                body = asked.json
                ids = body.pop("ids", [])
                only(body.pop("context", {}), {"lang", "tz"}, "the context")
                return self._answered(model, method, ids, body)
        raise UndocumentedError("POST /json/2/<model>/<method>")

    def _answered(self, model: str, method: str, ids: list[int], body: dict[str, Any]) -> Answer:
        if not all(isinstance(i, int) for i in ids):
            raise UndocumentedError(f"ids {ids}")
        try:
            return Answer(self.run(model, method, ids, body), wrote=self._wrote)
        except ModelError as error:
            status = 404 if error.name.endswith("MissingError") else 422
            raise RefusedError(self._error(status, error.name, error.words)) from error


class OdooJsonRpcShape(OdooShape):
    """`POST /jsonrpc`: database, user id and key in every call; errors inside a 200."""

    pack: ClassVar[str] = "odoo-jsonrpc"
    _mobile = True

    def connection(self) -> CrmConnection:
        return CrmConnection(
            "odoo", "odoo-jsonrpc", self.base_url, CrmAuth.SESSION, user="agent@example.com",
            parameters=(("database", "meridian"),),
        )  # fmt: skip

    def refusal(self, status: int, words: str) -> Answer:
        if status == 429:
            return Answer(None, 429)  # written by the web server in front
        return Answer({"jsonrpc": "2.0", "id": 1, **self._error("builtins.Exception", words)})

    def _error(self, name: str, words: str) -> dict[str, Any]:
        data = {"name": name, "message": words, "arguments": [words], "debug": "Traceback …"}
        return {"error": {"code": 200, "message": "Odoo Server Error", "data": data}}

    def handle(self, asked: Asked) -> Answer:
        demand_json(asked)
        if asked.method != "POST" or asked.segments != ["jsonrpc"]:
            raise UndocumentedError("POST /jsonrpc")
        body = asked.json
        only(body, {"jsonrpc", "method", "params", "id"}, "a call")
        if body.get("jsonrpc") != "2.0" or body.get("method") != "call":
            raise UndocumentedError("JSON-RPC 2.0, method call")
        params = body["params"]
        only(params, {"service", "method", "args"}, "params")
        self._wrote = False
        try:
            result = {"result": self._call(params["service"], params["method"], params["args"])}
        except ModelError as error:
            result = self._error(error.name, error.words)
        return Answer({"jsonrpc": "2.0", "id": body.get("id"), **result}, wrote=self._wrote)

    def _call(self, service: str, method: str, args: list[Any]) -> Any:
        match service, method, args:
            case "common", "authenticate", [database, user, key, dict(agent)] if not agent:
                good = (database, user) == ("meridian", "agent@example.com") and self._good(key)
                return 2 if good else False
            case "object", "execute_kw", ["meridian", int(), key, model, called, positional, dict(named)]:
                if not self._good(key):
                    raise ModelError("odoo.exceptions.AccessDenied", "Access Denied")
                ids = positional.pop(0) if called in _ON_RECORDS else []
                if positional:
                    raise UndocumentedError(f"{called} with {positional}")
                return self.run(model, called, ids, named)
        raise UndocumentedError(f"{service}.{method}({args})")

    def _good(self, key: str) -> bool:
        return self._valid and key == self.secret


def _split(name: str) -> tuple[str, str]:
    first, _, last = name.partition(" ")
    return first, last


def _holds(domain: list[Any], record: dict[str, Any]) -> bool:
    """A search domain in prefix notation; terms without an operator between them are all demanded."""
    rest = list(domain)
    results = []
    while rest:
        results.append(_term(rest, record))
    return all(results)


def _term(rest: list[Any], record: dict[str, Any]) -> bool:
    head = rest.pop(0)
    if head in ("|", "&"):
        left, right = _term(rest, record), _term(rest, record)
        return left or right if head == "|" else left and right
    field, operator, wanted = head
    if field == "phone_mobile_search":
        if operator != "ilike" or len(str(wanted)) < 3:
            raise UndocumentedError(f"phone_mobile_search {operator} {wanted!r}")
        stored = re.sub(r"[\s\\./()\-]", "", str(record.get("phone") or ""))
        return str(wanted) in stored
    value = record.get(field)
    if operator == "=":
        return bool(value == wanted)
    if operator == "ilike":
        return str(wanted).lower() in str(value or "").lower()
    raise UndocumentedError(f"operator {operator}")
