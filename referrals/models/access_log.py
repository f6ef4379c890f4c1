"""The access log of referrals: rows that are written once and never changed, nor deleted.

They say nothing of the patient, and outlive what they are about.
"""

from datetime import timedelta
from typing import ClassVar

from django.db import connection, models

from accounts.actor import Actor
from accounts.models.people import Membership, Practice, User
from accounts.origin import LONGEST_BROWSER
from referrals.models.referrals import Referral

_NOTE = """
    INSERT INTO referrals_accesslogentry
        (referral_id, practice_id, person_id, action, at, address, browser)
    SELECT %(referral)s::uuid, %(practice)s::bigint, %(person)s::bigint, %(action)s::text,
        %(now)s::timestamptz, %(address)s::inet, %(browser)s::text
    WHERE NOT EXISTS (
        SELECT FROM referrals_accesslogentry
        WHERE referral_id = %(referral)s::uuid AND person_id = %(person)s::bigint
        AND action = %(action)s::text
        AND at > %(since)s::timestamptz AND at <= %(now)s::timestamptz
    )
    """


class AccessAction(models.TextChoices):
    VIEWED = "viewed", "Viewed"
    PRINTED = "printed", "Printed"
    CHANGED = "changed", "Draft written"
    GIVEN = "given", "Draft handed to them"


class AccessLogEntry(models.Model):
    """An entry of the access log. The application can only add to these."""

    SAME_WITHIN = timedelta(minutes=5)  # opened again: one entry
    SAME_CHANGE_WITHIN = timedelta(hours=1)  # a draft is saved at every pause
    PER_PAGE = 200
    COUNTED = 1000
    LATEST_FIRST = ("-at", "-pk")

    # No constraint: drafts are deleted, and the log of who wrote them stays.
    referral = models.ForeignKey(
        Referral,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,  # the index below begins with it
        related_name="access_log",
    )
    practice = models.ForeignKey(Practice, on_delete=models.PROTECT, db_index=False)
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    action = models.CharField(max_length=10, choices=AccessAction.choices)
    at = models.DateTimeField()
    address = models.GenericIPAddressField(null=True)
    browser = models.CharField(max_length=LONGEST_BROWSER)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["referral", "person", "action", "at"], name="access_to_a_referral"
            ),
            models.Index(fields=["practice", "person", "-at"], name="access_of_a_person"),
        ]

    def __str__(self) -> str:
        return f"{self.referral_id}: {self.action}"

    @classmethod
    def note(cls, referral: Referral, action: AccessAction, actor: Actor) -> None:
        """Write down what the member does, unless they did the same a moment ago.

        Two requests at the very same moment may make two rows: one too many, and never too few.
        """
        within = cls.SAME_CHANGE_WITHIN if action is AccessAction.CHANGED else cls.SAME_WITHIN
        with connection.cursor() as cursor:
            cursor.execute(
                _NOTE,
                {
                    "referral": referral.pk,
                    "practice": referral.practice_id,
                    "person": actor.member.user_id,
                    "action": action,
                    "now": actor.now,
                    "since": actor.now - within,
                    "address": actor.origin.address,
                    "browser": actor.origin.browser,
                },
            )

    @classmethod
    def given(cls, draft: Referral, to: Membership, actor: Actor) -> "AccessLogEntry":
        """Return, not saved, that ``to`` was given a draft; address and browser are the giver's."""
        where = {"address": actor.origin.address, "browser": actor.origin.browser}
        return cls(
            referral=draft,
            practice_id=draft.practice_id,
            person_id=to.user_id,
            action=AccessAction.GIVEN,
            at=actor.now,
            **where,
        )

    @classmethod
    def at_a(cls, referral: Referral) -> "models.QuerySet[AccessLogEntry]":
        return cls.objects.filter(referral=referral).select_related("person")

    @classmethod
    def of(cls, member: Membership) -> "models.QuerySet[AccessLogEntry]":
        """Return what the member did at their practice, without drafts that have been deleted."""
        theirs = cls.objects.filter(practice=member.practice_id, person=member.user_id)
        return theirs.filter(referral__practice=member.practice_id).select_related("referral")
