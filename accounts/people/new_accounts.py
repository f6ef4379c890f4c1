"""New accounts, and the codes and links that activate them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts import audit, keys, notices
from accounts.actor import Actor
from accounts.errors import Denied
from accounts.factors import activation_codes
from accounts.models.allowed_addresses import AllowedAddress
from accounts.models.audit import Event, Remark
from accounts.models.credentials import Activation
from accounts.models.people import Membership, Practice, User, fold_user_name
from accounts.roles import Role
from accounts.text import clean_text, email_addresses, names
from accounts.topics import Topic


@dataclass(frozen=True)
class NewPerson:
    email: str
    given_name: str
    family_name: str
    job_role: str
    role: Role
    practice: Practice | None = None
    ends_on: date | None = None


CALLED = {
    "given_name": names.why_no_name,
    "family_name": names.why_no_name,
    "job_role": names.why_no_label,
}


def check_names(user: User, fields: Collection[str] = CALLED) -> None:
    """Raise ValidationError for a name or job role that is a message, since e-mails carry it."""
    wrong = {field: CALLED[field](getattr(user, field)) for field in CALLED if field in fields}
    if found := {field: why for field, why in wrong.items() if why}:
        raise ValidationError(found)


def why_shared(user: User, practice: Practice | None) -> str:
    return email_addresses.why_shared(
        user.email,
        names=(user.given_name, user.family_name),
        practice_name=practice.name if practice else "",
        ods_code=practice.ods_code if practice else "",
    )


def check_address(
    user: User, practice: Practice | None, *, allowed: Collection[str] | None = None
) -> None:
    """Raise ValidationError where name and address are not one person's.

    Codes cannot work on a shared login, and nobody could say who did what. ``allowed`` are allowed
    mailboxes that were looked up already.
    """
    is_personal = email_addresses.is_personal((user.given_name, user.family_name))
    why = why_shared(user, practice)
    if is_personal and not why:
        return
    if allowed is None:
        allowed = AllowedAddress.objects.among([user.email])
    if email_addresses.mailbox(user.email) in allowed:
        return
    if not is_personal:
        message = (
            "Enter one person's name: a login is only for them. If this is their name, ask the "
            "service desk to allow their address"
        )
        raise ValidationError({"given_name": ValidationError(message, code=Topic.SHARED_LOGIN)})
    if why:
        message = (
            f"Enter an email address that only this person reads: {why}. If only they read this "
            "one, ask the service desk to allow it"
        )
        raise ValidationError({"email": ValidationError(message, code=Topic.SHARED_LOGIN)})


def why_closed(practice: Practice | None, *, today: date) -> ValidationError | None:
    if practice is None or not practice.is_closed(today=today):
        return None
    return ValidationError(
        {
            "practice": f"{practice.closed_in_words}. You cannot add anyone to it: add them to the "
            "practice that they work at now"
        }
    )


def account_of(person: NewPerson, *, allowed: Collection[str] | None = None) -> User:
    """Not saved; raises ValidationError."""
    user = User(
        email=fold_user_name(person.email),
        given_name=clean_text.line(person.given_name),
        family_name=clean_text.line(person.family_name),
        job_role=clean_text.line(person.job_role),
    )
    user.set_unusable_password()
    user.clean_fields()
    check_names(user)
    check_address(user, person.practice, allowed=allowed)
    return user


def invite(person: NewPerson, actor: Actor) -> User:
    """Create account and membership; ``issue_activation`` lets the user in."""
    if closed := why_closed(person.practice, today=actor.today):
        raise closed
    user = account_of(person)
    user.validate_unique()
    user.validate_constraints()
    with transaction.atomic():
        user.save()
        membership = Membership(
            user=user, practice=person.practice, role=person.role, ends_on=person.ends_on
        )
        membership.full_clean()
        membership.save()
        audit.note(
            Event.PERSON_INVITED, actor, reason=Remark(person.role), person=user, by=actor.user
        )
    return user


def may_activate_by_link(user: User) -> bool:
    """Only an account that was never active: an e-mail is no second factor."""
    return user.is_new and not user.authenticators.filter(confirmed=True).exists()


def check_can_activate(user: User) -> None:
    if user.locked_at:
        raise Denied("The account is locked. Unlock it first")
    if not user.authenticators.filter(confirmed=True).exists():
        return
    if user.has_usable_password():
        raise Denied("The account is active: it has a password and an authenticator app")
    raise Denied(
        "The account has an authenticator app. They can choose another password with “I have "
        "forgotten my password” on the login page"
    )


def issue_activation(user: User, actor: Actor) -> str:
    """Return a new one-time activation code; earlier ones stop working.

    An account that was never active gets a link by e-mail too. For any other the code is worth
    nothing without the password, and the user is told: else who gives out codes could open
    accounts.
    """
    check_can_activate(user)
    code, key = activation_codes.new(), keys.new()
    with transaction.atomic():
        is_mailed = may_activate_by_link(user)
        replace_activation(activation(user, code, key if is_mailed else "", now=actor.now), actor)
        if not is_mailed:
            notices.activation_code_issued(user, by=actor.user, now=actor.now)
        else:
            home = user.home(today=actor.today)
            link = notices.activation_link(user, key, member=home, by=actor.user, now=actor.now)
            link.save(force_insert=True)
    return code


def replace_activation(made: Activation, actor: Actor) -> None:
    Activation.objects.filter(user=made.user, used_at=None).delete()
    made.save()
    audit.note(Event.ACTIVATION_ISSUED, actor, person=made.user, by=actor.user)


def activation(
    user: User, code: str, key: str, *, now: datetime, lifetime: timedelta = Activation.LIFETIME
) -> Activation:
    return Activation(
        user=user,
        code_hash=Activation.hash_of(code),
        link_hash=keys.hash_of_key(key) if key else None,
        needs_password=not key,
        created_at=now,
        expires_at=now + lifetime,
    )
