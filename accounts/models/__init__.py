"""Rows about people: where they work, how they prove who they are, and that they have done so.

Nothing here knows about requests.
"""

from accounts.models.credentials import Activation, Authenticator
from accounts.models.log_ins import Ended, PendingLogIn, Session, Step
from accounts.models.people import IntegratedCareBoard, Membership, Practice, User, fold_user_name
from accounts.models.throttle import Throttle

__all__ = [
    "Activation",
    "Authenticator",
    "Ended",
    "IntegratedCareBoard",
    "Membership",
    "PendingLogIn",
    "Practice",
    "Session",
    "Step",
    "Throttle",
    "User",
    "fold_user_name",
]
