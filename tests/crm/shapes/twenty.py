"""Twenty's REST API (documentation: "APIs"; filters and errors read in its server's own parser and tests)."""

from __future__ import annotations

import re
from typing import Any, ClassVar
from uuid import UUID, uuid4

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

_ONE = {
    "people": "person",
    "companies": "company",
    "notes": "note",
    "noteTargets": "noteTarget",
    "tasks": "task",
    "taskTargets": "taskTarget",
    "workspaceMembers": "workspaceMember",
}
_FIELDS = {
    "people": {"id", "name", "phones", "emails", "jobTitle", "city", "company", "companyId", "createdAt"},
    "companies": {"id", "name", "domainName"},
    "notes": {"id", "title", "bodyV2", "createdAt"},
    "noteTargets": {"id", "noteId", "targetPersonId", "targetCompanyId", "targetOpportunityId"},
    "tasks": {"id", "title", "bodyV2", "dueAt", "status", "assigneeId"},
    "taskTargets": {"id", "taskId", "targetPersonId", "targetCompanyId", "targetOpportunityId"},
    "workspaceMembers": {"id", "name", "userEmail"},
}
_PARTS = {
    "name": {"firstName", "lastName"},
    "phones": {
        "primaryPhoneNumber",
        "primaryPhoneCountryCode",
        "primaryPhoneCallingCode",
        "additionalPhones",
    },
    "emails": {"primaryEmail", "additionalEmails"},
    "bodyV2": {"markdown", "blocknote"},
}
_REQUIRED = {"noteTargets": ("noteId",), "taskTargets": ("taskId",)}
_COMPARATORS = {
    "eq", "neq", "in", "containsAny", "is", "gt", "gte", "lt", "lte", "startsWith", "endsWith", "like",
    "ilike",
}  # fmt: skip
_GROUP = re.compile(r"(or|and|not)\((.+)\)", re.DOTALL)
_BASE = re.compile(r"([^\[\]]+)\[(\w+)\]:(.+)", re.DOTALL)


class TwentyShape(Shape):
    """An API key as bearer token. Ids are UUIDs, and the client may choose them."""

    pack: ClassVar[str] = "twenty"
    finds = ("+442079460018", "02079460018")

    def __init__(self) -> None:
        super().__init__()
        self._records: dict[str, dict[str, dict[str, Any]]] = {name: {} for name in _ONE}
        self._valid = True

    def connection(self) -> CrmConnection:
        return CrmConnection("twenty", "twenty", self.base_url, CrmAuth.BEARER)

    def refusal(self, status: int, words: str) -> Answer:
        errors = {401: "UNAUTHENTICATED", 404: "NotFoundException", 429: "ThrottlerException"}
        body = {"statusCode": status, "error": errors.get(status, "BadRequestException"), "messages": [words]}
        return Answer(body, status)

    def handle(self, asked: Asked) -> Answer:
        if asked.headers.get("authorization") != f"Bearer {self.secret}" or not self._valid:
            raise RefusedError(self.refusal(401, "Token has expired."))
        demand_json(asked)
        match asked.method, asked.segments:
            case "GET", ["rest", many]:
                return self._list(many, asked)
            case "GET", ["rest", many, record_id]:
                only(asked.parameters, {"depth"}, "a record's query")
                return Answer({"data": {self._one(many): self._get(many, record_id)}})
            case "POST", ["rest", many]:
                only(asked.parameters, {"depth", "upsert"}, "a new record's query")
                return self._create(many, asked.json)
            case "PATCH", ["rest", many, record_id]:
                only(asked.parameters, {"depth"}, "an update's query")
                return self._update(many, record_id, asked.json)
        raise UndocumentedError("no such path")

    def _one(self, many: str) -> str:
        if many not in _ONE:
            raise UndocumentedError(f"no object {many}")
        return _ONE[many]

    def _list(self, many: str, asked: Asked) -> Answer:
        self._one(many)
        given = asked.parameters
        only(given, {"filter", "limit", "order_by", "depth", "starting_after"}, "a list's query")
        if not 0 < int(given.get("limit", "60")) <= 200 or given.get("depth", "1") not in ("0", "1"):
            raise UndocumentedError(f"limit or depth in {given}")
        text = given.get("filter", "")
        if text.count("(") != text.count(")"):
            raise UndocumentedError(f"'filter' invalid: {text}")
        records = [r for r in self._records[many].values() if not text or _holds(text, many, r)]
        shown = records[: int(given.get("limit", "60"))]
        page = {"hasNextPage": False, "startCursor": None, "endCursor": None}
        return Answer({"data": {many: shown}, "totalCount": len(records), "pageInfo": page})

    def _get(self, many: str, record_id: str) -> dict[str, Any]:
        _uuid(record_id)
        if record_id not in self._records[many]:
            raise RefusedError(self.refusal(404, "Record not found"))
        return self._records[many][record_id]

    def _check(self, many: str, body: dict[str, Any]) -> None:
        only(body, _FIELDS[many] - {"company", "createdAt"}, many)
        for name, value in body.items():
            if name in _PARTS:
                only(value, _PARTS[name], name)
            elif name == "id" or name.endswith("Id"):
                _uuid(value)
            elif name == "dueAt":
                moment(value)
            elif name == "status" and value not in ("TODO", "IN_PROGRESS", "DONE"):
                raise UndocumentedError(f"status {value}")

    def _create(self, many: str, body: dict[str, Any]) -> Answer:
        one = self._one(many)
        self._check(many, body)
        need(body, _REQUIRED.get(many, ()), many)
        record_id = body.get("id") or str(uuid4())
        if record_id in self._records[many]:
            words = 'duplicate key value violates unique constraint "PK"'
            raise RefusedError(
                Answer({"statusCode": 400, "error": "QueryFailedError", "messages": [words]}, 400)
            )
        self._records[many][record_id] = {**body, "id": record_id}
        name = f"create{one[0].upper()}{one[1:]}"
        return Answer({"data": {name: self._records[many][record_id]}}, 201, wrote=True)

    def _update(self, many: str, record_id: str, body: dict[str, Any]) -> Answer:
        one = self._one(many)
        self._check(many, body)
        record = self._get(many, record_id)
        for name, value in body.items():
            record[name] = {**record.get(name, {}), **value} if isinstance(value, dict) else value
        return Answer({"data": {f"update{one[0].upper()}{one[1:]}": record}}, wrote=True)

    def add(self, person: Person) -> str:
        record_id = str(uuid4())
        phones = {"primaryPhoneNumber": person.number, "primaryPhoneCallingCode": "", "additionalPhones": []}
        if person.number.startswith("+44"):
            # What comes with a country's code is kept apart from it.
            national = re.sub(r"\D", "", person.number)[2:]
            phones |= {"primaryPhoneNumber": national, "primaryPhoneCallingCode": "+44"}
        self._records["people"][record_id] = {
            "id": record_id,
            "name": {"firstName": person.first_name, "lastName": person.last_name},
            "phones": phones,
            "emails": {"primaryEmail": person.email, "additionalEmails": []},
            "company": {"id": str(uuid4()), "name": person.company} if person.company else None,
        }
        return record_id

    def people(self) -> list[Person]:
        return [
            Person(
                p["name"].get("firstName", ""), p["name"].get("lastName", ""),
                p["phones"].get("primaryPhoneCallingCode", "") + p["phones"].get("primaryPhoneNumber", ""),
                (p.get("company") or {}).get("name", ""), p.get("emails", {}).get("primaryEmail", ""),
            )
            for p in self._records["people"].values()
        ]  # fmt: skip

    def _logged(self, record: dict[str, Any], link: str, key: str) -> Logged:
        target = next((t for t in self._records[link].values() if t[key] == record["id"]), {})
        text = f"{record['title']}\n{record.get('bodyV2', {}).get('markdown', '')}"
        seconds = re.search(r"(\d+) s\b", text)
        direction = re.search(r"\b(inbound|outbound)\b", text.lower())
        return Logged(
            target.get("targetPersonId", ""), text, direction[1] if direction else "",
            int(seconds[1]) if seconds else -1, record.get("dueAt", ""),
        )  # fmt: skip

    def calls(self) -> list[Logged]:
        return [self._logged(note, "noteTargets", "noteId") for note in self._records["notes"].values()]

    def tasks(self) -> list[Logged]:
        return [self._logged(task, "taskTargets", "taskId") for task in self._records["tasks"].values()]

    def expire(self) -> None:
        self._valid = False


