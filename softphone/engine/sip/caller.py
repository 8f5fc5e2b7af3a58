"""Who is calling and what the INVITE said: from SIP headers to values, every text cleaned.

Pure rules; the message has passed the edge's gate before. Thread: any.
"""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import unquote_to_bytes

from softphone.domain.call import Invitation, Party
from softphone.domain.text import HEADER_LIMIT, NAME_LIMIT, clean_line
from softphone.engine.edge.local_leg import ARRIVAL_HEADER
from softphone.engine.edge.messages.headers import Headers
from softphone.engine.edge.messages.message import MessageRefusedError, Request, Response, parse
from softphone.engine.edge.messages.syntax import SipSyntaxError
from softphone.engine.edge.messages.uri import NameAddr, SipUri, parse_name_addrs

KEPT_HEADERS = 40
_KEPT_NAMES = frozenset({"call-info", "user-to-user", "alert-info", "diversion", "history-info"})
_ANONYMOUS_USERS = frozenset({"", "anonymous", "unknown", "unavailable", "restricted", "private"})


def read_request(whole_message: str) -> Request | None:
    """Return the request in PJSIP's copy of the datagram, or None if it is none that we understand."""
    try:
        message = parse(whole_message.encode("utf-8", "surrogateescape"))
    except MessageRefusedError:
        return None
    return message if isinstance(message, Request) else None


def read_response(whole_message: str) -> Response | None:
    """The same for a response."""
    try:
        message = parse(whole_message.encode("utf-8", "surrogateescape"))
    except MessageRefusedError:
        return None
    return message if isinstance(message, Response) else None


def party_of(request: Request) -> Party:
    """The caller: P-Asserted-Identity of our server (RFC 3325) if there is one, else From.

    A server that asserts a number alone has passed on the name in From: better than none.
    """
    sender = _hidden(request.headers, _party(_name_addr(request.headers.get("From")), asserted=False))
    asserted = asserted_party(request.headers)
    if asserted is None:
        return sender
    if asserted.display_name or asserted.anonymous:
        return asserted
    return replace(asserted, display_name=sender.display_name)


def asserted_party(headers: Headers) -> Party | None:
    """The identity that P-Asserted-Identity or Remote-Party-ID asserts, None without either."""
    for name in ("P-Asserted-Identity", "Remote-Party-ID"):
        for value in headers.all(name):
            addresses = _name_addrs(value)
            if addresses:
                return _hidden(headers, _party(addresses[0], asserted=True))
    return None


def only_asserted(headers: Headers) -> Party | None:
    """The one SIP identity of P-Asserted-Identity, shown or not (RFC 3325 section 9.1: one sip, one tel).

    None when the server asserts nobody, or more than one: then nobody is certain.
    """
    values = [a for value in headers.all("P-Asserted-Identity") for a in _name_addrs(value)]
    if any(_name_addrs(value) == [] for value in headers.all("P-Asserted-Identity")):
        return None
    found = [address for address in values if address.uri.lower().startswith(("sip:", "sips:"))]
    if len(found) != 1 or len(values) > 2:
        return None
    return _party(found[0], asserted=True)


def invitation_of(request: Request, target: str = "", account_user: str = "") -> Invitation:
    """The called number and the headers that a campaign may look at.

    `target` is the user part of the Request-URI as the server sent it: some put the dialled number there
    instead of `account_user`, under which we registered.
    """
    to_user = _user(_name_addr(request.headers.get("To")))
    dialled = clean_line(target) if target and target != account_user else to_user
    diverted = [address for value in request.headers.all("Diversion") for address in _name_addrs(value)]
    return Invitation(
        # RFC 5806 section 4.2: the topmost Diversion is the most recent; the last one names who was dialled
        dnis=_user(diverted[-1]) if diverted else dialled,
        to_user=to_user,
        diverted_by=_user(diverted[0]) if diverted else "",
        headers=tuple(_kept(request.headers)),
        sip_call_id=clean_line(request.call_id, HEADER_LIMIT),
    )


def _kept(headers: Headers) -> list[tuple[str, str]]:
    wanted = [
        (clean_line(name), clean_line(_readable(value), HEADER_LIMIT))
        for name, value in headers
        if _is_kept(name.lower())
    ]
    return wanted[:KEPT_HEADERS]


def _is_kept(name: str) -> bool:
    return name in _KEPT_NAMES or (name.startswith("x-") and name != ARRIVAL_HEADER.lower())


def _party(address: NameAddr | None, *, asserted: bool) -> Party:
    if address is None:
        return Party(anonymous=True, asserted=asserted)
    user, host = _user(address), _host(address)
    name = clean_line(_readable(address.name), NAME_LIMIT)
    if user.lower() in _ANONYMOUS_USERS or host.endswith(".invalid"):
        # RFC 3323 section 4.1.1.3: the anonymous URI; its display name says nothing either
        return Party(host="" if host.endswith(".invalid") else host, anonymous=True, asserted=asserted)
    return Party(user, host, name, asserted=asserted)


def _hidden(headers: Headers, party: Party) -> Party:
    """Respect Privacy: id (RFC 3325 section 9.3): the server told us who, but it is not to be shown."""
    wishes = {w.strip().lower() for value in headers.all("Privacy") for w in value.split(";")}
    if wishes & {"id", "user", "header"}:
        return Party(host=party.host, anonymous=True, asserted=party.asserted)
    return party


def _user(address: NameAddr | None) -> str:
    if address is None:
        return ""
    scheme, _, rest = address.uri.partition(":")
    if scheme.lower() == "tel":
        return clean_line(rest.split(";", 1)[0])
    uri = _sip_uri(address)
    raw = (uri.user or "") if uri is not None else ""
    # a user part may carry telephone parameters (RFC 3261 section 19.1.6: sip:+49…;phone-context=…@host)
    return clean_line(unquote_to_bytes(raw.split(";", 1)[0]).decode("utf-8", "replace"))


def _host(address: NameAddr) -> str:
    uri = _sip_uri(address)
    return clean_line(uri.host.lower()) if uri is not None else ""


def _sip_uri(address: NameAddr) -> SipUri | None:
    try:
        return SipUri.parse(address.uri)
    except SipSyntaxError:
        return None


def _name_addr(value: str | None) -> NameAddr | None:
    return next(iter(_name_addrs(value or "")), None)


def _name_addrs(value: str) -> list[NameAddr]:
    try:
        return parse_name_addrs(value) if value else []
    except SipSyntaxError:
        return []


def _readable(text: str) -> str:
    """Bytes that were not UTF-8 arrive as lone surrogates; show them as Latin-1, as old systems mean them."""
    try:
        return text.encode("utf-8", "surrogateescape").decode("utf-8")
    except UnicodeDecodeError:
        return text.encode("utf-8", "surrogateescape").decode("latin-1")
