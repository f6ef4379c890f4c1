"""Cases of the service desk: a user has called for help, and something is done to their account."""

from datetime import date, datetime, timedelta
from typing import ClassVar, NamedTuple

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models.people import Membership, Practice, User


class CaseKind(models.TextChoices):
    RESET = "reset", "Reset authenticator"
    ACTIVATION = "activation", "New activation code"
    UNLOCK_ACCOUNT = "unlock", "Unlock"
    ADMINISTRATOR = "administrator", "Make practice administrator"


class CaseWords(NamedTuple):
    """How a sentence goes on after "was asked", and how one begins of what was done."""

    asked: str
    done: str


# What each kind does is in ``accounts.service_desk.kinds``; models may not import it.
WORDS = {
    CaseKind.RESET: CaseWords(
        "to reset {whose} authenticator",
        "{whose} authenticator was reset",
    ),
    CaseKind.ACTIVATION: CaseWords(
        "for a new activation code for {whose} account",
        "a new activation code for {whose} account was given out",
    ),
    CaseKind.UNLOCK_ACCOUNT: CaseWords(
        "to unlock {whose} account",
        "{whose} account was unlocked",
    ),
    CaseKind.ADMINISTRATOR: CaseWords(
        "to make {who} an administrator of {where}",
        "{who} {was} asked to become an administrator of {where}",
    ),
}


class CaseState(models.TextChoices):
    WAITING = "waiting", "Waiting"
    DONE = "done", "Done"
    REFUSED = "refused", "Refused"
    WITHDRAWN = "withdrawn", "Withdrawn"
    DISPUTED = "objected", "Stopped: it was not them"


class CaseQuerySet(models.QuerySet["Case"]):
    def waiting(self, now: datetime) -> "CaseQuerySet":
        return self.filter(state=CaseState.WAITING, opened_at__gt=now - Case.OPEN_FOR)

    def disputed(self, since: datetime) -> "CaseQuerySet":
        return self.filter(state=CaseState.DISPUTED, disputed_at__gte=since)

    def keeps_locked(self, person: User, *, now: datetime) -> bool:
        """Whether the user said lately that a request about their account was not theirs.

        The caller who made it may be asking for the unlock too: then only the service desk may
        unlock.
        """
        return self.disputed(now - Case.DISPUTED_WITHIN).filter(person=person).exists()

    def resets(self, since: datetime) -> "CaseQuerySet":
        """All that were done, also those that turned out not to be the user's wish."""
        return self.filter(kind=CaseKind.RESET, done_at__gte=since)