def _uuid(text: str) -> None:
    try:
        UUID(text)
    except ValueError as exc:
        raise UndocumentedError(f"'{text}' is not a valid UUID") from exc


def _split(text: str) -> list[str]:
    """The parts between commas that stand in no quotes, brackets or parentheses."""
    parts, depth, quoted, bracketed, current = [], 0, False, False, ""
    for c in text:
        if c == '"':
            quoted = not quoted
        if c in "[]":
            bracketed = not bracketed
        depth += (c == "(") - (c == ")")
        if c == "," and depth == 0 and not quoted and not bracketed:
            parts.append(current)
            current = ""
        else:
            current += c
    return [*parts, current]


def _holds(text: str, many: str, record: dict[str, Any]) -> bool:
    parts = _split(text)
    if len(parts) > 1:
        return all(_holds(part, many, record) for part in parts)
    if group := _GROUP.fullmatch(text):
        results = [_holds(part, many, record) for part in _split(group[2])]
        return {"or": any(results), "and": all(results), "not": not results[0]}[group[1]]
    base = _BASE.fullmatch(text)
    if base is None or base[2] not in _COMPARATORS:
        raise UndocumentedError(f"'filter' invalid for '{text}'")
    path, value = base[1].split("."), base[3]
    if path[0] not in _FIELDS[many] or (len(path) > 1 and path[1] not in _PARTS[path[0]]):
        raise UndocumentedError(f"no field {base[1]} in {many}")
    if value[0] == value[-1] == '"':
        value = value[1:-1]
    if '"' in value:
        raise UndocumentedError(f"a quote inside {text}")
    stored: Any = record
    for step in path:
        stored = (stored or {}).get(step, "")
    return _compare(base[2], str(stored), value)


def _compare(comparator: str, stored: str, value: str) -> bool:
    match comparator:
        case "eq":
            return stored == value
        case "like" | "ilike":
            pattern = ".*".join(re.escape(part) for part in value.split("%"))
            return re.fullmatch(pattern, stored, re.IGNORECASE | re.DOTALL) is not None
        case "startsWith":
            return stored.startswith(value)
    raise UndocumentedError(f"{comparator} is not imitated")
