"""Which digest challenges may be answered: only the registrar's, only outside dialogs.

An answer given to anybody else could be replayed as a registration or a call of ours.
"""

from __future__ import annotations

from dataclasses import replace

from softphone.engine.edge.account import EdgeAccount
from softphone.engine.edge.digest import Challenge, strongest
from softphone.engine.edge.messages.message import Response
from softphone.engine.edge.messages.syntax import SipSyntaxError
from softphone.engine.edge.passages import Passage

_ASKS = {401: "WWW-Authenticate", 407: "Proxy-Authenticate"}
ANSWERS = {401: "Authorization", 407: "Proxy-Authorization"}
WEAK_CHALLENGE = "Weak Challenge Refused By This Phone"
"""Reason phrase of the 403 that PJSIP gets when only an algorithm was offered that the account forbids."""
UNSIGNED_HEADER = "X-Softphone-Unsigned"
"""Tells PJSIP's side that the REGISTER which is answered here carried no credentials: whatever the answer
says, it does not say that the password is wrong. What a server puts there is taken out."""
_MOST = 8


def choose(
    response: Response, account: EdgeAccount, algorithms: tuple[str, ...], *, learn: bool = False
) -> Challenge | None:
    """The strongest challenge of a 401 or 407 that the account's policy lets us answer.

    With `learn` (the response is to REGISTER) an account without any realm yet takes this one.
    """
    allowed = [
        challenge
        for challenge in readable(response)
        if (challenge.realm in account.realms or (learn and not account.realms))
        and (challenge.algorithm != "MD5" or account.route.md5_allowed)
    ]
    chosen = strongest(allowed, algorithms)
    if chosen is not None and learn:
        account.realms.add(chosen.realm)
    return chosen


def admit_challenge(
    response: Response, passage: Passage, account: EdgeAccount, algorithms: tuple[str, ...]
) -> Challenge | None:
    """Leave PJSIP the one challenge it may answer, or turn the response into a 403 without any.

    Returns the refused challenge (the first one seen), None when all is well. A 401 or 407 that is merely
    dropped would make PJSIP retransmit, so it becomes a plain refusal.
    """
    header = _ASKS.get(response.status)
    if header is None:
        response.headers.remove(*_ASKS.values())
        return None
    seen = readable(response)
    never = passage.in_dialog or passage.method in {"ACK", "CANCEL"}
    chosen = None if never else choose(response, account, algorithms, learn=passage.method == "REGISTER")
    response.headers.remove(*_ASKS.values())
    if chosen is None:
        weak = not never and _is_weak(seen, account)
        response.status, response.reason = 403, WEAK_CHALLENGE if weak else "Forbidden"
        return seen[0] if seen else Challenge("", "", "none")
    # auth-int is not offered on: PJSIP would have to digest a body that the edge may still change.
    response.headers.add(header, str(replace(chosen, qop=("auth",) if chosen.qop else ())))
    return None


def _is_weak(seen: list[Challenge], account: EdgeAccount) -> bool:
    """Whether nothing but the algorithm speaks against answering."""
    ours = [challenge for challenge in seen if not account.realms or challenge.realm in account.realms]
    return not account.route.md5_allowed and any(challenge.algorithm == "MD5" for challenge in ours)


def readable(response: Response) -> list[Challenge]:
    """The challenges of a response that can be read; the rest is skipped."""
    found: list[Challenge] = []
    for value in response.headers.all(_ASKS.get(response.status, "WWW-Authenticate"))[:_MOST]:
        try:
            found.append(Challenge.parse(value))
        except SipSyntaxError:
            continue
    return found
