"""Bitrix24's REST API through an incoming webhook (documentation of `telephony.externalCall.*`,
`crm.contact.*`, `crm.activity.*`, `user.current`, "System errors")."""

from __future__ import annotations

from datetime import datetime
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
    only,
)

_CONTACT = {
    "ID", "NAME", "SECOND_NAME", "LAST_NAME", "POST", "COMMENTS", "COMPANY_ID", "ASSIGNED_BY_ID", "PHONE",
    "EMAIL", "ORIGINATOR_ID", "ORIGIN_ID", "TYPE_ID", "SOURCE_ID",
}  # fmt: skip
_ACTIVITY = {
    "ID", "OWNER_ID", "OWNER_TYPE_ID", "TYPE_ID", "COMMUNICATIONS", "SUBJECT", "DESCRIPTION", "DIRECTION",
    "START_TIME", "END_TIME", "COMPLETED", "RESPONSIBLE_ID", "ORIGINATOR_ID", "ORIGIN_ID", "PRIORITY",
    "DESCRIPTION_TYPE", "NOTIFY_TYPE", "NOTIFY_VALUE",
}  # fmt: skip
_UNCHANGEABLE = {"ID", "OWNER_ID", "OWNER_TYPE_ID", "TYPE_ID"}
_METHODS = {
    "user.current": set(),
    "telephony.externalCall.searchCrmEntities": {"PHONE_NUMBER"},
    "crm.contact.list": {"select", "filter", "order", "start"},
    "crm.activity.list": {"select", "filter", "order", "start"},
    "crm.contact.get": {"id"},
    "crm.activity.get": {"id"},
    "crm.contact.add": {"fields", "params"},
    "crm.activity.add": {"fields"},
    "crm.contact.update": {"id", "fields", "params"},
    "crm.activity.update": {"id", "fields"},
}
_INCOMING, _OUTGOING, _CALL, _CONTACT_TYPE = 1, 2, 2, 3
_PREFIXES = (">=", "<=", "!@", "!%", "=%", "%=", "!=", ">", "<", "@", "%", "=", "!")


