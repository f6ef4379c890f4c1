"""People, where they work, and what they are there."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.hashers import check_password, make_password
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from accounts.prepared import Given, Prepared
from accounts.roles import Role

ROLE_CHOICES = [(role.value, role.label) for role in Role]
IN_A_PRACTICE = [role.value for role in Role if role.is_in_a_practice]
IN_NO_PRACTICE = [role.value for role in Role if not role.is_in_a_practice]


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
    phone = models.CharField(max_length=20)
    icb = models.ForeignKey(IntegratedCareBoard, on_delete=models.PROTECT)
    closed_on = models.DateField(null=True, blank=True, help_text="may be announced: a later day")
    # Only what ODS files brought may be closed because they no longer have it.
    from_ods = models.BooleanField(db_default=False)

    def __str__(self) -> str:
        return self.name


def fold_user_name(typed: str) -> str:
    """Return a user name as it is stored: e-mail addresses are typed in any case."""
    return typed.strip().casefold()


class User(AbstractBaseUser):  # type: ignore[django-manager-missing]  # Device has no types
    """One person, who signs in with their own e-mail address."""

    # Authenticator apps take the user name apart: 2FAST loses the secret after a question mark.
    email = models.EmailField(
        unique=True,
        validators=[
            RegexValidator(
                r"\A[a-z0-9._@'+-]+\Z",
                "Use an e-mail address of letters, digits and . _ ' + - only",
            )
        ],
    )
    given_name = models.CharField(max_length=100)
    family_name = models.CharField(max_length=100)
    job_role = models.CharField(max_length=100, help_text="as it goes into a referral")
    is_active = models.BooleanField(default=True)
    stopped_at = models.DateTimeField(
        null=True, blank=True, help_text="after too many wrong codes in a row"
    )
    # Sessions bear the number that was current when they began: counting on ends all of them.
    session_epoch = models.PositiveIntegerField(default=0)

    USERNAME_FIELD = "email"

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(email=Lower("email")), name="user_email_is_lower_case"
            ),
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def full_name(self) -> str:
        """Given name and family name."""
        return f"{self.given_name} {self.family_name}"

    @property
    def is_new(self) -> bool:
        """Whether the person has neither chosen a password nor ever been in."""
        return not self.has_usable_password() and self.last_login is None

    def check_password(self, raw_password: str | None) -> bool:
        """Say whether it is the person's password.

        A hash with other parameters than ours is made anew, but never where the password has been
        changed meanwhile.
        """
        before = self.password

        def renew(password: str) -> None:
            self.password = make_password(password)
            User.objects.filter(pk=self.pk, password=before).update(password=self.password)

        return check_password(raw_password, before, renew)

    def default_membership(self) -> "Membership | None":
        """Return what the person signs in as: their first membership, with its practice."""
        membership = _MEMBERSHIPS.first(user=self.pk)
        if membership:
            membership.user = self
        return membership


class Membership(models.Model):
    """What a person is in a practice, or, for the service desk and operators, in none."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    practice = models.ForeignKey(Practice, on_delete=models.PROTECT, null=True, blank=True)
    role = models.CharField(max_length=30, choices=ROLE_CHOICES)

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
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.role}"


_MEMBERSHIPS = Prepared(
    lambda: (
        Membership.objects.filter(user=Given("user")).select_related("practice").order_by("pk")[:1]
    )
)
