"""Rows about referrals: where they go, what they say, and how they get there.

Nothing here knows about requests, and nothing but ``Referral.apply`` changes a state.
"""

from referrals.models.looks import Deed, Look
from referrals.models.messages import Attempt, Message, Outcome
from referrals.models.pharmacies import Pharmacy, UsualPharmacy
from referrals.models.referrals import (
    Listed,
    Referral,
    ReferralQuerySet,
    StaleError,
    TimelineEntry,
    being_sent,
    hash_of_nhs_number,
)

__all__ = [
    "Attempt",
    "Deed",
    "Listed",
    "Look",
    "Message",
    "Outcome",
    "Pharmacy",
    "Referral",
    "ReferralQuerySet",
    "StaleError",
    "TimelineEntry",
    "UsualPharmacy",
    "being_sent",
    "hash_of_nhs_number",
]