class Case(models.Model):
    """Who called for whom, how that was checked, and what was done. It is never deleted."""

    WAIT = timedelta(hours=24)  # for accounts with powers, unless a second member approves
    OPEN_FOR = timedelta(days=7)  # then it expires, and has to be opened again
    LONGEST_TICKET, LONGEST_CALLER, LONGEST_REASON = 60, 100, 300  # characters
    DISPUTED_WITHIN = timedelta(days=7)  # by the link in its e-mails

    kind = models.CharField(max_length=20, choices=CaseKind.choices)
    state = models.CharField(max_length=20, choices=CaseState.choices)
    person = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        related_name="cases",
        help_text="empty for somebody who gets an account by it, until then",
    )
    practice = models.ForeignKey(
        Practice, on_delete=models.PROTECT, null=True, help_text="to which the account belongs"
    )
    ticket = models.CharField(max_length=LONGEST_TICKET)
    caller = models.CharField(max_length=LONGEST_CALLER)
    reason = models.CharField(max_length=LONGEST_REASON)
    phone = models.CharField(max_length=30, help_text="on which the caller was called back")
    by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        help_text="empty for an operator at a console",
    )
    opened_at = models.DateTimeField()
    ready_at = models.DateTimeField(
        null=True, help_text="from when one member alone may carry it out; empty for never"
    )
    approved_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    disputed_at = models.DateTimeField(null=True, help_text="when somebody said it was not them")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        help_text="who carried it out, refused or withdrew it",
    )
    # Of a user who gets an account by it.
    email = models.EmailField(blank=True)
    given_name = models.CharField(max_length=100, blank=True)
    family_name = models.CharField(max_length=100, blank=True)
    job_role = models.CharField(max_length=100, blank=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["person", "-id"], name="cases_of_a_person"),
            models.Index(
                fields=["opened_at"], name="cases_waiting", condition=Q(state=CaseState.WAITING)
            ),
            models.Index(fields=["done_at"], name="cases_done"),
        ]

    def __str__(self) -> str:
        return f"case {self.pk}: {self.kind} {self.state}"

    @property
    def who(self) -> str:
        person = self.person
        return person.full_name if person else f"{self.given_name} {self.family_name}"

    @property
    def account(self) -> User:
        assert self.person  # noqa: S101  only a case that makes a new account has none
        return self.person

    def asked(self, *, of_you: bool) -> str:
        """Continues a sentence after "was asked"; ``of_you`` where the reader is the user."""
        return WORDS[CaseKind(self.kind)].asked.format(**self._named(of_you=of_you))

    def done(self, *, of_you: bool) -> str:
        """Begins a sentence: "Your account was unlocked"."""
        said = WORDS[CaseKind(self.kind)].done.format(**self._named(of_you=of_you))
        return said[0].upper() + said[1:]

    def _named(self, *, of_you: bool) -> dict[str, str]:
        who = "you" if of_you else self.who
        whose = "your" if of_you else f"{self.who}'s"
        practice = self.practice.name if self.practice else ""
        return {"who": who, "whose": whose, "was": "were" if of_you else "was", "where": practice}

    @property
    def locks_account(self) -> bool:
        """Whether "this was not me" locks the account, and does not only end the case.

        A practice that asked to add an account of another practice cannot lock it.
        """
        if self.person is None:
            return False
        if not self.email:  # they had an account before
            return True
        home = self.person.works_at(today=timezone.localdate()).belongs_to
        return home == self.practice_id

    def is_waiting(self, *, now: datetime) -> bool:
        return self.state == CaseState.WAITING and now < self.opened_at + self.OPEN_FOR

    @property
    def is_approved(self) -> bool:
        """Not if the account's e-mail address changed after the approval: look again then."""
        if self.approved_at is None:
            return False
        moved_at = self.person.email_changed_at if self.person else None
        return moved_at is None or moved_at <= self.approved_at

    def is_ready(self, *, now: datetime) -> bool:
        has_waited = self.ready_at is not None and self.ready_at <= now
        return self.is_waiting(now=now) and (self.is_approved or has_waited)

    def may_be_disputed(self, *, now: datetime) -> bool:
        if self.state == CaseState.DONE and self.done_at:
            return now < self.done_at + self.DISPUTED_WITHIN
        return self.is_waiting(now=now)


def administrators(practice_id: int | None, *, today: date) -> models.QuerySet[User]:
    """Those whose membership is live; ``can_act`` tells which of them can help today."""
    live = Membership.objects.live(today)
    theirs = live.filter(role="practice_administrator", practice=practice_id)
    return User.objects.filter(memberships__in=theirs, is_active=True).distinct()


# More than these, and an operator should look: a member may be fooled, or a user attacked.
MOST_OF_A_MEMBER = 3  # an hour
MOST_OF_A_PERSON = 2  # in 30 days
MEMBER_WITHIN, PERSON_WITHIN = timedelta(hours=1), timedelta(days=30)


def unusual_resets(case: Case, now: datetime) -> list[str]:
    """What is unusual about a reset just made, for the operators' log: no names."""
    found = []
    by_member = Case.objects.resets(now - MEMBER_WITHIN).filter(ended_by=case.ended_by).count()
    if case.ended_by_id and by_member > MOST_OF_A_MEMBER:
        found.append(f"user {case.ended_by_id} has reset {by_member} authenticators in an hour")
    of_person = Case.objects.resets(now - PERSON_WITHIN).filter(person=case.person).count()
    if of_person > MOST_OF_A_PERSON:
        found.append(f"that of user {case.person_id} was reset {of_person} times in 30 days")
    return found
