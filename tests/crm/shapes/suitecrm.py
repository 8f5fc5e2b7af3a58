"""SuiteCRM 8's JSON API V8 (documentation: "JSON API"; limits read in `Api/V8` of its source)."""

from __future__ import annotations

import re
import secrets
from typing import Any, ClassVar
from uuid import uuid4

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
    moment,
    need,
    only,
)

_FIELDS = {
    "Contacts": {
        "name", "full_name", "first_name", "last_name", "title", "phone_work", "phone_mobile", "phone_home",
        "phone_other", "email1", "account_name", "do_not_call", "description", "deleted",
    },
    "Leads": {
        "name", "first_name", "last_name", "phone_work", "phone_mobile", "email1", "account_name",
        "do_not_call", "status", "deleted",
    },
    "Accounts": {"name", "phone_office", "phone_alternate", "email1", "description", "deleted"},
    "Calls": {
        "name", "direction", "status", "date_start", "date_end", "duration_hours", "duration_minutes",
        "parent_type", "parent_id", "description", "assigned_user_id", "deleted",
    },
    "Tasks": {
        "name", "status", "priority", "date_start", "date_due", "parent_type", "parent_id", "contact_id",
        "description", "assigned_user_id", "deleted",
    },
}  # fmt: skip
_OPTIONS = {
    ("Calls", "direction"): {"Inbound", "Outbound"},
    ("Calls", "status"): {"Planned", "Held", "Not Held"},
    ("Tasks", "status"): {"Not Started", "In Progress", "Completed", "Pending Input", "Deferred"},
    ("Tasks", "priority"): {"High", "Medium", "Low"},
}
_REQUIRED = {"Contacts": ("last_name",), "Calls": ("name", "date_start"), "Tasks": ("name",)}
_OPERATORS = {"eq", "neq", "gt", "gte", "lt", "lte"}
_ID = re.compile(r"(\d+|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})", re.IGNORECASE)
_TIMES = {"date_start", "date_end", "date_due"}


