"""Making logins, and letting people activate them."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts import activation_codes, audit, keys, mail
from accounts.models import Activation, Event, Membership, Practice, User, fold_user_name
from accounts.origin import Origin
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


def invite(person: NewPerson, *, by: User | None, origin: Origin, now: datetime) -> User:
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
        audit.note(
            Event.PERSON_INVITED, because=person.role, person=user, by=by, origin=origin, now=now
        )
    return user


def change_role(
    membership: Membership, role: Role, *, by: User | None, origin: Origin, now: datetime
) -> None:
    """Make somebody something else where they are: at once, so their sessions end, and told.

    Raises:
        django.core.exceptions.ValidationError: there is no such role where they are.
    """
    with transaction.atomic():
        user = User.objects.select_for_update(no_key=True).get(pk=membership.user_id)
        membership.role = role
        membership.full_clean()
        membership.save(update_fields=["role"])
        user.session_epoch += 1
        user.save(update_fields=["session_epoch"])
        audit.note(Event.ROLE_CHANGED, because=role, person=user, by=by, origin=origin, now=now)
        mail.post(user.email, "role_changed", now=now, person=user, at=now, role=role.label)


def may_activate_by_link(user: User) -> bool:
    """Say whether a link by e-mail may activate the account: only one that was never active.

    Whoever has had a password or an authenticator needs more: an e-mail is no factor.
    """
    return user.is_new and not user.authenticators.filter(confirmed=True).exists()


def issue_activation(user: User, *, by: User | None, origin: Origin, now: datetime) -> str:
    """Return a new one-time activation code; earlier ones that were not used are void.

    Whoever was never active gets a link by e-mail too, which does the same.

    Args:
        by: who gives it out; None for an operator at a console.
    """
    code, key, expires_at = activation_codes.new(), keys.new(), now + Activation.LIFETIME
    with transaction.atomic():
        is_mailed = may_activate_by_link(user)
        Activation.objects.filter(user=user, used_at=None).delete()
        Activation.objects.create(
            user=user,
            code_hash=Activation.hash_of(code),
            link_hash=keys.hash_of_key(key) if is_mailed else None,
            created_at=now,
            expires_at=expires_at,
        )
        audit.note(Event.ACTIVATION_ISSUED, person=user, by=by, origin=origin, now=now)
        if is_mailed:
            mail.post(
                user.email,
                "activate",
                now=now,
                expires_at=expires_at,
                person=user,
                place=user.default_membership(),
                by=by,
                until=expires_at,
                key=key,
            )
    return code
