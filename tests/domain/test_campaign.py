"""Which company is being called."""

from __future__ import annotations

from softphone.domain.call import Invitation
from softphone.domain.campaign import Campaign, Disposition, Matching, campaign_for, queue_of
from softphone.domain.ids import CampaignId


def campaign(name: str, matching: Matching) -> Campaign:
    return Campaign(CampaignId(name), name, matching=matching)


BY_NUMBER = campaign("number", Matching(dnis=("+49 800 111222",)))
BY_QUEUE = campaign("queue", Matching(queues=("claims",)))
BY_HEADER = campaign("header", Matching(headers=(("X-Campaign", "h"),)))
ANY = campaign("any", Matching())


def test_number_queue_and_header_each_find_their_campaign() -> None:
    all_of_them = (ANY, BY_NUMBER, BY_QUEUE, BY_HEADER)
    assert campaign_for(Invitation(dnis="0800111222"), "", all_of_them) is BY_NUMBER
    assert campaign_for(Invitation(), "claims", all_of_them) is BY_QUEUE
    assert campaign_for(Invitation(headers=(("x-campaign", "h"),)), "", all_of_them) is BY_HEADER
    assert campaign_for(Invitation(dnis="999"), "other", all_of_them) is ANY


def test_a_call_for_nobody_has_no_campaign() -> None:
    assert campaign_for(Invitation(dnis="0800999999"), "", (BY_NUMBER, BY_QUEUE)) is None


def test_short_numbers_must_be_equal_to_the_last_digit() -> None:
    short = campaign("short", Matching(dnis=("600",)))
    assert campaign_for(Invitation(dnis="600"), "", (short,)) is short
    assert campaign_for(Invitation(dnis="7600"), "", (short,)) is None


def test_the_queue_is_read_from_the_first_header_that_is_there() -> None:
    invitation = Invitation(headers=(("X-Queue-Name", "late"), ("X-Queue", "claims")))
    assert queue_of(invitation) == "claims"
    assert queue_of(invitation, ("X-Queue-Name",)) == "late"


def test_folders_of_the_tree_cannot_be_chosen() -> None:
    tree = Campaign(
        CampaignId("c"), "C", dispositions=(Disposition("f", "F", children=(Disposition("x", "X"),)),)
    )
    assert [d.code for d in tree.codes()] == ["x"]
    assert tree.disposition("f") is None
