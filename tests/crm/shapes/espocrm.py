"""EspoCRM's REST API (documentation: "API Overview", "API search parameters", "CRUD operations")."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
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
    digits,
    moment,
    need,
    only,
)

_PERSON = {
    "id", "name", "firstName", "lastName", "accountId", "accountName", "phoneNumber", "phoneNumberData",
    "emailAddress", "title", "description", "doNotCall", "assignedUserId", "assignedUserName",
}  # fmt: skip
_ATTRIBUTES = {
    "Contact": _PERSON | {"createdAt", "addressCity"},
    "Lead": _PERSON | {"status", "createdAt"},
    "Account": {"id", "name", "phoneNumber", "phoneNumberData", "emailAddress", "description", "website"},
    "Call": {
        "id", "name", "status", "direction", "dateStart", "dateEnd", "description", "parentType", "parentId",
        "contactsIds", "leadsIds", "assignedUserId", "usersIds", "createdAt",
    },
    "Task": {
        "id", "name", "status", "priority", "dateStart", "dateEnd", "description", "parentType", "parentId",
        "contactId", "assignedUserId", "createdAt",
    },
}  # fmt: skip
_SEARCHABLE = {"phoneNumberNumeric"}
_REQUIRED = {
    "Contact": ("lastName",),
    "Lead": ("lastName",),
    "Account": ("name",),
    "Call": ("name", "dateStart", "dateEnd", "assignedUserId"),
    "Task": ("name", "assignedUserId"),
}
_OPTIONS = {
    ("Call", "status"): {"Planned", "Held", "Not Held"},
    ("Call", "direction"): {"Inbound", "Outbound"},
    ("Task", "status"): {"Not Started", "Started", "Completed", "Canceled", "Deferred"},
    ("Task", "priority"): {"Low", "Normal", "High", "Urgent"},
}
_TIME = "%Y-%m-%d %H:%M:%S"
_LISTING = {"select", "maxSize", "offset", "orderBy", "order"}
_WHERE = re.compile(r"where((?:\[\w+\])+)")


class EspoShape(Shape):
    """API key or HMAC, as the connection says."""

    pack: ClassVar[str] = "espocrm"
    finds = ("+442079460018", "020 7946 0018", "+44 (0)20 7946-0018")

    def __init__(self, auth: CrmAuth = CrmAuth.API_KEY) -> None:
        super().__init__()
        self._auth = auth
        self._records: dict[str, dict[str, dict[str, Any]]] = {entity: {} for entity in _ATTRIBUTES}
        self._valid = True

    def connection(self) -> CrmConnection:
        return CrmConnection("espo", "espocrm", self.base_url, self._auth, user="api-key-1")

    def refusal(self, status: int, words: str) -> Answer:
        """EspoCRM says why in a header; the body is often empty."""
        return Answer({"message": words}, status, {"X-Status-Reason": words})

    def handle(self, asked: Asked) -> Answer:
        self._check_credentials(asked)
        if asked.segments[:2] != ["api", "v1"]:
            raise UndocumentedError("the root is /api/v1/")
        match asked.method, asked.segments[2:]:
            case "GET", ["App", "user"]:
                return Answer({"user": {"id": "u1", "userName": "agent", "name": "Agent One"}, "acl": {}})
            case "GET", [entity]:
                return self._list(entity, asked)
            case "GET", [entity, record_id]:
                return Answer(self._get(entity, record_id))
            case "POST", [entity]:
                demand_json(asked)
                return self._create(entity, asked.json)
            case "PUT", [entity, record_id]:
                demand_json(asked)
                return self._update(entity, record_id, asked.json)
        raise UndocumentedError("no such action")

    def _check_credentials(self, asked: Asked) -> None:
        if self._auth is CrmAuth.API_KEY:
            good = asked.headers.get("x-api-key") == self.secret
        else:
            # The uri is the path below api/v1/, without its query.
            uri = asked.path.removeprefix("/api/v1/")
            message = f"{asked.method} /{uri}".encode()
            signature = hmac.new(self.secret.encode(), message, hashlib.sha256).digest()
            plain = [b"api-key-1:" + signature, f"api-key-1:{signature.hex()}".encode()]
            good = asked.headers.get("x-hmac-authorization") in [base64.b64encode(p).decode() for p in plain]
        if not good or not self._valid:
            raise RefusedError(self.refusal(401, "Unauthorized"))

    def _attributes(self, entity: str) -> set[str]:
        if entity not in _ATTRIBUTES:
            raise UndocumentedError(f"no entity type {entity}")
        return _ATTRIBUTES[entity]

    def _list(self, entity: str, asked: Asked) -> Answer:
        known = self._attributes(entity)
        conditions: dict[str, dict[str, Any]] = {}
        for name, value in asked.parameters.items():
            if where := _WHERE.fullmatch(name):
                _put(conditions, re.findall(r"\w+", where[1]), value)
            elif name not in _LISTING:
                raise UndocumentedError(f"no list parameter {name}")
        selected = asked.parameters.get("select", "").split(",")
        if unknown := set(filter(None, selected)) - known:
            raise UndocumentedError(f"{entity} has no attribute {unknown}")
        size = int(asked.parameters.get("maxSize", "20"))
        if not 0 < size <= 200:
            raise RefusedError(self.refusal(403, "Max size should not exceed 200"))
        matching = [
            record
            for record in self._records[entity].values()
            if all(_holds(item, record, known) for item in conditions.values())
        ]
        shown = [{k: v for k, v in record.items() if k in selected} for record in matching[:size]]
        return Answer({"total": len(matching), "list": shown})

    def _get(self, entity: str, record_id: str) -> dict[str, Any]:
        self._attributes(entity)
        if record_id not in self._records[entity]:
            raise RefusedError(self.refusal(404, "Not found"))
        return self._records[entity][record_id]

    def _create(self, entity: str, body: dict[str, Any]) -> Answer:
        self._check(entity, body)
        need(body, _REQUIRED[entity], entity)
        record_id = f"{entity.lower()}{len(self._records[entity]):012d}"
        name = " ".join(filter(None, [body.get("firstName"), body.get("lastName")])) or body.get("name")
        record = {"id": record_id, **body, "name": name}
        self._records[entity][record_id] = record
        return Answer(record, 200, wrote=True)

    def _update(self, entity: str, record_id: str, body: dict[str, Any]) -> Answer:
        record = self._get(entity, record_id)
        self._check(entity, body)
        record |= body
        return Answer(record, 200, wrote=True)

    def _check(self, entity: str, body: dict[str, Any]) -> None:
        only(body, self._attributes(entity) - {"id", "createdAt"}, entity)
        for name, value in body.items():
            options = _OPTIONS.get((entity, name))
            if options is not None and value not in options:
                raise UndocumentedError(f"{name} cannot be {value!r}")
            if name.startswith("date"):
                moment(value, _TIME)
            if name == "parentType" and value not in ("Account", "Lead", "Contact", "Opportunity", "Case"):
                raise UndocumentedError(f"no parent type {value}")

    def add(self, person: Person) -> str:
        record_id = f"c{len(self._records['Contact']):016d}"
        self._records["Contact"][record_id] = {
            "id": record_id,
            "name": f"{person.first_name} {person.last_name}",
            "firstName": person.first_name,
            "lastName": person.last_name,
            "accountName": person.company,
            "phoneNumber": person.number,
            "phoneNumberData": [{"phoneNumber": person.number, "primary": True, "type": "Office"}],
            "emailAddress": person.email,
            "doNotCall": person.do_not_call,
        }
        return record_id

    def people(self) -> list[Person]:
        return [
            Person(
                r.get("firstName", ""), r["lastName"], r.get("phoneNumber", ""),
                r.get("accountName", ""), r.get("emailAddress", ""), r.get("doNotCall", False),
            )
            for r in self._records["Contact"].values()
        ]  # fmt: skip

    def calls(self) -> list[Logged]:
        return [_logged(record) for record in self._records["Call"].values()]

    def tasks(self) -> list[Logged]:
        return [_logged(record) for record in self._records["Task"].values()]

    def expire(self) -> None:
        self._valid = False


def _put(target: dict[str, Any], keys: list[str], value: str) -> None:
    for key in keys[:-1]:
        target = target.setdefault(key, {})
    target[keys[-1]] = value


def _holds(item: dict[str, Any], record: dict[str, Any], known: set[str]) -> bool:
    kind = item.get("type")
    if kind in ("or", "and"):
        results = [_holds(part, record, known) for part in item["value"].values()]
        return any(results) if kind == "or" else all(results)
    name, wanted = str(item.get("attribute")), str(item.get("value"))
    if name not in known | _SEARCHABLE:
        raise UndocumentedError(f"no attribute {name} to search by")
    stored = str(record.get(name, ""))
    if name == "phoneNumberNumeric":
        stored = digits(str(record.get("phoneNumber", "")).replace("(0)", ""))
    match kind:
        case "equals":
            return stored == wanted
        case "contains":
            return wanted.lower() in stored.lower()
        case "startsWith":
            return stored.lower().startswith(wanted.lower())
        case "endsWith":
            return stored.lower().endswith(wanted.lower())
    raise UndocumentedError(f"no condition {kind}")


def _logged(record: dict[str, Any]) -> Logged:
    start, end = record.get("dateStart"), record["dateEnd"]
    seconds = -1
    if start:
        seconds = round((moment(end, _TIME) - moment(start, _TIME)).total_seconds())
    direction = str(record.get("direction", "")).lower()
    text = f"{record['name']}\n{record.get('description', '')}"
    return Logged(str(record.get("parentId", "")), text, direction, seconds, end)
