"""Filters of templates, `{name|filter:argument}`: quoting for languages inside a request, and small changes.

Every quoting filter makes a value harmless *inside* the quotes or the text that the pack has written; the
encoding for the place (path, query, JSON) is done besides, for every value.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from html import escape
from typing import TypeAlias

from softphone.crm.values import Structure, Value, Values, as_text

Maps: TypeAlias = Mapping[str, Mapping[str, str]]
Filter: TypeAlias = Callable[[Value, Values], Value]

_SOSL = re.compile(r"[?&|!{}\[\]()^~*:\\\"'+-]")
_LUCENE = re.compile(r"[+\-=&|><!(){}\[\]^\"~*?:\\/]")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_SOQL = {"\\": "\\\\", "'": "\\'", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_OTHERWISE = "*"


def soql(text: str) -> str:
    """For a Salesforce SOQL string between single quotes."""
    return "".join(_SOQL.get(c, c) for c in text)


def sosl(text: str) -> str:
    """For the search text of a Salesforce SOSL FIND: every reserved character is escaped."""
    return _SOSL.sub(lambda m: "\\" + m[0], text.replace("\n", " ").replace("\r", " "))


def xml(text: str) -> str:
    """For text or an attribute of XML or HTML; characters that XML cannot have are dropped."""
    return escape("".join(c for c in text if c in "\t\n\r" or (c >= " " and c not in "\ufffe\uffff")))


def html_lines(text: str) -> str:
    """For the body of an HTML note: escaped, line breaks kept."""
    return xml(text.replace("\r\n", "\n")).replace("\n", "<br>")


def json_string(text: str) -> str:
    """For the inside of a JSON string that stands in a query or another text."""
    return json.dumps(text, ensure_ascii=False)[1:-1]


def quoted(text: str) -> str:
    """For a text between double quotes where a backslash escapes both."""
    return text.replace("\\", "\\\\").replace('"', '\\"')


def lucene(text: str) -> str:
    """For a term of a Lucene-like search language (Zendesk, Elasticsearch)."""
    return _LUCENE.sub(lambda m: "\\" + m[0], text)


def like(text: str) -> str:
    """For a LIKE pattern: % and _ mean themselves."""
    return re.sub(r"[%_\\]", lambda m: "\\" + m[0], text)


def words(text: str) -> str:
    """Letters, digits, blanks and `@.+-_` inside words: for search languages that cannot quote everything."""
    kept = "".join(c if c.isalnum() or c in "@.+-_" else " " for c in text)
    return " ".join(filter(None, (word.strip(".+-_@") for word in kept.split())))


def slug(text: str) -> str:
    """For a tag or a code: lower case, anything but letters, digits and hyphens becomes an underscore."""
    return re.sub(r"[^\w-]+", "_", text.lower()).strip("_")


def uuid(text: str) -> str:
    """The text if it is a UUID, else nothing."""
    return text if _UUID.fullmatch(text) else ""


def digits(text: str) -> str:
    return "".join(str(int(c)) for c in text if c.isdecimal())


_TEXT_FILTERS: dict[str, Callable[[str], str]] = {
    "soql": soql,
    "sosl": sosl,
    "xml": xml,
    "html": xml,
    "html_lines": html_lines,
    "json": json_string,
    "quoted": quoted,
    "lucene": lucene,
    "like": like,
    "digits": digits,
    "words": words,
    "slug": slug,
    "uuid": uuid,
    "upper": str.upper,
    "lower": str.lower,
    "trim": str.strip,
}


def _int(value: Value, _: Values) -> Value:
    """A number where the text is one; ids are digits in some CRMs and anything in others."""
    text = as_text(value).strip()
    return int(text) if re.fullmatch(r"-?[0-9]{1,18}", text) else value


def _hours(value: Value, _: Values) -> Value:
    return value // 3600 if isinstance(value, int) else value


def _minutes(value: Value, _: Values) -> Value:
    return value % 3600 // 60 if isinstance(value, int) else value


def _unix(value: Value, _: Values) -> Value:
    return int(value.timestamp()) if isinstance(value, datetime) else value


def _unix_ms(value: Value, _: Values) -> Value:
    return int(value.timestamp() * 1000) if isinstance(value, datetime) else value


def _lines(value: Value, _: Values) -> Value:
    if isinstance(value, dict):
        return "\n".join(f"{key}: {text}" for key, text in value.items())
    return "\n".join(value) if isinstance(value, tuple) else value


def _list(value: Value, _: Values) -> Value:
    """A JSON list: of one value, if it is not a list yet; of none, if it is empty."""
    if isinstance(value, tuple):
        return value
    return Structure([] if value in (None, "") else [as_text(value)])


_PLAIN_FILTERS: dict[str, Filter] = {
    "text": lambda value, _: as_text(value),
    "int": _int,
    "hours": _hours,
    "minutes": _minutes,
    "unix": _unix,
    "unix_ms": _unix_ms,
    "lines": _lines,
    "list": _list,
}


def compile_filter(spec: str, maps: Maps) -> Filter:
    """The filter that `spec` (`name` or `name:argument`, or a time format) means; `ValueError` if none."""
    if spec.startswith("%"):
        return _time_format(spec)
    name, colon, argument = spec.partition(":")
    if not colon and name in _TEXT_FILTERS:
        change = _TEXT_FILTERS[name]
        return lambda value, _: change(as_text(value))
    if not colon and name in _PLAIN_FILTERS:
        return _PLAIN_FILTERS[name]
    if colon and name in _WITH_ARGUMENT:
        return _WITH_ARGUMENT[name](argument, maps)
    known = sorted([*_TEXT_FILTERS, *_PLAIN_FILTERS, *(f"{name}:…" for name in _WITH_ARGUMENT)])
    raise ValueError(f"unknown filter {spec!r}; known are {', '.join(known)}, and time formats like %Y-%m-%d")


def _time_format(spec: str) -> Filter:
    def formatted(value: Value, _: Values) -> Value:
        return value.astimezone(UTC).strftime(spec) if isinstance(value, datetime) else value

    return formatted


def _max(argument: str, _: Maps) -> Filter:
    """At most so many characters."""
    if not argument.isdecimal() or not 0 < int(argument) <= 1_000_000:
        raise ValueError(f"max needs a number of characters, not {argument!r}")
    limit = int(argument)
    return lambda value, _: as_text(value)[:limit]


def _default(argument: str, _: Maps) -> Filter:
    """What stands for an empty value."""
    return lambda value, _: argument if value in (None, "", ()) else value


def _map(argument: str, maps: Maps) -> Filter:
    """A table `[maps.<argument>]` of the pack; its key `*` is for everything else, else that stays."""
    if argument not in maps:
        raise ValueError(f"there is no [maps.{argument}]")
    table = maps[argument]

    def mapped(value: Value, _: Values) -> Value:
        text = as_text(value)
        return table.get(text, table.get(_OTHERWISE, text))

    return mapped


def _kind(argument: str, _: Maps) -> Filter:
    """The value if the customer is of one of these kinds, else nothing."""
    kinds = {kind.strip() for kind in argument.split(",")}
    return lambda value, values: value if as_text(values.get("customer_kind")) in kinds else None


def _after(argument: str, _: Maps) -> Filter:
    """The text without this beginning."""
    return lambda value, _: as_text(value).removeprefix(argument)


def _join(argument: str, _: Maps) -> Filter:
    return lambda value, _: argument.join(value) if isinstance(value, tuple) else value


_WITH_ARGUMENT: dict[str, Callable[[str, Maps], Filter]] = {
    "max": _max,
    "default": _default,
    "map": _map,
    "kind": _kind,
    "after": _after,
    "join": _join,
}
