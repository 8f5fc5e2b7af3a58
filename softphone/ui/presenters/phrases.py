"""The words for every reason, cause and state that the lower layers name."""

from __future__ import annotations

from softphone.domain.account import RegistrationTrouble
from softphone.domain.agent_state import MISSED_OFFER_REASON, AgentState
from softphone.domain.audio import AudioTroubleKind
from softphone.domain.call import EndCause
from softphone.domain.campaign import CodeAction
from softphone.domain.customer import CrmTrouble
from softphone.domain.errors import SoftphoneError
from softphone.domain.events import RefusalReason
from softphone.domain.facts import dataclass
from softphone.domain.form import FieldTrouble
from softphone.domain.key_store import KeyStoreTrouble
from softphone.domain.pop import NotAsked
from softphone.domain.store_trouble import StoreTrouble
from softphone.domain.wrap_up import Problem
from softphone.ui.words import Words, mark


@dataclass(frozen=True, slots=True)
class Advice:
    """Trouble in words: what happened and what we do about it, and what the agent can do."""

    what: str
    do: str


AGENT_STATE = {
    AgentState.OFFLINE: mark("Offline"),
    AgentState.READY: mark("Ready"),
    AgentState.NOT_READY: mark("Not ready"),
    AgentState.ON_CALL: mark("On a call"),
    AgentState.AFTER_CALL_WORK: mark("After-call work"),
}

REASON = {
    "break": mark("Break"),
    "lunch": mark("Lunch"),
    "training": mark("Training"),
    "meeting": mark("Meeting"),
    "technical": mark("Technical problem"),
    MISSED_OFFER_REASON: mark("Missed call"),
}
"""The reasons of the default settings; a company's own are shown as it wrote them."""

REGISTRATION_TROUBLE = {
    RegistrationTrouble.NONE: Advice(mark("Not registered."), ""),
    RegistrationTrouble.WRONG_CREDENTIALS: Advice(
        mark("The telephone system does not accept the password."),
        mark("Check user and password under Settings."),
    ),
    RegistrationTrouble.UNKNOWN_USER: Advice(
        mark("The telephone system does not know this user."),
        mark("Check the user name under Settings, or ask your IT."),
    ),
    RegistrationTrouble.FORBIDDEN: Advice(
        mark("The telephone system does not let this account in."),
        mark("Ask your IT whether the account is blocked."),
    ),
    RegistrationTrouble.UNKNOWN_HOST: Advice(
        mark("The name of the telephone system cannot be found."),
        mark("Check the internet connection and the server name."),
    ),
    RegistrationTrouble.NO_ANSWER: Advice(
        mark("The telephone system does not answer."),
        mark("Check the internet connection and the VPN."),
    ),
    RegistrationTrouble.CONNECTION_REFUSED: Advice(
        mark("The telephone system refuses the connection."),
        mark("Check server name and transport, or ask your IT."),
    ),
    RegistrationTrouble.CERTIFICATE: Advice(
        mark("The telephone system cannot prove who it is; nothing was sent."),
        mark("Check the date of this computer, or ask your IT about the certificate."),
    ),
    RegistrationTrouble.SERVER_ERROR: Advice(
        mark("The telephone system has a problem."), mark("If it lasts, tell your team lead.")
    ),
    RegistrationTrouble.NETWORK_DOWN: Advice(
        mark("This computer has no network connection."), mark("Check Wi-Fi or cable.")
    ),
    RegistrationTrouble.NO_PASSWORD: Advice(
        mark("The key store holds no password for this account."), mark("Enter the password under Settings.")
    ),
    RegistrationTrouble.BAD_SETTINGS: Advice(
        mark("A setting of this account cannot be used."),
        mark("Ask your IT to check server, certificate files and backup servers."),
    ),
    RegistrationTrouble.WEAK_CHALLENGE: Advice(
        mark("The telephone system offers only the outdated MD5 protection for the password."),
        mark("Ask your IT to switch on SHA-256 there, or to allow MD5 for this account."),
    ),
    RegistrationTrouble.ENGINE_DOWN: Advice(mark("The telephone part of the program is restarting."), ""),
    RegistrationTrouble.OTHER: Advice(
        mark("Registration failed."), mark("If it lasts, ask your IT and give them this line.")
    ),
}

