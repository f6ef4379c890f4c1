"""The web edge of referrals: HTTP in, one call, HTTP out."""
