"""Rows about people: where they work, how they prove who they are, and that they have done so.

Nothing here knows about requests.
"""

from accounts.models.allowed import (
    AllowedAddress,
)
from accounts.models.audit import (
    LONGEST_BECAUSE,
    AuditEvent,
    AuditSeal,
    Event,
    Factor,
)
from accounts.models.cases import (
    Case,
    CaseState,
    Kind,
    administrators,
    unusual_resets,
)
from accounts.models.credentials import (
    Activation,
    Authenticator,
    PasswordLink,
)
from accounts.models.desk import (
    busy_members,
    locked_people,
    objected,
    open_cases,
    people_reset_often,
    resets_by_day,
    unsent_mails,
    without_administrator,
)
from accounts.models.former import (
    FormerAddress,
    addresses_of,
)
from accounts.models.log_ins import (
    LONGEST_PATH,
    Ended,
    HeldByBrowser,
    LoggedOut,
    PendingLogIn,
    Session,
    Step,
)
from accounts.models.mail import (
    Mail,
    Trouble,
)
from accounts.models.passkeys import (
    Challenge,
    Passkey,
    Purpose,
    handle_of,
)
from accounts.models.people import (
    IntegratedCareBoard,
    Membership,
    MembershipQuerySet,
    Practice,
    User,
    UserQuerySet,
    WorksAt,
    can_act,
    fold_user_name,
)
from accounts.models.practice_people import (
    ENOUGH,
    Attention,
    Standing,
    attention,
    matching,
    may_be_shared,
    people_of,
    to_review,
)
from accounts.models.reviews import (
    REVIEW_EVERY,
    Confirmation,
    mark_of,
)
from accounts.models.signs import (
    Dismissal,
    Sign,
    SignKind,
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
    subject_of_proofs,
)

__all__ = [
    "ENOUGH",
    "LONGEST_BECAUSE",
    "LONGEST_PATH",
    "PER_ADDRESS",
    "PER_PERSON",
    "REVIEW_EVERY",
    "Activation",
    "AllowedAddress",
    "Attention",
    "AuditEvent",
    "AuditSeal",
    "Authenticator",
    "Case",
    "CaseState",
    "Challenge",
    "Confirmation",
    "Dismissal",
    "Ended",
    "Event",
    "Factor",
    "FormerAddress",
    "HeldByBrowser",
    "IntegratedCareBoard",
    "Kind",
    "Limit",
    "LoggedOut",
    "Mail",
    "Membership",
    "MembershipQuerySet",
    "Passkey",
    "PasswordLink",
    "PendingLogIn",
    "Practice",
    "Purpose",
    "Session",
    "Sign",
    "SignKind",
    "Standing",
    "Step",
    "Throttle",
    "TooManyTriesError",
    "Trouble",
    "User",
    "UserQuerySet",
    "WorksAt",
    "addresses_of",
    "administrators",
    "attention",
    "busy_members",
    "can_act",
    "fold_user_name",
    "handle_of",
    "hash_of_name",
    "knows",
    "locked_people",
    "mark_of",
    "matching",
    "may_be_shared",
    "objected",
    "open_cases",
    "people_of",
    "people_reset_often",
    "resets_by_day",
    "subject_of_address",
    "subject_of_codes",
    "subject_of_name",
    "subject_of_proofs",
    "to_review",
    "unsent_mails",
    "unusual_resets",
    "without_administrator",
]
