"""The three companies for whom the demo's agent works, and the queues that bring their callers."""

from __future__ import annotations

from softphone.domain.campaign import Campaign, Disposition, Matching
from softphone.domain.form import FieldKind, FormField
from softphone.domain.ids import CampaignId
from softphone.domain.script import ScriptAnswer, ScriptStep

CRM_NAME = "demo"

INSURER = Campaign(
    id=CampaignId("meridian"),
    name="Meridian Insurance",
    colour="#1f6f8b",
    greeting="Meridian Insurance, good day. My name is … – how can I help you?",
    matching=Matching(
        dnis=("+442079460100",), queues=("meridian-claims",), headers=(("X-Campaign", "meridian"),)
    ),
    dispositions=(
        Disposition(
            "claim",
            "Claim",
            children=(
                Disposition("claim_opened", "Claim opened", needs_note=True),
                Disposition("claim_status", "Status given"),
                Disposition("claim_documents", "Documents requested"),
            ),
        ),
        Disposition(
            "policy",
            "Policy",
            children=(
                Disposition("policy_question", "Question answered"),
                Disposition("policy_changed", "Policy changed", needs_note=True),
                Disposition("policy_cancelled", "Cancellation received", needs_note=True),
            ),
        ),
        Disposition("complaint", "Complaint", needs_note=True),
        Disposition("callback", "Call back", needs_callback=True),
        Disposition("wrong_number", "Wrong number"),
    ),
    acw_limit_s=120,
    default_code="policy_question",
    crm=CRM_NAME,
    region="GB",
    outbound_number="+442079460100",
    script=(
        ScriptStep(
            "matter",
            "Good day, {customer.name|how can I help you}. Is this about a claim, or about your policy?",
            (
                ScriptAnswer("About a claim", next="claim"),
                ScriptAnswer("About the policy", next="policy", code="policy_question"),
            ),
        ),
        ScriptStep(
            "claim",
            "I am sorry to hear that. Has everybody been kept safe, and when did it happen?",
            ask=FormField("damage_day", "Day of the damage", FieldKind.DATE),
            next="thanks",
        ),
        ScriptStep("policy", "I have your policy in front of me. What may I change, {customer.name|please}?"),
        ScriptStep("thanks", "Thank you. You will hear from us by post within five days. Anything else?"),
    ),
)

ORDER_LINE = Campaign(
    id=CampaignId("lindenhof"),
    name="Lindenhof Versand",
    colour="#7a4b12",
    greeting="Lindenhof Versand, guten Tag, mein Name ist … – was darf ich für Sie bestellen?",
    matching=Matching(
        dnis=("+493023125100",), queues=("lindenhof-bestellung",), headers=(("X-Campaign", "lindenhof"),)
    ),
    dispositions=(
        Disposition(
            "bestellung",
            "Bestellung",
            children=(
                Disposition("bestellt", "Bestellung aufgenommen"),
                Disposition("bestellung_geaendert", "Bestellung geändert", needs_note=True),
                Disposition("bestellung_storniert", "Bestellung storniert", needs_note=True),
            ),
        ),
        Disposition("reklamation", "Reklamation", needs_note=True),
        Disposition("auskunft", "Auskunft gegeben"),
        Disposition("rueckruf", "Rückruf vereinbart", needs_callback=True),
        Disposition("verwaehlt", "Verwählt"),
    ),
    crm=CRM_NAME,
    region="DE",
    outbound_number="+493023125100",
    script=(
        ScriptStep(
            "anliegen",
            "Guten Tag, {customer.name|was darf ich für Sie tun}? Möchten Sie bestellen?",
            (
                ScriptAnswer("Ja, bestellen", next="artikel", code="bestellt"),
                ScriptAnswer("Nein, eine Auskunft", next="end", code="auskunft"),
            ),
        ),
        ScriptStep(
            "artikel",
            "Gern. Wie lautet die Artikelnummer, und wie viele dürfen es sein?",
            ask=FormField("artikel", "Artikelnummer", required=True),
        ),
    ),
)

ROADSIDE = Campaign(
    id=CampaignId("aurora"),
    name="Soccorso Aurora",
    colour="#a3341f",
    greeting="Soccorso Aurora, buongiorno, sono … – è al sicuro in questo momento?",
    matching=Matching(
        dnis=("+390277550900",), queues=("aurora-soccorso",), headers=(("X-Campaign", "aurora"),)
    ),
    dispositions=(
        Disposition("carro_attrezzi", "Carro attrezzi inviato", needs_note=True),
        Disposition("risolto", "Risolto al telefono"),
        Disposition(
            "altro",
            "Altro",
            children=(
                Disposition("informazioni", "Informazioni"),
                Disposition("non_coperto", "Non coperto dal contratto"),
            ),
        ),
        Disposition("richiamare", "Richiamare", needs_callback=True),
    ),
    acw_limit_s=90,
    default_code="informazioni",
    crm=CRM_NAME,
    region="IT",
    outbound_number="+390277550900",
)

CAMPAIGNS = (INSURER, ORDER_LINE, ROADSIDE)
