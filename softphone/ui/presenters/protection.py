"""How signalling and sound are protected, in words that promise no more than what is so."""

from __future__ import annotations

from softphone.domain.account import Account, MediaEncryption, Registration, Signalling
from softphone.domain.call import MediaFacts
from softphone.domain.certificates import CertificateTrouble
from softphone.ui.presenters.phrases import REGISTRATION_TROUBLE, Advice
from softphone.ui.theme.tokens import Tone
from softphone.ui.words import Words, mark

_NEW_CERTIFICATE = mark("Ask your IT for a new certificate of the telephone system.")
_AUTHORITY = mark("Ask your IT for the company's certificate authority.")
_DATE = mark("Check the date of this computer, or ask your IT about the certificate.")
_STRONGER = mark("Ask your IT to switch on TLS 1.2 or 1.3 there.")

CERTIFICATE_TROUBLE = {
    CertificateTrouble.EXPIRED: Advice(mark("The telephone system's certificate has expired."), _DATE),
    CertificateTrouble.NOT_YET_VALID: Advice(
        mark("The telephone system's certificate is not valid yet."), _DATE
    ),
    CertificateTrouble.WRONG_NAME: Advice(
        mark("The certificate belongs to another server."),
        mark("Check the server name under Settings, or ask your IT."),
    ),
    CertificateTrouble.NO_NAME: Advice(
        mark("The certificate does not name its server in the way that counts today."), _NEW_CERTIFICATE
    ),
    CertificateTrouble.SELF_SIGNED: Advice(
        mark("The telephone system vouches only for itself (self-signed certificate)."), _AUTHORITY
    ),
    CertificateTrouble.UNKNOWN_ISSUER: Advice(
        mark("This computer does not trust whoever issued the certificate."), _AUTHORITY
    ),
    CertificateTrouble.PIN_MISMATCH: Advice(
        mark("The certificate is not the one that your company has fixed."),
        mark("Tell your IT at once: somebody may be listening in."),
    ),
    CertificateTrouble.WEAK_KEY: Advice(mark("The certificate's key is too weak."), _NEW_CERTIFICATE),
    CertificateTrouble.WEAK_SIGNATURE: Advice(
        mark("The certificate is signed in an outdated way."), _NEW_CERTIFICATE
    ),
    CertificateTrouble.WRONG_PURPOSE: Advice(
        mark("The certificate is not meant for servers."), _NEW_CERTIFICATE
    ),
    CertificateTrouble.NOT_A_CA: Advice(
        mark("The certificate was issued by somebody who may not issue any."), _NEW_CERTIFICATE
    ),
    CertificateTrouble.REVOKED: Advice(mark("The certificate has been revoked."), _NEW_CERTIFICATE),
    CertificateTrouble.OLD_PROTOCOL: Advice(
        mark("The telephone system offers only encryption from before TLS 1.2."), _STRONGER
    ),
    CertificateTrouble.NO_COMMON_CIPHER: Advice(
        mark("The telephone system offers only weak encryption."), _STRONGER
    ),
    CertificateTrouble.CLIENT_CERTIFICATE: Advice(
        mark("The telephone system asks for a certificate of this phone and accepts none that it has."),
        mark("Ask your IT for a client certificate."),
    ),
    CertificateTrouble.NOT_TLS: Advice(
        mark("What answers at this port speaks no encryption."),
        mark("Check transport and port under Settings, or ask your IT."),
    ),
    CertificateTrouble.MALFORMED: Advice(mark("The certificate cannot be read."), _NEW_CERTIFICATE),
}
"""NONE and OTHER have the general words of `REGISTRATION_TROUBLE`."""

_OVER_TLS = {
    MediaEncryption.OFF: mark("Signalling {protocol}, calls not encrypted"),
    MediaEncryption.OPTIONAL: mark("Signalling {protocol}, calls encrypted if possible"),
    MediaEncryption.REQUIRED: mark("Signalling {protocol}, calls always encrypted"),
}


def trouble_advice(words: Words, registration: Registration) -> tuple[str, str]:
    """What is wrong with a registration, and what can be done."""
    advice = CERTIFICATE_TROUBLE.get(registration.certificate)
    if advice is None:
        general = REGISTRATION_TROUBLE[registration.trouble]
        return words.t(general.what), words.t(general.do) if general.do else ""
    return f"{words.t(advice.what)} {words.t('Nothing was sent to it.')}", words.t(advice.do)


def account_protection(words: Words, account: Account, signalling: Signalling) -> str:
    """How a registered account is protected before any call."""
    if signalling.encrypted:
        return words.t(_OVER_TLS[account.call_encryption], protocol=_name(signalling.protocol))
    if account.call_encryption is MediaEncryption.OFF:
        return words.t("Signalling and calls are not encrypted")
    return words.t("Signalling not encrypted, keys of calls readable on the way")


def call_protection(words: Words, media: MediaFacts) -> tuple[str, Tone] | None:
    """How a call is protected now; None while no sound flows, when there is nothing to say."""
    if not media.codec:
        return None
    if media.encrypted and media.signalling:
        return words.t("Encrypted ({protocol}, SRTP)", protocol=_name(media.signalling)), Tone.GOOD
    if media.encrypted:
        return words.t("Sound encrypted, but its key was readable on the way"), Tone.WARNING
    if media.signalling:
        return words.t("Sound not encrypted"), Tone.NEUTRAL
    return words.t("Not encrypted"), Tone.NEUTRAL


def _name(protocol: str) -> str:
    """As people write it: TLS 1.3."""
    return protocol.replace("TLSv", "TLS ")
