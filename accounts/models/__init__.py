"""Rows about people: where they work, how they prove who they are, and that they have done so.

Nothing here knows about requests.
"""

from accounts.models.audit import AuditEvent, AuditSeal, Event, Factor
from accounts.models.colleagues import (
    Attention,
    Standing,
    attention,
    colleagues,
    matching,
    to_review,
)
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
from accounts.models.people import IntegratedCareBoard, Membership, Practice, User, fold_user_name
from accounts.models.reviews import REVIEW_EVERY, Confirmation, mark_of
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
    "REVIEW_EVERY",
    "Activation",
    "Attention",
    "AuditEvent",
    "AuditSeal",
    "Authenticator",
    "Challenge",
    "Confirmation",
    "Ended",
    "Event",
    "Factor",
    "HeldByBrowser",
    "IntegratedCareBoard",
    "Limit",
    "Mail",
    "Membership",
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
    "attention",
    "colleagues",
    "fold_user_name",
    "handle_of",
    "hash_of_name",
    "knows",
    "mark_of",
    "matching",
    "subject_of_address",
    "subject_of_codes",
    "subject_of_name",
    "to_review",
]
