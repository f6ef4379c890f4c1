"""Users, practices, and memberships: what a user is in a practice."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.hashers import check_password, make_password
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Lower, Now

from accounts.factors import passwords
from accounts.prepared import Given, Prepared
from accounts.roles import Role
from accounts.text import clean_text, email_addresses
from accounts.wording import written_date

ROLE_CHOICES = [(role.value, role.label) for role in Role]
IN_A_PRACTICE = [role.value for role in Role if role.is_in_a_practice]
IN_NO_PRACTICE = [role.value for role in Role if not role.is_in_a_practice]
NEW_FOR = timedelta(days=14)  # how long a changed number on record counts as new


class IntegratedCareBoard(models.Model):
    """The NHS body for a region; its practices share local services."""

    ods_code = models.CharField(max_length=10, unique=True)
    name = models.CharField(max_length=100)

    def __str__(self) -> str:
        return self.name


class Practice(models.Model):
    """A GP practice, as the Organisation Data Service (ODS) knows it."""

    ods_code = models.CharField(max_length=10, unique=True)
    name = models.CharField(max_length=100)
    address = models.CharField(max_length=300, help_text="in one line, without the postcode")
    postcode = models.CharField(max_length=8)
    phone = models.CharField(max_length=30)
    phone_override = models.CharField(
        max_length=30, blank=True, db_default="", help_text="in place of what ODS has"
    )
    phone_changed_on = models.DateField(
        null=True, blank=True, help_text="when there was last another number on record"
    )
    icb = models.ForeignKey(IntegratedCareBoard, on_delete=models.PROTECT)
    closed_on = models.DateField(null=True, blank=True, help_text="may be announced: a later day")
    # Only what ODS files brought may be closed because they no longer have it.
    from_ods = models.BooleanField(db_default=False)
    # Set by its administrators. The service desk calls back the number above, and never this one:
    # a thief who has an administrator's account could have set it.
    call_back_phone = models.CharField(
        max_length=30, blank=True, default="", db_default="", help_text="for pharmacists"
    )
    notices_email = models.EmailField(
        blank=True, default="", db_default="", help_text="where copies of notices go"
    )

    def __str__(self) -> str:
        return self.name

    @classmethod
    def with_code(cls, typed: str) -> "Practice | None":
        return cls.objects.filter(ods_code=clean_text.code(typed).upper()).first()

    @property
    def phone_on_record(self) -> str:
        """The number on which callers are called back; never one that they give."""
        return self.phone_override or self.phone

    def has_new_phone(self, *, today: date) -> bool:
        """A thief may have changed a number that is so new."""
        return self.phone_changed_on is not None and today - self.phone_changed_on < NEW_FOR

    def is_closed(self, *, today: date) -> bool:
        return self.closed_on is not None and self.closed_on <= today

    @property
    def closed_in_words(self) -> str:
        assert self.closed_on  # noqa: S101  as it says
        return f"{self.name} closed on {written_date(self.closed_on)}"

    @property
    def pharmacists_phone(self) -> str:
        return self.call_back_phone or self.phone_on_record


def fold_user_name(typed: str) -> str:
    """Return a typed or pasted e-mail address as user names are stored."""
    return clean_text.address(typed).casefold()


def _mailbox() -> Func:
    """The address without its +tag, which leads to the same mailbox."""
    return Func(
        F("email"),
        Value(r"\+[^@]*@"),
        Value("@"),
        function="regexp_replace",
        output_field=models.CharField(),
    )


class UserQuerySet(models.QuerySet["User"]):
    def working(self, today: date | Given) -> "UserQuerySet":
        return self.filter(is_working(today))

    def with_mailboxes(self, emails: Iterable[str]) -> "UserQuerySet":
        wanted = {email_addresses.mailbox(email) for email in emails}
        return self.alias(mailbox=_mailbox()).filter(mailbox__in=wanted)


def is_working(today: date | Given, user: str = "") -> Q:
    """The condition that a user may log in: to work, or to accept that they do.

    ``user`` is the look-up from the filtered rows to the user, as in ``user__``.
    """
    theirs = Membership.objects.open(today).filter(user=models.OuterRef(f"{user}pk"))
    return Q(models.Exists(theirs), **{f"{user}is_active": True})


def can_act(user: str = "") -> Q:
    """The condition that a user can use their powers: not turned off, locked or only invited."""
    return Q(
        **{
            f"{user}is_active": True,
            f"{user}locked_at": None,
            f"{user}last_login__isnull": False,
        }
    )


def running_version() -> str:
    return str(settings.VERSION)


class User(AbstractBaseUser):  # type: ignore[django-manager-missing]  # Device has no types
    """A person, who signs in with their own e-mail address."""

    # Authenticator apps take the user name apart: 2FAST loses the secret after a question mark.
    email = models.EmailField(
        unique=True,
        error_messages={"unique": "Someone already has this email address"},
        validators=[
            RegexValidator(
                r"\A[a-z0-9._@'+-]+\Z",
                "Enter an email address with only letters, digits and . _ ' + -",
            )
        ],
    )
    email_changed_at = models.DateTimeField(null=True, blank=True, help_text="by somebody else")
    email_before = models.EmailField(
        blank=True, default="", db_default="", help_text="until it was last changed"
    )
    given_name = models.CharField(max_length=100)
    family_name = models.CharField(max_length=100)
    job_role = models.CharField(max_length=100, help_text="as it goes into a referral")
    is_active = models.BooleanField(default=True)
    locked_at = models.DateTimeField(
        null=True, blank=True, help_text="after too many wrong codes in a row"
    )
    authenticator_reset_at = models.DateTimeField(null=True, blank=True)
    home_practice = models.ForeignKey(
        Practice,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="whose administrators look after the account; empty: those who made it",
    )
    # Each session stores the number of its beginning: adding one here ends all of them.
    session_epoch = models.PositiveIntegerField(default=0)
    # Of the last day only: we keep no record of a user's working days.
    active_on = models.DateField(null=True, blank=True, help_text="the last day of some use")
    active_hours = models.PositiveIntegerField(
        default=0, db_default=0, help_text="of that day: a bit for each"
    )
    active_days = models.PositiveIntegerField(
        default=0, db_default=0, help_text="of some use in a row, up to that day"
    )

    # What was there before them is not new to a user.
    seen_version = models.CharField(
        max_length=20,
        default=running_version,
        db_default="",
        help_text="up to which they know what is new",
    )

    objects = UserQuerySet.as_manager()

    USERNAME_FIELD = "email"

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(email=Lower("email")), name="user_email_is_lower_case"
            ),
            models.UniqueConstraint(
                _mailbox(),
                name="one_person_one_mailbox",
                violation_error_message="Someone already has this email address",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["locked_at"], name="people_locked", condition=Q(locked_at__isnull=False)
            )
        ]

    def __str__(self) -> str:
        return self.email

    @classmethod
    def with_name(cls, typed: str) -> "User | None":
        return cls.objects.filter(email=fold_user_name(typed)).first()

    @property
    def full_name(self) -> str:
        return f"{self.given_name} {self.family_name}"

    @property
    def is_new(self) -> bool:
        return not self.has_usable_password() and self.last_login is None

    def check_password(self, raw_password: str | None) -> bool:
        """As Django's, but tries each of ``passwords.readings``, and rehashes what is outdated.

        Never where the password has been changed meanwhile.
        """
        before = self.password

        def renew(password: str) -> None:
            self.password = make_password(password)
            User.objects.filter(pk=self.pk, password=before).update(password=self.password)

        for typed in passwords.readings(raw_password or ""):
            if check_password(typed, before, renew):
                if self.password == before and typed != passwords.normalised(typed):
                    renew(typed)
                return True
        return False

    def works_at(self, *, today: date) -> "WorksAt":
        """One query, however many memberships."""
        memberships = _MEMBERSHIPS.rows(user=self.pk)
        for membership in memberships:
            membership.user = self
        return WorksAt(self, memberships, today)

    def live_memberships(self, *, today: date) -> "list[Membership]":
        return self.works_at(today=today).live

    def offers(self, *, today: date) -> "list[Membership]":
        return self.works_at(today=today).offers

    def home(self, *, today: date) -> "Membership | None":
        return self.works_at(today=today).home


@dataclass(frozen=True)
class WorksAt:
    """Where a user works now, what they are asked to accept, and who has their account."""

    user: User
    memberships: "list[Membership]"  # all of them, the oldest first
    today: date

    @property
    def live(self) -> "list[Membership]":
        return [each for each in self.memberships if each.is_live(today=self.today)]

    @property
    def offers(self) -> "list[Membership]":
        return [each for each in self.memberships if each.is_offer(today=self.today)]

    @property
    def belongs_to(self) -> int | None:
        """The practice that made the account, or that it was moved to.

        Only its administrators may change the account: other practices have merely added it.
        """
        accepted = (each for each in self.memberships if each.accepted_at is not None)
        made_with = next(accepted, None)
        made_by = made_with.practice_id if made_with else None
        return self.user.home_practice_id or made_by

    @property
    def home(self) -> "Membership | None":
        """The membership where the account belongs; None where the user has left it.

        No other practice takes it over then: only the service desk may change it.
        """
        live = {each.practice_id: each for each in self.live}
        return live.get(None) or live.get(self.belongs_to)

    def is_looked_after_by(self, practice_id: int | None) -> bool:
        """Whether the account belongs to the practice, and its user is there or works nowhere.

        One who works nowhere stays with the practice that may turn them on again.
        """
        live = {each.practice_id for each in self.live}
        is_there = practice_id in live or not live
        return is_there and None not in live and self.belongs_to == practice_id


class MembershipQuerySet(models.QuerySet["Membership"]):
    def live(self, today: date | Given) -> "MembershipQuerySet":
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=today), off_at=None)

    def open(self, today: date | Given) -> "MembershipQuerySet":
        """Live ones, and those that will be once the user accepts them."""
        is_open = Q(off_at=None) | ~Q(offered_role="")
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=today), is_open)


class Membership(models.Model):
    """What a user is in a practice, or, for the service desk and operators, in none.

    It is turned off, and never deleted: what was done under it must keep its author.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    practice = models.ForeignKey(Practice, on_delete=models.PROTECT, null=True, blank=True)
    role = models.CharField(max_length=30, choices=ROLE_CHOICES)
    created_at = models.DateTimeField(db_default=Now())
    ends_on = models.DateField(null=True, blank=True, help_text="the last day on which it counts")
    off_at = models.DateTimeField(null=True, blank=True, help_text="when it was turned off")
    # What others offer takes effect when the user accepts it. Until then a new membership is turned
    # off, also for earlier versions of the program, and a role is what it was.
    accepted_at = models.DateTimeField(
        null=True, blank=True, db_default=Now(), help_text="by its owner; empty: never yet"
    )
    offered_role = models.CharField(
        max_length=30,
        choices=ROLE_CHOICES,
        blank=True,
        default="",
        db_default="",
        help_text="what they become once they accept",
    )
    offered_at = models.DateTimeField(null=True, blank=True)
    offered_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="empty for an operator at a console",
    )

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                "user", "practice", name="one_membership_a_practice", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(practice__isnull=False, role__in=IN_A_PRACTICE)
                | Q(practice__isnull=True, role__in=IN_NO_PRACTICE),
                name="practice_roles_have_a_practice",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=False)
                | (Q(off_at__isnull=False) & ~Q(offered_role="")),
                name="nobody_is_in_before_they_accept",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.role}"

    @property
    def own_practice(self) -> Practice:
        assert self.practice  # noqa: S101  as a constraint says, where the role is in one
        return self.practice

    @property
    def workplace(self) -> str:
        return self.practice.name if self.practice else Role(self.role).label

    def has_ended(self, *, today: date) -> bool:
        return self.ends_on is not None and self.ends_on < today

    def is_live(self, *, today: date) -> bool:
        return self.off_at is None and not self.has_ended(today=today)

    @property
    def has_offer(self) -> bool:
        return bool(self.offered_role)

    def is_offer(self, *, today: date) -> bool:
        is_open = self.has_offer and not self.has_ended(today=today)
        return is_open and not (self.practice and self.practice.is_closed(today=today))


_MEMBERSHIPS = Prepared(
    lambda: Membership.objects.filter(user=Given("user")).select_related("practice").order_by("pk")
)
