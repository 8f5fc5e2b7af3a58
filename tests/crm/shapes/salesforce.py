"""Salesforce's REST API (documentation: REST API guide "Search", "Query", "sObject Rows"; SOQL and SOSL)."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from datetime import date
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

_PERSON = {"Id", "Name", "FirstName", "LastName", "Phone", "MobilePhone", "Email", "Title", "DoNotCall"}
_FIELDS = {
    "Contact": _PERSON | {"HomePhone", "OtherPhone", "Description", "AccountId", "Account.Name"},
    "Lead": _PERSON | {"Company", "Status", "Description"},
    "Account": {"Id", "Name", "Phone", "Industry", "Website", "Description"},
    "Task": {
        "Id", "Subject", "Status", "Priority", "ActivityDate", "WhoId", "WhatId", "CallType",
        "CallDisposition", "CallDurationInSeconds", "CallObject", "Description", "TaskSubtype", "OwnerId",
        "IsReminderSet", "ReminderDateTime",
    },
}  # fmt: skip
_READ_ONLY = {"Id", "Name", "Account.Name"}
_PREFIX = {"Contact": "003", "Lead": "00Q", "Account": "001", "Task": "00T"}
_REQUIRED = {"Contact": ("LastName",), "Lead": ("LastName", "Company"), "Account": ("Name",)}
_OPTIONS = {
    "CallType": {"Inbound", "Outbound", "Internal"},
    "Status": {"Not Started", "In Progress", "Completed", "Waiting on someone else", "Deferred"},
    "Priority": {"High", "Normal", "Low"},
    "TaskSubtype": {"Call", "Task", "Email", "List Email", "Cadence", "LinkedIn"},
}
_RESERVED = set("?&|!{}[]()^~*:\\\"'+-")
_FIND = re.compile(r"FIND \{((?:\\.|[^{}])*)\} IN (PHONE|NAME|ALL) FIELDS RETURNING (.+)")
_RETURNING = re.compile(r"(\w+)\s*\(([^()]*)\)")
_LIMIT = re.compile(r"(.*) LIMIT \d+")
_STRING = r"'((?:\\.|[^'\\])*)'"
_QUERY = re.compile(r"SELECT ([\w., ]+) FROM (\w+) WHERE (.+?)(?: ORDER BY [\w ]+)?(?: LIMIT (\d+))?")
_TEST = re.compile(rf"([\w.]+) ?= ?{_STRING}")


class SalesforceShape(Shape):
    """OAuth 2 for the connected app, with client credentials or signed in by a person; a session as token."""

    pack: ClassVar[str] = "salesforce"
    finds = ("+442079460018", "02079460018", "(020) 7946-0018", "+44 20 7946 0018")

    def __init__(self, auth: CrmAuth = CrmAuth.CLIENT_CREDENTIALS) -> None:
        super().__init__()
        self._auth = auth
        redirect = "http://localhost:47821/callback"
        self.desk = OAuthDesk("3MVG9", "client-secret", redirect, frozenset({"api", "refresh_token"}))
        self.tokens = self.desk.tokens
        self._records: dict[str, dict[str, dict[str, Any]]] = {name: {} for name in _FIELDS}

    def connection(self) -> CrmConnection:
        return CrmConnection("sales", "salesforce", self.base_url, self._auth, client_id="3MVG9")

    def refusal(self, status: int, words: str) -> Answer:
        codes = {401: "INVALID_SESSION_ID", 403: "REQUEST_LIMIT_EXCEEDED", 404: "NOT_FOUND"}
        return Answer([{"message": words, "errorCode": codes.get(status, "MALFORMED_QUERY")}], status)

    def busy(self, retry_after_s: float) -> Answer:
        """Salesforce has no 429 of its own: the limit of requests is a 403."""
        return self.refusal(403, "TotalRequests Limit exceeded.")

    def handle(self, asked: Asked) -> Answer:
        if asked.segments == ["services", "oauth2", "token"]:
            return self._token(asked)
        kind, _, token = asked.headers.get("authorization", "").partition(" ")
        if kind != "Bearer" or token not in self.tokens:
            raise RefusedError(self.refusal(401, "Session expired or invalid"))
        demand_json(asked)
        if asked.segments == ["services", "oauth2", "userinfo"]:
            return Answer({"user_id": "005000000000001", "name": "Agent One"})
        table: dict[str, Callable[..., Answer]] = {
            "GET search": self._search_answer,
            "GET query": self._query_answer,
            "GET sobjects/*/*": self._get,
            "POST sobjects/*": self._create,
            "PATCH sobjects/*/*": self._update,
        }
        return routed(asked, table, "services/data/v62.0")

    def _search_answer(self, asked: Asked) -> Answer:
        return Answer({"searchRecords": self._search(_q(asked))})

    def _query_answer(self, asked: Asked) -> Answer:
        records = self._query(_q(asked))
        return Answer({"totalSize": len(records), "done": True, "records": records})

    def _token(self, asked: Asked) -> Answer:
        form = asked.form
        if form.get("grant_type") != "client_credentials":
            return Answer({**self.desk.grant(form), "instance_url": self.base_url})
        only(form, {"grant_type", "client_id", "client_secret"}, "a client's token request")
        if form.get("grant_type") != "client_credentials" or form.get("client_secret") != self.secret:
            words = {"error": "invalid_client", "error_description": "invalid client credentials"}
            raise RefusedError(Answer(words, 400))
        token = "00D!" + secrets.token_urlsafe(8)
        self.tokens.add(token)
        # No expires_in and no refresh token: the session's length is a setting of the organisation.
        return Answer({"access_token": token, "instance_url": self.base_url, "token_type": "Bearer"})

    def _fields(self, name: str, wanted: str) -> list[str]:
        if name not in _FIELDS:
            raise UndocumentedError(f"sObject type '{name}' is not supported")
        fields = [field.strip() for field in wanted.split(",")]
        if unknown := set(fields) - _FIELDS[name]:
            raise UndocumentedError(f"No such column {unknown} on entity '{name}'")
        return fields

    def _search(self, sosl: str) -> list[dict[str, Any]]:
        match = _FIND.fullmatch(sosl)
        if match is None:
            raise UndocumentedError(f"SOSL: {sosl}")
        term, scope, returning = _plain(match[1]), match[2], match[3]
        if len(term) < 2:
            raise RefusedError(self.refusal(400, "search term must be longer than one character"))
        found = []
        for name, inside in _RETURNING.findall(returning):
            limited = _LIMIT.fullmatch(inside)
            fields = self._fields(name, limited[1] if limited else inside)
            found += [
                self._shown(name, record_id, fields)
                for record_id, record in self._records[name].items()
                if (_phone_matches if scope == "PHONE" else _name_matches)(record, term)
            ]
        if _RETURNING.sub("", returning).strip(", "):
            raise UndocumentedError(f"RETURNING {returning}")
        return found

    def _query(self, soql: str) -> list[dict[str, Any]]:
        match = _QUERY.fullmatch(soql)
        if match is None:
            raise UndocumentedError(f"SOQL: {soql}")
        name, fields = match[2], self._fields(match[2], match[1])
        tests = [_TEST.fullmatch(part.strip()) for part in match[3].split(" AND ")]
        found = []
        for record_id, record in self._records[name].items():
            values = {**record, "Id": record_id}
            if all(test and str(values.get(test[1], "")) == _unquoted(test[2]) for test in tests):
                found.append(self._shown(name, record_id, fields))
        if None in tests:
            raise UndocumentedError(f"WHERE {match[3]}")
        return found[: int(match[4] or 2000)]

    def _shown(self, name: str, record_id: str, fields: list[str]) -> dict[str, Any]:
        record = {**self._records[name][record_id], "Id": record_id}
        shown: dict[str, Any] = {"attributes": {"type": name, "url": f"/sobjects/{name}/{record_id}"}}
        for field in fields:
            if field == "Account.Name":
                company = record.get("company")
                shown["Account"] = {"Name": company} if company else None
            else:
                shown[field] = record.get(field)
        return shown

    def _get(self, asked: Asked, name: str, record_id: str) -> Answer:
        only(asked.parameters, {"fields"}, "a record's query")
        fields = self._fields(name, asked.parameters.get("fields", ",".join(sorted(_FIELDS[name]))))
        if record_id not in self._records[name]:
            raise RefusedError(self.refusal(404, "The requested resource does not exist"))
        return Answer(self._shown(name, record_id, fields))

    def _check(self, name: str, body: dict[str, Any]) -> None:
        only(body, _FIELDS.get(name, set()) - _READ_ONLY, name)
        for field, value in body.items():
            if field in _OPTIONS and value not in _OPTIONS[field]:
                raise UndocumentedError(f"{field} cannot be {value!r}")
            if field == "ActivityDate":
                date.fromisoformat(value)
            if field == "ReminderDateTime":
                moment(value)
            if field == "CallDurationInSeconds" and not isinstance(value, int):
                raise UndocumentedError("the duration is a number")
            if field in ("CallDisposition", "CallObject", "Subject") and len(value) > 255:
                raise RefusedError(self.refusal(400, f"{field}: data value too large"))
            if field == "WhoId" and str(value)[:3] not in ("003", "00Q"):
                raise RefusedError(self.refusal(400, "Name ID: id value of incorrect type"))
            if field == "WhatId" and str(value)[:3] in ("003", "00Q"):
                raise RefusedError(self.refusal(400, "Related To ID: id value of incorrect type"))

    def _create(self, asked: Asked, name: str) -> Answer:
        body = asked.json
        self._check(name, body)
        need(body, _REQUIRED.get(name, ()), name)
        record_id = f"{_PREFIX[name]}{len(self._records[name]):015d}"
        full_name = " ".join(filter(None, [body.get("FirstName"), body.get("LastName")]))
        self._records[name][record_id] = {"Name": full_name, **body}
        return Answer({"id": record_id, "success": True, "errors": []}, 201, wrote=True)

    def _update(self, asked: Asked, name: str, record_id: str) -> Answer:
        body = asked.json
        self._check(name, body)
        if record_id not in self._records.get(name, {}):
            raise RefusedError(self.refusal(404, "The requested resource does not exist"))
        self._records[name][record_id] |= body
        return Answer(None, 204, wrote=True)

    def add(self, person: Person) -> str:
        record_id = f"003{len(self._records['Contact']):015d}"
        self._records["Contact"][record_id] = {
            "Name": f"{person.first_name} {person.last_name}",
            "FirstName": person.first_name,
            "LastName": person.last_name,
            "Phone": person.number,
            "Email": person.email,
            "company": person.company,
            "DoNotCall": person.do_not_call,
        }
        return record_id

    def people(self) -> list[Person]:
        return [
            Person(
                r.get("FirstName", ""), r["LastName"], r.get("Phone", ""), r.get("company", ""),
                r.get("Email", ""), r.get("DoNotCall", False),
            )
            for r in self._records["Contact"].values()
        ]  # fmt: skip

    def calls(self) -> list[Logged]:
        return [_logged(task) for task in self._records["Task"].values() if task["Status"] == "Completed"]

    def tasks(self) -> list[Logged]:
        return [_logged(task) for task in self._records["Task"].values() if task["Status"] != "Completed"]

    def expire(self) -> None:
        self.tokens.clear()


def _q(asked: Asked) -> str:
    only(asked.parameters, {"q"}, "the query")
    return asked.parameters["q"]


def _plain(term: str) -> str:
    """The search term without its escapes; a reserved character without one is an operator or an error."""
    plain, rest = "", iter(term)
    for c in rest:
        if c == "\\":
            plain += next(rest, "")
        elif c in _RESERVED - {"*"}:
            raise UndocumentedError(f"{c!r} is reserved in a search term: {term}")
        else:
            plain += c
    return plain


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def _phone_matches(record: dict[str, Any], term: str) -> bool:
    """Punctuation does not count; the digits must be the whole number or its end."""
    stored = [digits(str(record.get(name) or "")) for name in ("Phone", "MobilePhone", "HomePhone")]
    return any(number and (number == digits(term) or number == digits(term).lstrip("0")) for number in stored)


def _name_matches(record: dict[str, Any], term: str) -> bool:
    words = [*str(record.get("Name", "")).lower().split(), str(record.get("Email") or "").lower()]
    return all(any(word.startswith(w.rstrip("*")) for word in words) for w in term.lower().split())


def _logged(task: dict[str, Any]) -> Logged:
    text = "\n".join(str(task.get(name, "")) for name in ("Subject", "Description", "CallDisposition"))
    return Logged(
        str(task.get("WhoId", "")),
        f"{text}\n{task.get('CallObject', '')}",
        str(task.get("CallType", "")).lower(),
        int(task.get("CallDurationInSeconds", -1)),
        task.get("ActivityDate", ""),
    )
