"""Rows about people: where they work, how they prove who they are, and that they have done so.

Nothing here knows about requests.
"""

from accounts.models.audit import AuditEvent, AuditSeal, Event, Factor
from accounts.models.colleagues import Standing, colleagues, matching, needs_another
from accounts.models.credentials import Activation, Authenticator, PasswordLink
from accounts.models.log_ins import (
    LONGEST_PATH,
    Ended,
    HeldByBrowser,
    PendingLogIn,
    Session,
    Step,
)
from accounts.models.mail import Mail
from accounts.models.passkeys import Challenge, Passkey, Purpose, handle_of
from accounts.models.people import (
    IntegratedCareBoard,
    Membership,
    MembershipQuerySet,
    Practice,
    User,
    UserQuerySet,
    fold_user_name,
)
from accounts.models.throttle import (
    PER_ADDRESS,
    PER_PERSON,
    Limit,
    Throttle,
    TooManyTriesError,
    hash_of_name,
    knows,
    subject_of_address,
    subject_of_codes,
    subject_of_name,
)

__all__ = [
    "LONGEST_PATH",
    "PER_ADDRESS",
    "PER_PERSON",
    "Activation",
    "AuditEvent",
    "AuditSeal",
    "Authenticator",
    "Challenge",
    "Ended",
    "Event",
    "Factor",
    "HeldByBrowser",
    "IntegratedCareBoard",
    "Limit",
    "Mail",
    "Membership",
    "MembershipQuerySet",
    "Passkey",
    "PasswordLink",
    "PendingLogIn",
    "Practice",
    "Purpose",
    "Session",
    "Standing",
    "Step",
    "Throttle",
    "TooManyTriesError",
    "User",
    "UserQuerySet",
    "colleagues",
    "fold_user_name",
    "handle_of",
    "hash_of_name",
    "knows",
    "matching",
    "needs_another",
    "subject_of_address",
    "subject_of_codes",
    "subject_of_name",
]
