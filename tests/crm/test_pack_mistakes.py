"""Mistakes in a pack's newer tables, each named by file, line and key."""

from __future__ import annotations

import pytest

from softphone.crm.packs.reading import read_pack
from softphone.domain.errors import BadInput

FULL = """\
format = 1
name = "full"
title = "Full"

[parameters.database]
label = "Database"

[maps.direction]
inbound = "In"
"*" = "Out"

[limits]
per_second = 2.5

[auth]
kinds = ["oauth", "hmac", "session"]

[auth.oauth]
authorize_url = "/authorize"
token_url = "https://login.example.com/{database}/token"

[auth.hmac]
message = "{method}{target}"

[auth.session]
path = "/login"
json = { secret = "{secret}" }
save = { session_uid = "uid" }

[agent]
path = "/me"
id = "id"

[find]
[[find.requests]]
path = "/contacts/{database}"
query = { phone = "{number|max:20}" }
[find.requests.paging]
next = "next"

[record]
path = "/contacts/{id}"

[search]
[[search.requests]]
path = "/contacts"
query = { q = "{text}" }

[customer]
id = "id"
name = "name"

[create]
path = "/contacts"
record = "@"
json = { name = "{name}" }

[update]
path = "/contacts/{id}"
json = "{changes}"

[[update.fields]]
name = "email"
label = "E-mail"
value = "email"

[log]
path = "/calls"
remote_id = "note.id"
save = { note_id = "note.id" }
json = { who = "{agent_id}", direction = "{direction|map:direction}", uid = "{session_uid}" }

[[log.then]]
path = "/links/{note_id}"
when = "customer_id"

[log.update]
path = "/calls/{remote_id}"

[task]
path = "/tasks"
json = { due = "{due_at|%Y-%m-%d}" }

[codes]
path = "/codes"

[do_not_call]
path = "/dnc"
query = { phone = "{number}" }
barred = "barred"

[team_state]
path = "/state"
json = { state = "{state}" }
"""


def test_a_pack_with_everything_in_it_compiles() -> None:
    pack = read_pack(FULL, "full.toml")
    assert pack.auth.oauth is not None
    assert pack.log.create.first.request.needs_agent
    assert not pack.search.requests[0].request.needs_agent


MISTAKES = [
    ('inbound = "In"', "inbound = 1", "inbound = 1", "maps.direction.inbound"),
    ('label = "Database"', 'lable = "Database"', "lable", "lable"),
    ("per_second = 2.5", 'per_second = "fast"', "per_second", "limits.per_second"),
    ('"hmac", "session"]', '"hmac", "saml"]', "saml", "auth.kinds.2"),
    ("[auth.hmac]\n", "[auth.session2]\n", "[auth.session2]", "session2"),
    ('token_url = "https:', 'token_url = "http:', "token_url", "auth.oauth.token_url"),
    ("/{database}/token", "/{databse}/token", "token_url", "unknown placeholder {databse}"),
    ('message = "{method}{target}"', 'message = "{methd}"', "message", "auth.hmac.message"),
    ('json = { secret = "{secret}" }', 'json = { secret = "{password}" }', "{password}", "auth.session.json"),
    ('save = { session_uid = "uid" }', 'save = { session_uid = "uid[" }', "uid[", "auth.session.save"),
    ('id = "id"\n\n[find]', 'id = "id("\n\n[find]', 'id = "id("', "agent.id"),
    ("{number|max:20}", "{number|max:x}", "max:x", "find.requests.0.query.phone"),
    ("{number|max:20}", "{number|shout}", "shout", "unknown filter 'shout'"),
    ('next = "next"', 'next = "next["', "next[", "find.requests.0.paging.next"),
    ('q = "{text}"', 'q = "{number}"', 'q = "{number}"', "search.requests.0.query.q"),
    ('remote_id = "note.id"\n', "", "[log.update]", "needs remote_id in [log]"),
    ('record = "@"', 'remote_id = "id["', "id[", "create.remote_id"),
    ('record = "@"\n', "", "[create]", "needs record"),
    ('value = "email"', 'value = "email["', "email[", "update.fields.0.value"),
    ('name = "email"\n', 'name = "email"\njson = "{text}"\n', 'json = "{text}"', "update.fields.0.json"),
    ("map:direction", "map:directions", "map:directions", "there is no [maps.directions]"),
    ("{agent_id}", "{agent_mail}", "{agent_mail}", "unknown placeholder {agent_mail}"),
    ("/links/{note_id}", "/links/{link_id}", "/links/{link_id}", "log.then.0.path"),
    ('when = "customer_id"', 'when = "customer"', 'when = "customer"', "log.then.0.when"),
    ("/calls/{remote_id}", "calls/{remote_id}", "calls/{remote_id}", "must begin with /"),
    ('path = "/tasks"', 'path = "/tasks"\nform = { a = "b" }', 'form = { a = "b" }', "not both"),
    ('barred = "barred"\n', "", "[do_not_call]", "barred"),
    ('json = { state = "{state}" }', 'json = { state = "{mood}" }', "{mood}", "team_state.json.state"),
    ("[parameters.database]", "[parameters.number]", "[parameters.number]", "this name is taken"),
]


@pytest.mark.parametrize(("old", "new", "piece", "says"), MISTAKES, ids=[new for _, new, _, _ in MISTAKES])
def test_a_mistake_is_named_by_file_line_and_key(old: str, new: str, piece: str, says: str) -> None:
    assert FULL.count(old) == 1, old
    text = FULL.replace(old, new)
    with pytest.raises(BadInput) as caught:
        read_pack(text, "full.toml")
    detail = caught.value.detail
    assert says in detail
    lines = [number for number, line in enumerate(text.splitlines(), 1) if piece in line]
    assert int(detail.removeprefix("full.toml:").split(":")[0]) in lines, detail
