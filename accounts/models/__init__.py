"""Rows about people: their accounts, where they work, how they sign in, and what was done.

Nothing here knows about requests. Callers import from the modules; they stand here so that Django
finds their models.
"""

from accounts.models import (  # noqa: F401
    allowed_addresses,
    audit,
    cases,
    credentials,
    former_addresses,
    mail,
    passkeys,
    people,
    reviews,
    sessions,
    shared_logins,
    throttle,
)