class BitrixShape(Shape):
    """The webhook's user is 1; its code stands in the path."""

    pack: ClassVar[str] = "bitrix24"
    finds = ("+442079460018", "020 7946 0018", "+44 (20) 7946-0018")

    def __init__(self) -> None:
        super().__init__()
        self._contacts: dict[int, dict[str, Any]] = {}
        self._activities: dict[int, dict[str, Any]] = {}
        self._valid = True

    def connection(self) -> CrmConnection:
        return CrmConnection("bitrix", "bitrix24", self.base_url, CrmAuth.API_KEY, user="1")

    def refusal(self, status: int, words: str) -> Answer:
        codes = {401: "NO_AUTH_FOUND", 403: "insufficient_scope", 503: "QUERY_LIMIT_EXCEEDED"}
        return Answer({"error": codes.get(status, ""), "error_description": words}, status)

    def busy(self, retry_after_s: float) -> Answer:
        """Too many requests are a 503 here, without a time to come back."""
        return self.refusal(503, "Too many requests")

    def handle(self, asked: Asked) -> Answer:
        if asked.segments[:3] != ["rest", "1", self.secret] or not self._valid:
            raise RefusedError(self.refusal(401, "Wrong authorization data"))
        demand_json(asked)
        if asked.query or asked.method != "POST" or len(asked.segments) != 4:
            raise UndocumentedError("POST /rest/<user>/<code>/<method> with JSON")
        body, name = asked.json, asked.segments[3].removesuffix(".json")
        if name not in _METHODS:
            raise UndocumentedError(f"ERROR_METHOD_NOT_FOUND {name}")
        only(body, _METHODS[name], name)
        what, _, verb = name.removeprefix("crm.").partition(".")
        return self._run(what, verb, body)

    def _run(self, what: str, verb: str, body: dict[str, Any]) -> Answer:
        match what, verb:
            case "user", _:
                return _result({"ID": "1", "NAME": "Agent", "LAST_NAME": "One"})
            case "telephony", _:
                return _result(self._entities(body.get("PHONE_NUMBER", "")))
            case _, "list":
                return self._list(what, body)
            case _, "get":
                return _result(self._get(what, body["id"]))
            case _, "update":
                return self._update(what, body["id"], body["fields"])
        return (self._add_contact if what == "contact" else self._add_activity)(body["fields"])

    def _store(self, what: str) -> tuple[dict[int, dict[str, Any]], set[str]]:
        return (self._contacts, _CONTACT) if what == "contact" else (self._activities, _ACTIVITY)

    def _entities(self, number: str) -> list[dict[str, Any]]:
        if not number:
            raise RefusedError(
                Answer({"error": "ERROR_CORE", "error_description": "PHONE_NUMBER is empty"}, 400)
            )
        wanted = _comparable(number)
        return [
            {
                "CRM_ENTITY_TYPE": "CONTACT",
                "CRM_ENTITY_ID": contact_id,
                "ASSIGNED_BY_ID": 1,
                "NAME": f"{contact['NAME']} {contact['LAST_NAME']}",
                "ASSIGNED_BY": {"ID": "1", "TIMEMAN_STATUS": "OPENED", "WORK_PHONE": None},
            }
            for contact_id, contact in self._contacts.items()
            if any(_comparable(phone["VALUE"]) == wanted for phone in contact.get("PHONE", []))
        ]

    def _list(self, what: str, body: dict[str, Any]) -> Answer:
        store, known = self._store(what)
        selected = body.get("select", ["*"])
        if unknown := set(selected) - known - {"*", "UF_*"}:
            raise UndocumentedError(f"{what} has no {unknown}")
        if unknown := {_parted(name)[1] for name in body.get("filter", {})} - known:
            raise UndocumentedError(f"filter by {unknown}")
        found = [
            {"ID": str(key), **{name: record.get(name) for name in selected if name in record}}
            for key, record in store.items()
            if all(_holds(name, value, record) for name, value in body.get("filter", {}).items())
        ]
        return _result(found[:50])

    def _get(self, what: str, record_id: Any) -> dict[str, Any]:
        store, _ = self._store(what)
        if not str(record_id).isdecimal() or int(record_id) not in store:
            raise RefusedError(self.refusal(400, "Not found"))
        return {"ID": str(record_id), **store[int(record_id)]}

    def _add_contact(self, fields: dict[str, Any]) -> Answer:
        only(fields, _CONTACT - {"ID"}, "a contact")
        _check_phones(fields)
        contact_id = 40 + len(self._contacts)
        self._contacts[contact_id] = {"NAME": "", "LAST_NAME": "", **fields}
        return _result(contact_id, wrote=True)

    def _update(self, what: str, record_id: Any, fields: dict[str, Any]) -> Answer:
        store, known = self._store(what)
        only(fields, known - _UNCHANGEABLE, f"an update of a {what}")
        _check_phones(fields)
        self._get(what, record_id)
        store[int(record_id)] |= fields
        return _result(True, wrote=True)

    def _add_activity(self, fields: dict[str, Any]) -> Answer:
        only(fields, _ACTIVITY - {"ID"}, "an activity")
        for name in ("SUBJECT", "RESPONSIBLE_ID", "TYPE_ID", "COMMUNICATIONS"):
            if not fields.get(name):
                raise RefusedError(self.refusal(400, f"The field {name} is not defined or invalid"))
        owner = fields.get("OWNER_ID")
        if fields.get("OWNER_TYPE_ID") != _CONTACT_TYPE or owner not in self._contacts:
            raise RefusedError(self.refusal(400, "Could not build binding."))
        if fields["TYPE_ID"] != _CALL or fields.get("DIRECTION") not in (_INCOMING, _OUTGOING):
            raise UndocumentedError("a call is TYPE_ID 2 with a direction")
        for communication in fields["COMMUNICATIONS"]:
            only(communication, {"ENTITY_ID", "ENTITY_TYPE_ID", "TYPE", "VALUE"}, "a communication")
        for name in ("START_TIME", "END_TIME"):
            if name in fields:
                datetime.fromisoformat(fields[name])
        if fields.get("COMPLETED", "N") not in ("Y", "N"):
            raise UndocumentedError("COMPLETED is Y or N")
        activity_id = 900 + len(self._activities)
        self._activities[activity_id] = dict(fields)
        return _result(activity_id, wrote=True)

    def add(self, person: Person) -> str:
        contact_id = 40 + len(self._contacts)
        self._contacts[contact_id] = {
            "NAME": person.first_name,
            "LAST_NAME": person.last_name,
            "PHONE": [{"ID": "1", "VALUE_TYPE": "WORK", "VALUE": person.number, "TYPE_ID": "PHONE"}],
            "EMAIL": [{"ID": "2", "VALUE_TYPE": "WORK", "VALUE": person.email, "TYPE_ID": "EMAIL"}],
        }
        return str(contact_id)

    def people(self) -> list[Person]:
        return [
            Person(
                c["NAME"], c["LAST_NAME"], c["PHONE"][0]["VALUE"],
                email=c["EMAIL"][0]["VALUE"] if c.get("EMAIL") else "",
            )
            for c in self._contacts.values()
        ]  # fmt: skip

    def _logged(self, activity: dict[str, Any]) -> Logged:
        start, end = (datetime.fromisoformat(activity[name]) for name in ("START_TIME", "END_TIME"))
        text = f"{activity['SUBJECT']}\n{activity.get('DESCRIPTION', '')}"
        direction = "inbound" if activity["DIRECTION"] == _INCOMING else "outbound"
        due = activity["START_TIME"] if activity.get("COMPLETED") != "Y" else ""
        return Logged(
            str(activity["OWNER_ID"]), text, direction, round((end - start).total_seconds()), due
        )  # fmt: skip

    def calls(self) -> list[Logged]:
        return [self._logged(a) for a in self._activities.values() if a.get("COMPLETED") == "Y"]

    def tasks(self) -> list[Logged]:
        return [self._logged(a) for a in self._activities.values() if a.get("COMPLETED") != "Y"]

    def expire(self) -> None:
        self._valid = False


