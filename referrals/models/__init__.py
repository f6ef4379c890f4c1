"""Rows about referrals: where they go, what they say, and how they get there.

Nothing here knows about requests, and nothing but ``Referral.apply`` changes a state. Callers
import from the modules; they stand here so that Django finds their models.
"""

from referrals.models import (  # noqa: F401
    access_log,
    content_packs,
    messages,
    pharmacies,
    postcodes,
    referrals,
)