class SuiteShape(Shape):
    """Client credentials; a token for an hour."""

    pack: ClassVar[str] = "suitecrm"
    media_type = "application/vnd.api+json"
    finds = ("+442079460018", "02079460018", "020 7946 0018", "+44 20 7946 0018")

    def __init__(self) -> None:
        super().__init__()
        self.tokens: set[str] = set()
        self._records: dict[str, dict[str, dict[str, Any]]] = {module: {} for module in _FIELDS}

    def connection(self) -> CrmConnection:
        return CrmConnection(
            "suite", "suitecrm", self.base_url, CrmAuth.CLIENT_CREDENTIALS, client_id="client-1"
        )

    def refusal(self, status: int, words: str) -> Answer:
        return Answer({"errors": {"status": status, "title": None, "detail": words}}, status)

    def handle(self, asked: Asked) -> Answer:
        if asked.segments[:2] != ["legacy", "Api"]:
            raise UndocumentedError("SuiteCRM 8 keeps the API below /legacy/Api")
        if asked.segments[2:] == ["access_token"]:
            return self._token(asked)
        self._check_token(asked)
        demand_json(asked, self.media_type)
        match asked.method, asked.segments[2:]:
            case "GET", ["V8", "module", module]:
                return self._list(module, asked)
            case "GET", ["V8", "module", module, record_id]:
                return self._get(module, record_id, asked)
            case "POST", ["V8", "module"]:
                return self._create(asked.json)
            case "PATCH", ["V8", "module"]:
                return self._update(asked.json)
            case "GET", ["V8", "current-user"]:
                return Answer({"data": {"type": "User", "id": "1", "attributes": {"user_name": "agent"}}})
        raise UndocumentedError("no such endpoint")

    def _token(self, asked: Asked) -> Answer:
        body = asked.json if "json" in asked.headers.get("content-type", "") else asked.form
        only(body, {"grant_type", "client_id", "client_secret", "username", "password", "scope"}, "a token")
        if body.get("grant_type") not in ("client_credentials", "password"):
            raise UndocumentedError(f"grant type {body.get('grant_type')}")
        if body.get("client_id") != "client-1" or body.get("client_secret") != self.secret:
            raise RefusedError(Answer({"error": "invalid_client", "message": "Client failed"}, 401))
        token = secrets.token_urlsafe(8)
        self.tokens.add(token)
        return Answer({"token_type": "Bearer", "expires_in": 3600, "access_token": token})

    def _check_token(self, asked: Asked) -> None:
        kind, _, token = asked.headers.get("authorization", "").partition(" ")
        if kind != "Bearer" or token not in self.tokens:
            words = "The resource owner or authorization server denied the request."
            raise RefusedError(Answer({"error": "access_denied", "error_description": words}, 401))

    def _module(self, module: str) -> set[str]:
        if module not in _FIELDS:
            raise UndocumentedError(f"module {module}")
        return _FIELDS[module]

    def _list(self, module: str, asked: Asked) -> Answer:
        known = self._module(module)
        operator, conditions, shown, size = "and", [], known, 20
        for name, value in asked.parameters.items():
            keys = re.findall(r"\w+", name)
            match keys:
                case ["fields", kind] if kind == module:
                    shown = self._shown(value, known)
                case ["filter", "operator"]:
                    operator = value.lower()
                case ["filter", field, test] if field in known and test.lower() in _OPERATORS:
                    conditions.append((field, test.lower(), value))
                case ["page", "size"] | ["page", "number"] if value.isdecimal():
                    size = int(value) if keys[1] == "size" else size
                case ["sort"] if value.lstrip("-") in known:
                    pass
                case _:
                    raise UndocumentedError(f"parameter {name}={value}")
        # Deleted records are excluded by one more condition of the same kind: with "or" everything matches.
        conditions.append(("deleted", "eq", "0"))
        combined = any if operator == "or" else all
        found = [
            self._entry(module, record_id, record, shown)
            for record_id, record in self._records[module].items()
            if combined(_holds(record, *condition) for condition in conditions)
        ]
        return Answer({"data": found[:size]})

    def _shown(self, text: str, known: set[str]) -> set[str]:
        names = set(text.split(","))
        if unknown := names - known:
            raise UndocumentedError(f"fields {unknown}")
        return names

    def _entry(self, module: str, record_id: str, record: dict[str, Any], shown: set[str]) -> dict[str, Any]:
        attributes = {name: record.get(name, "") for name in sorted(shown)}
        return {"type": module.removesuffix("s"), "id": record_id, "attributes": attributes}

    def _get(self, module: str, record_id: str, asked: Asked) -> Answer:
        known = self._module(module)
        shown = known
        for name, value in asked.parameters.items():
            if name != f"fields[{module}]":
                raise UndocumentedError(f"parameter {name}")
            shown = self._shown(value, known)
        if record_id not in self._records[module]:
            words = f"{module} module with id {record_id} is not found"
            raise RefusedError(self.refusal(400, words))
        return Answer({"data": self._entry(module, record_id, self._records[module][record_id], shown)})

    def _data(self, body: dict[str, Any]) -> tuple[str, str, dict[str, Any]]:
        only(body, {"data"}, "the body")
        data = body["data"]
        only(data, {"type", "id", "attributes"}, "data")
        module, attributes = data.get("type", ""), data.get("attributes", {})
        known = self._module(module)
        for name, value in attributes.items():
            if name not in known or value in ("", None):
                raise UndocumentedError(f"Property {name} in {module} module is invalid: {value!r}")
            if (module, name) in _OPTIONS and value not in _OPTIONS[module, name]:
                raise UndocumentedError(f"{name} cannot be {value!r}")
            if name in _TIMES:
                moment(value, "%Y-%m-%d %H:%M:%S")
        record_id = data.get("id", "")
        if record_id and not _ID.fullmatch(record_id):
            raise UndocumentedError(f"id {record_id} is no UUID")
        return module, record_id, attributes

    def _create(self, body: dict[str, Any]) -> Answer:
        module, record_id, attributes = self._data(body)
        need(attributes, _REQUIRED.get(module, ()), module)
        if record_id in self._records[module]:
            words = f"Bean {module} with id {record_id} is already exist"
            raise RefusedError(self.refusal(400, words))
        record_id = record_id or str(uuid4())
        self._records[module][record_id] = {"deleted": "0", **attributes}
        return Answer(
            {"data": self._entry(module, record_id, attributes, self._module(module))}, 201, wrote=True
        )

    def _update(self, body: dict[str, Any]) -> Answer:
        module, record_id, attributes = self._data(body)
        if record_id not in self._records[module]:
            raise RefusedError(self.refusal(400, f"{module} module with id {record_id} is not found"))
        self._records[module][record_id] |= attributes
        entry = self._entry(module, record_id, self._records[module][record_id], self._module(module))
        return Answer({"data": entry}, 201, wrote=True)

    def add(self, person: Person) -> str:
        record_id = str(uuid4())
        self._records["Contacts"][record_id] = {
            "name": f"{person.first_name} {person.last_name}",
            "first_name": person.first_name,
            "last_name": person.last_name,
            "phone_work": person.number,
            "account_name": person.company,
            "email1": person.email,
            "do_not_call": "1" if person.do_not_call else "0",
            "deleted": "0",
        }
        return record_id

    def people(self) -> list[Person]:
        return [
            Person(
                r.get("first_name", ""), r["last_name"], r.get("phone_work", ""), r.get("account_name", ""),
                r.get("email1", ""), r.get("do_not_call") == "1",
            )
            for r in self._records["Contacts"].values()
        ]  # fmt: skip

    def calls(self) -> list[Logged]:
        return [
            Logged(
                r.get("parent_id", ""),
                f"{r['name']}\n{r.get('description', '')}",
                str(r.get("direction", "")).lower(),
                int(r.get("duration_hours", 0)) * 3600 + int(r.get("duration_minutes", 0)) * 60,
            )
            for r in self._records["Calls"].values()
        ]

    def tasks(self) -> list[Logged]:
        return [
            Logged(
                r.get("parent_id", ""), f"{r['name']}\n{r.get('description', '')}", due=r.get("date_due", "")
            )
            for r in self._records["Tasks"].values()
        ]

    def expire(self) -> None:
        self.tokens.clear()


def _holds(record: dict[str, Any], field: str, test: str, wanted: str) -> bool:
    if test != "eq":
        raise UndocumentedError("only eq is imitated")
    return str(record.get(field, "")) == wanted
