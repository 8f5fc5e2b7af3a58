"""From the network to PJSIP: who may come in, and what they look like inside."""

from __future__ import annotations

import re

from softphone.domain.account import Transport
from softphone.domain.supervision import SupervisionMode
from softphone.engine.edge.account import TOKEN, EdgeAccount, Flow, host_in_uri
from softphone.engine.edge.challenges import UNSIGNED_HEADER
from softphone.engine.edge.local_leg import ARRIVAL_HEADER, Arrival, LocalLeg
from softphone.engine.edge.messages.message import Request, Response
from softphone.engine.edge.messages.strict import tidy
from softphone.engine.edge.messages.syntax import bounded_int
from softphone.engine.edge.messages.uri import NameAddr, SipUri, Via
from softphone.engine.edge.passages import SUPERVISE_HEADER, Passage

_OUTSIDE_DIALOGS = frozenset({"INVITE", "ACK", "CANCEL", "OPTIONS", "MESSAGE", "SUBSCRIBE", "NOTIFY"})
_ALLOWED = _OUTSIDE_DIALOGS | {"BYE", "INFO", "UPDATE", "PRACK"}
ALLOW = ", ".join(sorted(_ALLOWED | {"REFER"}))
_DEFAULT_EXPIRES_S = 3_600
_MODES = frozenset(mode.value for mode in SupervisionMode)
# Dropped first when a message is too large for PJSIP: nothing that PJSIP or the engine reads.
_DISPENSABLE = ("Server", "User-Agent", "Date", "Organization", "Allow-Events", "Accept", "Accept-Encoding",
                "Accept-Language", "Allow", "Timestamp", "In-Reply-To", "Priority", "Identity")  # fmt: skip


def carries_token(data: bytes, account: EdgeAccount) -> bool:
    """Cheap look at the request line before anything is parsed."""
    line = data[:1500].lstrip(b"\r\n").split(b"\r\n", 1)[0]
    return account.token.encode() in line or account.dialog_token.encode() in line


def names_our_contact(request: Request, account: EdgeAccount) -> bool:
    """Whether the Request-URI is one of the contacts that the registrar and our dialogs were told."""
    if not request.uri.lower().startswith(("sip:", "sips:")):
        return False
    return SipUri.parse(request.uri).param(TOKEN) in {account.token, account.dialog_token}


def may_enter(request: Request, account: EdgeAccount, now: float) -> bool:
    """Whether a request comes inside a dialog of ours or, by the registrar's contact, while we are bound.

    CANCEL and the ACK of a refusal have no To tag; they belong to an INVITE that was let in.
    """
    if request.in_dialog and account.knows_dialog(request.call_id, now):
        return True
    return SipUri.parse(request.uri).param(TOKEN) == account.token and account.may_be_called(now)


def refusal(request: Request) -> int:
    """The status with which a request is refused that PJSIP would leave without any answer; 0: deliver it.

    REFER outside a dialog would let a stranger make this phone call somebody.
    """
    if request.method == "INVITE" and request.in_dialog and not request.body:
        # PJSIP asks nobody about a re-INVITE without a body, so nobody could refuse it
        return 403 if request.headers.get(SUPERVISE_HEADER) is not None else 0
    if request.method in _ALLOWED:
        return 0 if request.in_dialog or request.method in _OUTSIDE_DIALOGS else 481
    if request.method == "REFER":
        return 0 if request.in_dialog else 403
    return 405


def wished_mode(request: Request) -> str:
    """The mode of supervision that a request asks for, empty for none that there is."""
    said = (request.headers.get(SUPERVISE_HEADER) or "").strip().lower()
    return said if said in _MODES else ""


def far_vias(request: Request, flow: Flow) -> list[str]:
    """The Via list for responses: `received` and `rport` filled in (RFC 3261 18.2.1, RFC 3581)."""
    values = request.headers.split("Via")
    top = Via.parse(values[0])
    host, port = flow.remote
    if top.param("rport") == "":
        top = top.with_param("received", host).with_param("rport", str(port))
    elif top.host != host:
        top = top.with_param("received", host)
    return [str(top), *values[1:]]