def _result(result: Any, *, wrote: bool = False) -> Answer:
    time = {"start": 1772808159.0, "finish": 1772808159.4, "duration": 0.4, "operating": 0}
    return Answer({"result": result, "time": time}, wrote=wrote)


def _comparable(number: str) -> str:
    """How the portal compares numbers: digits, with its country's code instead of a trunk zero."""
    plain = digits(number)
    return f"44{plain[1:]}" if plain.startswith("0") else plain


def _check_phones(fields: dict[str, Any]) -> None:
    for name in ("PHONE", "EMAIL"):
        for entry in fields.get(name, []):
            only(entry, {"ID", "VALUE", "VALUE_TYPE", "TYPE_ID"}, name)


def _parted(name: str) -> tuple[str, str]:
    """The prefix that says how to compare, and the field."""
    prefix = next((p for p in _PREFIXES if name.startswith(p)), "")
    return prefix, name.removeprefix(prefix)


def _holds(name: str, wanted: Any, record: dict[str, Any]) -> bool:
    prefix, field = _parted(name)
    stored = record.get(field)
    if field in ("PHONE", "EMAIL"):
        if prefix not in ("", "="):
            raise UndocumentedError(f"{field} is only found by the exact value")
        return any(entry["VALUE"] == wanted for entry in stored or [])
    match prefix:
        case "" | "=":
            return str(stored) == str(wanted)
        case "%":
            return str(wanted).lower() in str(stored or "").lower()
        case "@":
            return str(stored) in map(str, wanted)
    raise UndocumentedError(f"prefix {prefix} is not imitated")
