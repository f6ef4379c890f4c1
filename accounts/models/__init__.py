"""Rows about people: where they work, how they prove who they are, and that they have done so.

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