END_CAUSE = {
    EndCause.NORMAL: mark("Call ended"),
    EndCause.ABANDONED: mark("The caller hung up before you answered"),
    EndCause.ANSWERED_ELSEWHERE: mark("Answered on another phone"),
    EndCause.MISSED: mark("You missed this call"),
    EndCause.REJECTED: mark("You declined this call"),
    EndCause.CANCELLED: mark("You hung up before they answered"),
    EndCause.BUSY: mark("The line is busy"),
    EndCause.DECLINED: mark("The call was declined"),
    EndCause.NOT_FOUND: mark("This number does not exist"),
    EndCause.NO_ANSWER: mark("Nobody answered"),
    EndCause.NOT_REACHABLE: mark("Not reachable at the moment"),
    EndCause.NO_COMMON_CODEC: mark("The other phone has no sound format in common with ours"),
    EndCause.FORBIDDEN: mark("The telephone system does not allow this call"),
    EndCause.TIMEOUT: mark("The telephone system did not answer in time"),
    EndCause.SERVER_ERROR: mark("The telephone system could not place the call"),
    EndCause.TRANSFERRED: mark("Call transferred"),
    EndCause.NETWORK_LOST: mark("The connection was lost"),
    EndCause.ENGINE_LOST: mark("The call was lost: the telephone part of the program failed"),
    EndCause.REFUSED_HERE: mark("The call could not be placed"),
    EndCause.DO_NOT_CALL: mark("Not dialled: the CRM says that this number must not be called"),
    EndCause.NOT_OFFERED: mark("Passed on: the outcome of your last call was missing"),
    EndCause.UNKNOWN: mark("Call ended"),
}

CRM_TROUBLE = {
    CrmTrouble.NONE: "",
    CrmTrouble.UNREACHABLE: mark("The CRM cannot be reached."),
    CrmTrouble.TIMEOUT: mark("The CRM did not answer in time."),
    CrmTrouble.CREDENTIALS: mark("The CRM does not accept our sign-in."),
    CrmTrouble.FORBIDDEN: mark("You may not do this in the CRM."),
    CrmTrouble.NOT_FOUND: mark("The CRM does not know this record."),
    CrmTrouble.REFUSED: mark("The CRM refused the entry."),
    CrmTrouble.BUSY: mark("The CRM is overloaded."),
    CrmTrouble.SERVER_ERROR: mark("The CRM has a problem."),
    CrmTrouble.BAD_ANSWER: mark("The CRM sent an answer that cannot be read."),
    CrmTrouble.TOO_LARGE: mark("The CRM sent far too much data."),
    CrmTrouble.INSECURE: mark("The connection to the CRM is not safe, so nothing was sent."),
    CrmTrouble.NOT_CONFIGURED: mark("No CRM is set up for this company."),
}

FORBIDDEN = Advice(
    mark("You may not see this customer in the CRM"), mark("Ask your team lead if you need that right.")
)

FORBIDDEN_SEARCH = mark("You may not search for customers in the CRM.")

NOT_ASKED = {
    NotAsked.NOTHING: Advice(mark("No customer record"), ""),
    NotAsked.NO_CRM: Advice(mark("No customer record"), mark("No CRM belongs to this call.")),
    NotAsked.ANONYMOUS: Advice(
        mark("The caller hides the number"), mark("Ask for the name, then search for it.")
    ),
    NotAsked.INTERNAL: Advice(mark("Internal call"), mark("Colleagues are not looked up by themselves.")),
    NotAsked.UNTIL_ANSWERED: Advice(mark("The customer appears when the call is answered"), ""),
    NotAsked.ON_REQUEST: Advice(
        mark("Not looked up"), mark("This company wants customers looked up only when you ask.")
    ),
}

STORE_TROUBLE = {
    StoreTrouble.NONE: Advice("", ""),
    StoreTrouble.LOCKED: Advice(
        mark("Another program holds the database."), mark("Close other copies of this program.")
    ),
    StoreTrouble.READ_ONLY: Advice(
        mark("The database cannot be written."), mark("Ask your IT about the rights of your user folder.")
    ),
    StoreTrouble.DISK_FULL: Advice(
        mark("The disk is full; nothing can be saved."), mark("Delete files you do not need, then try again.")
    ),
    StoreTrouble.DAMAGED: Advice(
        mark("The database was damaged. It was set aside and a new one begun."),
        mark("Ask your IT to keep the old file; it is not deleted."),
    ),
    StoreTrouble.NEWER: Advice(
        mark("The database was written by a newer version of this program."),
        mark("Install the newer version."),
    ),
    StoreTrouble.KEY_MISSING: Advice(
        mark("The key of the database is not in the key store."),
        mark("Ask your IT before you change anything; the data is still there."),
    ),
    StoreTrouble.KEY_WRONG: Advice(
        mark("The key in the key store does not fit the database."),
        mark("Ask your IT before you change anything; the data is still there."),
    ),
    StoreTrouble.KEY_STORE_LOCKED: Advice(
        mark("The key store of this computer is locked."), mark("Unlock it, then try again.")
    ),
    StoreTrouble.SUPERSEDED: Advice(
        mark("This record was sent again meanwhile, as it was before. Wait for the answer of the CRM."), ""
    ),
    StoreTrouble.OTHER: Advice(
        mark("The database does not work."), mark("Ask your IT; the log has the details.")
    ),
}

