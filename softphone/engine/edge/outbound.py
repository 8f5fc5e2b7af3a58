"""From PJSIP to the network: requests and responses made presentable."""

from __future__ import annotations

from softphone.engine.edge.account import EdgeAccount, Flow
from softphone.engine.edge.digest import Answer
from softphone.engine.edge.local_leg import ARRIVAL_HEADER, LocalLeg
from softphone.engine.edge.messages.message import Request, Response
from softphone.engine.edge.messages.syntax import Params, SipSyntaxError
from softphone.engine.edge.messages.uri import NameAddr, SipUri

_CREDENTIALS = ("Authorization", "Proxy-Authorization")
# RFC 3261 sections 22.1 and 9.1: neither is ever challenged, so neither needs an answer.
_NEVER_AUTHORISED = frozenset({"ACK", "CANCEL"})


def strip_credentials(request: Request, account: EdgeAccount) -> int:
    """Remove digest answers that must not leave the phone; returns how many.

    They may leave outside dialogs only, for the registrar's realm only: an answer given to somebody else's
    challenge could be replayed as a registration or a call of ours.
    """
    removed = 0
    forbidden = request.in_dialog or request.method in _NEVER_AUTHORISED
    for name in _CREDENTIALS:
        values = request.headers.all(name)
        kept = [] if forbidden else [value for value in values if _realm(value) in account.realms]
        if len(kept) != len(values):
            removed += len(values) - len(kept)
            request.headers.replace(name, kept)
    return removed


def shows_credentials(request: Request) -> bool:
    """Whether a digest answer goes out with it."""
    return any(request.headers.all(name) for name in _CREDENTIALS)


def _realm(value: str) -> str | None:
    try:
        return Answer.parse(value).realm
    except SipSyntaxError:
        return None


def rewrite_contacts(
    message: Request | Response, account: EdgeAccount, flow: Flow, local: LocalLeg
) -> dict[str, str]:
    """Replace PJSIP's loopback contacts by our far one; returns far URI -> PJSIP's URI.

    When PJSIP replaces its binding it sends the old contact with expires=0 beside the new one; both become
    the same far URI here, so the removal is dropped.
    """
    changed: dict[str, str] = {}
    registrar = isinstance(message, Request) and message.method == "REGISTER"

    def rewrite(value: str) -> str | None:
        if value == "*":
            return value
        contact = NameAddr.parse(value)
        uri = _sip_uri(contact.uri)
        if uri is None or not local.is_peer_contact(uri):
            return value
        far = account.contact(flow, uri.user, registrar=registrar)
        if contact.param("expires") == "0" and far in changed:
            return None
        changed[far] = contact.uri
        params = (*contact.params, *_flow_params(account)) if registrar else contact.params
        return str(NameAddr(far, contact.display, params))

    message.headers.rewrite("Contact", rewrite)
    return changed


def _flow_params(account: EdgeAccount) -> Params:
    """RFC 5626 section 4.2: which phone this is, and which of its flows (we have one)."""
    if not account.route.instance:
        return ()
    return (("reg-id", "1"), ("+sip.instance", f'"<{account.route.instance}>"'))


def support_outbound(request: Request, account: EdgeAccount) -> None:
    """Tell the registrar that we know RFC 5626 and RFC 3327."""
    if account.route.instance:
        tags = [tag for tag in request.headers.split("Supported") if tag not in {"outbound", "path"}]
        request.headers.set("Supported", ", ".join([*tags, "outbound", "path"]))


def _sip_uri(text: str) -> SipUri | None:
    return SipUri.parse(text) if text.lower().startswith(("sip:", "sips:")) else None


def count_hop(request: Request) -> bool:
    """Decrement Max-Forwards; False when it is used up."""
    left = int(request.headers.get("Max-Forwards") or 70)
    if left <= 0:
        return False
    request.headers.set("Max-Forwards", str(left - 1))
    return True


def request_to_far(request: Request, account: EdgeAccount, flow: Flow, branch: str) -> None:
    """Give a request our Via alone; Route, Contact and credentials were handled before."""
    request.headers.replace("Via", [account.via(flow, branch)])
    request.headers.remove(ARRIVAL_HEADER)


def response_to_far(response: Response, vias: list[str], local: LocalLeg) -> None:
    """Give a response the Via list of the request as it came and hide the local leg."""
    response.headers.replace("Via", vias)
    local.drop_record_route(response)
    response.headers.remove(ARRIVAL_HEADER)


def removes_binding(request: Request) -> bool:
    """Whether a REGISTER only takes bindings away."""
    if request.headers.get("Expires") == "0":
        return True
    contacts = [NameAddr.parse(v) for v in request.headers.split("Contact") if v != "*"]
    return bool(contacts) and all(contact.param("expires") == "0" for contact in contacts)
