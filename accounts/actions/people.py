"""Making logins, and letting people activate them."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts import activation_codes
from accounts.models import Activation, Membership, Practice, User, fold_user_name
from accounts.roles import Role


@dataclass(frozen=True)
class NewPerson:
    """What is known about somebody who is invited."""

    email: str
    given_name: str
    family_name: str
    job_role: str
    role: Role
    practice: Practice | None = None


def invite(person: NewPerson) -> User:
    """Create a login and what it is in its practice; ``issue_activation`` lets them in.

    Raises:
        django.core.exceptions.ValidationError: a value is refused, or the login exists.
    """
    user = User(
        email=fold_user_name(person.email),
        given_name=person.given_name,
        family_name=person.family_name,
        job_role=person.job_role,
    )
    user.set_unusable_password()
    with transaction.atomic():
        user.full_clean()
        user.save()
        membership = Membership(user=user, practice=person.practice, role=person.role)
        membership.full_clean()
        membership.save()
    return user


def issue_activation(user: User, *, now: datetime) -> str:
    """Return a new one-time activation code; earlier ones that were not used are void."""
    code = activation_codes.new()
    with transaction.atomic():
        Activation.objects.filter(user=user, used_at=None).delete()
        Activation.objects.create(
            user=user,
            code_hash=Activation.hash_of(code),
            created_at=now,
            expires_at=now + Activation.LIFETIME,
        )
    return code
