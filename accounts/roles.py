"""Who may open what: one pure table, and nothing else decides it by role.

A role belongs to a membership, not to a person: a user may be staff in one practice and
administrator in another.
"""

from enum import StrEnum


class Role(StrEnum):
    STAFF = "staff"
    PRACTICE_ADMINISTRATOR = "practice_administrator"
    SERVICE_DESK = "service_desk"
    OPERATOR = "operator"

    @property
    def label(self) -> str:
        return LABELS[self]

    @property
    def is_in_a_practice(self) -> bool:
        return self in {Role.STAFF, Role.PRACTICE_ADMINISTRATOR}


class Permission(StrEnum):
    """What a view may ask for, as ``noun:verb``."""

    ACCOUNT_OPEN = "account:open"
    CLINICAL_CONFIRM = "clinical:confirm"
    DESK_OPEN = "desk:open"
    PEOPLE_MANAGE = "people:manage"
    PRACTICE_MANAGE = "practice:manage"
    REFERRAL_ACCESS_LOG = "referral:access-log"
    REFERRAL_OPEN = "referral:open"
    REFERRAL_SEND = "referral:send"
    REGION_EDIT = "region:edit"


LABELS = {
    Role.STAFF: "Practice staff",
    Role.PRACTICE_ADMINISTRATOR: "Practice administrator",
    Role.SERVICE_DESK: "Service desk",
    Role.OPERATOR: "Operator",
}

# What these can do reaches further than their own work: longer passwords, and no case of the
# service desk that one member alone carries out at once.
PRIVILEGED = frozenset({Role.PRACTICE_ADMINISTRATOR, Role.SERVICE_DESK, Role.OPERATOR})

_REFERRALS = {Permission.REFERRAL_OPEN, Permission.REFERRAL_SEND}

GRANTS: dict[Role, frozenset[Permission]] = {
    Role.STAFF: frozenset({Permission.ACCOUNT_OPEN, *_REFERRALS}),
    Role.PRACTICE_ADMINISTRATOR: frozenset(
        {
            Permission.ACCOUNT_OPEN,
            Permission.PEOPLE_MANAGE,
            Permission.PRACTICE_MANAGE,
            Permission.REFERRAL_ACCESS_LOG,
            *_REFERRALS,
        }
    ),
    Role.SERVICE_DESK: frozenset({Permission.ACCOUNT_OPEN, Permission.DESK_OPEN}),
    Role.OPERATOR: frozenset(
        {Permission.ACCOUNT_OPEN, Permission.CLINICAL_CONFIRM, Permission.REGION_EDIT}
    ),
}


def may(role: Role, permission: Permission) -> bool:
    return permission in GRANTS[role]