AUDIO_TROUBLE = {
    AudioTroubleKind.NONE: Advice("", ""),
    AudioTroubleKind.NO_DEVICE: Advice(
        mark("No sound device was found: you can neither hear nor be heard."),
        mark("Plug in your headset; it is used at once."),
    ),
    AudioTroubleKind.PREFERRED_MISSING: Advice(
        mark("Your headset is not connected; another device is used."),
        mark("Plug it in; it is used at once."),
    ),
    AudioTroubleKind.DEVICE_VANISHED: Advice(
        mark("The headset was unplugged; another device is used."), mark("Plug it in again.")
    ),
    AudioTroubleKind.MICROPHONE_SILENT: Advice(
        mark("The microphone delivers no sound: callers cannot hear you."),
        mark("Check the mute switch of the headset."),
    ),
    AudioTroubleKind.MICROPHONE_DENIED: Advice(
        mark("The system does not let this program use the microphone."),
        mark("Allow it in the privacy settings of your system."),
    ),
    AudioTroubleKind.MICROPHONE_CLIPPED: Advice(
        mark("The microphone is too loud: callers hear you distorted."),
        mark("Lower the microphone volume under Settings."),
    ),
    AudioTroubleKind.DEVICE_BUSY: Advice(
        mark("Another program holds the sound device."), mark("Close other programs that use the headset.")
    ),
    AudioTroubleKind.STRONG_NOISE_MISSING: Advice(
        mark("Strong noise suppression is missing here; ordinary noise suppression is used."),
        mark("Ask your IT to install the softphone again."),
    ),
    AudioTroubleKind.STRONG_NOISE_TOO_SLOW: Advice(
        mark("Strong noise suppression is too much for this computer; ordinary noise suppression is used."),
        mark("Close other programs; the next call tries it again."),
    ),
    AudioTroubleKind.OTHER: Advice(
        mark("The sound device does not work."), mark("Choose another one under Settings.")
    ),
}

RINGER_TROUBLE = {
    AudioTroubleKind.PREFERRED_MISSING: Advice(
        mark("The device that shall ring is not connected; another one rings."),
        mark("Plug it in; it is used at once."),
    ),
    AudioTroubleKind.DEVICE_VANISHED: Advice(
        mark("The device that shall ring was unplugged; another one rings."), mark("Plug it in again.")
    ),
}
"""In place of what speaks of a headset."""

FIELD_TROUBLE = {
    FieldTrouble.MISSING: mark("An answer is needed."),
    FieldTrouble.NOT_A_NUMBER: mark("This is not a clear number."),
    FieldTrouble.NOT_AN_AMOUNT: mark("This is not a clear amount of money."),
    FieldTrouble.NOT_A_DATE: mark("This is not a date."),
    FieldTrouble.NOT_A_CHOICE: mark("Choose one of the answers offered."),
    FieldTrouble.TOO_SMALL: mark("This is less than allowed."),
    FieldTrouble.TOO_LARGE: mark("This is more than allowed."),
    FieldTrouble.TOO_LONG: mark("This is too long."),
}

CODE_ACTION = {
    CodeAction.CALLBACK: mark("plans a callback"),
    CodeAction.DO_NOT_CALL: mark("number is never called again"),
    CodeAction.FOLLOW_UP_TASK: mark("makes a follow-up task"),
    CodeAction.CLOSE_CASE: mark("has the case closed in the CRM"),
    CodeAction.ESCALATE: mark("goes to the team lead"),
}

PROBLEM = {
    Problem.CODE_MISSING: mark("Choose an outcome."),
    Problem.CODE_UNKNOWN: mark("This outcome does not exist any more. Choose another one."),
    Problem.TOO_MANY_CODES: mark("Too many outcomes are chosen. Take one back."),
    Problem.FIELD_WRONG: mark("The form is not complete."),
    Problem.NOTE_MISSING: mark("This outcome needs a note."),
    Problem.CALLBACK_MISSING: mark("This outcome needs a time to call back."),
    Problem.CALLBACK_PAST: mark("The time to call back is in the past."),
    Problem.CALLBACK_BARRED: mark("This number must not be called back: somebody there wants no calls."),
}

