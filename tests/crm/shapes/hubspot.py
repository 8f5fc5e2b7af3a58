"""HubSpot's CRM API v3 (its public OpenAPI files: contacts, calls, tasks, search; calling dispositions)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, ClassVar
from uuid import UUID

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
    need,
    only,
    routed,
)

CONNECTED = "f240bbac-87c9-4f6e-bf70-924b57d47db7"
BUSY = "9d9162e7-6cf3-4944-bf63-4dff82258764"
_CALCULATED = {"hs_searchable_calculated_phone_number", "hs_searchable_calculated_mobile_number"}
_PROPERTIES = {
    "contacts": {
        "firstname", "lastname", "phone", "mobilephone", "email", "company", "jobtitle", "lifecyclestage",
        "hubspot_owner_id", "hs_lead_status", "softphone_id", *_CALCULATED,
    },
    "calls": {
        "hs_timestamp", "hs_call_title", "hs_call_body", "hs_call_direction", "hs_call_disposition",
        "hs_call_duration", "hs_call_from_number", "hs_call_to_number", "hs_call_status",
        "hs_call_recording_url", "hubspot_owner_id", "softphone_id",
    },
    "tasks": {
        "hs_timestamp", "hs_task_subject", "hs_task_body", "hs_task_status", "hs_task_priority",
        "hs_task_type", "hubspot_owner_id", "softphone_id",
    },
}  # fmt: skip
_OPTIONS = {
    "hs_call_direction": {"INBOUND", "OUTBOUND"},
    "hs_call_disposition": {CONNECTED, BUSY},
    "hs_call_status": {"COMPLETED", "BUSY", "CANCELED", "FAILED", "NO_ANSWER", "IN_PROGRESS"},
    "hs_task_status": {"NOT_STARTED", "IN_PROGRESS", "WAITING", "COMPLETED", "DEFERRED"},
    "hs_task_priority": {"LOW", "MEDIUM", "HIGH"},
    "hs_task_type": {"EMAIL", "CALL", "TODO"},
}
_UNIQUE = "softphone_id"


class HubSpotShape(Shape):
    """A private app's token, or a public app's OAuth 2.

    `softphone_id` is the unique property that the pack's page asks IT to make.
    """

    pack: ClassVar[str] = "hubspot"
    finds = ("+442079460018", "020 7946 0018", "+44 (20) 7946-0018")

    def __init__(self, auth: CrmAuth = CrmAuth.BEARER) -> None:
        super().__init__()
        self._auth = auth
        scopes = frozenset({"oauth", "crm.objects.contacts.read", "crm.objects.contacts.write"})
        self.desk = OAuthDesk("client-1", "client-secret", "http://localhost:47822/", scopes)
        self._objects: dict[str, dict[str, dict[str, Any]]] = {kind: {} for kind in _PROPERTIES}
        self._links: dict[str, str] = {}
        self._valid = True

    def connection(self) -> CrmConnection:
        return CrmConnection(
            "hub",
            "hubspot",
            self.base_url,
            self._auth,
            client_id="client-1",
            parameters=(("portal_id", "62515"),),
        )

    def refusal(self, status: int, words: str) -> Answer:
        category = {401: "INVALID_AUTHENTICATION", 404: "OBJECT_NOT_FOUND", 429: "RATE_LIMITS"}
        return Answer(
            {
                "status": "error",
                "message": words,
                "correlationId": "8b6a1b4e-0000-4000-8000-000000000000",
                "category": category.get(status, "VALIDATION_ERROR"),
            },
            status,
        )

    def handle(self, asked: Asked) -> Answer:
        if asked.method == "POST" and asked.segments == ["oauth", "v1", "token"]:
            return Answer({**self.desk.grant(asked.form), "expires_in": 1800})
        header = asked.headers.get("authorization", "")
        if not (self.desk.shown(header) or (header == f"Bearer {self.secret}" and self._valid)):
            raise RefusedError(self.refusal(401, "Authentication credentials not found."))
        demand_json(asked)
        table: dict[str, Callable[..., Answer]] = {
            "GET calling/v1/dispositions": self._dispositions,
            "POST crm/v3/objects/*/search": self._search,
            "POST crm/v3/objects/*": self._create,
            "GET crm/v3/objects/*/*": self._get,
            "PATCH crm/v3/objects/*/*": self._update,
            "PUT crm/v4/objects/*/*/associations/default/contacts/*": self._associate,
        }
        return routed(asked, table)

    def _dispositions(self, asked: Asked) -> Answer:
        return Answer(
            [
                {"id": BUSY, "label": "Busy", "deleted": False},
                {"id": CONNECTED, "label": "Connected", "deleted": False},
                {"id": "17b47fee-58de-441e-a44c-c6300d46f273", "label": "Old", "deleted": True},
            ]
        )

    def _kind(self, kind: str) -> set[str]:
        if kind not in _PROPERTIES:
            raise UndocumentedError(f"no objects {kind}")
        return _PROPERTIES[kind]

    def _search(self, asked: Asked, kind: str) -> Answer:
        body = asked.json
        known = self._kind(kind)
        only(body, {"after", "filterGroups", "limit", "properties", "query", "sorts"}, "a search")
        if not 0 < body.get("limit", 10) <= 200:
            raise UndocumentedError("limit is 1 to 200")
        groups = body.get("filterGroups", [])
        for group in groups:
            only(group, {"filters"}, "a group of filters")
        if len(groups) > 5 or any(len(group["filters"]) > 6 for group in groups):
            raise UndocumentedError("at most 5 groups of 6 filters")
        if unknown := set(body.get("properties", [])) - known:
            raise UndocumentedError(f"no property {unknown}")
        found = [
            self._shown(kind, object_id, body.get("properties", []))
            for object_id, properties in self._objects[kind].items()
            if (not groups or any(all(_holds(f, properties) for f in group["filters"]) for group in groups))
            and self._mentions(properties, body.get("query", ""))
        ]
        return Answer({"total": len(found), "results": found[: body.get("limit", 10)]})

    def _mentions(self, properties: dict[str, Any], query: str) -> bool:
        everything = " ".join(str(properties.get(n, "")) for n in ("firstname", "lastname", "email"))
        return all(word in everything.lower() for word in query.lower().split())

    def _shown(self, kind: str, object_id: str, names: list[str]) -> dict[str, Any]:
        properties = self._objects[kind][object_id]
        shown: dict[str, Any] = {name: properties.get(name) or None for name in names}
        stamp = "2026-03-02T09:30:00.000Z"
        return {
            "id": object_id, "properties": shown, "createdAt": stamp, "updatedAt": stamp, "archived": False,
        }  # fmt: skip

    def _find(self, kind: str, object_id: str, id_property: str) -> str:
        if id_property not in ("", _UNIQUE):
            raise UndocumentedError(f"{id_property} is not unique")
        for found, properties in self._objects[kind].items():
            if (properties.get(_UNIQUE) if id_property else found) == object_id:
                return found
        raise RefusedError(self.refusal(404, "resource not found"))

    def _get(self, asked: Asked, kind: str, object_id: str) -> Answer:
        known = self._kind(kind)
        given = asked.parameters
        only(given, {"properties", "idProperty", "associations", "archived"}, "a question for one object")
        names = [name for name in given.get("properties", "").split(",") if name]
        if unknown := set(names) - known:
            raise UndocumentedError(f"no property {unknown}")
        found = self._find(kind, object_id, given.get("idProperty", ""))
        return Answer(self._shown(kind, found, names))

    def _check(self, kind: str, properties: dict[str, Any]) -> None:
        only(properties, self._kind(kind) - _CALCULATED, kind)
        for name, value in properties.items():
            if not isinstance(value, str):
                raise UndocumentedError(f"{name} is not a text")
            if value and name in _OPTIONS and value not in _OPTIONS[name]:
                raise RefusedError(self.refusal(400, f"{value} was not one of the allowed options"))
            if name == "hs_timestamp" and not re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z|\d{13}", value):
                raise UndocumentedError(f"hs_timestamp {value}")
            if name == "hs_call_duration" and not value.isdecimal():
                raise UndocumentedError("the duration is in milliseconds")

    def _create(self, asked: Asked, kind: str) -> Answer:
        body = asked.json
        only(body, {"associations", "properties"}, "a new object")
        if "associations" not in body:
            raise UndocumentedError("associations are required")
        properties = body["properties"]
        self._check(kind, properties)
        need(properties, ("hs_timestamp",) if kind != "contacts" else (), kind)
        unique = properties.get(_UNIQUE, "")
        if unique and any(other.get(_UNIQUE) == unique for other in self._objects[kind].values()):
            raise RefusedError(self.refusal(409, f"{_UNIQUE} {unique} already has that value"))
        object_id = str(UUID(int=len(self._links) + len(self._objects[kind]) + 9000).int)
        if body["associations"]:
            raise UndocumentedError("associations are made afterwards, by PUT")
        self._objects[kind][object_id] = dict(properties)
        return Answer(self._shown(kind, object_id, list(properties)), 201, wrote=True)

    def _associate(self, asked: Asked, kind: str, object_id: str, contact_id: str) -> Answer:
        found = self._find(kind, object_id, "")
        if contact_id not in self._objects["contacts"]:
            raise RefusedError(self.refusal(404, f"contact {contact_id} does not exist"))
        self._links[found] = contact_id
        return Answer({"status": "COMPLETE", "results": []}, wrote=True)

    def _update(self, asked: Asked, kind: str, object_id: str) -> Answer:
        body = asked.json
        only(body, {"properties"}, "an update")
        self._check(kind, body["properties"])
        found = self._find(kind, object_id, "")
        self._objects[kind][found] |= body["properties"]
        return Answer(self._shown(kind, found, list(body["properties"])), wrote=True)

    def add(self, person: Person) -> str:
        object_id = str(501 + len(self._objects["contacts"]))
        self._objects["contacts"][object_id] = {
            "firstname": person.first_name,
            "lastname": person.last_name,
            "phone": person.number,
            "company": person.company,
            "email": person.email,
        }
        return object_id

    def people(self) -> list[Person]:
        return [
            Person(
                c.get("firstname", ""), c.get("lastname", ""), c.get("phone", ""), c.get("company", ""),
                c.get("email", ""),
            )
            for c in self._objects["contacts"].values()
        ]  # fmt: skip

    def calls(self) -> list[Logged]:
        return [
            Logged(
                self._links.get(object_id, ""),
                f"{call.get('hs_call_title', '')}\n{call.get('hs_call_body', '')}",
                str(call.get("hs_call_direction", "")).lower(),
                int(call.get("hs_call_duration", "-1000")) // 1000,
            )
            for object_id, call in self._objects["calls"].items()
        ]

    def tasks(self) -> list[Logged]:
        return [
            Logged(
                self._links.get(object_id, ""),
                f"{task.get('hs_task_subject', '')}\n{task.get('hs_task_body', '')}",
                due=task["hs_timestamp"],
            )
            for object_id, task in self._objects["tasks"].items()
        ]

    def expire(self) -> None:
        self._valid = False
        self.desk.tokens.clear()


def _holds(test: dict[str, Any], properties: dict[str, Any]) -> bool:
    only(test, {"propertyName", "operator", "value", "values", "highValue"}, "a filter")
    name, operator, wanted = test["propertyName"], test["operator"], test.get("value", "")
    if name not in _PROPERTIES["contacts"] or operator not in ("EQ", "CONTAINS_TOKEN") or not wanted:
        raise UndocumentedError(f"filter {test}")
    if name in _CALCULATED:
        if not wanted.isdecimal():
            raise UndocumentedError("area code and local number, digits only")
        # Area code and local number: what is left without the country's code and trunk zeros.
        source = "mobilephone" if "mobile" in name else "phone"
        stored = digits(str(properties.get(source, ""))).removeprefix("44").lstrip("0")
        return bool(stored == wanted)
    stored = str(properties.get(name, ""))
    return bool(stored == wanted if operator == "EQ" else wanted.strip("*") in stored)