def request_to_local(
    request: Request, account: EdgeAccount, local: LocalLeg, branch: str, seal: str, read_ns: int
) -> None:
    """Make a request look as if the edge had sent it; PJSIP sees the AOR as Request-URI.

    The AOR and not PJSIP's contact, because PJSIP finds the account by user and domain of this URI, and two
    accounts may share the user.
    """
    target = SipUri.parse(request.uri).user or ""
    request.uri = f"sip:{account.route.user}@{host_in_uri(account.route.domain)}"
    # We never ask for credentials, and PJSIP drops a request whose Authorization it cannot read.
    request.headers.remove(ARRIVAL_HEADER, "Route", "Authorization", "Proxy-Authorization")
    tidy(request.headers)
    request.headers.replace("Via", [local.via(branch)])
    request.headers.insert_first("Record-Route", f"<{local.proxy_uri(account.name)}>")
    if request.headers.get("Max-Forwards") in {None, "0"}:
        request.headers.set("Max-Forwards", "70")
    request.headers.add(ARRIVAL_HEADER, str(Arrival(seal, account.route.account_id, read_ns, target)))


def response_to_local(response: Response, passage: Passage, account: EdgeAccount, local: LocalLeg) -> None:
    """Give a response PJSIP's own Via list. The edge is PJSIP's first hop, so its Record-Route comes last."""
    response.headers.replace("Via", passage.vias)
    response.headers.remove(ARRIVAL_HEADER, UNSIGNED_HEADER)
    tidy(response.headers)
    about_credentials = passage.shows_credentials or passage.challenge_refused
    if passage.method == "REGISTER" and response.status >= 300 and not about_credentials:
        response.headers.add(UNSIGNED_HEADER, "yes")
    if passage.method != "REGISTER" and 100 < response.status < 300:
        response.headers.add("Record-Route", f"<{local.proxy_uri(account.name)}>")


def own_bindings_only(response: Response, passage: Passage) -> int | None:
    """Show PJSIP its own contact in a 2xx to REGISTER, and nobody else's; returns the granted seconds.

    None when the registrar lists contacts and ours is not among them: nothing is bound.
    """
    general = bounded_int(response.headers.get("Expires") or "", 2**31)
    listed = response.headers.split("Contact")
    granted: int | None = None
    kept: list[str] = []
    for value in listed:
        contact = NameAddr.parse(value) if value != "*" else None
        inner = passage.contacts.get(contact.uri) or _by_token(contact, passage) if contact else None
        if contact is None or inner is None:
            continue
        given = bounded_int(contact.param("expires") or "", 2**31)
        granted = given if given is not None else general if general is not None else _DEFAULT_EXPIRES_S
        kept.append(str(NameAddr(inner, "", contact.params)))
    response.headers.replace("Contact", kept)
    if granted is None and not listed:
        return _DEFAULT_EXPIRES_S if general is None else general
    return granted


def _by_token(contact: NameAddr, passage: Passage) -> str | None:
    # Registrars change escapes, case or the order of parameters; the token stays.
    for far, inner in passage.contacts.items():
        marker = re.search(rf"{TOKEN}=([0-9a-f]+)", far)
        if marker and marker.group(0) in contact.uri:
            return inner
    return None


def learn_public_address(response: Response, account: EdgeAccount, flow: Flow) -> None:
    """What a NAT made of us, as the server saw it, for contacts on UDP (RFC 3581)."""
    if flow.transport is not Transport.UDP:
        return
    via = response.top_via
    port = bounded_int(via.param("rport") or "", 65535)
    host = via.param("received") or via.host
    if port and (host, port) != flow.local:
        account.public = (host.strip("[]"), port)


def shrink(message: Request | Response, limit: int) -> bytes | None:
    """The message within `limit` bytes, less what nobody inside reads if need be; None when it cannot be."""
    data = message.to_bytes()
    if len(data) > limit:
        message.headers.remove(*_DISPENSABLE)
        data = message.to_bytes()
    return data if len(data) <= limit else None
