"""The audit: what was done to accounts, and by whom. Its rows are written once."""

import re
from enum import StrEnum
from typing import ClassVar, NewType

from django.db import models

from accounts.models.people import User
from accounts.origin import LONGEST_BROWSER


class Event(StrEnum):
    """What can happen, as ``noun:verb``. Stored in rows that never change: add only."""

    ACCESS_REFUSED = "access:refused"
    ACTIVATION_ISSUED = "activation:issued"
    ADDRESS_ALLOWED = "address:allowed"
    ADDRESS_TAKEN_BACK = "address:taken-back"
    AUTHENTICATOR_ADDED = "authenticator:added"
    AUTHENTICATOR_REMOVED = "authenticator:removed"
    AUTHENTICATOR_RENAMED = "authenticator:renamed"
    AUTHENTICATOR_RESET = "authenticator:reset"
    CASE_APPROVED = "case:approved"
    CASE_DONE = "case:done"
    CASE_DISPUTED = "case:objected"
    CASE_OPENED = "case:opened"
    CASE_REFUSED = "case:refused"
    CASE_WITHDRAWN = "case:withdrawn"
    CONTENT_CONFIRMED = "content:confirmed"
    CONTENT_DISCARDED = "content:discarded"
    CONTENT_LOADED = "content:loaded"
    DRAFTS_HANDED_OVER = "drafts:handed-over"
    FACTOR_ACCEPTED = "factor:accepted"
    FACTOR_REFUSED = "factor:refused"
    HOME_CHANGED = "account:home-changed"
    MEMBERSHIP_ACCEPTED = "membership:accepted"
    MEMBERSHIP_ADDED = "membership:added"
    MEMBERSHIP_CHOSEN = "membership:chosen"
    MEMBERSHIP_CONFIRMED = "membership:confirmed"
    MEMBERSHIP_DECLINED = "membership:declined"
    MEMBERSHIP_MOVED = "membership:moved"
    MEMBERSHIP_OFFERED = "membership:offered"
    MEMBERSHIP_OFF = "membership:off"
    MEMBERSHIP_ON = "membership:on"
    MEMBERSHIP_TAKEN_BACK = "membership:taken-back"
    PASSKEY_ADDED = "passkey:added"
    PASSKEY_REMOVED = "passkey:removed"
    PASSKEY_DISABLED = "passkey:stopped"
    PASSWORD_CHANGED = "password:changed"  # noqa: S105  no password
    PASSWORD_FORGOTTEN = "password:forgotten"  # noqa: S105  no password
    PASSWORD_VOIDED = "password:voided"  # noqa: S105  no password
    PERSON_CHANGED = "person:changed"
    PERSON_INVITED = "person:invited"
    PERSON_LOCKED = "person:stopped"
    PERSON_UNLOCKED = "person:unlocked"
    PHONE_CHANGED = "phone:changed"
    PRACTICE_CHANGED = "practice:changed"
    REGION_CHANGED = "region:changed"
    ROLE_CHANGED = "role:changed"
    SESSION_BEGAN = "session:began"
    SESSION_CONFIRMED = "session:confirmed"
    SESSION_ENDED = "session:ended"
    SHARED_LOGIN_DISMISSED = "signs:dismissed"
    SUPPORT_CODE_OPENED = "support-code:opened"


class Factor(StrEnum):
    NONE = ""
    ACTIVATION_CODE = "activation code"
    ACTIVATION_LINK = "activation link"
    AUTHENTICATOR = "authenticator app"
    PASSKEY = "passkey"
    PASSWORD = "password"  # noqa: S105  no password
    PASSWORD_LINK = "password link"  # noqa: S105  no password


class AuditReason(StrEnum):
    """Why something happened, where code reads the reason. Stored too: add only."""

    NONE = ""
    COPIED = "copied"
    ELSEWHERE = "elsewhere"
    IDLE = "idle"
    LOCKED = "stopped"
    LOGGED_OUT = "logged out"
    LOGGED_OUT_ALL_OTHERS = "all others, by the person"
    LOGGED_OUT_ELSEWHERE = "elsewhere, by the person"
    LONGEST = "longest"
    NOTHING_LEFT_TO_OPEN = "nothing left to open"
    NO_CHALLENGE = "no challenge"
    TOO_MANY = "too many"
    TOO_MANY_FROM_THERE = "too many from there"
    TO_ACCEPT = "to accept"
    TO_CONFIRM = "to confirm"
    TO_UNLOCK_SCREEN = "to unlock"
    UNKNOWN = "unknown"
    UNKNOWN_OR_OFF = "unknown or turned off"
    USED = "used"
    WITHOUT_PASSWORD = "without the password"  # noqa: S105  no password
    WRONG = "wrong"
    WRONG_TO_ACCEPT = "wrong, to accept"
    WRONG_TO_CONFIRM = "wrong, to confirm"
    WRONG_TO_UNLOCK_SCREEN = "wrong, to unlock"
    WRONG_USED_OR_EXPIRED = "wrong, used or expired"


# Of a wrong password, by what it was asked for.
WRONG_BY_PURPOSE = {
    AuditReason.TO_ACCEPT: AuditReason.WRONG_TO_ACCEPT,
    AuditReason.TO_CONFIRM: AuditReason.WRONG_TO_CONFIRM,
    AuditReason.TO_UNLOCK_SCREEN: AuditReason.WRONG_TO_UNLOCK_SCREEN,
}

Remark = NewType("Remark", str)
"""In place of a reason: a role, a number or a member's words. People read it, and no code."""


def clock_off(seconds: int) -> Remark:
    """The reason to refuse a code whose clock is this many seconds fast (negative: slow)."""
    return Remark(f"clock {seconds:+} s")


def seconds_off(reason: str) -> int | None:
    found = re.fullmatch(r"clock ([+-]\d+) s", reason)
    return int(found[1]) if found else None


LONGEST_AUDIT_REASON = 100  # characters


class AuditEvent(models.Model):
    """An entry of the audit. The application's database role can neither change nor delete it."""

    at = models.DateTimeField()
    event = models.CharField(max_length=40)
    factor = models.CharField(max_length=20)
    reason = models.CharField(
        max_length=LONGEST_AUDIT_REASON,
        help_text="why, in a word or two of our own",  # of a case, also its opener's words
    )
    person = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,  # the index below begins with it
        help_text="to whom",
    )
    by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", help_text="if somebody else"
    )
    address = models.GenericIPAddressField(null=True)
    browser = models.CharField(max_length=LONGEST_BROWSER)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["person", "-id"], name="audit_of_a_person"),
            models.Index(
                fields=["address", "-at"],
                condition=models.Q(event="factor:refused"),
                name="audit_refused_from_there",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk}: {self.event}"


class AuditSeal(models.Model):
    """An entry's place in the hash chain, which shows whether any was changed, added or removed."""

    sequence = models.BigIntegerField(primary_key=True)
    event = models.OneToOneField(AuditEvent, on_delete=models.PROTECT)
    chain_hash = models.BinaryField(max_length=32)

    def __str__(self) -> str:
        return f"{self.sequence}: {self.event_id}"
