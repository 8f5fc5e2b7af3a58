"""Companies, customers and numbers of the pictures. All numbers are from ranges reserved for fiction."""

from __future__ import annotations

from softphone.domain.account import Account, Transport
from softphone.domain.address import PhoneNumber
from softphone.domain.audio import AudioChoice, AudioDevice, AudioState
from softphone.domain.call import Party
from softphone.domain.campaign import Campaign, CodeAction, Disposition, Matching
from softphone.domain.customer import Contact, Customer
from softphone.domain.form import FieldKind, FormField
from softphone.domain.ids import AccountId, CampaignId, CustomerId
from softphone.domain.recording import RecordingPolicy, RecordingRules
from softphone.domain.script import ScriptAnswer, ScriptStep
from softphone.domain.settings import CrmConnection, Settings

INSURER = Campaign(
    CampaignId("insurer"),
    "Nordwind Insurance",
    "#1f6fb2",
    "Nordwind Insurance, good morning, my name is …",
    Matching(queues=("storm-claims",)),
    (
        Disposition(
            "claim",
            "Claim",
            children=(
                Disposition("opened", "Claim opened", needs_note=True),
                Disposition("status", "Status given"),
                Disposition("documents", "Documents requested"),
            ),
        ),
        Disposition("question", "Question answered"),
        Disposition("callback", "Call back", needs_callback=True),
        Disposition("complaint", "Complaint", needs_note=True),
        Disposition("wrong", "Wrong number"),
    ),
    acw_limit_s=120,
    crm="crm",
    region="GB",
    recording=RecordingRules(
        RecordingPolicy.RECORDED,
        pause_code="*61",
        resume_code="*62",
        say="This call is recorded. Tell me if you do not agree.",
    ),
)
ORDERS = Campaign(
    CampaignId("orders"),
    "Bella Casa Orders",
    "#a4451f",
    "Bella Casa, what may I order for you?",
    Matching(queues=("orders",)),
    (Disposition("ordered", "Ordered"), Disposition("none", "No order")),
    crm="crm",
    region="GB",
    recording=RecordingRules(RecordingPolicy.NOT_RECORDED),
)
ROADSIDE = Campaign(
    CampaignId("roadside"),
    "Alpine Roadside",
    "#5b3fa0",
    "Alpine Roadside, are you in a safe place?",
    Matching(queues=("roadside",)),
    (
        Disposition(
            "towed",
            "Tow truck sent",
            fields=(FormField("eta", "Minutes promised", FieldKind.NUMBER, required=True, maximum=180),),
        ),
        Disposition("mended", "Mended on the phone"),
        Disposition("again", "Call back", needs_callback=True, actions=(CodeAction.FOLLOW_UP_TASK,)),
        Disposition("stop", "Wants no calls", actions=(CodeAction.DO_NOT_CALL, CodeAction.CLOSE_CASE)),
    ),
    acw_limit_s=180,
    crm="crm",
    region="GB",
    max_codes=2,
    fields=(
        FormField("mood", "How satisfied is the caller?", FieldKind.SCALE),
        FormField("cost", "Cost told", FieldKind.AMOUNT, currency="GBP", maximum=900),
    ),
    script=(
        ScriptStep(
            "safe",
            "Good morning, {customer.name|my name is Kim}. Are you and everybody with you in a safe place, "
            "away from the traffic?",
            (
                ScriptAnswer("Yes, everybody is safe", next="what"),
                ScriptAnswer("No, the car stands on the lane", next="police"),
                ScriptAnswer("Somebody is hurt", next="police"),
            ),
        ),
        ScriptStep("police", "Please call 999 first. Stay on the line, I am with you."),
        ScriptStep(
            "what",
            "What does your car do, {customer.name|please}? Your contract is: {customer.Contract|not known}.",
            ask=FormField("fault", "Fault in the caller's words", required=True),
        ),
    ),
)
SETTINGS = Settings(
    accounts=(Account(AccountId("work"), "pbx.example.com", "1001", "Kim Reed", transport=Transport.TLS),),
    campaigns=(INSURER, ORDERS, ROADSIDE),
    crms=(CrmConnection("crm", "rest", "https://crm.example.com"),),
)

HARRIET = Customer(
    CustomerId("1"),
    "Harriet Whitcombe",
    "Whitcombe & Daughters Ltd",
    ("+44 20 7946 0018",),
    "harriet@whitcombe.example",
    ("Gold", "Home owner"),
    ("Water damage in the kitchen: claim 88-2041",),
    (
        Contact("20 Feb 2026", "Reported water under the sink, photos promised", "Claim opened"),
        Contact("18 Aug 2025", "Asked about cover for bicycles", "Information given"),
    ),
    (("Customer number", "GB-40137"), ("Contract", "Home & Contents, since 2014")),
    "https://crm.example.com/1",
)
GEORGE = Customer(CustomerId("2"), "George Whitcombe", "Whitcombe & Daughters Ltd", tags=("Silver",))
NUMBERS = {
    "+442079460018": PhoneNumber("+442079460018", "+442079460018", "020 7946 0018", "+44 20 7946 0018", "GB"),
    "+441632960112": PhoneNumber("+441632960112", "+441632960112", "01632 960112", "+44 1632 960112", "GB"),
}
CALLER = Party("+442079460018", display_name="H WHITCOMBE")
OTHER_CALLER = Party("+441632960112", display_name="Jonas Field")

HEADSET = AudioDevice("Jabra Evolve2 65", "ALSA", inputs=1, outputs=2, default_input=True)
LAPTOP = AudioDevice("Built-in audio", "ALSA", inputs=2, outputs=2)
AUDIO = AudioState(HEADSET.key, HEADSET.key, LAPTOP.key, devices=(HEADSET, LAPTOP))
AUDIO_CHOICE = AudioChoice(HEADSET.key, HEADSET.key, LAPTOP.key)