SUPERSEDED = mark("The CRM has taken this record meanwhile, as it was before. Your correction was not sent.")

REFUSAL = {
    RefusalReason.UNKNOWN_CALL: mark("This call has already ended."),
    RefusalReason.WRONG_STATE: mark("That is not possible at this moment of the call."),
    RefusalReason.TOO_MANY_CALLS: mark("All lines are in use. End a call first."),
    RefusalReason.NOT_REGISTERED: mark("You are not registered; no call can be placed."),
    RefusalReason.BAD_ADDRESS: mark("This number cannot be dialled."),
    RefusalReason.FAILED: mark("That did not work. Try again."),
}

BAD_INPUT = {
    "fault": mark("That failed by a fault of the program. If it happens again, tell your IT."),
    "sign_in_fault": mark("Signing in failed by a fault of the program. Try again, or restart it."),
    "number": mark("This is neither a telephone number nor a SIP address."),
    "address": mark("This SIP address cannot be used."),
    "account": mark("You are not registered; no call can be placed."),
    "lines": mark("All lines are in use. End a call first."),
    "outcome_first": mark("First complete the outcome of your last call; then you can answer."),
    "do_not_call": mark("This number must not be called: its owner asked not to be."),
    "not_a_lead": mark("Only team leads may do that. The attempt has been recorded."),
    "mode": mark("The telephone system does not offer this."),
    "own_call": mark("End or hold your own call first."),
    "unrecorded": mark("The record of supervision cannot be written now, so nobody may listen."),
    "supervision": mark("You are not listening to anybody."),
    "leads": mark("The settings name no team lead."),
    "help_reason": mark("Say in a few words what you need help for."),
    "feature_codes": mark("The file with the telephone system's codes cannot be used."),
    "digits": mark("Only digits, * and # can be sent."),
    "reason": mark("Choose a reason."),
    "customer_name": mark("The CRM needs a name."),
    "customer_company": mark("The CRM needs a company."),
    "customer_email": mark("The CRM needs an e-mail address."),
    "customer_number": mark("The CRM needs a telephone number, and this caller has none."),
    "secret": mark("Enter the secret that the CRM gave you."),
    "server": mark("Enter the name or address of the telephone system."),
    "user": mark("Enter your user name."),
    "password": mark("Enter your password."),
    "port": mark("The port must be a number between 1 and 65535."),
    "domain": mark("The SIP domain is a host name alone."),
    "backup_servers": mark("Backup servers are names or addresses, separated by commas."),
    "pinned_sha256": mark("A certificate fingerprint has 64 digits from 0 to 9 and A to F."),
    "settings": mark("The settings could not be saved."),
    "profile_address": mark("Enter the https address that your company gave you."),
}
"""Words for `SoftphoneError.thing`; anything else gets a general sentence and the detail beside it."""

KEY_STORE_TROUBLE = {
    KeyStoreTrouble.MISSING: Advice(
        mark("This computer has no key store, so your password cannot be kept safely."),
        mark("Install or start one (GNOME Keyring or KWallet), then try again."),
    ),
    KeyStoreTrouble.UNSAFE: Advice(
        mark("The key store that is set up would keep your password readable for anybody; it is not used."),
        mark("Ask your IT to set up a safe one."),
    ),
    KeyStoreTrouble.LOCKED: Advice(mark("The key store is locked."), mark("Unlock it, then try again.")),
    KeyStoreTrouble.FAILED: Advice(
        mark("The key store did not keep the password."), mark("Try again; if it lasts, ask your IT.")
    ),
}


def reason_words(words: Words, reason: str) -> str:
    """A reason for Not ready: ours translated, a company's own as it wrote it."""
    known = REASON.get(reason)
    return words.t(known) if known else reason


def error_words(words: Words, error: SoftphoneError) -> str:
    """What to tell the agent about an error that they can do something about."""
    trouble = getattr(error, "trouble", None)
    if isinstance(trouble, KeyStoreTrouble):
        advice = KEY_STORE_TROUBLE[trouble]
        return f"{words.t(advice.what)} {words.t(advice.do)}"
    known = BAD_INPUT.get(error.thing)
    if known:
        return words.t(known)
    return words.t("That did not work: {detail}", detail=error.detail or error.thing)
